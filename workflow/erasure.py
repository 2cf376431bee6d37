"""Erases a person, and tells a person what is kept of them (GDPR Art. 15, 17, 20).

Gone for good: name and address; the comments they wrote and the reasons they gave; the documents they handed in with
an item of theirs, and drafts of submissions under their address; the fields that name people
(`personal`) in records they wrote, that speak for them, or in the sheet of what they handed in; how they want to be
told, their inbox, and every message that still waits for them. Staying, under a pseudonym: that they acted and were
told, the public reasons of decisions, and what a form says about the matter. Each loss of the history is an event of
its item, so that the history proves itself afterwards as before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Row, and_, delete, func, or_, select, union_all, update

from states.record_kinds import Per
from states.snapshot import SYSTEM, Needs
from workflow import access, documents, drafts, reminders
from workflow.accounts import keeping
from workflow.db import Database
from workflow.events import Kind, timestamp
from workflow.facts import load
from workflow.models import (
    account,
    api_token,
    assignment,
    calendar_feed,
    contact,
    delivery,
    deputy,
    disclosure,
    document,
    event,
    follower,
    inbox,
    item,
    job,
    outbox,
    person,
    preference,
    record,
    reminder,
    role_grant,
    security_log,
    session,
    support,
)
from workflow.rules import Rules
from workflow.streams import Origin, append
from workflow.transaction import Transaction
from workflow.work import Work

ITEMS_AT_A_TIME = 50
"""Items in one transaction: others are not kept waiting for long."""

OWN_WORDS = ("reason", "text")

UNSENT = ("waiting", "for_digest", "for_batch", "held", "failed")
"""Deliveries that may still be sent; one that failed, when somebody tries it again."""

TOLD_TOGETHER = ("in_digest", "in_batch")
"""Deliveries that are part of another one, which their result names."""

NOT_SENT = "person_erased"
"""The result of a delivery that is not sent any more because its recipient was erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: how many texts, on which items; the items on which the person still has a role; and the SHA-256
    of the documents they handed in, whose bytes are still to be taken away (`documents.discard`)."""

    person: str
    texts: int
    items: tuple[str, ...]
    roles_left: tuple[tuple[str, str], ...]  # item, role
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A text that goes: a part of the event `seq` of an item."""

    number: str
    seq: int
    part: str


def erase(database: Database, rules: Rules, asked: str, origin: Origin, now: datetime) -> Erased:
    """Erase the person with this e-mail address or id. Broken off, another call goes on where it stopped.

    Raises NotFound for somebody unknown or erased before, and StorageError.
    """
    with database.reading() as connection:
        who = access.find(connection, asked).id
        files = tuple(one.sha256 for one in documents.handed_in(connection, rules, who))
    texts, numbers = 0, dict[str, None]()
    while True:
        gone, last = database.attempt(lambda connection: _step(connection, rules, who, origin, now))
        texts += len(gone)
        numbers |= dict.fromkeys(part.number for part in gone)
        if last is not None:
            return Erased(who, texts, tuple(numbers), last, files)


def foreseen(connection: Connection, rules: Rules, asked: str) -> Erased:
    """What `erase` would erase now. Raises NotFound."""
    who = access.find(connection, asked).id
    parts = {*(part for part, _ in _words(connection, who, public=False)), *_personal(connection, rules, who)}
    numbers = dict.fromkeys(sorted(part.number for part in parts))
    return Erased(who, len(parts), tuple(numbers), _roles_left(connection, who))


def told(connection: Connection, rules: Rules, asked: str, origin: Origin, now: datetime) -> dict[str, Any]:
    """Everything kept about a person, as plain JSON; times in UTC. That it was asked for is noted in their stream.

    Raises NotFound.
    """
    known = access.find(connection, asked)
    append(connection, f"person:{known.id}", Kind.EXPORTED_PERSON, origin, now)
    address = connection.scalar(select(contact.c.address).where(contact.c.person == known.id))
    return {
        "person": {
            "id": known.id,
            "email": known.email,
            "name": known.name,
            "address": address,
            "locale": known.locale,
            "zone": known.zone,
        },
        "roles": _rows(connection, role_grant, role_grant.c.person == known.id, leave_out=("person",)),
        "deputies": _rows(connection, deputy, or_(deputy.c.person == known.id, deputy.c.deputy == known.id)),
        "assignments": _rows(connection, assignment, assignment.c.person == known.id, leave_out=("person",)),
        "documents": _rows(connection, document, document.c.author == known.id, leave_out=("author",)),
        "drafts": drafts.told(connection, known.email),
        "support": _rows(connection, support, support.c.person == known.id, leave_out=("person",)),
        "following": _rows(connection, follower, follower.c.person == known.id, leave_out=("person",)),
        "calendar_feed": _rows(
            connection, calendar_feed, calendar_feed.c.person == known.id, leave_out=("person", "token_hash")
        ),
        "reminders": _rows(connection, reminder, reminder.c.person == known.id, leave_out=("person",)),
        "preferences": _rows(connection, preference, preference.c.person == known.id, leave_out=("person",)),
        "account": _rows(connection, account, account.c.person == known.id, leave_out=("person", "password", "factor")),
        "sessions": _rows(connection, session, session.c.person == known.id, leave_out=("digest", "person")),
        "sign_ins": _rows(connection, security_log, security_log.c.person == known.id, leave_out=("person",)),
        "tokens": _rows(connection, api_token, api_token.c.person == known.id, leave_out=("digest", "person")),
        "inbox": _rows(connection, inbox, inbox.c.person == known.id, leave_out=("person",)),
        "jobs": _rows(connection, job, job.c.person == known.id, leave_out=("person", "content", "notes", "result")),
        "deliveries": _rows(
            connection, delivery, delivery.c.recipient == known.id, leave_out=("recipient", "epoch", "message")
        ),
        "records": [
            {**row, "data": _json(row["data"]), "personal": _json(row["personal"])}
            for row in _records(connection, rules, known.id)
        ],
        "texts": [
            {"item": part.number, "seq": part.seq, "part": part.part, "text": text}
            for part, text in _words(connection, known.id)
        ],
        "events": _acts(connection, known.id),
    }


def _step(
    connection: Connection, rules: Rules, who: str, origin: Origin, now: datetime
) -> tuple[list[Part], tuple[tuple[str, str], ...] | None]:
    """The next texts erased; with the last of them the person, and then the roles they leave behind."""
    parts = sorted(
        {*(part for part, _ in _words(connection, who, public=False)), *_personal(connection, rules, who)},
        key=lambda one: (one.number, one.seq, one.part),
    )
    by_item = [(number, list(some)) for number, some in groupby(parts, key=lambda one: one.number)]
    for number, some in by_item[:ITEMS_AT_A_TIME]:
        _erase_texts(connection, rules, number, some, origin, now)
    _write_anew(connection, [number for number, _ in by_item[:ITEMS_AT_A_TIME]])
    if len(by_item) > ITEMS_AT_A_TIME:
        return [part for _, some in by_item[:ITEMS_AT_A_TIME] for part in some], None
    return parts, erase_person(connection, who, origin, now)


def _erase_texts(
    connection: Connection, rules: Rules, number: str, parts: Iterable[Part], origin: Origin, now: datetime
) -> None:
    tx = Transaction(connection)
    facts = load(
        tx,
        rules,
        number=number,
        actor=SYSTEM,
        on_behalf_of=None,
        command_id=None,
        needs_of=lambda lifecycle, state: Needs(),
        now=now,
        lock=True,
    )
    work = Work.on(tx, rules, facts, origin, now)
    work.event(Kind.ERASED, details={"parts": [[one.seq, one.part] for one in parts]})
    work.finish()
    tx.flush()
    for one in parts:
        # The salt goes with the text: with it, a short text could be guessed from its commitment.
        connection.execute(
            delete(disclosure).where(
                disclosure.c.stream == f"item:{number}", disclosure.c.seq == one.seq, disclosure.c.part == one.part
            )
        )
        if one.part == "name":
            connection.execute(
                update(document).where(document.c.item == number, document.c.seq == one.seq).values(name=None)
            )
        if one.part == "personal":
            connection.execute(
                update(record).where(record.c.item == number, record.c.seq == one.seq).values(personal=None)
            )


def _write_anew(connection: Connection, numbers: list[str]) -> None:
    """Let go the bytes of messages about these items: they may quote what is erased, and are written anew when sent."""
    parts = (
        select(delivery.c.id, delivery.c.status, delivery.c.result)
        .where(delivery.c.outbox.in_(select(outbox.c.id).where(outbox.c.item.in_(numbers))))
        .subquery()
    )
    whole = select(parts.c.result).where(parts.c.status.in_(TOLD_TOGETHER))
    about = or_(delivery.c.id.in_(select(parts.c.id)), delivery.c.id.in_(whole))
    connection.execute(update(delivery).where(delivery.c.message.is_not(None), about).values(message=None))


def _erase_messages(connection: Connection, who: str, now: datetime) -> None:
    """Erase what tells of messages to them. Who has one in hand for sending finds it is theirs no more."""
    connection.execute(delete(preference).where(preference.c.person == who))
    connection.execute(delete(inbox).where(inbox.c.person == who))
    to_them = delivery.c.recipient == who
    unsent = {"status": "left_out", "result": NOT_SENT, "done_at": timestamp(now), "lease_until": None}
    connection.execute(update(delivery).where(to_them, delivery.c.status.in_(UNSENT)).values(unsent))
    # A server's answer may repeat the address.
    connection.execute(update(delivery).where(to_them, delivery.c.status == "sent").values(result=None))
    # A deputy's message may quote what only the absent person noted.
    theirs = or_(to_them, delivery.c.stands_for == who)
    connection.execute(update(delivery).where(theirs, delivery.c.message.is_not(None)).values(message=None))


def erase_person(connection: Connection, who: str, origin: Origin, now: datetime) -> tuple[tuple[str, str], ...]:
    """Erase who they are, what they follow and what waits for them; the roles on items that they leave behind."""
    for grant in connection.scalars(
        select(role_grant.c.id).where(role_grant.c.person == who, role_grant.c.revoked_at.is_(None))
    ).all():
        access.revoke(connection, grant, origin, now)
    reminders.forget(connection, who)
    for table in (follower, calendar_feed):
        connection.execute(delete(table).where(table.c.person == who))
    keeping.erase(connection, who)
    # The contact first: whoever makes entries of an inbox holds it, and then the entries are there to be deleted.
    drafts.forget(connection, who)
    connection.execute(delete(contact).where(contact.c.person == who))
    _erase_messages(connection, who, now)
    connection.execute(delete(job).where(job.c.person == who))
    connection.execute(update(person).where(person.c.id == who).values(erased_at=timestamp(now), zone=None))
    append(connection, f"person:{who}", Kind.PERSON_ERASED, origin, now)
    return _roles_left(connection, who)


def _roles_left(connection: Connection, who: str) -> tuple[tuple[str, str], ...]:
    """The items on which somebody has a role at present, with the role."""
    left = connection.execute(
        select(assignment.c.item, assignment.c.role)
        .join(item, item.c.number == assignment.c.item)
        .where(assignment.c.person == who, assignment.c.ended_seq.is_(None))
        .order_by(item.c.ordinal, assignment.c.role)
    )
    return tuple((row.item, row.role) for row in left)


def _words(connection: Connection, who: str, *, public: bool = True) -> list[tuple[Part, str]]:
    """What a person wrote beside records. `public`: also the public reasons of decisions, which are never erased."""
    acts = _acts_of(who, Kind.ADVANCED, Kind.CORRECTED, Kind.DEADLINE, Kind.COMMENTED).subquery()
    rows = connection.execute(
        select(acts, disclosure.c.part, disclosure.c.text)
        .join(disclosure, and_(disclosure.c.stream == acts.c.stream, disclosure.c.seq == acts.c.seq))
        .where(disclosure.c.part.in_(OWN_WORDS))
        .order_by(acts.c.stream, acts.c.seq)
    )
    return [
        (Part(row.stream.removeprefix("item:"), row.seq, row.part), row.text)
        for row in rows
        if public or not _announced(row)
    ]


def _announced(row: Row[Any]) -> bool:
    """Whether the text is the public reason of a decision: that belongs to the decision, and was told to everybody."""
    return row.kind != Kind.COMMENTED and bool(json.loads(row.payload)["details"].get("public"))


def _personal(connection: Connection, rules: Rules, who: str) -> list[Part]:
    return [
        Part(row["item"], row["seq"], "personal")
        for row in _records(connection, rules, who)
        if row["personal"] is not None
    ] + [Part(one.item, one.seq, "name") for one in documents.handed_in(connection, rules, who)]


def _records(connection: Connection, rules: Rules, who: str) -> list[dict[str, Any]]:
    """All versions of the records that they wrote, that speak for them, or that tell what they handed in."""
    wrote = _acts_of(who, Kind.RECORDED).subquery()
    own = and_(record.c.item == func.substr(wrote.c.stream, len("item:") + 1), record.c.seq == wrote.c.seq)
    found = {(row.item, row.seq): dict(row._mapping) for row in connection.execute(select(record).join(wrote, own))}
    tx = Transaction(connection)
    tied = select(assignment.c.item, assignment.c.role, item.c.lifecycle, item.c.version).join(
        item, item.c.number == assignment.c.item
    )
    for row in connection.execute(tied.where(assignment.c.person == who)).all():
        lifecycle = rules.lifecycle(tx, row.lifecycle, row.version)
        of_them = [kind.key for kind in lifecycle.records.values() if kind.per is Per.PERSON]
        about = and_(record.c.kind.in_(of_them), record.c.key == who)
        if row.role == lifecycle.created_by:
            about = or_(about, record.c.kind == lifecycle.sheet)
        theirs = select(record).where(record.c.item == row.item, about)
        found |= {(one.item, one.seq): dict(one._mapping) for one in connection.execute(theirs)}
    return [found[place] for place in sorted(found)]


def _acts_of(who: str, *kinds: Kind) -> CompoundSelect[Any]:
    """The events of these kinds (none: of any) in which they acted or were represented."""
    columns = [event.c[name] for name in ("stream", "seq", "kind", "trigger", "from", "to", "via", "at", "recorded_at")]
    found = select(*columns, event.c.payload)
    if kinds:
        found = found.where(event.c.kind.in_(kinds))
    # Two branches, each with an index of its own: an OR over two columns would have none.
    return union_all(found.where(event.c.actor == who), found.where(event.c.on_behalf_of == who, event.c.actor != who))


def _acts(connection: Connection, who: str) -> list[dict[str, Any]]:
    acts = _acts_of(who).subquery()
    rows = connection.execute(select(acts).order_by(acts.c.recorded_at, acts.c.stream, acts.c.seq)).mappings()
    return [{name: value for name, value in row.items() if name != "payload"} for row in rows]


def _rows(connection: Connection, table: Any, condition: Any, leave_out: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in leave_out]
    found = select(*columns).where(condition).order_by(*table.primary_key)
    return [dict(row) for row in connection.execute(found).mappings()]


def _json(text: str | None) -> Mapping[str, Any] | None:
    return json.loads(text) if text else None
