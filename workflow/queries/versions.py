"""The versions of one record, as they were written."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from states.snapshot import RecordFact
from workflow.events import moment
from workflow.models import record


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
