"""Texts against the commitments that their events hold in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.chains import Findings
from workflow.events import PARTS, commitment

IN_ROW = {"data": "record", "personal": "record", "name": "document"}
"""The parts whose text a row beside the event holds, and of which table; of the others `disclosure` holds text and
salt."""


@dataclass(slots=True)
class Texts:
    """The texts of one stream, while it is read. A text may be gone only where an `erased` event says so."""

    stream: str
    findings: Findings
    missing: dict[tuple[int, str], None] = field(default_factory=dict)
    erased: set[tuple[int, str]] = field(default_factory=set)

    def follow(
        self,
        seq: int,
        details: Mapping[str, Any],
        disclosed: Mapping[str, tuple[str, str | None]],
        beside: Mapping[str, Any],
    ) -> None:
        """Compare the texts of one event; note those that are gone.

        disclosed: part -> salt, text. beside: table -> the row that the event wrote there, or None.
        """
        for part in disclosed.keys() - {name for name in PARTS if name in details}:
            self.findings.add(self.stream, seq, f"disclosure.{part}", None, "a text of which the event does not know")
        for part in PARTS:
            if part not in details:
                continue
            salt, text = disclosed.get(part, (None, None))
            table = IN_ROW.get(part, "disclosure")
            if part in IN_ROW:
                if text is not None:
                    self.findings.add(self.stream, seq, f"disclosure.{part}", None, f"a text beside the {table}'s own")
                text = getattr(beside[table], part, None)
            if salt is None or text is None:
                self.missing[seq, part] = None
            elif (found := commitment(salt, text)) != details[part]:
                self.findings.add(self.stream, seq, f"{table}.{part}", details[part], found)

    def erase(self, details: Mapping[str, Any]) -> None:
        """Take in an `erased` event."""
        self.erased |= {(int(seq), str(part)) for seq, part in details["parts"]}

    def finish(self) -> None:
        """Note the texts that are gone without a word."""
        for seq, part in self.missing:
            if (seq, part) not in self.erased:
                self.findings.add(self.stream, seq, f"{IN_ROW.get(part, 'disclosure')}.{part}", "a text", None)
