"""What an item's rows of `document` must hold if its events are true. Reads no database and no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.chains import Findings
from workflow.events import Kind

TOLD = ("sha256", "media_type", "size", "record")
"""What the event that attaches a document says of it once and for all."""


@dataclass(slots=True)
class Documents:
    """The documents of one item, while its events are read."""

    stream: str
    findings: Findings
    rows: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, dict[str, Any]] = field(default_factory=dict)

    def follow(self, event: Mapping[str, Any], row: Any) -> None:
        """Take in an event, and the row of `document` that it wrote. Raises KeyError for one that makes no sense."""
        seq, kind, details = event["seq"], event["kind"], event["details"]
        if kind != Kind.ATTACHED and row is not None:
            self.findings.add(self.stream, seq, "document", None, "a document")
        if kind == Kind.ATTACHED:
            self._attach(event, details, row)
        elif kind == Kind.REMOVED:
            self.expected[details["document"]] |= {"ended_seq": seq, "removed_at": event["at"]}
        elif kind == Kind.SHOWN:
            self.expected[details["document"]]["public"] = details["public"]

    def finish(self) -> None:
        """Compare every row with what all events say."""
        for key, expected in self.expected.items():
            if (row := self.rows.get(key)) is not None:
                self.findings.compare(self.stream, row.seq, "document", expected, row)

    def _attach(self, event: Mapping[str, Any], details: Mapping[str, Any], row: Any) -> None:
        key = details["document"]
        self.expected[key] = {
            "id": key,
            **{name: details[name] for name in TOLD},
            "author": event["on_behalf_of"] or event["actor"],
            "writer": event["actor"] if event["on_behalf_of"] else None,
            "at": event["at"],
            "public": details["public"],
            "ended_seq": None,
            "removed_at": None,
        }
        self.rows[key] = row
        if row is None:
            self.findings.add(self.stream, event["seq"], "document", "a document", None)
