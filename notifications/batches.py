"""One mail a person for what many items went through as one act, with what each of them would have said.

The steps of a batch are expanded as any others are, by roles and preferences; what would go to one person at once is
gathered. A single one goes as the notice that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, literal, select, update

from notifications import words
from notifications.channels import Letter
from notifications.expand import EMAIL, NO_SERVER, Post, delivery_row
from notifications.letters import Desk, Reader
from notifications.matter import Matter, read_intent, read_matter
from states.snapshot import local_day
from workflow.db import Database
from workflow.events import timestamp
from workflow.models import delivery

PREFIX = "batch:"
"""The beginning of the id of a delivery that tells of many, before the id of the first of them."""

FOR, IN = "for_batch", "in_batch"


def make(database: Database, post: Post, now: datetime) -> int:
    """Gather what each person is to be told of each batch that has settled by the moment `now`; how many mails."""
    with database.reading() as connection:
        ready = connection.execute(
            select(delivery.c.recipient, delivery.c.result)
            .where(_gathered(), delivery.c.next_at <= timestamp(now))
            .distinct()
            .order_by(delivery.c.recipient, delivery.c.result)
        ).all()
    return sum(
        database.attempt(partial(_make, post=post, person=person, batch=batch, now=now)) for person, batch in ready
    )


def _make(connection: Connection, post: Post, person: str, batch: str, now: datetime) -> bool:
    rows = connection.execute(
        select(delivery.c.id)
        .where(_gathered(), delivery.c.recipient == person, delivery.c.result == batch)
        .order_by(delivery.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:  # another worker was faster
        return False
    result = None if EMAIL in post.channels else NO_SERVER
    these = update(delivery).where(delivery.c.id.in_([row.id for row in rows]), _gathered())
    if len(rows) == 1:
        connection.execute(these.values(status="waiting", result=result, next_at=timestamp(now)))
        return True
    key = f"{PREFIX}{rows[0].id}"
    connection.execute(these.values(status=IN, result=key, done_at=timestamp(now)))
    connection.execute(insert(delivery).values(delivery_row(key, None, person, EMAIL, post, now, result=result)))
    return True


def _gathered() -> Any:
    return delivery.c.status == literal(FOR, literal_execute=True)


def writer_of(desk: Desk, now: datetime) -> Callable[[Connection, Row[Any], Reader], Letter]:
    """What writes the letter about many items."""

    def write(connection: Connection, row: Row[Any], reader: Reader) -> Letter:
        rows = connection.execute(
            select(delivery)
            .where(delivery.c.recipient == reader.id, delivery.c.status == IN, delivery.c.result == row.id)
            .order_by(delivery.c.id)
        ).all()
        return _letter(connection, desk, row, rows, reader, now)

    return write


def _letter(
    connection: Connection, desk: Desk, row: Row[Any], parts: Sequence[Row[Any]], reader: Reader, now: datetime
) -> Letter:
    """The letter that says of each part what its own would have said. Raises TemplateFault."""
    told: list[tuple[Matter, Reader]] = []
    for part in parts:
        intent = read_intent(connection, part.outbox)
        assert intent is not None  # a foreign key holds it
        told_as = replace(reader, role=part.role, deputises=part.stands_for is not None)
        told.append((read_matter(connection, desk.rules, intent, now), told_as))
    told.sort(key=lambda one: one[0].item.ordinal)
    locale, first = reader.locale, told[0][0]
    office = desk.office(first, locale)
    states = {matter.lifecycle.states[matter.told_state].label[locale] for matter, _ in told}
    whys = dict.fromkeys(desk.why(matter, told_as) for matter, told_as in told)
    context = {
        "recipient": {"name": reader.name or None},
        "office": office,
        "why": " ".join((*whys, words.AT_ONCE[locale])),
        "batch": {
            "count": len({matter.item.number for matter, _ in told}),
            "state": states.pop() if len(states) == 1 else None,
            "lines": [_line(desk, matter, told_as, now) for matter, told_as in told],
        },
    }
    return Letter(
        id=row.id,
        message_id=row.message_id,
        notice="batch",
        item=None,
        state=None,
        url=None,
        made=now,
        address=reader.email,
        name=reader.name,
        locale=locale,
        rendered=desk.templates.render(locale, "batch", context),
        office_name=str(office["name"]),
        office_email=office["email"],
    )


def _line(desk: Desk, matter: Matter, reader: Reader, now: datetime) -> dict[str, Any]:
    """What the notice of one step says, without its frame."""
    context = desk.context(matter, reader, now)
    today = local_day(now, matter.programme)
    due = desk.deadline(matter, desk.due(matter, reader), reader, today) or {"day": None, "date": None, "late": 0}
    return {
        **context["item"],
        **due,
        **desk.templates.blocks(reader.locale, matter.intent.notice, context),
        "reason": context["reason"],
        "unsubscribe": context["unsubscribe"],
    }
