"""The rows of `delivery` while they are sent: claimed with a lease, attempted, acknowledged. Each step one transaction.

A claim raises the row's epoch, and every later step names the epoch it belongs to: whoever slept beyond their lease can
neither begin nor acknowledge what another has claimed meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal, or_, select, text, update

from workflow.events import timestamp
from workflow.models import delivery

LEASE = timedelta(minutes=5)
"""Longer than a server may take for one message, whatever it does: begun anew with each."""

MOST_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=8)

FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


OURS = "WHERE id = ? AND epoch = ? AND status = 'waiting'"
ACKNOWLEDGE = f"""
UPDATE delivery SET status = ?, result = ?, done_at = ?, next_at = coalesce(?, next_at),
    attempts = coalesce(?, attempts), message = CASE WHEN CAST(? AS INTEGER) = 1 THEN message END, lease_until = NULL
{OURS}
"""
BEGIN = f"UPDATE delivery SET attempts = attempts + 1, lease_until = {{clock}}, message = coalesce(?, message) {OURS}"
STILL_RUNS = """
AND EXISTS (SELECT 1 FROM deadline WHERE item = ? AND rule = ? AND key = ? AND version = ? AND status = 'running')
"""

_SERVER = f"(clock_timestamp() + interval '{LEASE.total_seconds()} seconds')"


Occasion = tuple[str, str, str, int]
"""Item, rule, key and version of a deadline."""


@dataclass(frozen=True, slots=True)
class Ack:
    """What became of an attempt. done_at: for good; next_at, attempts: None: as they are; keep: the bytes may be needed
    again."""

    row: Row[Any]
    status: str
    result: str
    done_at: str | None = None
    next_at: str | None = None
    attempts: int | None = None
    keep: bool = False

    @property
    def params(self) -> tuple[Any, ...]:
        """In the order of ACKNOWLEDGE."""
        kept = int(self.keep)
        return self.status, self.result, self.done_at, self.next_at, self.attempts, kept, self.row.id, self.row.epoch


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubled each time, and half to one and a half of that by chance."""
    usual: timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * int(2 ** min(attempts - 1, 20)))
    return usual * random.uniform(0.5, 1.5)  # noqa: S311 - so that not all come back at once


def claim(connection: Connection, channel: str, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Up to `limit` deliveries of `channel` that may be sent at `now` and are in nobody's hands."""
    free = or_(delivery.c.lease_until.is_(None), delivery.c.lease_until < _clock(connection, timedelta()))
    ids = connection.scalars(
        select(delivery.c.id)
        .where(
            delivery.c.status == "waiting", delivery.c.channel == channel, delivery.c.next_at <= timestamp(now), free
        )
        .order_by(delivery.c.next_at, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    rows = connection.execute(
        update(delivery)
        .where(delivery.c.id.in_(ids))
        .values(epoch=delivery.c.epoch + 1, lease_until=_clock(connection, LEASE))
        .returning(delivery)
    ).all()
    return sorted(rows, key=lambda row: (row.next_at, row.id))


def turn(
    connection: Connection, ack: Ack | None, begun: Row[Any] | None, message: bytes | None, occasion: Occasion | None
) -> bool:
    """Acknowledge one attempt and begin the next, in one commit: whether that next one is still ours and still needed.

    message: its bytes, kept so that a repetition is the same; None where they are kept already. occasion: the deadline
    of which it reminds, and which has to run as it did when the message was written. Both statements travel together:
    this is what each mail waits for.
    """
    driver: Any = connection.connection.driver_connection
    postgresql = connection.dialect.name == "postgresql"
    clock, mark = (f"to_char({_SERVER} AT TIME ZONE 'UTC', '{FORMAT}')", "%s") if postgresql else ("?", "?")
    ahead = [] if postgresql else [timestamp(datetime.now(UTC) + LEASE)]
    began = None
    with driver.pipeline() if postgresql else nullcontext():
        if ack is not None:
            driver.execute(ACKNOWLEDGE.replace("?", mark), ack.params)
        if begun is not None:
            sql = (BEGIN.format(clock=clock) + (STILL_RUNS if occasion else "")).replace("?", mark)
            began = driver.execute(sql, (*ahead, message, begun.id, begun.epoch, *(occasion or ())))
    return began is not None and began.rowcount == 1


def acknowledge(connection: Connection, ack: Ack) -> bool:
    """Write down what became of an attempt; False where the row is another's by now."""
    driver: Any = connection.connection.driver_connection
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    return bool(driver.execute(ACKNOWLEDGE.replace("?", mark), ack.params).rowcount == 1)


def release(connection: Connection, rows: Sequence[Row[Any]], result: str | None = None) -> None:
    """Give back what was claimed and not begun."""
    values = {"lease_until": None, **({"result": result} if result else {})}
    for row in rows:
        connection.execute(update(delivery).where(*_ours(row)).values(values))


def sent(row: Row[Any], answer: str, now: datetime, *, keep: bool = False) -> Ack:
    """It was taken. The bytes of a mail are not needed any more, and name a person: they are not kept."""
    return Ack(row, "sent", answer, timestamp(now), keep=keep)


def failed(row: Row[Any], why: str, now: datetime) -> Ack:
    """A dead letter: somebody has to look at it."""
    return Ack(row, "failed", why, timestamp(now), keep=True)


def left_out(row: Row[Any], why: str, now: datetime) -> Ack:
    """Nobody needs it any more."""
    return Ack(row, "left_out", why, timestamp(now))


def again(row: Row[Any], why: str, now: datetime) -> Ack:
    """Not now: later, or never after MOST_ATTEMPTS. `row` is as it was claimed, before the attempt."""
    attempts = row.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return failed(row, why, now)
    return Ack(row, "waiting", why, next_at=timestamp(now + pause(attempts)), keep=True)


def uncounted(row: Row[Any], why: str, next_at: datetime) -> Ack:
    """The channel is down: the attempt was none."""
    return Ack(row, "waiting", why, next_at=timestamp(next_at), attempts=row.attempts, keep=True)


def _ours(row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    return delivery.c.id == row.id, delivery.c.epoch == row.epoch, delivery.c.status == "waiting"


def _clock(connection: Connection, ahead: timedelta) -> ColumnElement[str]:
    """The moment so far ahead by the clock that all workers share: the server's; on SQLite the machine's."""
    if connection.dialect.name == "sqlite":
        return literal(timestamp(datetime.now(UTC) + ahead))
    moment = func.clock_timestamp().op("+")(text(f"interval '{ahead.total_seconds()} seconds'"))
    return func.to_char(func.timezone("UTC", moment), FORMAT)
