"""`ideenweg deadline`, `reminder` and `sweep`, as somebody types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ideenweg.cli import run
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.commands import Advance, Create
from workflow.streams import Origin

TIMED = Path(__file__).parents[2] / "lifecycles" / "timed.yaml"
COORDINATOR = "koordination@dortmund.example"
OPERATOR = Origin("operator", "cli")
LATER = (datetime.now(UTC) + timedelta(days=90)).date()


@pytest.fixture
def number(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An item in review, on the database that the command line finds."""
    monkeypatch.setenv("IDEENWEG_DATABASE_URL", database_url)
    monkeypatch.setenv("IDEENWEG_SECRET_KEY", "0" * 64)
    monkeypatch.setenv("LC_ALL", "C")
    with open_workflow(database_url, lifecycle=TIMED) as app:
        yield in_review(app)


def in_review(app: App) -> str:
    now = datetime.now(UTC)

    def make(connection: Any) -> None:
        access.add(connection, COORDINATOR, "Koordination", OPERATOR, now)
        role = app.rules.newest_of(app.database, "timed").roles["coordinator"]
        access.grant(
            connection, COORDINATOR, role, "dortmund", app.rules.programme, OPERATOR, now, valid_from=date(2020, 1, 1)
        )

    app.database.attempt(make)
    created = app.engine.execute(Create(actor=COORDINATOR, data={"title": "Sensoren an Brücken"}), now=now)
    app.engine.execute(Advance(item=created.item.number, transition="submit", actor=COORDINATOR), now=now)
    return created.item.number


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_deadline_is_extended_and_listed_with_its_new_day(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    reason = ("--reason", "Das Gutachten kommt später.", "--as", COORDINATOR)
    code, _ = call(capsys, "deadline", "extend", number, "--rule", "review", "--to", str(LATER), *reason)
    assert code == 0
    _, listed = call(capsys, "deadline", "list")
    assert {one["rule"]: one["due"] for one in listed["deadlines"]}["review"] == str(LATER)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("--to", "2020-01-01"), 2),
        (("--to", "2026-02-30"), 2),
        (("--rule", "nonsense"), 2),
        (("--reason", ""), 1),
        (("--as", "niemand@dortmund.example"), 4),
    ],
)
def test_bad_input_is_told_by_its_exit_code(
    number: str, capsys: pytest.CaptureFixture[str], change: tuple[str, str], code: int
) -> None:
    options = {"--to": str(LATER), "--reason": "Es dauert länger.", "--as": COORDINATOR} | dict([change])
    given = [word for option in options.items() for word in option]
    assert run(["deadline", "extend", number, *given, "--json"]) == code


def test_a_reminder_is_added_listed_and_told(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--on", str(LATER), "--note", "Angebot nachfragen", "--as", COORDINATOR)
    code, made = call(capsys, "reminder", "add", number, *given)
    assert (code, made["note"], made["on"]) == (0, "Angebot nachfragen", str(LATER))
    _, listed = call(capsys, "reminder", "list", "--as", COORDINATOR)
    assert [one["id"] for one in listed["reminders"]] == [made["id"]]
    _, swept = call(capsys, "sweep", "--now", str(LATER))
    assert (swept["reminded"] > 1, swept["failed"]) == (True, [])
    _, listed = call(capsys, "reminder", "list", "--as", COORDINATOR)
    assert listed["reminders"] == []


def test_a_deputy_sets_a_reminder_that_is_whose_place_they_take(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deputy = "vertretung@dortmund.example"
    given = ("reminder", "add", number, "--on", str(LATER), "--as", deputy, "--for", COORDINATOR)
    assert run(["person", "add", deputy, "--name", "Vertretung"]) == 0
    capsys.readouterr()
    assert call(capsys, *given)[0] == 1, "nobody's deputy yet"
    days = ("--from", str((datetime.now(UTC) - timedelta(days=2)).date()), "--to", str(LATER))
    assert run(["person", "deputy", COORDINATOR, deputy, *days]) == 0
    capsys.readouterr()
    code, made = call(capsys, *given)
    assert (code, made["person"]) == (0, COORDINATOR)
    assert call(capsys, *given[:-1], "niemand@dortmund.example")[0] == 4


def test_what_is_said_in_words_is_german_where_asked(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sweep", "--now", str(LATER), "--locale", "de"]) == 0
    assert capsys.readouterr().out.startswith("Erinnert: 2, ausgelöst: 0")
    assert run(["reminder", "list", "--as", COORDINATOR, "--locale", "de"]) == 0
    assert capsys.readouterr().out == "Nichts liegt zur Wiedervorlage.\n"
