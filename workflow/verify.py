"""Checks the whole database: every stream, and every row that was kept from it. One read, in flat memory.

Events come stream by stream, each with the rows it wrote beside itself. At the end of a stream its item, head or grants
are compared, some hundred streams at a time. Rows of which no event speaks are asked for last.
"""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, exists, func, select

from states.errors import FileFault
from states.lifecycle import Lifecycle
from states.programme import Programme
from workflow import documents, kept, log_check, triggers
from workflow.chains import Chain, Findings, Verification
from workflow.commitments import Texts
from workflow.db import Database
from workflow.errors import IntegrityBroken, NotFound
from workflow.events import COLUMNS, Kind
from workflow.files import Files
from workflow.models import (
    assignment,
    deadline,
    deputy,
    disclosure,
    document,
    event,
    item,
    item_facet,
    link,
    record,
    role_grant,
    stream_head,
)
from workflow.progress import Progress, silent
from workflow.replay import ItemReplay, LifecycleOf
from workflow.rights import RULES, Loaded, RightsReplay, stored_rules
from workflow.rules import Rules
from workflow.transaction import Transaction

STREAMS_AT_A_TIME = 200
ROWS_AT_A_TIME = 1000
SENSELESS = (KeyError, TypeError, ValueError)
"""What rebuilding from an event raises that the program never wrote: somebody else did, and the hashes with it."""

BESIDE = {"record": record, "link": link, "assignment": assignment, "document": document}
"""The tables of which an event of an item writes a row under its own seq."""

ROWS: dict[str, Any] = {name: namedtuple(name, [c.name for c in table.columns]) for name, table in BESIDE.items()}

Disclosed = dict[str, tuple[str, str | None]]
"""part -> salt, text"""


def verify(database: Database, rules: Rules, progress: Progress = silent, files: Files | None = None) -> Verification:
    """Everything that is not as it was written, in the database and (where the folder is given) among the documents.

    Raises StorageError.
    """
    with database.reading() as connection:
        found = check(connection, rules, progress)
    if files is None:
        return found
    findings = Findings(list(found.findings), found.left_out)

    def add(item: str, seq: int, expected: str, there: str | None) -> None:
        findings.add(f"item:{item}", seq, "document.file", expected, there)

    # Behind the rest: reading all files takes long, and no transaction stays open for it.
    documents.damaged(database, files, add)
    return replace(found, findings=tuple(findings.kept), left_out=findings.left_out)


def check(connection: Connection, rules: Rules, progress: Progress = silent) -> Verification:
    """`verify` inside the caller's transaction."""
    return _Reader(connection, rules, progress).run()


@dataclass(slots=True)
class _Stream:
    """One stream while it is read, and what is rebuilt from it."""

    name: str
    chain: Chain
    texts: Texts
    replay: ItemReplay | RightsReplay | None

    @classmethod
    def opened(cls, name: str, findings: Findings, lifecycle_of: LifecycleOf) -> _Stream:
        replay: ItemReplay | RightsReplay | None = None
        if name.startswith("item:"):
            replay = ItemReplay(name, findings, lifecycle_of)
        elif name.startswith("person:"):
            replay = RightsReplay(name, findings)
        return cls(name, Chain(name, findings), Texts(name, findings), replay)


@dataclass(slots=True)
class _Reader:
    connection: Connection
    rules: Rules
    progress: Progress
    findings: Findings = field(default_factory=Findings)
    loaded: Loaded = field(default_factory=dict)

    def run(self) -> Verification:
        total = self.connection.scalar(select(func.count()).select_from(event)) or 0
        for name in triggers.missing(self.connection):
            self.findings.add("system", None, f"trigger {name}", "a trigger", None)
        lifecycle_of = self._lifecycles()
        streams = events = 0
        system_broken = False
        batch: list[_Stream] = []
        rows = self._rows(_events_with_rows(), stream_results=True)
        for name, of_stream in groupby(rows, key=lambda row: row.stream):
            stream = _Stream.opened(name, self.findings, lifecycle_of)
            for row, disclosed in _joined(of_stream):
                self._follow(stream, row, disclosed)
                events += 1
                if events % ROWS_AT_A_TIME == 0:
                    self.progress("events", events, total)
            streams += 1
            system_broken |= name == "system" and stream.chain.broken
            batch.append(stream)
            if len(batch) == STREAMS_AT_A_TIME:
                self._finish(batch)
                batch = []
        self._finish(batch)
        self.progress("events", events, total)
        if not system_broken:
            stored_rules(self.connection, self.loaded, self.findings)
        self._unspoken()
        log_check.check(self.connection, self.findings, self.progress)
        return Verification(True, streams, events, tuple(self.findings.kept), self.findings.left_out)

    def _follow(self, stream: _Stream, row: Row[Any], disclosed: Disclosed) -> None:
        payload = stream.chain.follow(dict(zip(COLUMNS, row, strict=False)))
        if payload is None:
            return
        seq, details = payload["seq"], payload["details"]
        beside = _beside(row)
        try:
            stream.texts.follow(seq, details, disclosed, beside)
            if payload["kind"] == Kind.ERASED:
                stream.texts.erase(details)
            if isinstance(stream.replay, ItemReplay):
                stream.replay.follow(payload, **beside)
            elif stream.replay:
                stream.replay.follow(payload)
            if payload["kind"] in RULES:
                told = {"sha256": details["sha256"], "loaded_at": payload["at"]}
                self.loaded[payload["kind"], details["key"], details["version"]] = told
        except SENSELESS:
            self.findings.add(stream.name, seq, "event.payload", f"what {payload['kind']!r} tells", details)
            stream.chain.broken = True

    def _finish(self, streams: list[_Stream]) -> None:
        """Compare what was rebuilt with the rows; what hangs on a broken stream cannot be told."""
        whole = [stream for stream in streams if not stream.chain.broken]
        items = [stream.replay for stream in whole if isinstance(stream.replay, ItemReplay)]
        persons = [stream.replay for stream in whole if isinstance(stream.replay, RightsReplay)]
        numbers = [one.number for one in items]
        rows = {row.number: row for row in self._rows(select(item).where(item.c.number.in_(numbers)))}
        facets = self._grouped(item_facet.c.item, numbers)
        deadlines = self._grouped(deadline.c.item, numbers)
        chains = {stream.name: stream.chain for stream in whole}
        for one in items:
            chain = chains.pop(one.stream)
            try:
                one.finish(chain.seq, chain.hash, rows.get(one.number), facets[one.number], deadlines[one.number])
            except SENSELESS:
                self.findings.add(one.stream, None, "event.payload", "an item", one.item)
        grants = self._grouped(role_grant.c.person, [one.person for one in persons])
        deputies = self._grouped(deputy.c.person, [one.person for one in persons])
        for person in persons:
            person.finish(grants[person.person], deputies[person.person])
        heads = {row.stream: row for row in self._rows(select(stream_head).where(stream_head.c.stream.in_(chains)))}
        for name, chain in chains.items():
            if name in heads:
                self.findings.compare(name, None, "stream_head", {"seq": chain.seq, "hash": chain.hash}, heads[name])
            else:
                self.findings.add(name, None, "stream_head", "a head", None)
        for stream in whole:
            stream.texts.finish()
        # What follows from what is not as it was written cannot be told.
        wrong = {one.stream for one in self.findings.kept}
        sound = [one for one in items if one.stream not in wrong]
        kept.compare(self.connection, sound, self._programme, self.findings)

    def _unspoken(self) -> None:
        """Rows of which no event speaks."""
        kept.strays(self.connection, self.findings)
        for name, table in BESIDE.items():
            written = exists().where(event.c.stream == "item:" + table.c.item, event.c.seq == table.c.seq)
            for row in self._rows(select(table.c.item, table.c.seq).where(~written)):
                self.findings.add(f"item:{row.item}", row.seq, name, None, f"a {name}")
        told = exists().where(event.c.stream == disclosure.c.stream, event.c.seq == disclosure.c.seq)
        for row in self._rows(select(disclosure.c.stream, disclosure.c.seq, disclosure.c.part).where(~told)):
            self.findings.add(row.stream, row.seq, f"disclosure.{row.part}", None, "a text of which no event speaks")
        for what, stream in (
            ("item", "item:" + item.c.number),
            ("stream_head", stream_head.c.stream),
            ("role_grant", "person:" + role_grant.c.person),
            ("deputy", "person:" + deputy.c.person),
        ):
            begun = exists().where(event.c.stream == stream)
            for row in self._rows(select(stream.label("stream")).distinct().where(~begun)):
                self.findings.add(row.stream, None, what, None, f"a row of {what}, and no events")

    def _rows(self, statement: Select[Any], *, stream_results: bool = False) -> Iterable[Row[Any]]:
        options = {"yield_per": ROWS_AT_A_TIME, "stream_results": True} if stream_results else {}
        return self.connection.execute(statement, execution_options=options)

    def _grouped(self, column: Column[Any], keys: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
        """The rows of the column's table, by its value."""
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._rows(select(column.table).where(column.in_(keys))):
            found[getattr(row, column.name)].append(row)
        return found

    def _programme(self, key: str | None, version: int | None) -> Programme | None:
        try:
            return self.rules.programme_of(Transaction(self.connection), key, version)
        except (NotFound, FileFault, IntegrityBroken):
            return None

    def _lifecycles(self) -> LifecycleOf:
        tx = Transaction(self.connection)

        @cache
        def lifecycle_of(key: str, version: int) -> Lifecycle | None:
            try:
                return self.rules.lifecycle(tx, key, version)
            except (NotFound, FileFault, IntegrityBroken):
                return None

        return lifecycle_of


def _events_with_rows() -> Select[Any]:
    number = func.substr(event.c.stream, len("item:") + 1)
    beside = [column.label(f"{name}_{column.name}") for name, table in BESIDE.items() for column in table.columns]
    tables: Any = event
    for table in BESIDE.values():
        tables = tables.outerjoin(table, (table.c.item == number) & (table.c.seq == event.c.seq))
    tables = tables.outerjoin(disclosure, (disclosure.c.stream == event.c.stream) & (disclosure.c.seq == event.c.seq))
    return (
        select(*(event.c[name] for name in COLUMNS), *beside, disclosure.c.part, disclosure.c.salt, disclosure.c.text)
        .select_from(tables)
        .order_by(event.c.stream, event.c.seq)
    )


def _joined(rows: Iterable[Row[Any]]) -> Iterator[tuple[Row[Any], Disclosed]]:
    """Each event once, with its disclosed parts."""
    for _, same in groupby(rows, key=lambda row: row.seq):
        parts = list(same)
        yield parts[0], {row.part: (row.salt, row.text) for row in parts if row.part is not None}


def _beside(row: Row[Any]) -> dict[str, Any]:
    """The rows that the event wrote beside itself, by table; None where there is none."""
    start = len(COLUMNS)
    found: dict[str, Any] = {}
    for name, kind in ROWS.items():
        values = row[start : start + len(kind._fields)]
        found[name] = kind(*values) if values[0] is not None else None
        start += len(kind._fields)
    return found
