"""The history of one item, as somebody may see it who works with it or asks after it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from states.lifecycle import Lifecycle
from states.reading import Reader, reads
from states.snapshot import SYSTEM
from workflow.events import Kind, moment
from workflow.models import disclosure, event

MOVES = (Kind.CREATED, Kind.IMPORTED, Kind.ADVANCED, Kind.CORRECTED, Kind.MIGRATED)


@dataclass(frozen=True, slots=True)
class View:
    """Whose eyes an item is seen with. `reader` None: the operator's, who sees all.

    person: their pseudonymous id. works: they hold a role on the item other than the one that handing in gives.
    """

    person: str | None = None
    reader: Reader | None = None
    works: bool = True

    def knows(self, person: str) -> bool:
        """Whether they may see who that is."""
        return self.works or person in (self.person, SYSTEM)


@dataclass(frozen=True, slots=True)
class Past:
    """An event of the item's history. `text`: its reason or the comment, where there is one that may be seen."""

    seq: int
    kind: str
    transition: str | None
    source: str | None
    target: str | None
    actor: str
    on_behalf_of: str | None
    via: str
    account: str | None
    at: datetime
    recorded_at: datetime
    text: str | None
    details: Mapping[str, Any]


def events_of(connection: Connection, number: str) -> Sequence[Row[Any]]:
    """The events of an item in order, each with the text that it says (`said`), if it says one."""
    spoken = (
        (disclosure.c.stream == event.c.stream)
        & (disclosure.c.seq == event.c.seq)
        & disclosure.c.part.in_(("reason", "text"))
    )
    return connection.execute(
        select(event, disclosure.c.text.label("said"))
        .outerjoin(disclosure, spoken)
        .where(event.c.stream == f"item:{number}")
        .order_by(event.c.seq)
    ).all()


def history_of(events: Iterable[Row[Any]], lifecycle: Lifecycle, view: View) -> Iterator[Past]:
    """Those of the events that may be seen with these eyes, in order."""
    for row in events:
        details = json.loads(row.payload)["details"]
        own = view.person is not None and view.person in (row.actor, row.on_behalf_of)
        public = bool(details.get("public"))
        if not _may_see(lifecycle, row.kind, details, view, own=own, public=public):
            continue
        yield Past(
            seq=row.seq,
            kind=row.kind,
            transition=row.trigger,
            source=row._mapping["from"],
            target=row.to,
            actor=row.actor,
            on_behalf_of=row.on_behalf_of,
            via=row.via,
            account=row.account if view.works else None,
            at=moment(row.at),
            recorded_at=moment(row.recorded_at),
            text=row.said if view.works or own or public else None,
            details=details if view.works else {},
        )


def _may_see(
    lifecycle: Lifecycle, kind: str, details: Mapping[str, Any], view: View, *, own: bool, public: bool
) -> bool:
    if view.reader is None or own or kind in MOVES:
        return True
    if kind == Kind.COMMENTED:
        return public or view.works
    if kind == Kind.RECORDED:
        # That a blind review is there is not told before one's own is.
        record = lifecycle.records.get(details["record"])
        return view.works and record is not None and reads(record, view.reader)
    return view.works
