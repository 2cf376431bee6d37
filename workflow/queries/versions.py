"""The versions of one record, as they were written."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, select

from states.reading import readable
from states.record_kinds import RecordKind
from states.snapshot import RecordFact
from workflow.errors import NotFound
from workflow.events import moment
from workflow.models import record
from workflow.queries.detail import Detail


def seen_versions(connection: Connection, detail: Detail, kind: RecordKind, key: str, visit: int) -> list[RecordFact]:
    """`versions_of` a record with what the reader of its item may see. Raises NotFound where that is nothing."""
    reader = detail.view.reader
    stored = versions_of(connection, detail.item.number, kind.key, key, visit)
    if reader is not None:
        stored = [replace(one, data=fields) for one in stored if (fields := readable(kind, one, reader))]
    if not stored:
        raise NotFound("record", kind.key)
    return stored


def chosen_pair(facts: list[RecordFact], before: int | None, after: int | None) -> tuple[RecordFact, RecordFact]:
    """Two of the versions to compare: those that are named, else the last one and the one before it."""
    known = {one.version: one for one in facts}
    last = known.get(after or 0, facts[-1])
    earlier = [one for one in facts if one.version < last.version]
    return known.get(before or 0, earlier[-1] if earlier else facts[0]), last


def versions_of(connection: Connection, number: str, kind: str, key: str, visit: int) -> list[RecordFact]:
    """Every version of the record of an item, the first one first; what was erased is missing in its data."""
    rows = connection.execute(
        select(record)
        .where(record.c.item == number, record.c.kind == kind, record.c.key == key, record.c.visit == visit)
        .order_by(record.c.version)
    )
    return [
        RecordFact(
            row.kind,
            row.key,
            row.visit,
            row.version,
            row.author,
            {**json.loads(row.data or "{}"), **json.loads(row.personal or "{}")},
            moment(row.at),
            row.writer,
        )
        for row in rows
    ]
