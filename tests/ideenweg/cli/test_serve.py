"""`ideenweg run`, `web` and `worker` as processes: started, read, stopped; and every reason not to start."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from config.settings import Settings
from ideenweg.cli.serve import listen, set_up_link
from ideenweg.demo.play import play
from ideenweg.outgoing import Outgoing
from ideenweg.wiring import open_workflow
from states.lifecycle import Role
from states.sentences import Text
from workflow import access
from workflow.accounts import keeping
from workflow.errors import BadInput
from workflow.migrations import upgrade
from workflow.streams import Origin

Serve = Callable[..., Any]
CALL = [sys.executable, "-c", "from ideenweg.cli import main; main()"]


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CALL, *arguments], cwd=folder, text=True, capture_output=True, timeout=60, check=False)


def read(url: str) -> str:
    answer = httpx2.get(url, timeout=10)
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def played(tmp_path: Path, demo_sqlite_url: str) -> Path:
    """The demonstration as an earlier start left it, where the next one looks for it."""
    file = tmp_path / "ideenweg.db"
    with open_workflow(demo_sqlite_url) as app:
        play(app, datetime(2026, 6, 10, 10, tzinfo=UTC))
    with (
        closing(sqlite3.connect(demo_sqlite_url.removeprefix("sqlite:///"))) as there,
        closing(sqlite3.connect(file)) as here,
    ):
        there.backup(here)
    return file


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_the_demonstration_starts_is_read_and_stops_without_a_word(serve: Serve, played: Path, number: int) -> None:
    served = serve("run", "--demo", "--port", "0")
    assert "Zurzeit sind 19 Ideen" in read(served.url)
    assert json.loads(read(f"{served.url}/health/ready")) == {"status": "ok"}
    assert served.stop(number) == (0, "")


def test_a_second_start_finds_the_demonstration_and_says_that_it_is_one(serve: Serve, played: Path) -> None:
    again = serve("run", "--port", "0")
    page = read(again.url)
    assert "19 Ideen" in page
    assert "sind erfunden" in page
    assert again.stop() == (0, "")


def test_people_are_told_what_was_made_where_and_how_to_stop(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*CALL, "run", "--demo", "--port", "0", "--locale", "de"], cwd=tmp_path, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert lines[0] == "Vorführung angelegt in ideenweg.db: 24 Vorgänge mit 333 Schritten, alle erfunden.\n"
    assert lines[1].startswith("Ideenweg läuft: http://127.0.0.1:")
    assert lines[2] == "Beenden mit Strg-C.\n"
    assert (rest, process.returncode) == ("Beendet.\n", 0)


def test_pages_and_clock_run_apart_as_well(serve: Serve, tmp_path: Path) -> None:
    assert call(tmp_path, "db", "upgrade").returncode == 0
    web = serve("web", "--port", "0")
    assert "Noch kein Lebenszyklus geladen" in read(web.url)
    worker = subprocess.Popen([*CALL, "worker", "--json"], cwd=tmp_path, text=True, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "{\n"
    assert web.stop() == (0, "")
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=20)
    assert worker.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "--demo", "--host", "0.0.0.0"], 2, "Set IDEENWEG_BASE_URL"),
        (["web", "--host", "192.0.2.1"], 2, "Set IDEENWEG_BASE_URL"),
        (["run", "--port", "0"], 4, "ideenweg db upgrade"),
        (["worker"], 4, "ideenweg db upgrade"),
        (["run", "--port", "70000"], 2, "--port"),
        (["run", "--demo", "--database", "mysql://x"], 2, "--database"),
        (["web", "--port", "0", "--database", "postgresql://localhost/x"], 2, "IDEENWEG_SECRET_KEY is not set"),
    ],
)
def test_what_stands_against_a_start_is_one_clear_line(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = call(tmp_path, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = call(tmp_path, "run", "--demo", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} is in use." in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_other_hosts_are_served_once_the_settings_say_by_which_address() -> None:
    settings = Settings(base_url="https://ideen.example.org")
    with listen("0.0.0.0", 0, settings) as listener:
        assert listener.getsockname()[1] > 0


def test_the_console_shows_where_the_first_administrator_comes_in_until_there_is_one(sqlite_url: str) -> None:
    now = datetime.now(UTC)
    with open_workflow(sqlite_url, outgoing=Outgoing(given_keys=(b"a key of an installation",))) as app:
        shown = set_up_link(app, "https://ideen.example.org", now)
        assert shown is not None
        assert shown.startswith("https://ideen.example.org/einrichten/")
        role = Role(app.rules.programme.administration[0], Text("", ""), None)
        with app.database.writing() as connection:
            who = access.add(connection, "leitung@dortmund.example", "Leitung", None, now)
            origin = Origin("operator", "cli")
            access.grant(connection, who, role, None, app.rules.programme, origin, now, valid_from=date(2020, 1, 1))
            keeping.set_password(connection, who, "Brombeere Ufer Kanzel", now)
        assert set_up_link(app, "https://ideen.example.org", now) is None


def test_a_host_that_there_is_not_is_told() -> None:
    settings = Settings(base_url="https://ideen.example.org")
    with pytest.raises(BadInput, match="no address"):
        listen("nowhere.invalid", 0, settings)


def test_the_clock_sweeps_while_the_pages_are_shown(serve: Serve, tmp_path: Path) -> None:
    """A question of the demonstration runs out unanswered while nobody calls `ideenweg sweep`."""
    url = f"sqlite:///{tmp_path / 'ideenweg.db'}"
    upgrade(url)
    with open_workflow(url) as app:
        play(app, datetime.now(UTC) - timedelta(days=60))
    served = serve("run", "--port", "0")
    address = f"{served.url}/ideen?state=needs_information"
    for _ in range(100):
        if "Keine Idee gefunden" in read(address):
            break
    else:
        raise AssertionError("nothing was swept")
    assert served.stop() == (0, "")
