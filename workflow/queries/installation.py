"""How an installation is: what waits too long, what could not be sent, when things were last done. Few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

from workflow.events import moment, timestamp
from workflow.models import calendar_version, delivery, due_step, follow_up, item, outbox, task_slot

LATE = timedelta(minutes=5)
"""The clock looks twice a minute: what is due for longer waits for something else."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, and since when the oldest of it does."""

    number: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Condition:
    """How an installation is. late: steps of deadlines and follow-ups that were due LATE ago and are not done.

    unsent: intents and deliveries that may be sent and were not for LATE. refused: follow-ups that the rules stood
    against.
    """

    items: int
    late: Waiting
    unsent: Waiting
    failed: int
    held: int
    refused: int


@dataclass(frozen=True, slots=True)
class Slot:
    """When a task was last done, by whichever process."""

    task: str
    slot: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """The version of a calendar that deadlines are counted by."""

    key: str
    version: int
    loaded_at: datetime


def condition(connection: Connection, now: datetime) -> Condition:
    """How it is at the aware moment `now`; one statement."""
    before = timestamp(now - LATE)

    def waiting(table: Table, column: str, status: str) -> tuple[ColumnElement[int], ColumnElement[str | None]]:
        # Written out, not bound: the condition of a partial index has to be seen when the plan is made.
        held = table.c.status == literal(status, literal_execute=True)
        found = select(func.count(), func.min(table.c[column])).where(held, table.c[column] < before)
        number = found.with_only_columns(func.count()).scalar_subquery()
        return number, found.with_only_columns(func.min(table.c[column])).scalar_subquery()

    def having(table: Table, status: str) -> ColumnElement[int]:
        return select(func.count()).select_from(table).where(table.c.status == status).scalar_subquery()

    row = connection.execute(
        select(
            select(func.count()).select_from(item).scalar_subquery(),
            *waiting(due_step, "at", "open"),
            *waiting(follow_up, "at", "open"),
            *waiting(outbox, "at", "open"),
            *waiting(delivery, "next_at", "waiting"),
            having(delivery, "failed"),
            having(delivery, "held") + having(outbox, "held"),
            having(follow_up, "refused"),
        )
    ).one()
    items, steps, steps_since, ups, ups_since, intents, intents_since, mails, mails_since, failed, held, refused = row
    return Condition(
        items,
        Waiting(steps + ups, _oldest(steps_since, ups_since)),
        Waiting(intents + mails, _oldest(intents_since, mails_since)),
        failed,
        held,
        refused,
    )


def slots(connection: Connection) -> tuple[Slot, ...]:
    """The newest slot of each task, by name."""
    newest = select(task_slot.c.task, func.max(task_slot.c.slot).label("slot")).group_by(task_slot.c.task).subquery()
    rows = connection.execute(
        select(task_slot)
        .join(newest, (newest.c.task == task_slot.c.task) & (newest.c.slot == task_slot.c.slot))
        .order_by(task_slot.c.task)
    )
    return tuple(Slot(row.task, row.slot, moment(row.taken_at)) for row in rows)


def calendars(connection: Connection) -> tuple[Calendar, ...]:
    """The newest version of each stored calendar."""
    table = calendar_version.c
    rows = connection.execute(select(table.key, table.version, table.loaded_at).order_by(table.key, table.version))
    newest = {row.key: Calendar(row.key, row.version, moment(row.loaded_at)) for row in rows}
    return tuple(newest.values())


def _oldest(*stamps: str | None) -> datetime | None:
    found = [stamp for stamp in stamps if stamp]
    return moment(min(found)) if found else None
