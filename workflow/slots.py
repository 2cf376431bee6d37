"""What is done once in a slot of time – a day's digest, the look at the calendar –, whichever worker comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from workflow.db import Database, upsert
from workflow.events import moment, timestamp
from workflow.models import task_slot

KEPT = timedelta(days=30)

VERIFIED, BROKEN = "verify_ok", "verify_broken"
"""The tasks whose slots are the moments at which the whole history was verified, and what that came to."""

SAVED = "backup"
"""The task whose slots are the moments at which a backup was made."""

CLOCK = "clock"
"""The task whose slots are the minutes in which a sweep came to its end, in whichever process."""


def take(database: Database, task: str, slot: str, now: datetime) -> bool:
    """Take the slot in a transaction of its own; False where somebody has it already."""
    return database.attempt(lambda connection: taken(connection, task, slot, now))


def taken(connection: Connection, task: str, slot: str, now: datetime) -> bool:
    """`take` inside the caller's writing transaction: where that is rolled back, the slot is free again."""
    added = upsert(connection, task_slot).values(task=task, slot=slot, taken_at=timestamp(now)).on_conflict_do_nothing()
    return connection.execute(added.returning(task_slot.c.slot)).first() is not None


def give_back(connection: Connection, task: str, slot: str) -> None:
    """Let somebody else take the slot: what was to be done in it was not."""
    connection.execute(delete(task_slot).where(task_slot.c.task == task, task_slot.c.slot == slot))


def is_taken(connection: Connection, task: str, slot: str) -> bool:
    """Whether somebody has taken the slot."""
    place = (task_slot.c.task == task) & (task_slot.c.slot == slot)
    return connection.execute(select(task_slot.c.slot).where(place)).first() is not None


def beat(database: Database, now: datetime) -> None:
    """Note that the clock runs: a sweep has come to its end at `now`."""
    take(database, CLOCK, timestamp(now)[:16], now)


def last_beat(connection: Connection) -> datetime | None:
    """When the clock last ran, to the minute; None if it never did."""
    found = select(task_slot.c.taken_at).where(task_slot.c.task == CLOCK).order_by(task_slot.c.slot.desc()).limit(1)
    stamp = connection.scalar(found)
    return moment(stamp) if stamp else None


def note(database: Database, task: str, now: datetime) -> None:
    """Note that a task was done at `now`, for `last`."""
    take(database, task, timestamp(now), now)


def last(connection: Connection, *tasks: str) -> tuple[str, datetime] | None:
    """The one of these tasks that was done last, and when; None where none was within KEPT."""
    found = select(task_slot.c.task, task_slot.c.taken_at).where(task_slot.c.task.in_(tasks))
    row = connection.execute(found.order_by(task_slot.c.taken_at.desc()).limit(1)).first()
    return (row.task, moment(row.taken_at)) if row else None


def forget(connection: Connection, now: datetime) -> int:
    """Delete the slots of more than a month ago; how many."""
    return connection.execute(delete(task_slot).where(task_slot.c.taken_at < timestamp(now - KEPT))).rowcount
