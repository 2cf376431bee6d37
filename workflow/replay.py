"""What an item's rows must hold if its events are true: rebuilt event by event, and compared. Reads no database.

A text that was erased cannot be rebuilt; what hung on it is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.lifecycle import Lifecycle
from states.record_kinds import Column
from workflow.chains import Findings
from workflow.events import Kind
from workflow.numbers import ordinal_of
from workflow.replay_documents import Documents
from workflow.words import sort_key

LifecycleOf = Callable[[str, int], Lifecycle | None]
Payload = Mapping[str, Any]

FACETS = tuple(column for column in Column if column is not Column.RELEASED)
"""The columns of which an item may have several values, each a row of `item_facet`; of the title what sorts it."""


@dataclass(slots=True)
class Ties:
    """The links or the assignments of an item. `names`: the columns that say what is tied, `also`: what is said beside.

    An open tie is known by what it ties; the event that ends it names that and no seq.
    """

    stream: str
    findings: Findings
    table: str
    begins: Kind
    ends: Kind
    names: Mapping[str, str]  # column -> name in the event's details
    rows: dict[int, Any] = field(default_factory=dict)
    open: dict[tuple[Any, ...], int] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)

    def follow(self, seq: int, kind: str, details: Payload, row: Any) -> None:
        """Take in an event, and the row of this table that it wrote."""
        if kind == self.ends:
            self.ended[self.open.pop(self._what(details))] = seq
        if kind != self.begins:
            if row is not None:
                self.findings.add(self.stream, seq, self.table, None, f"a {self.table}")
            return
        if row is None:
            self.findings.add(self.stream, seq, self.table, f"a {self.table}", None)
            return
        self.findings.compare(
            self.stream, seq, self.table, {name: details[told] for name, told in self.names.items()}, row
        )
        self.open[self._what(details)] = seq
        self.rows[seq] = row

    def finish(self) -> None:
        """Compare which of them ended, and when."""
        for seq, row in self.rows.items():
            self.findings.compare(self.stream, seq, self.table, {"ended_seq": self.ended.get(seq)}, row)

    def _what(self, details: Payload) -> tuple[Any, ...]:
        return tuple(details[told] for told in list(self.names.values())[:2])


class ItemReplay:
    """One item as its events tell it. `lifecycle_of`: (key, version) -> the lifecycle, None where it is not stored."""

    def __init__(self, stream: str, findings: Findings, lifecycle_of: LifecycleOf) -> None:
        self.stream = stream
        self.number = stream.removeprefix("item:")
        self.findings = findings
        self.lifecycle_of = lifecycle_of
        self.item: dict[str, Any] = {}
        self.columns: dict[str, Any] = {}
        self.unknown: set[str] = set()
        self.records: dict[tuple[str, str, int], Any] = {}
        self.deadlines: dict[tuple[str, str], Payload] = {}
        self.links = Ties(stream, findings, "link", Kind.LINKED, Kind.UNLINKED, {"kind": "link", "other": "other"})
        self.assignments = Ties(
            stream, findings, "assignment", Kind.ASSIGNED, Kind.UNASSIGNED,
            {"role": "role", "person": "person", "unit": "unit"},
        )  # fmt: skip
        self.documents = Documents(stream, findings)

    def follow(self, event: Payload, record: Any, link: Any, assignment: Any, document: Any) -> None:
        """Take in the next event, and compare the rows that it wrote. Raises KeyError for one that makes no sense."""
        seq, kind, details = event["seq"], event["kind"], event["details"]
        if kind in (Kind.CREATED, Kind.IMPORTED):
            self.item = {name: details[name] for name in ("lifecycle", "version", "programme", "programme_version")}
            self.item["created_at"] = event["at"]
        if kind == Kind.MIGRATED:
            self._migrate(event, details)
        elif event["to"] is not None:
            self._enter(event, details)
        for clock in details.get("deadlines", ()):
            self.deadlines[clock["rule"], clock["key"]] = clock
        if kind == Kind.RECORDED:
            self._record(event, details, record)
        elif record is not None:
            self.findings.add(self.stream, seq, "record", None, f"a record of kind {record.kind}")
        self.links.follow(seq, kind, details, link)
        self.assignments.follow(seq, kind, details, assignment)
        self.documents.follow(event, document)

    def finish(self, revision: int, head: str, row: Any, facets: Sequence[Any], deadlines: Sequence[Any]) -> None:
        """Compare the item's own row (None: there is none), its facets and deadlines, and what only the end tells."""
        if row is None:
            self.findings.add(self.stream, None, "item", f"an item {self.number}", None)
            return
        expected = {**self.item, "revision": revision, "head": head, "ordinal": ordinal_of(self.number)}
        lifecycle = self._lifecycle()
        if lifecycle is None:
            self.findings.add(self.stream, None, "item.version", "a stored lifecycle", self.item["version"])
        else:
            expected["stage"] = lifecycle.states[self.item["state"]].stage
        if Column.TITLE not in self.unknown:
            expected["title"] = str(self.columns.get(Column.TITLE) or "")
        if Column.RELEASED not in self.unknown:
            expected["released"] = bool(self.columns.get(Column.RELEASED))
        self.findings.compare(self.stream, None, "item", expected, row)
        self._compare_facets(facets, expected["ordinal"])
        self._compare_deadlines(deadlines)
        for record in self.records.values():
            self.findings.compare(self.stream, record.seq, "record", {"latest": True}, record)
        self.links.finish()
        self.assignments.finish()
        self.documents.finish()

    def _enter(self, event: Payload, details: Payload) -> None:
        self.item |= {
            "state": event["to"],
            "visit": details["visit"],
            "entered_at": event["at"],
            "origin": details.get("origin"),
            "origin_visit": details.get("origin_visit"),
        }

    def _migrate(self, event: Payload, details: Payload) -> None:
        """Another version, and perhaps another name of the state; the visit goes on, and so does the time in it."""
        self.item |= {
            "version": details["to_version"],
            "state": event["to"],
            "origin": details.get("origin"),
            "origin_visit": details.get("origin_visit"),
        }

    def _record(self, event: Payload, details: Payload, row: Any) -> None:
        if row is None:
            self.findings.add(self.stream, event["seq"], "record", f"a record of kind {details['record']}", None)
            return
        expected = {
            "kind": details["record"],
            "key": details["key"],
            "visit": details["visit"],
            "version": details["version"],
            "lifecycle_version": self.item["version"],
            "author": event["on_behalf_of"] or event["actor"],
            "writer": event["actor"] if event["on_behalf_of"] else None,
            "at": event["at"],
        }
        if "personal" not in details:
            expected["personal"] = None
        self.findings.compare(self.stream, event["seq"], "record", expected, row)
        place = (details["record"], details["key"], details["visit"])
        if before := self.records.get(place):
            self.findings.compare(self.stream, before.seq, "record", {"latest": False}, before)
        self.records[place] = row
        self._keep(details, row)

    def _keep(self, details: Payload, row: Any) -> None:
        """What the record's fields set of the item's own columns."""
        lifecycle = self._lifecycle()
        kind = lifecycle.records.get(details["record"]) if lifecycle else None
        if kind is None:
            self.unknown |= set(Column)
            return
        held = {False: row.data, True: row.personal if "personal" in details else "{}"}
        for key, one in kind.fields.items():
            if one.sets is None:
                continue
            if (text := held[one.personal]) is None:
                self.unknown.add(one.sets)
            else:
                self.columns[one.sets] = json.loads(text).get(key)
                self.unknown.discard(one.sets)

    def _compare_facets(self, rows: Sequence[Any], ordinal: int) -> None:
        there: dict[str, set[str]] = {facet: set() for facet in FACETS}
        for row in rows:
            there.setdefault(row.facet, set()).add(row.value)
            self.findings.compare(self.stream, None, "item_facet", {"ordinal": ordinal}, row)
        for facet, values in there.items():
            told = self.columns.get(facet) if facet in FACETS else None
            wanted = _values(sort_key(str(told or ""))) if facet == Column.TITLE else _values(told)
            if facet not in self.unknown and values != wanted:
                self.findings.add(self.stream, None, f"item_facet.{facet}", sorted(wanted), sorted(values))

    def _compare_deadlines(self, rows: Sequence[Any]) -> None:
        there = {(row.rule, row.key): row for row in rows}
        for rule, key in self.deadlines.keys() | there.keys():
            clock, row = self.deadlines.get((rule, key)), there.get((rule, key))
            if clock is None or row is None:
                what = (None, "a deadline") if clock is None else ("a deadline", None)
                self.findings.add(self.stream, None, f"deadline {rule} {key}".rstrip(), *what)
            else:
                names = {"local_date": "date", "version": "version", "status": "status", "fixed": "fixed"}
                told = {column: clock[name] for column, name in names.items()}
                self.findings.compare(self.stream, None, "deadline", told, row)

    def _lifecycle(self) -> Lifecycle | None:
        return self.lifecycle_of(self.item["lifecycle"], self.item["version"])


def _values(value: Any) -> set[str]:
    return set(value) if isinstance(value, list) else {value} if value else set()
