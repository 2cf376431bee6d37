"""Calendars are stored as computed: a deadline moves by another one only when somebody adopts it, and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from ideenweg.wiring import App
from states import calendar_versions
from states.calendar import Closure
from states.calendar_versions import difference
from states.sentences import Text
from workflow.calendars import adopt, compare
from workflow.commands import Advance, Extend
from workflow.engine import Outcome
from workflow.errors import BadInput
from workflow.models import deadline, event
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli", "operator")
PARTY = Closure(Text("Betriebsausflug", "Staff outing"), on=date(2026, 6, 10))


@pytest.fixture
def number(app: App, create: Callable[..., Outcome]) -> str:
    """An item in review since Monday 1 June 2026: ten working days, over Corpus Christi, end on 16 June."""
    number = create().item.number
    command = Advance(item=number, transition="submit", actor="buergerin@dortmund.example")
    app.engine.execute(command, now=NOW)
    assert due(app) == ("2026-06-16", 1)
    return number


def due(app: App) -> tuple[str, int]:
    with app.database.reading() as connection:
        found = select(deadline.c.local_date, deadline.c.version).where(deadline.c.rule == "in_review")
        return tuple(connection.execute(found).one())  # type: ignore[return-value]


def configure(app: App, *closures: Closure) -> None:
    """As if the operator had edited the file, or a new library knew another holiday."""
    nrw = app.rules.calendars["nrw"]
    app.rules.calendars = {"nrw": replace(nrw, closures=(*nrw.closures, *closures))}


def test_another_calendar_moves_nothing_by_itself(app: App, number: str, create: Callable[..., Outcome]) -> None:
    configure(app, PARTY)
    app.sweep(now=NOW)
    command = Advance(item=create().item.number, transition="submit", actor="buergerin@dortmund.example")
    app.engine.execute(command, now=NOW)
    with app.database.reading() as connection:
        assert set(connection.scalars(select(deadline.c.local_date))) == {"2026-06-16"}


def test_the_difference_names_days_and_deadlines_and_changes_nothing(app: App, number: str) -> None:
    configure(app, PARTY)
    with app.database.reading() as connection:
        change = compare(connection, app.rules, "nrw", NOW)
    assert list(change.days.added) == [PARTY.on]
    assert [(one.number, one.before, one.after) for one in change.moved] == [
        (number, date(2026, 6, 16), date(2026, 6, 17))
    ]
    assert due(app) == ("2026-06-16", 1)


def test_an_adopted_calendar_moves_the_deadlines_and_is_recorded(app: App, number: str) -> None:
    configure(app, PARTY)
    adopt(app.database, app.rules, "nrw", OPERATOR, NOW)
    assert due(app) == ("2026-06-17", 2)
    with app.database.reading() as connection:
        kinds = connection.execute(select(event.c.kind, event.c.actor).order_by(event.c.stream, event.c.seq)).all()
        assert not compare(connection, app.rules, "nrw", NOW).days
    assert ("deadline", "system") in kinds
    assert ("system:calendar_adopted", "operator") in kinds
    assert app.audit.verify().ok


def test_a_day_that_somebody_set_stays(app: App, number: str) -> None:
    extension = Extend(item=number, to=date(2026, 6, 30), reason="Mehr Zeit.", actor="koordination@dortmund.example")
    app.engine.execute(extension, now=NOW)
    configure(app, PARTY)
    adopt(app.database, app.rules, "nrw", OPERATOR, NOW)
    assert due(app) == ("2026-06-30", 2)


def test_an_unchanged_calendar_is_not_stored_again(app: App, number: str) -> None:
    change = adopt(app.database, app.rules, "nrw", OPERATOR, NOW)
    assert (change.version, bool(change.days), change.moved) == (1, False, ())


def test_an_unknown_calendar_is_named_with_those_there_are(app: App) -> None:
    with pytest.raises(BadInput, match="nrx"):
        adopt(app.database, app.rules, "nrx", OPERATOR, NOW)


def test_a_calendar_is_read_as_it_was_written(app: App) -> None:
    kept = calendar_versions.computed(app.rules.calendars["nrw"], 2025, 2027)
    again = calendar_versions.read(calendar_versions.written(kept))
    assert again == kept
    assert not difference(kept, again)
    assert again.is_working_day(date(2026, 6, 3))
    assert not again.is_working_day(date(2026, 6, 4))
