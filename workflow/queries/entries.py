"""One event of the history with what it changed: before and after, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from states.lifecycle import Lifecycle
from workflow.chains import proved
from workflow.errors import NotFound
from workflow.events import COLUMNS, Kind
from workflow.history import AuditEvent, number_of
from workflow.models import disclosure, event, item, record
from workflow.queries.people import names
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Changed:
    """A field of a record, before and after; None where it had or has no value. `field`: its key."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, whole. texts: part -> text, of those that were not erased; erased: the parts that were.

    changed: the fields of the record it wrote, those alone that differ from the version before; without the personal
    ones, `personal` says that there are some. whole: its own hash and columns prove it. last: the stream's last seq.
    """

    event: AuditEvent
    lifecycle: Lifecycle | None
    names: Mapping[str, tuple[str, str]]
    texts: Mapping[str, str]
    erased: tuple[str, ...]
    changed: tuple[Changed, ...]
    personal: bool
    whole: bool
    last: int


def entry(connection: Connection, rules: Rules, stream: str, seq: int) -> Entry:
    """The event. Raises NotFound."""
    around = select(*(event.c[name] for name in COLUMNS)).where(event.c.stream == stream)
    rows = connection.execute(around.where(event.c.seq == seq)).all()
    if not rows:
        raise NotFound("event", f"{stream}#{seq}")
    one = AuditEvent(*rows[0])
    last = connection.scalar(select(event.c.seq).where(event.c.stream == stream).order_by(event.c.seq.desc()).limit(1))
    lifecycle: Lifecycle | None = None
    changed: tuple[Changed, ...] = ()
    personal = False
    if number := number_of(stream):
        pinned = connection.execute(select(item.c.lifecycle, item.c.version).where(item.c.number == number)).first()
        lifecycle = rules.lifecycle(Transaction(connection), *pinned) if pinned else None
    found = connection.execute(
        select(disclosure.c.part, disclosure.c.text).where(disclosure.c.stream == stream, disclosure.c.seq == seq)
    )
    disclosed = {row.part: row.text for row in found}
    fault, _ = proved(dict(zip(COLUMNS, rows[0], strict=True)))
    details = one.details if fault is None else {}
    erased = [part for part in ("data", "personal", "reason", "text") if part in details and part not in disclosed]
    if number and one.kind == Kind.RECORDED:
        changed, personal = _changed(connection, number, seq)
    who = {one.actor, one.on_behalf_of or "", *(str(details.get(key)) for key in ("person", "deputy"))}
    if stream.startswith("person:"):
        who.add(stream.removeprefix("person:"))
    texts = {part: text for part, text in disclosed.items() if text is not None}
    return Entry(
        one, lifecycle, names(connection, who), texts, tuple(erased), changed, personal, fault is None, last or seq
    )


def _changed(connection: Connection, number: str, seq: int) -> tuple[tuple[Changed, ...], bool]:
    """The fields that the record differs in from the version before it, and whether it has personal ones."""
    own = connection.execute(select(record).where(record.c.item == number, record.c.seq == seq)).first()
    if own is None:
        return (), False
    before = connection.scalar(
        select(record.c.data).where(
            record.c.item == number, record.c.kind == own.kind, record.c.key == own.key, record.c.visit == own.visit,
            record.c.version == own.version - 1,
        )
    )  # fmt: skip
    old: dict[str, Any] = json.loads(before) if before else {}
    new: dict[str, Any] = json.loads(own.data) if own.data else {}
    fields = dict.fromkeys((*new, *old))
    changed = tuple(Changed(key, old.get(key), new.get(key)) for key in fields if old.get(key) != new.get(key))
    return changed, own.personal is not None
