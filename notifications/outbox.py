"""What was sent, what was not, and why: for whoever looks after the installation. And: send it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, literal, null, or_, select, union_all, update

from workflow.errors import BadInput, Conflict, NotFound
from workflow.events import timestamp
from workflow.models import contact, delivery, outbox

STATES = ("open", "held", "waiting", "for_digest", "in_digest", "for_batch", "in_batch", "sent", "failed", "left_out")
"""open: of intents that no delivery is made of yet. held: after a restore, until they are let go."""

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFilter:
    """Which entries; every field that is set narrows it further. result: why one was left out, or what went wrong."""

    state: str | None = None
    notice: str | None = None
    item: str | None = None
    channel: str | None = None
    result: str | None = None
    recipient: str | None = None


EVERYTHING = OutboxFilter()


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery, or an intent of which none is made yet. recipient: the address, where it is a person's."""

    id: str
    notice: str | None
    item: str | None
    recipient: str
    channel: str | None
    status: str
    result: str | None
    attempts: int
    next_at: str | None
    made_at: str
    done_at: str | None
    message_id: str | None


def listed(
    connection: Connection, filters: OutboxFilter = EVERYTHING, *, limit: int = 50, cursor: str | None = None
) -> tuple[tuple[Line, ...], str | None]:
    """Up to `limit` (at most 500), the newest first, behind `cursor`; and the cursor of the next page, or None.

    Raises BadInput for a cursor that is none.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    both = union_all(_deliveries(), _intents()).subquery()
    # `recipient` of a delivery is a person, a webhook or a role; of an intent its roles.
    wanted = {"status": filters.state, **{name: getattr(filters, name) for name in NARROWS}}
    found = select(both).where(*(both.c[name] == value for name, value in wanted.items() if value is not None))
    if cursor is not None:
        made_at, _, key = cursor.partition(" ")
        if not key:
            raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the `next` of the page before.")
        found = found.where(or_(both.c.made_at < made_at, (both.c.made_at == made_at) & (both.c.id < key)))
    rows = connection.execute(found.order_by(both.c.made_at.desc(), both.c.id.desc()).limit(limit + 1)).all()
    lines = tuple(_line(row) for row in rows[:limit])
    more = len(rows) > limit
    return lines, f"{lines[-1].made_at} {lines[-1].id}" if more else None


NARROWS = ("notice", "item", "channel", "result", "recipient")


def found(connection: Connection, key: str) -> tuple[Line, ...]:
    """The delivery with that id, or all of the intent with that id. Raises NotFound."""
    intent = select(outbox.c.id).where(outbox.c.id == key)
    rows = connection.execute(_deliveries().where(or_(delivery.c.id == key, delivery.c.outbox.in_(intent)))).all()
    rows = [*rows, *connection.execute(_intents().where(outbox.c.id == key))]
    if not rows:
        raise NotFound("outbox entry", key)
    return tuple(_line(row) for row in rows)


def retry(connection: Connection, key: str, now: datetime) -> int:
    """Send again what failed under that id, at the next dispatch and under its old Message-ID; how many.

    An intent that was held after a restore is let go. Raises NotFound, and Conflict where nothing failed or is held.
    """
    found(connection, key)
    failed = delivery.c.status.in_(("failed", "held")) & or_(delivery.c.id == key, delivery.c.outbox == key)
    values: dict[str, Any] = {"status": "waiting", "attempts": 0, "next_at": timestamp(now), "done_at": None}
    again = connection.execute(update(delivery).where(failed).values(values)).rowcount
    held = (outbox.c.id == key) & (outbox.c.status == "held")
    again += connection.execute(update(outbox).where(held).values(status="open")).rowcount
    if not again:
        raise Conflict(f"Nothing of {key} has failed or is held, so there is nothing to send again.")
    return again


def retry_all(connection: Connection, filters: OutboxFilter, now: datetime) -> int:
    """Send again what failed or is held among the newest LARGEST_PAGE that `filters` lets through; how many."""
    lines, _ = listed(connection, filters, limit=LARGEST_PAGE)
    return sum(retry(connection, line.id, now) for line in lines if line.status in ("failed", "held"))


def hold(connection: Connection) -> int:
    """Keep back everything that is still to be sent, until it is let go; how many."""
    intents = update(outbox).where(outbox.c.status == "open").values(status="held")
    unsent = delivery.c.status.in_(("waiting", "for_digest", "for_batch")) & delivery.c.lease_until.is_(None)
    return (
        connection.execute(intents).rowcount
        + connection.execute(update(delivery).where(unsent).values(status="held")).rowcount
    )


def _deliveries() -> Select[Any]:
    return (
        select(
            delivery.c.id, outbox.c.notice, outbox.c.item, contact.c.email, delivery.c.recipient, delivery.c.channel,
            delivery.c.status, delivery.c.result, delivery.c.attempts, delivery.c.next_at, delivery.c.made_at,
            delivery.c.done_at, delivery.c.message_id,
        )
        .outerjoin(outbox, outbox.c.id == delivery.c.outbox)
        .outerjoin(contact, contact.c.person == delivery.c.recipient)
    )  # fmt: skip


def _intents() -> Select[Any]:
    empty = null()
    return select(
        outbox.c.id, outbox.c.notice, outbox.c.item, empty.label("email"), outbox.c.roles.label("recipient"),
        empty.label("channel"), outbox.c.status, empty.label("result"), literal(0).label("attempts"),
        empty.label("next_at"), outbox.c.at.label("made_at"), empty.label("done_at"), empty.label("message_id"),
    ).where(outbox.c.status != "expanded")  # fmt: skip


def _line(row: Row[Any]) -> Line:
    told = ", ".join(json.loads(row.recipient)) if row.recipient.startswith("[") else row.recipient
    return Line(
        row.id, row.notice, row.item, row.email or told, row.channel, row.status, row.result, row.attempts, row.next_at,
        row.made_at, row.done_at, row.message_id,
    )  # fmt: skip
