"""Wiedervorlage: one's own, on the day asked for, once; passed to the deputy, erased with the person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from ideenweg.wiring import App
from workflow import access, erasure
from workflow.commands import Advance
from workflow.engine import Outcome
from workflow.errors import Invalid, Refused
from workflow.models import outbox, reminder
from workflow.reminders import add, open_reminders
from workflow.streams import Origin

COORDINATOR, SUBSTITUTE = "koordination@dortmund.example", "vertretung@dortmund.example"
STRANGER = "buerger@schwerte.example"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = date(2026, 6, 9)
MORNING = datetime(2026, 6, 8, 22, tzinfo=UTC)  # midnight in Dortmund
OPERATOR = Origin("operator", "cli")
NOTE = "Angebot nachfragen"


@pytest.fixture
def number(create: Callable[..., Outcome]) -> str:
    return create().item.number


def ask(app: App, number: str, actor: str = COORDINATOR, on: date = DAY, note: str = NOTE) -> str:
    return add(app.database, app.rules, actor=actor, item=number, on=on, note=note, now=NOW).id


def listed(app: App, who: str, today: date = DAY) -> list[tuple[str, str]]:
    with app.database.reading() as connection:
        return [(one.person, one.note) for one in open_reminders(connection, who, today)]


def intents(app: App) -> list[tuple[str, dict[str, str]]]:
    with app.database.reading() as connection:
        rows = connection.execute(select(outbox.c.id, outbox.c.params).where(outbox.c.notice == "reminder")).all()
    return [(row.id, json.loads(row.params)) for row in rows]


def test_it_comes_up_once_on_the_day_asked_for(app: App, number: str) -> None:
    key = ask(app, number)
    counts = [app.sweep(now=now).reminded for now in (NOW, MORNING.replace(hour=21), MORNING, MORNING)]
    assert counts == [0, 0, 1, 0]
    assert [one for one, _ in intents(app)] == [f"reminder:{key}"]
    assert listed(app, COORDINATOR) == []


def test_the_note_is_nowhere_but_in_the_reminder(app: App, number: str) -> None:
    key = ask(app, number)
    app.sweep(now=MORNING)
    ((_, params),) = intents(app)
    assert params.keys() == {"reminder", "person"}
    assert params["reminder"] == key


def test_nobody_else_sees_it_but_the_deputy_of_the_day(app: App, number: str) -> None:
    ask(app, number)
    assert [listed(app, who) for who in (COORDINATOR, SUBSTITUTE)] == [[(COORDINATOR, NOTE)], []]
    app.database.attempt(
        lambda connection: access.deputise(
            connection, COORDINATOR, SUBSTITUTE, OPERATOR, NOW, valid_from=DAY, valid_to=DAY
        )
    )
    assert listed(app, SUBSTITUTE) == [(COORDINATOR, NOTE)]
    assert listed(app, SUBSTITUTE, date(2026, 6, 10)) == []


def test_of_a_finished_item_nobody_is_reminded(app: App, number: str) -> None:
    ask(app, number)
    app.engine.execute(Advance(item=number, transition="close", actor=COORDINATOR, reason="Doppelt."), now=NOW)
    swept = app.sweep(now=MORNING)
    assert (swept.reminded, swept.void, intents(app)) == (0, 1, [])


def test_it_is_erased_with_the_person(app: App, number: str) -> None:
    ask(app, number)
    erasure.erase(app.database, app.rules, COORDINATOR, OPERATOR, NOW)
    with app.database.reading() as connection:
        assert connection.execute(select(reminder)).all() == []
    assert app.sweep(now=MORNING).reminded == 0


def test_who_has_nothing_to_do_with_the_item_is_not_reminded_of_it(app: App, number: str) -> None:
    with pytest.raises(Refused):
        ask(app, number, STRANGER)


@pytest.mark.parametrize(
    ("day", "note", "code"), [(date(2026, 5, 31), NOTE, "invalid_day"), (DAY, "x" * 100_001, "invalid_note")]
)
def test_a_day_that_has_passed_and_a_note_without_end_are_bad_input(
    app: App, number: str, day: date, note: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(app, number, on=day, note=note)
    assert [one.code for one in refused.value.blockers] == [code]
