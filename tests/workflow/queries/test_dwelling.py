"""How many items are where and for how long; and how the installation is."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import insert, update

from workflow import slots
from workflow.db import Database
from workflow.events import timestamp
from workflow.models import deadline, due_step
from workflow.queries.dwelling import dwelling, in_use
from workflow.queries.installation import condition
from workflow.queries.installation import slots as newest_slots

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)


def test_the_median_is_that_of_the_times_since_items_entered(database: Database, items: list[Any]) -> None:
    times: dict[tuple[str, str], list[timedelta]] = defaultdict(list)
    for one in items:
        times[one.lifecycle, one.state].append(NOW - one.entered_at)
    with database.reading() as connection:
        for lifecycle in {one.lifecycle for one in items}:
            found = dwelling(connection, lifecycle, NOW)
            right = {state: each for (key, state), each in times.items() if key == lifecycle}
            assert {state: one.number for state, one in found.items()} == {s: len(e) for s, e in right.items()}
            assert {state: one.median for state, one in found.items()} == {s: median(e) for s, e in right.items()}
        assert sum(in_use(connection).values()) == len(items)


def test_what_waits_too_long_is_counted_and_the_oldest_told(database: Database, items: list[Any]) -> None:
    with database.reading() as connection:
        before = condition(connection, NOW)
    assert (before.items, before.late.number, before.failed, before.held) == (len(items), 0, 0, 0)
    oldest = NOW - timedelta(hours=1)
    with database.writing() as connection:
        held = {"key": "", "version": 1, "status": "open"}
        for n, at in enumerate((oldest, NOW - timedelta(minutes=1), NOW + timedelta(days=1))):
            step = {"item": items[0].number, "rule": "r", "step": f"remind:{n}", "at": timestamp(at), **held}
            connection.execute(insert(due_step).values(step))
        connection.execute(update(deadline).values(status="met"))
    with database.reading() as connection:
        late = condition(connection, NOW).late
    assert (late.number, late.since) == (1, oldest)


def test_the_last_of_each_task_is_kept(database: Database) -> None:
    slots.note(database, slots.VERIFIED, NOW - timedelta(days=1))
    slots.note(database, slots.BROKEN, NOW)
    slots.beat(database, NOW)
    with database.reading() as connection:
        assert {one.task: one.at for one in newest_slots(connection)}[slots.BROKEN] == NOW
        assert slots.last(connection, slots.VERIFIED, slots.BROKEN) == (slots.BROKEN, NOW)
        assert slots.last(connection, slots.SAVED) is None
