"""The history as a file: JSONL, which proves itself; CSV, which a spreadsheet opens; XES and OCEL, for process mining.

A JSONL export's first line says what is in it. Each further line is an event with the keys of KEYS; `payload` is the
exact text that was hashed. CSV (RFC 4180) has the same columns, and no such first line.
"""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Connection

from workflow import mining
from workflow.db import Database
from workflow.errors import BadInput, StorageFull
from workflow.events import COLUMNS, SCHEMA, Kind, timestamp
from workflow.history import AuditFilter, count_events, number_of, select_events
from workflow.progress import Progress, silent
from workflow.rules import Rules
from workflow.streams import Origin, append

T = TypeVar("T")

KEYS = (
    "stream", "seq", "number", "kind", "trigger", "from", "to", "actor", "on_behalf_of", "via", "at", "recorded_at",
    "command_id", "prev_hash", "hash", "payload",
)  # fmt: skip
FORMAT = "ideenweg history"
EVENTS_AT_A_TIME = 1000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""


class Format(StrEnum):
    """The kinds of file that an export can be."""

    CSV = "csv"
    JSONL = "jsonl"
    XES = "xes"
    OCEL = "ocel"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many events, and the SHA-256 of the file, which the history keeps."""

    events: int
    sha256: str


def export(
    database: Database,
    rules: Rules,
    file: Path,
    kind: Format,
    filters: AuditFilter,
    origin: Origin,
    now: datetime,
    progress: Progress = silent,
) -> Exported:
    """Write the events that `filters` lets through to the new file `file`, in log order, as of one moment.

    The file appears whole, and only after the history has it that it was made, by whom and with which SHA-256.
    Raises BadInput where the file exists or cannot be written, and StorageError.
    """
    with new_file(file) as part:
        with part.open("w", encoding="utf-8", newline="") as target, database.reading() as connection:
            if kind in (Format.XES, Format.OCEL):
                total = _mined(target, connection, rules, kind, filters, progress)
            else:
                total = count_events(connection, filters)
                rows = watched(_rows(connection, filters), total, progress, "events")
                if kind is Format.CSV:
                    write_csv(target, rows)
                else:
                    write_jsonl(target, rows, head(filters, total, now))
        settle(part)
        with part.open("rb") as written:
            done = Exported(total, _digest(written))
        details = {"format": kind.value, "filter": filters.told, "events": done.events, "sha256": done.sha256}
        database.attempt(lambda connection: append(connection, "system", Kind.EXPORT_RUN, origin, now, details=details))
    return done


@contextmanager
def new_file(file: Path) -> Iterator[Path]:
    """Where to write what becomes `file`, whole, at the end of the block; after an error nothing of it is left.

    Raises BadInput where `file` exists or cannot be written, and StorageFull.
    """
    if file.exists():
        raise BadInput(f"{file} exists already.", remedy="Name a new file; an export never overwrites another.")
    part = file.with_name(file.name + ".part")
    try:
        yield part
        part.rename(file)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageFull(str(file)) from None
        raise BadInput(f"{file} cannot be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)


def settle(file: Path) -> None:
    """Let what was written to the file reach the disk. Raises OSError."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def head(filters: AuditFilter, events: int, now: datetime) -> dict[str, Any]:
    """The first line of a JSONL export."""
    return {
        "export": FORMAT,
        "schema": SCHEMA,
        "created_at": timestamp(now),
        "complete": not filters.told,
        "filter": filters.told,
        "events": events,
    }


def write_jsonl(target: IO[str], rows: Iterable[dict[str, Any]], first: dict[str, Any]) -> None:
    """The first line, then one event a line."""
    target.write(json.dumps(first, ensure_ascii=False) + "\n")
    for row in rows:
        target.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(target: IO[str], rows: Iterable[dict[str, Any]]) -> None:
    """A line of column names, then one event a line."""
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(KEYS)
    for row in rows:
        writer.writerow([harmless(row[key]) for key in KEYS])


def harmless(value: Any) -> Any:
    """The value as a cell that no spreadsheet takes for a formula: behind an apostrophe where it would be one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _mined(
    target: TextIOWrapper, connection: Connection, rules: Rules, kind: Format, filters: AuditFilter, progress: Progress
) -> int:
    """Write a file for process mining; how many events it has: those of items alone."""
    events = mining.chosen(filters)
    total = mining.count(connection, events)
    steps = watched(mining.steps(connection, rules, events), total, progress, "events")
    if kind is Format.XES:
        mining.write_xes(target, steps)
    else:
        mining.write_ocel(target, steps, mining.objects_of(connection, events))
    return total


def _rows(connection: Connection, filters: AuditFilter) -> Iterator[dict[str, Any]]:
    options = {"stream_results": True, "yield_per": EVENTS_AT_A_TIME}
    for row in connection.execute(select_events(filters), execution_options=options):
        event = dict(zip(COLUMNS, row, strict=True))
        event["number"] = number_of(event["stream"])
        event["payload"] = event["payload"].decode()
        yield {key: event[key] for key in KEYS}


def watched(rows: Iterable[T], total: int, progress: Progress, what: str) -> Iterator[T]:
    """The rows, with `progress` told now and then how many of `total` have gone by; `what` they are called."""
    for done, row in enumerate(rows, 1):
        yield row
        if done % EVENTS_AT_A_TIME == 0 or done == total:
            progress(what, done, total)


def _digest(file: IO[bytes]) -> str:
    digest = sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
