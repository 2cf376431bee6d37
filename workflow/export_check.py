"""Proves an export without its database, and a database against an export that was kept elsewhere.

The lines of an export are in log order, the chains run by stream; so its events are sorted through a temporary file of
SQLite's, and memory stays flat.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from workflow.chains import Chain, Fault, Findings, Verification, proved
from workflow.db import Database
from workflow.errors import BadInput
from workflow.events import SCHEMA, moment, timestamp
from workflow.exports import FORMAT, KEYS
from workflow.history import number_of
from workflow.models import event
from workflow.progress import Progress, silent

LATE = timedelta(hours=1)
"""How long before an export an event may have been dated that was committed after it."""

LINES_AT_A_TIME = 1000

EXPORTED, STORED = 0, 1
_Side = tuple[str, int, int, str, str]
"""stream, seq, EXPORTED or STORED, hash, recorded_at (of the stored)"""

Difference = tuple[int | None, str, str, str | None]
"""seq, what, expected, found: the rest of a finding"""

TABLE = """
CREATE TABLE event (
    stream TEXT, seq INTEGER, prev_hash TEXT, hash TEXT, fault TEXT, PRIMARY KEY (stream, seq)
) WITHOUT ROWID
"""


def verify_export(file: Path, progress: Progress = silent) -> Verification:
    """What the export `file` (JSONL) proves by itself: each event, each chain, and that no line is missing.

    Of a partial export, only that the events it holds are whole and fit together where they are neighbours.
    Raises BadInput for a file that is no export.
    """
    findings = Findings()
    with _read(file, findings, progress) as export:
        streams = _prove(export, findings)
        return Verification(export.complete, streams, export.events, tuple(findings.kept), findings.left_out)


def compare(database: Database, file: Path, progress: Progress = silent) -> Verification:
    """What the database has lost or changed since the export `file` was made, and what was put in before that.

    The export is proved first, as `verify_export` does: one that was altered tells nothing of the database.
    Raises BadInput for a file that is no export, and StorageError.
    """
    findings = Findings()
    with _read(file, findings, progress) as export, database.reading() as connection:
        streams = _prove(export, findings)
        late = timestamp(moment(export.created_at) - LATE) if export.complete else ""
        done = 0
        pairs = heapq.merge(_exported(export.index), _stored(connection))
        for stream, of_stream in groupby(pairs, key=itemgetter(0)):
            of_export, stored = 0, False
            fault: Difference | None = None
            for seq, same in groupby(of_stream, key=itemgetter(1)):
                expected, found = _sides(same)
                of_export += expected is not None
                stored |= found is not None
                fault = fault or _difference(seq, expected, found, late)
            if fault and of_export and not stored:
                fault = (None, "stream", "the events of the export", None)
            if fault:
                findings.add(stream, *fault)
            if done // LINES_AT_A_TIME != (done := done + of_export) // LINES_AT_A_TIME or done == export.events:
                progress("events", done, export.events)
        return Verification(export.complete, streams, export.events, tuple(findings.kept), findings.left_out)


@dataclass(frozen=True, slots=True)
class _Export:
    """An export that was read: what its first line says, and its events in a table by stream and seq."""

    complete: bool
    created_at: str
    events: int
    index: sqlite3.Connection


@contextmanager
def _read(file: Path, findings: Findings, progress: Progress) -> Iterator[_Export]:
    try:
        with file.open(encoding="utf-8", newline="\n") as lines, closing(sqlite3.connect("")) as index:
            first = _first(file, lines.readline())
            index.execute(TABLE)
            export = _Export(first["complete"], first["created_at"], first["events"], index)
            before, number = "", 1
            for number, line in enumerate(lines, 2):
                before = _take_in(file, number, line, before, index, findings)
                if number % LINES_AT_A_TIME == 0:
                    progress("lines", number - 1, export.events)
            progress("lines", number - 1, export.events)
            if number - 1 != export.events:
                findings.add(file.name, None, "number of events", export.events, number - 1)
            yield export
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _first(file: Path, line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
        kinds = {"complete": bool, "created_at": str, "events": int}
        if told["export"] == FORMAT and all(type(told[name]) is kind for name, kind in kinds.items()):
            moment(told["created_at"])
            if told["schema"] == SCHEMA:
                return dict(told)
            raise BadInput(f"{file} is of schema {told['schema']}; this program reads {SCHEMA}.")
    except (ValueError, TypeError, KeyError):
        pass
    raise BadInput(
        f"{file} is no export of a history.", remedy="Make one with `ideenweg audit export --format jsonl FILE`."
    )


def _take_in(file: Path, number: int, line: str, before: str, index: sqlite3.Connection, findings: Findings) -> str:
    """Put one line into the index; its recorded_at. A line that is no event, or not in order, is a finding."""
    told = _event(line)
    if told is None:
        findings.add(file.name, number, "line", "an event", line.rstrip("\n"))
        return before
    fault: Fault | None
    fault, _ = proved({**told, "payload": told["payload"].encode()})
    if fault is None and told["number"] != number_of(told["stream"]):
        fault = ("event.number", number_of(told["stream"]), told["number"])
    try:
        index.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?)",
            (told["stream"], told["seq"], told["prev_hash"], told["hash"], json.dumps(fault) if fault else None),
        )
    except sqlite3.IntegrityError:
        findings.add(told["stream"], told["seq"], "event", "one event", "two")
    if told["recorded_at"] < before:
        findings.add(file.name, number, "line", f"an event of {before} or later", told["recorded_at"])
    return str(max(before, told["recorded_at"]))


def _event(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or tuple(told) != KEYS or type(told["seq"]) is not int:
        return None
    texts = ("stream", "prev_hash", "hash", "payload", "recorded_at")
    return told if all(isinstance(told[name], str) for name in texts) else None


def _prove(export: _Export, findings: Findings) -> int:
    """Name the first broken event of each stream; how many streams there are."""
    streams = 0
    rows = export.index.execute("SELECT stream, seq, prev_hash, hash, fault FROM event ORDER BY stream, seq")
    for stream, events in groupby(rows, key=itemgetter(0)):
        streams += 1
        _follow(Chain(stream, findings), events, export.complete)
    return streams


def _follow(chain: Chain, events: Iterator[tuple[Any, ...]], complete: bool) -> None:
    """Name the first broken event of a stream."""
    for stream, seq, prev_hash, own_hash, fault in events:
        if not complete and seq != chain.seq + 1:
            chain.seq, chain.hash = seq - 1, prev_hash
        if not chain.links(seq, prev_hash, own_hash):
            return
        if fault:
            chain.findings.add(stream, seq, *json.loads(fault))
            return


def _exported(index: sqlite3.Connection) -> Iterator[_Side]:
    for stream, seq, own_hash in index.execute("SELECT stream, seq, hash FROM event ORDER BY stream, seq"):
        yield stream, seq, EXPORTED, own_hash, ""


def _stored(connection: Connection) -> Iterator[_Side]:
    # By bytes, as the export's index and Python sort; PostgreSQL's own order follows its locale.
    stream = event.c.stream.collate("C") if connection.dialect.name == "postgresql" else event.c.stream
    rows = connection.execute(
        select(event.c.stream, event.c.seq, event.c.hash, event.c.recorded_at).order_by(stream, event.c.seq),
        execution_options={"stream_results": True, "yield_per": LINES_AT_A_TIME},
    )
    for row in rows:
        yield row[0], row[1], STORED, row[2], row[3]


def _sides(same: Iterable[_Side]) -> tuple[str | None, tuple[str, str] | None]:
    """One event: its hash in the export, its hash and recorded_at in the database; None where it is not."""
    expected, found = None, None
    for _, _, side, own_hash, recorded_at in same:
        if side == EXPORTED:
            expected = own_hash
        else:
            found = own_hash, recorded_at
    return expected, found


def _difference(seq: int, expected: str | None, found: tuple[str, str] | None, late: str) -> Difference | None:
    """What is wrong with an event, as a finding has it. `late`: before that an event ought to be in the export."""
    if expected is None:
        assert found is not None
        return (seq, "event", "none, as in the export", found[0]) if found[1] < late else None
    if found is None:
        return seq, "event", expected, None
    return None if found[0] == expected else (seq, "event.hash", expected, found[0])
