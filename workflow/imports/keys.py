"""What tells the rows of a source apart, and which of them are imported already.

A row is remembered by a hash: the columns that identify it may name people, and what is kept of them must be erasable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, select

from workflow.db import Database
from workflow.events import canonical
from workflow.imports.mapping import MappingFile
from workflow.imports.tables import Row, Table
from workflow.models import import_row

LENGTH = 40
"""Hexadecimal digits of a key: 160 bits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What became of a row: the item's number, and the digest of what the row said then."""

    item: str
    digest: str


def key_of(texts: Sequence[str]) -> str:
    """The key of whatever these texts identify."""
    return sha256(canonical(list(texts))).hexdigest()[:LENGTH]


def row_keys(table: Table, columns: Sequence[str]) -> list[str]:
    """The key of every row, by its texts in `columns` (none named: in all). Equal ones are numbered in file order."""
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for row in table.rows:
        key = key_of([row.cells[column] for column in columns or table.columns])
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}.{seen[key]}")
    return keys


def digest_of(rows: Sequence[Row]) -> str:
    """What these rows say, as a hash: whether they say the same when they come again."""
    return sha256(canonical([dict(row.cells) for row in rows])).hexdigest()


def known_rows(connection: Connection, source: str) -> dict[str, Known]:
    """The rows of `source` that were imported, by key."""
    columns = (import_row.c.row_key, import_row.c.item, import_row.c.digest)
    found = connection.execute(select(*columns).where(import_row.c.source == source))
    return {key: Known(item, digest) for key, item, digest in found}


def items_of(database: Database, table: Table, mapping: MappingFile) -> Mapping[int, str]:
    """Line -> the number of the item that the row in it became, for the rows that were imported."""
    with database.reading() as connection:
        known = known_rows(connection, mapping.source.name)
    keys = row_keys(table, mapping.source.key)
    return {row.line: known[key].item for row, key in zip(table.rows, keys, strict=True) if key in known}
