"""What everybody may see: how many items there are, what happened last, and one item with all it has gone through.

An item that is not released is not there. Of its records the read policy gives what is public; of its history one sees
the moves, the public reasons and the public comments; of whoever acted the role and its place, and never the person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, case, cast, func, literal, null, select, text, union_all

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.reading import Reader, readable
from states.snapshot import SYSTEM, RecordFact
from workflow.events import Kind, moment
from workflow.models import assignment, disclosure, event, item, item_facet, link, record, role_grant
from workflow.rules import Rules
from workflow.transaction import Transaction

MOVES = (Kind.CREATED, Kind.IMPORTED, Kind.ADVANCED, Kind.CORRECTED)
PUBLIC = Reader(released=True)


@dataclass(frozen=True, slots=True)
class Voice:
    """In which role somebody acted, and for which city, body or unit; both None where the history does not tell."""

    role: str | None = None
    scope_kind: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something of an item's history that everybody may know. `text`: the public reason, or the comment.

    voice: None for what the system did by itself.
    """

    kind: str
    at: datetime
    transition: str | None
    target: str | None
    text: str | None
    voice: Voice | None


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from (`outgoing`) or to the item; the other one is released as well."""

    kind: str
    outgoing: bool
    number: str
    title: str
    lifecycle: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class PublicItem:
    """A released item. `records` hold the fields that everybody may read, those without any left out."""

    number: str
    title: str
    lifecycle: Lifecycle
    programme: Programme
    state: str
    revision: int
    entered_at: datetime
    created_at: datetime
    facets: Mapping[str, tuple[str, ...]]
    records: tuple[RecordFact, ...]
    steps: tuple[Step, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class News:
    """A move of a released item: the event `seq` of its stream."""

    number: str
    title: str
    version: int
    transition: str | None
    target: str
    seq: int
    at: datetime


def counts(connection: Connection, lifecycle: str) -> dict[str, int]:
    """State -> how many released items of the lifecycle are in it; states without any are left out."""
    rows = connection.execute(
        select(item.c.state, func.count()).where(item.c.lifecycle == lifecycle, item.c.released).group_by(item.c.state)
    )
    return {row[0]: row[1] for row in rows}


def field_counts(connection: Connection, lifecycle: str) -> dict[str, int]:
    """Field of action -> how many released items of the lifecycle have it; an item may have several."""
    rows = connection.execute(
        select(item_facet.c.value, func.count())
        .join(item, item.c.ordinal == item_facet.c.ordinal)
        # Wrapped: else SQLite would read all items of the lifecycle for every facet, and not look its one item up.
        .where(item_facet.c.facet == "fields", func.coalesce(item.c.lifecycle, "") == lifecycle, item.c.released)
        .group_by(item_facet.c.value)
    )
    return {row[0]: row[1] for row in rows}


def news(connection: Connection, lifecycle: str, limit: int) -> list[News]:
    """The last moves of released items of the lifecycle, newest first."""
    moved = (
        select(item.c.number, item.c.title, item.c.version, event.c.trigger, event.c.to, event.c.seq, event.c.at)
        # This way round: each event leads to its item by the item's key.
        .join(item, item.c.number == func.substr(event.c.stream, len("item:") + 1))
        .where(event.c.kind == Kind.ADVANCED, item.c.lifecycle == lifecycle, item.c.released)
        .order_by(event.c.recorded_at.desc(), event.c.stream.desc(), event.c.seq.desc())
        .limit(limit)
    )
    return [News(*row[:6], moment(row[6])) for row in connection.execute(moved)]


def find(connection: Connection, rules: Rules, number: str) -> PublicItem | None:
    """The released item of that number; None where there is none, or none that is released."""
    rows = connection.execute(
        select(item, item_facet.c.facet, item_facet.c.value)
        .outerjoin(item_facet, item_facet.c.item == item.c.number)
        .where(item.c.number == number, item.c.released)
    ).all()
    if not rows:
        return None
    tx, row = Transaction(connection), rows[0]
    lifecycle = rules.lifecycle(tx, row.lifecycle, row.version)
    facets: dict[str, tuple[str, ...]] = {}
    for one in rows:
        if one.facet is not None:
            facets[one.facet] = (*facets.get(one.facet, ()), one.value)
    return PublicItem(
        number,
        row.title,
        lifecycle,
        rules.programme_of(tx, row.programme, row.programme_version),
        row.state,
        row.revision,
        moment(row.entered_at),
        moment(row.created_at),
        facets,
        tuple(_records(connection, lifecycle, number)),
        tuple(_steps(connection, lifecycle, number)),
        tuple(_relations(connection, number)),
    )


RECORD = tuple(
    record.c[name] for name in ("item", "kind", "key", "visit", "version", "author", "data", "personal", "at")
)
"""What `seen` asks of a record's row."""


def seen(lifecycle: Lifecycle, row: Row[Any]) -> RecordFact | None:
    """The record in `row`, which has the columns RECORD, with what everybody may read of it; None: nothing."""
    kind = lifecycle.records.get(row.kind)
    if kind is None or row.data is None:
        return None
    data = json.loads(row.data) | (json.loads(row.personal) if row.personal else {})
    fact = RecordFact(row.kind, row.key, row.visit, row.version, row.author, data, moment(row.at))
    public = readable(kind, fact, PUBLIC)
    return replace(fact, data=public) if public else None


def _records(connection: Connection, lifecycle: Lifecycle, number: str) -> Iterable[RecordFact]:
    """The latest version of each record with what everybody may read of it, oldest first."""
    rows = connection.execute(
        select(*RECORD).where(record.c.item == number, text("latest")).order_by(record.c.at, record.c.seq)
    )
    return filter(None, (seen(lifecycle, row) for row in rows))


def _steps(connection: Connection, lifecycle: Lifecycle, number: str) -> Iterable[Step]:
    stream = f"item:{number}"
    said = and_(
        disclosure.c.stream == event.c.stream,
        disclosure.c.seq == event.c.seq,
        disclosure.c.part.in_(("reason", "text")),
    )
    events = connection.execute(
        select(event, disclosure.c.text.label("said"))
        .outerjoin(disclosure, said)
        .where(event.c.stream == stream, event.c.kind.in_((*MOVES, Kind.COMMENTED)))
        .order_by(event.c.seq)
    ).all()
    voices = _voices(connection, number, {one.on_behalf_of or one.actor for one in events})
    for one in events:
        details = json.loads(one.payload)["details"]
        public = bool(details.get("public"))
        if one.kind == Kind.COMMENTED and not (public and one.said):
            continue
        move = lifecycle.transitions.get(one.trigger) if one.trigger else None
        held = voices.get(one.on_behalf_of or one.actor, ())
        yield Step(
            one.kind,
            moment(one.at),
            one.trigger,
            one.to,
            one.said if public else None,
            None if one.actor == SYSTEM else _voice(held, move.roles if move else list(lifecycle.roles), one.at),
        )


@dataclass(frozen=True, slots=True)
class _Held:
    """A role that somebody held: granted from day to day, or (no days) on this item."""

    voice: Voice
    since: str = ""
    until: str = "9999"


def _voices(connection: Connection, number: str, people: set[str]) -> dict[str, list[_Held]]:
    nothing = cast(null(), Text)
    rows = connection.execute(
        union_all(
            select(
                assignment.c.person, assignment.c.role, case((assignment.c.unit.is_not(None), "unit")).label("kind"),
                assignment.c.unit.label("scope"), nothing.label("since"), nothing.label("until"),
                nothing.label("revoked"),
            ).where(assignment.c.item == number),
            select(
                role_grant.c.person, role_grant.c.role, role_grant.c.scope_kind, role_grant.c.scope,
                role_grant.c.valid_from, role_grant.c.valid_to, role_grant.c.revoked_at,
            ).where(role_grant.c.person.in_(people)),
        )
    )  # fmt: skip
    held: dict[str, list[_Held]] = {}
    for row in rows:
        until = min(row.until or "9999", row.revoked or "9999")
        held.setdefault(row.person, []).append(_Held(Voice(row.role, row.kind, row.scope), row.since or "", until))
    return held


def _voice(held: Sequence[_Held], roles: Sequence[str], at: str) -> Voice:
    """In which of `roles` somebody acted who held these on that day; the first one counts, as the file names them."""
    day = at[:10]
    for role in roles:
        for one in held:
            if one.voice.role == role and one.since <= day <= one.until:
                return one.voice
    return Voice()


def _relations(connection: Connection, number: str) -> Iterable[Relation]:
    ends = (
        select(
            literal(outgoing).label("outgoing"), link.c.kind, item.c.number, item.c.title, item.c.lifecycle,
            item.c.version, item.c.state, item.c.ordinal,
        )
        .join(item, item.c.number == other)
        .where(own == number, link.c.ended_seq.is_(None), item.c.released)
        for own, other, outgoing in ((link.c.item, link.c.other, 1), (link.c.other, link.c.item, 0))
    )  # fmt: skip
    rows = connection.execute(union_all(*ends)).all()
    for row in sorted(rows, key=lambda row: (-row.outgoing, row.kind, row.ordinal)):
        yield Relation(row.kind, bool(row.outgoing), row.number, row.title, row.lifecycle, row.version, row.state)
