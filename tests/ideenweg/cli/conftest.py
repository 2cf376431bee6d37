"""The command line as a person calls it, inside the test's own process, on both databases.

`cli` has a database with the short lifecycle and the people of PEOPLE; `bare` has none yet.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ideenweg.cli import run
from ideenweg.wiring import open_workflow

LIFECYCLES = Path(__file__).parents[2] / "lifecycles"
SHORT = LIFECYCLES / "short.yaml"

RESIDENT, OTHER = "buergerin@dortmund.example", "buerger@schwerte.example"
COORDINATOR, SECOND = "koordination@dortmund.example", "vertretung@dortmund.example"
EXPERT, ADMINISTRATOR = "tiefbauamt@dortmund.example", "verwaltung@dortmund.example"
PEOPLE = {
    RESIDENT: (),
    OTHER: (),
    COORDINATOR: (("coordinator", "dortmund"),),
    SECOND: (("coordinator", "dortmund"),),
    EXPERT: (("expert", "civil-engineering-dortmund"),),
    ADMINISTRATOR: (("administrator", None),),
}


@dataclass(frozen=True)
class Result:
    """What a call left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return self.json["error"]


@dataclass
class Cli:
    """Calls the command line on one database, and knows who is known there."""

    resident, other = RESIDENT, OTHER
    coordinator, second = COORDINATOR, SECOND
    expert, administrator = EXPERT, ADMINISTRATOR

    url: str
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, stdin: str | bytes = b"", **environment: str) -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        typed = stdin.encode() if isinstance(stdin, str) else stdin
        with self.monkeypatch.context() as patch:
            for name, value in {"IDEENWEG_DATABASE_URL": self.url, "LC_ALL": "C.UTF-8", **environment}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
            code = run(arguments)
        return Result(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))

    def document(self, *arguments: str, **options: Any) -> Any:
        """The document of a call with --json that is done."""
        result = self(*arguments, "--json", **options)
        assert result.code == 0, result.out + result.err
        return result.json

    def create(self, title: str = "Sensoren an Brücken", actor: str = RESIDENT, **sheet: Any) -> str:
        """A new item; its number."""
        data = json.dumps({"title": title, "cities": ["dortmund"], **sheet})
        call = ("item", "create", "--lifecycle", "short", "--as", actor, "--data", "-")
        number: str = self.document(*call, stdin=data)["item"]["number"]
        return number


@pytest.fixture
def bare(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(empty_database_url, monkeypatch)


@pytest.fixture
def cli(
    database_url: str, furnish: Callable[..., None], appoint: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    furnish(database_url, "cli", partial(fill, appoint))
    return Cli(database_url, monkeypatch)


@pytest.fixture
def sqlite_cli(
    sqlite_url: str, furnish: Callable[..., None], appoint: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """For what has nothing to do with the kind of database."""
    furnish(sqlite_url, "cli", partial(fill, appoint))
    return Cli(sqlite_url, monkeypatch)


def fill(appoint: Callable[..., None], url: str) -> None:
    """Put the short lifecycle into a database, and everybody of PEOPLE with their roles since 2020."""
    with open_workflow(url, lifecycle=SHORT) as app:
        appoint(app, "short", PEOPLE, datetime.now(UTC))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes a file and gives its name: text as it is, anything else as JSON."""

    def write(content: Any, name: str = "data.json") -> str:
        file = tmp_path / name
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(file)

    return write
