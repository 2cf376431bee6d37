"""The demonstration on both databases, made once a run and worker; and as `ideenweg run --demo` serves it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bench import postgres
from ideenweg.demo.play import play
from ideenweg.wiring import App, open_workflow

TODAY = datetime(2026, 6, 10, 10, tzinfo=UTC)
DEMO_DATABASE = "ideenweg_demo"


@pytest.fixture(scope="session")
def demo_sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def demo_postgresql_url(
    postgres_cluster: postgres.Server, postgres_admin: Connection, postgres_template: str
) -> Iterator[str]:
    name = f"{DEMO_DATABASE}_{os.getpid()}"
    postgres_admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy"))
    yield postgres_cluster.url(name)
    postgres_admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest) -> Iterator[App]:
    """The workflow of a database that holds the demonstration of TODAY. Only for reading."""
    with open_workflow(request.getfixturevalue(f"demo_{request.param}_url")) as app:
        play(app, TODAY)
        yield app


@dataclass(frozen=True)
class Served:
    """A process of `ideenweg` that shows pages."""

    process: subprocess.Popen[str]
    url: str

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send the signal; the exit code, and what was said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts `ideenweg COMMAND --json` on a free port, in a folder of the test's own."""
    running: list[Served] = []

    def start(*arguments: str) -> Served:
        running.append(served(tmp_path, *arguments))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demonstration that runs, for a browser."""
    site = served(tmp_path_factory.mktemp("site"), "run", "--demo", "--port", "0")
    yield site.url
    site.process.kill()
    site.process.communicate()


def served(folder: Path, *arguments: str) -> Served:
    """Start it and wait for the document that says where it is."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from ideenweg.cli import main; main()", *arguments, "--json"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line == "}\n":
            assert '"url"' in told, told
            return Served(process, json.loads(told)["url"])
    raise AssertionError(process.communicate()[1])
