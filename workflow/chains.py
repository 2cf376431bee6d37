"""Proves a stream of events: no gap, no break in the chain, every column as the hashed payload has it. No database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.events import COLUMNS, GENESIS, SCHEMA, chain

MOST_FINDINGS = 1000
"""Findings that are kept; of further ones only the number is. A rewriting of everything must not fill the memory."""

TYPED = tuple(name for name in COLUMNS if name not in ("payload", "prev_hash", "hash"))
"""The columns whose values stand in the payload too."""

Fault = tuple[str, Any, Any]
"""What is wrong (as `table.column`), what was expected, what was found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written. `what` names it as `table.column`; `seq` is None for a stream's own."""

    stream: str
    seq: int | None
    what: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        place = self.stream if self.seq is None else f"{self.stream}#{self.seq}"
        return f"{place}: {self.what} should be {_shown(self.expected)} and is {_shown(self.found)}."


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification looked at and found.

    complete: all events were there to be looked at; of a partial export only what it holds. left_out: findings beyond
    those that are listed.
    """

    complete: bool
    streams: int
    events: int
    findings: tuple[Finding, ...]
    left_out: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.findings

    @property
    def told(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "ok": self.ok,
            "complete": self.complete,
            "streams": self.streams,
            "events": self.events,
            "findings": [
                {
                    "stream": one.stream,
                    "seq": one.seq,
                    "what": one.what,
                    "expected": _plain(one.expected),
                    "found": _plain(one.found),
                    "message": str(one),
                }
                for one in self.findings
            ],
            "first": {stream: {"seq": one.seq, "what": one.what} for stream, one in self.first.items()},
            "left_out": self.left_out,
        }

    @property
    def first(self) -> Mapping[str, Finding]:
        """The first finding of each stream."""
        found: dict[str, Finding] = {}
        for finding in self.findings:
            found.setdefault(finding.stream, finding)
        return found


@dataclass(slots=True)
class Findings:
    """Collects findings, up to MOST_FINDINGS of them."""

    kept: list[Finding] = field(default_factory=list)
    left_out: int = 0

    def add(self, stream: str, seq: int | None, what: str, expected: Any, found: Any) -> None:
        """Note that `what` was found to be other than expected."""
        if len(self.kept) < MOST_FINDINGS:
            self.kept.append(Finding(stream, seq, what, expected, found))
        else:
            self.left_out += 1

    def compare(self, stream: str, seq: int | None, table: str, expected: Mapping[str, Any], found: Any) -> None:
        """Note every column of the row `found` (an object or a mapping) that is not as expected."""
        for name, value in expected.items():
            there = found[name] if isinstance(found, Mapping) else getattr(found, name)
            if there != value or type(there) is not type(value):
                self.add(stream, seq, f"{table}.{name}", value, there)


@dataclass(slots=True)
class Chain:
    """One stream while it is read. After the first broken event nothing behind it can be trusted: `broken` says so."""

    stream: str
    findings: Findings
    seq: int = 0
    hash: str = GENESIS
    broken: bool = False

    def follow(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Check the next row of `event`; its payload, or None from the first broken one on."""
        if self.broken:
            return None
        payload = None
        if self.links(row["seq"], row["prev_hash"], row["hash"]):
            fault, payload = proved(row)
            if fault:
                self.findings.add(self.stream, row["seq"], *fault)
        self.broken = payload is None
        return payload

    def links(self, seq: int, prev_hash: str, own_hash: str) -> bool:
        """Go on to the next event, if it is the next one and holds the hash of the one before."""
        if seq != self.seq + 1:
            self.findings.add(self.stream, self.seq + 1, "event.seq", self.seq + 1, seq)
            return False
        if prev_hash != self.hash:
            self.findings.add(self.stream, seq, "event.prev_hash", self.hash, prev_hash)
            return False
        self.seq, self.hash = seq, own_hash
        return True


def proved(row: Mapping[str, Any]) -> tuple[Fault | None, dict[str, Any] | None]:
    """The payload of an event, if its hash proves it and the columns in `row` say the same; else what is wrong."""
    payload, prev_hash, found = row["payload"], row["prev_hash"], row["hash"]
    if not isinstance(payload, bytes):
        return ("event.payload", "bytes", type(payload).__name__), None
    if found != (expected := chain(str(prev_hash), payload)):
        return ("event.hash", expected, found), None
    told = _parsed(payload)
    if told is None or told.get("schema") != SCHEMA:
        return ("event.payload", f"an event of schema {SCHEMA}", _shown(payload)), None
    for name in TYPED:
        if name not in row:
            continue
        there, value = row[name], told.get(name)
        if name == "guards" and value is not None:
            value = json.dumps(value)
        if there != value or type(there) is not type(value):
            return (f"event.{name}", value, there), None
    return None, told


def _parsed(payload: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(payload)
    except ValueError:
        return None
    return told if isinstance(told, dict) and isinstance(told.get("details"), dict) else None


def _shown(value: Any) -> str:
    text = "nothing" if value is None else value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 100 else f"{text[:100]}…"


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, list, type(None))) else str(value)
