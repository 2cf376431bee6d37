"""Reminders, escalations, extensions: told in time, once, and never for what is done, moved or paused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from ideenweg.wiring import App, open_workflow
from workflow.commands import Advance, Assign, Create, Extend, Record, Unassign
from workflow.errors import Invalid, Refused
from workflow.models import assignment, deadline, disclosure, due_step, outbox
from workflow.streams import Origin

TIMED = Path(__file__).parents[1] / "lifecycles" / "timed.yaml"
OPERATOR = Origin("operator", "cli")
CITIZEN, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
CIVIL, GREEN = "tiefbauamt@dortmund.example", "umweltamt@dortmund.example"
FRIDAY = datetime(2026, 5, 22, 8, tzinfo=UTC)  # ten working days from here end on 9 June: docs/deadlines.md


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[App]:
    furnish(database_url, "timed", partial(furnished, appoint))
    with open_workflow(database_url) as app:
        app.engine.default = "timed"
        yield app


def furnished(appoint: Callable[..., None], url: str) -> None:
    with open_workflow(url, lifecycle=TIMED) as app:
        offices = [key for key, one in app.rules.programme.offices.items() if one.city == "dortmund"][:2]
        experts = {CIVIL: [("expert", offices[0])], GREEN: [("expert", offices[1])]}
        people = {CITIZEN: (), COORDINATOR: [("coordinator", "dortmund")], **experts}
        appoint(app, "timed", people, FRIDAY)


@pytest.fixture
def number(app: App) -> str:
    """An item in review since Friday 22 May 2026."""
    created = app.engine.execute(Create(actor=CITIZEN, data={"title": "Sensoren an Brücken"}), now=FRIDAY)
    number = created.item.number
    advance(app, number, "submit", CITIZEN)
    return number


def advance(app: App, number: str, transition: str, actor: str = COORDINATOR, now: datetime = FRIDAY) -> None:
    app.engine.execute(Advance(item=number, transition=transition, actor=actor), now=now)


def on(month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    """That hour of the day in Dortmund, in summer."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


def rows(app: App, query: Any) -> list[Any]:
    with app.database.reading() as connection:
        return list(connection.execute(query))


def told(app: App) -> list[tuple[str, str, str]]:
    """Notice, rule and step of everything the clock has put into the outbox, and to which roles."""
    found = rows(app, select(outbox).where(outbox.c.id.startswith("deadline:")).order_by(outbox.c.at, outbox.c.id))
    return [(one.notice, json.loads(one.params)["step"], ",".join(json.loads(one.roles))) for one in found]


def steps(app: App, status: str) -> list[tuple[str, str, str]]:
    query = select(due_step.c.rule, due_step.c.key, due_step.c.step).where(due_step.c.status == status)
    return [tuple(one) for one in rows(app, query.order_by(due_step.c.at, due_step.c.rule, due_step.c.key))]


def due_days(app: App, status: str = "running") -> dict[str, str]:
    query = select(deadline.c.rule, deadline.c.local_date).where(deadline.c.status == status)
    return {one.rule: one.local_date for one in rows(app, query)}


REMINDED = ("deadline_reminder", "remind:1", "coordinator")
AGAIN = ("deadline_reminder", "remind:2", "coordinator")
LATE = ("deadline_escalation", "escalate:1", "head_of_office")


def test_ten_working_days_from_friday_22_may_2026_end_on_9_june(app: App, number: str) -> None:
    assert due_days(app)["review"] == "2026-06-09"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (on(6, 2, 23, 59), []),
        (on(6, 3, 0), [REMINDED]),  # three working days before: 8, 5 and 3 June
        (on(6, 8, 23, 59), [REMINDED]),
        (on(6, 9, 0), [REMINDED, AGAIN]),
        (on(6, 10, 23, 59), [REMINDED, AGAIN]),
        (on(6, 11, 0), [REMINDED, AGAIN, LATE]),
    ],
)
def test_each_step_is_told_from_the_beginning_of_its_day(app: App, number: str, now: datetime, expected: Any) -> None:
    for looked in (on(6, 2, 22), on(6, 3, 22), on(6, 8, 22), on(6, 9, 22), on(6, 10, 22)):
        if looked < now:
            app.sweep(now=looked)
    app.sweep(now=now)
    assert [one for one in told(app) if one[2] != "expert"] == expected


def test_a_step_is_told_once_however_often_the_clock_looks(app: App, number: str) -> None:
    first = app.sweep(now=on(6, 3))
    again = [app.sweep(now=on(6, 3, hour)) for hour in (8, 9, 10)]
    assert (first.reminded, [one.reminded for one in again]) == (1, [0, 0, 0])
    assert told(app) == [REMINDED]


def test_the_outbox_row_says_which_deadline_it_is_about(app: App, number: str) -> None:
    app.sweep(now=on(6, 3))
    (row,) = rows(app, select(outbox).where(outbox.c.id.startswith("deadline:")))
    assert row.id == f"deadline:{number}/review//1/remind:1"
    assert (row.item, row.seq, row.status) == (number, 4, "open")
    assert json.loads(row.params) == {
        "rule": "review", "key": "", "version": 1, "step": "remind:1", "date": "2026-06-09",
    }  # fmt: skip


def test_after_a_week_without_service_the_current_step_is_told_and_the_others_are_noted(app: App, number: str) -> None:
    swept = app.sweep(now=on(6, 12))
    assert (swept.reminded, swept.skipped) == (1, 2)
    assert told(app) == [LATE]
    assert steps(app, "skipped") == [("review", "", "remind:1"), ("review", "", "remind:2")]


def test_a_slow_clock_tells_no_earlier_step_after_a_later_one(app: App, number: str) -> None:
    app.sweep(now=on(6, 12))
    app.sweep(now=on(6, 4))
    assert told(app) == [LATE]


@pytest.mark.parametrize("move", ["close", "ask"])
def test_of_what_has_moved_on_or_is_paused_nobody_is_reminded(app: App, number: str, move: str) -> None:
    advance(app, number, move)
    app.sweep(now=on(5, 25))
    app.sweep(now=on(5, 26))
    assert [one for one in told(app) if one[2] == "coordinator"] == []
    assert ("review", "", "remind:1") in steps(app, "void")


def test_a_step_whose_deadline_runs_in_another_version_is_void(app: App, number: str) -> None:
    """As if a step had been left open by a fault: the sweep looks again at the deadline itself."""

    def tamper(connection: Any) -> None:
        connection.execute(update(deadline).where(deadline.c.rule == "review").values(version=7))

    app.database.attempt(tamper)
    swept = app.sweep(now=on(6, 3))
    assert (swept.reminded, swept.void, told(app)) == (0, 1, [])


def test_after_a_pause_the_steps_are_counted_anew(app: App, number: str) -> None:
    advance(app, number, "ask", now=on(5, 26))
    advance(app, number, "answer", CITIZEN, now=on(5, 28))  # two working days later
    assert due_days(app)["review"] == "2026-06-11"
    app.sweep(now=on(6, 3))
    assert told(app) == []
    app.sweep(now=on(6, 8))  # three working days before the eleventh
    assert told(app) == [REMINDED]


def test_a_due_day_on_a_weekend_is_put_off_where_the_rule_asks_for_it(app: App, number: str) -> None:
    advance(app, number, "ask", now=on(5, 26))  # five days: Sunday 31 May
    assert due_days(app)["asked"] == "2026-06-01"


def test_where_an_expiry_is_due_as_well_it_comes_first_and_nobody_is_reminded(app: App, number: str) -> None:
    advance(app, number, "ask", now=on(5, 26))
    swept = app.sweep(now=on(6, 2))
    assert (swept.fired, swept.reminded) == (1, 0)


def test_a_deadline_per_key_reminds_of_the_missing_ones_alone(app: App, number: str) -> None:
    for key in ("north", "south"):
        record(app, number, "hearing", key, {"date": "2026-05-28"})
    record(app, number, "minutes", "south", {"text": "Alle waren dafür."})
    app.sweep(now=on(6, 5))
    (row,) = rows(app, select(outbox).where(outbox.c.id.contains("/hearing/")))
    assert json.loads(row.params)["key"] == "north"


def test_a_deadline_of_several_offices_runs_until_the_last_has_written(app: App, number: str) -> None:
    for expert in (CIVIL, GREEN):
        app.engine.execute(Assign(item=number, role="expert", person=expert, actor=COORDINATOR), now=FRIDAY)
    units = [one.unit for one in rows(app, select_units(number))]
    record(app, number, "opinion", units[0], {"feasible": True}, CIVIL)
    assert "opinions" in due_days(app)
    record(app, number, "opinion", units[1], {"feasible": True}, GREEN)
    assert "opinions" in due_days(app, "closed")


def test_who_is_taken_off_the_item_is_waited_for_no_longer(app: App, number: str) -> None:
    for expert in (CIVIL, GREEN):
        app.engine.execute(Assign(item=number, role="expert", person=expert, actor=COORDINATOR), now=FRIDAY)
    first = rows(app, select_units(number))[0].unit
    record(app, number, "opinion", first, {"feasible": True}, CIVIL)
    app.engine.execute(Unassign(item=number, role="expert", person=GREEN, actor=COORDINATOR), now=FRIDAY)
    assert "opinions" in due_days(app, "closed")


def test_a_recorded_day_that_has_passed_is_told_at_once(app: App, number: str) -> None:
    record(app, number, "hearing", "north", {"date": "2026-04-01"})
    swept = app.sweep(now=FRIDAY)
    assert (swept.reminded, told(app)) == (1, [LATE])


def test_a_coordinator_extends_a_deadline_with_a_reason_and_it_is_told_anew(app: App, number: str) -> None:
    extend(app, number, date(2026, 6, 30), reason="Das Gutachten kommt später.")
    assert due_days(app)["review"] == "2026-06-30"
    (row,) = rows(app, select(disclosure).where(disclosure.c.part == "reason"))
    assert row.text == "Das Gutachten kommt später."
    for day in range(1, 25):
        app.sweep(now=on(6, day))
    assert [one for one in told(app) if one[2] != "expert"] == []
    app.sweep(now=on(6, 25))
    assert told(app)[-1] == REMINDED
    assert app.audit.verify().ok


def test_no_record_moves_a_day_that_somebody_has_set(app: App, number: str) -> None:
    record(app, number, "hearing", "north", {"date": "2026-06-01"})
    extend(app, number, date(2026, 7, 1), rule="hearing")
    record(app, number, "hearing", "north", {"date": "2026-06-02"})
    assert due_days(app)["hearing"] == "2026-07-01"


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"to": date(2026, 6, 9)}, Invalid, "invalid_day"),
        ({"to": date(2026, 5, 1)}, Invalid, "invalid_day"),
        ({"reason": " "}, Refused, "reason_missing"),
        ({"actor": CITIZEN}, Refused, "role"),
        ({"rule": "nonsense"}, Invalid, "unknown_deadline"),
        ({"rule": "hearing"}, Invalid, "unknown_deadline"),
        ({"key": "elsewhere"}, Refused, "not_running"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(app: App, number: str, change: Any, error: Any, code: str) -> None:
    request = {"to": date(2026, 6, 30), "reason": "Das Gutachten kommt später.", "actor": COORDINATOR, **change}
    with pytest.raises(error) as refused:
        app.engine.execute(Extend(item=number, **request), now=FRIDAY)
    assert code in {one.code for one in refused.value.blockers}
    assert due_days(app)["review"] == "2026-06-09"


def test_a_broken_step_of_one_item_does_not_stop_the_others(app: App, number: str) -> None:
    advance(app, number, "ask", now=on(5, 26))
    broken = {
        "item": number, "rule": "asked", "key": "", "version": 1, "step": "expire:nonsense",
        "at": "2026-05-01T00:00:00.000000Z", "status": "open", "roles": None,
    }  # fmt: skip
    app.database.attempt(lambda connection: connection.execute(insert(due_step).values(broken)))
    swept = app.sweep(now=on(6, 2))
    assert (swept.fired, swept.failed) == (1, (number,))


def record(app: App, number: str, kind: str, key: str, data: dict[str, Any], actor: str = COORDINATOR) -> None:
    app.engine.execute(Record(item=number, kind=kind, key=key, data=data, actor=actor), now=FRIDAY)


def extend(app: App, number: str, to: date, rule: str = "review", reason: str = "Es dauert länger.") -> None:
    app.engine.execute(Extend(item=number, rule=rule, to=to, reason=reason, actor=COORDINATOR), now=FRIDAY)


def select_units(number: str) -> Any:
    return select(assignment.c.unit).where(assignment.c.item == number, assignment.c.role == "expert").order_by("seq")
