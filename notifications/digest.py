"""The daily digest: what waits for one person, by item, the most urgent first; none if nothing is left to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select, update

from notifications import words
from notifications.channels import Letter
from notifications.errors import TemplateFault
from notifications.expand import EMAIL, NO_SERVER, Post, delivery_row, seven, zone_of
from notifications.letters import Desk, Reader
from notifications.matter import Matter, Running, read_intent, read_matter
from notifications.recipients import LeftOut, has_done
from states.lifecycle import ANYONE
from states.snapshot import local_day
from workflow.db import Database
from workflow.events import timestamp
from workflow.models import delivery, person
from workflow.queries.people import holders

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item in a digest. to_do: whether it waits for this person; due: by when, where a deadline of theirs runs."""

    matter: Matter
    to_do: bool
    due: Running | None
    subjects: tuple[str, ...]


def make(database: Database, desk: Desk, post: Post, now: datetime) -> int:
    """Make the digests of the day for whom it is after seven in the morning; how many."""
    with database.reading() as connection:
        waiting = connection.execute(
            select(delivery.c.recipient, person.c.zone, func.min(delivery.c.made_at))
            .join(person, person.c.id == delivery.c.recipient)
            .where(delivery.c.status == literal("for_digest", literal_execute=True))
            .group_by(delivery.c.recipient, person.c.zone)
            .order_by(delivery.c.recipient)
        ).all()
    made = 0
    for who, zone, first in waiting:
        begins = seven(now, zone_of(zone, post.rules.programme))
        if first < timestamp(begins) <= timestamp(now):
            made += database.attempt(partial(_make, desk=desk, post=post, person=who, seven=begins, now=now))
    return made


def _make(connection: Connection, desk: Desk, post: Post, person: str, seven: datetime, now: datetime) -> bool:
    key = f"digest:{seven.date().isoformat()}>{person}"
    if connection.scalar(select(delivery.c.id).where(delivery.c.id == key)):
        return False  # whoever has moved to another time zone has had that day's
    rows = connection.execute(
        select(delivery)
        .where(delivery.c.recipient == person, delivery.c.status == "for_digest", delivery.c.made_at < timestamp(seven))
        .order_by(delivery.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return False
    wanted = any(one.to_do for one in _entries(connection, desk, rows, None, now))
    status, result = ("in_digest", key) if wanted else ("left_out", LeftOut.NOTHING_LEFT.value)
    connection.execute(
        update(delivery)
        .where(delivery.c.id.in_([row.id for row in rows]))
        .values(status=status, result=result, done_at=timestamp(now))
    )
    if wanted:
        reason = None if EMAIL in post.channels else NO_SERVER
        connection.execute(insert(delivery).values(delivery_row(key, None, person, EMAIL, post, now, result=reason)))
    return wanted


def writer_of(desk: Desk, now: datetime) -> Callable[[Connection, Row[Any], Reader], Letter | LeftOut]:
    """What writes the letter of a digest."""

    def write(connection: Connection, row: Row[Any], reader: Reader) -> Letter | LeftOut:
        rows = connection.execute(
            select(delivery)
            .where(delivery.c.recipient == reader.id, delivery.c.status == "in_digest", delivery.c.result == row.id)
            .order_by(delivery.c.id)
        ).all()
        entries = list(_entries(connection, desk, rows, reader, now))
        if not any(one.to_do for one in entries):
            return LeftOut.NOTHING_LEFT
        return _letter(desk, row, reader, entries, now)

    return write


def _entries(
    connection: Connection, desk: Desk, rows: Sequence[Row[Any]], reader: Reader | None, now: datetime
) -> Iterator[Entry]:
    """What these deliveries speak of, by item. reader None: without the subjects."""
    spoken = [
        (row, read_matter(connection, desk.rules, intent, now))
        for row in rows
        if (intent := read_intent(connection, row.outbox)) is not None
    ]
    for _, group in groupby(sorted(spoken, key=lambda one: one[1].item.ordinal), key=lambda one: one[1].item.number):
        told = list(group)
        matter = told[-1][1]
        to_do, due = False, None
        for row, _ in told:
            waits, until = _waits(connection, matter, row.stands_for or row.recipient, now)
            to_do, due = to_do or waits, due or until
        subjects = [_subject(desk, one, row, reader, now) for row, one in told if reader and not one.settled]
        yield Entry(matter, to_do, due, tuple(dict.fromkeys(filter(None, subjects))))


def _waits(connection: Connection, matter: Matter, person: str, now: datetime) -> tuple[bool, Running | None]:
    """Whether the item waits for `person`: they are responsible for a deadline that runs and have not done their part,
    or, where none runs, may make a move."""
    day = local_day(now, matter.programme)

    def has(role: str) -> bool:
        return person in holders(connection, matter.lifecycle, matter.snapshot, role, day)

    running = sorted((one for one in matter.running if one.rule.responsible), key=lambda one: one.day)
    if running:
        mine = ((one, str(one.rule.responsible)) for one in running if has(str(one.rule.responsible)))
        own = next((one for one, role in mine if not has_done(connection, matter, one, role, person)), None)
        return own is not None, own
    if matter.lifecycle.states[matter.item.state].final:
        return False, None
    roles = {role for move in matter.lifecycle.leaving[matter.item.state] for role in move.roles if role != ANYONE}
    return any(has(role) for role in sorted(roles)), None


def _subject(desk: Desk, matter: Matter, row: Row[Any], reader: Reader | None, now: datetime) -> str | None:
    assert reader is not None
    told_as = replace(reader, role=row.role, deputises=row.stands_for is not None)
    try:
        context = desk.context(matter, told_as, now)
        return desk.templates.render(reader.locale, matter.intent.notice, context).subject
    except TemplateFault as fault:  # the item is listed all the same
        log.warning("A digest goes without a line: %s", fault)
        return None


def _letter(desk: Desk, row: Row[Any], reader: Reader, entries: list[Entry], now: datetime) -> Letter:
    programme = desk.rules.programme
    today = local_day(now, programme)
    urgent = sorted((one for one in entries if one.to_do), key=lambda one: one.due.day if one.due else date.max)
    lines = [_line(desk, one, reader, today) for one in urgent]
    office = desk.office(urgent[0].matter, reader.locale)
    context = {
        "recipient": {"name": reader.name or None},
        "office": office,
        "why": words.HAS_TASKS[reader.locale],
        "digest": {
            "due": sum(not line["late"] for line in lines),
            "late": sum(bool(line["late"]) for line in lines),
            "lines": lines,
            "news": [_line(desk, one, reader, today) for one in entries if not one.to_do],
        },
    }
    return Letter(
        id=row.id,
        message_id=row.message_id,
        notice="digest",
        item=None,
        state=None,
        url=None,
        made=now,
        address=reader.email,
        name=reader.name,
        locale=reader.locale,
        rendered=desk.templates.render(reader.locale, "digest", context),
        office_name=str(office["name"]),
        office_email=office["email"],
    )


def _line(desk: Desk, entry: Entry, reader: Reader, today: date) -> dict[str, Any]:
    matter = entry.matter
    told = desk.deadline(matter, entry.due, reader, today) or {"day": None, "date": None, "late": 0}
    return {
        "number": matter.item.number,
        "title": matter.item.title,
        "url": desk.url_of(matter.item.number),
        "state": matter.lifecycle.states[matter.item.state].label[reader.locale],
        "subjects": entry.subjects,
        **told,
    }
