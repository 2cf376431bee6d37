"""One rule of a mapping file: where a value comes from, and what becomes of it on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from states.document import Path
from states.errors import nearest
from states.sentences import Sentence, said

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
"""A column's name in a template."""


class Unfit(Exception):
    """A row's text cannot be used: what is wrong, in which column, and what would help."""

    def __init__(self, message: str, remedy: str, column: str | None = None) -> None:
        self.message, self.remedy, self.column = message, remedy, column
        super().__init__(f"{message} {remedy}")


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a value map gives for a text. `note` goes into the notes of the row."""

    value: Any
    path: Path
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule gives for a row. `value` None: nothing.

    told: a cell of the row says so. own: the value itself stands in the mapping file. remarks: for the report.
    """

    value: Any
    told: bool = False
    own: bool = False
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """See docs/importing.md. `path` is where it stands in the mapping file."""

    path: Path
    constant: Any = None
    columns: tuple[str, ...] = ()
    join: str | None = None
    template: str | None = None
    empty: frozenset[str] = frozenset()
    default: Any = None
    split: str | None = None
    values: Mapping[str, Mapped] | None = None
    otherwise: Mapped | None = None
    formats: tuple[str, ...] = ()
    decimal: str | None = None
    reads: tuple[tuple[str, Path], ...] = field(default=(), compare=False)  # every column it names, and where

    @property
    def column(self) -> str | None:
        """The column that a fault of the value is told of."""
        return self.reads[0][0] if self.reads else None

    def own_values(self) -> Iterator[tuple[Any, Path]]:
        """The values that stand in the mapping file itself, each with its place."""
        if self.constant is not None:
            yield self.constant, (*self.path, "constant")
        if self.default is not None:
            yield self.default, (*self.path, "default")
        for mapped in (*(self.values or {}).values(), *([self.otherwise] if self.otherwise else [])):
            yield mapped.value, mapped.path

    def look(self, cells: Mapping[str, str]) -> Found:
        """What the rule gives for a row. Raises Unfit for a text that its map does not know."""
        if self.constant is not None:
            return Found(self.constant, own=True)
        text = self._text(cells)
        parts = [part.strip() for part in text.split(self.split)] if self.split else [text]
        parts = [part for part in parts if part and part not in self.empty]
        if not parts:
            return Found(self.default, own=True)
        if self.values is None:
            return Found(parts if self.split else parts[0], told=True)
        return self._mapped(parts)

    def _text(self, cells: Mapping[str, str]) -> str:
        if self.template is not None:
            return fill(self.template, cells)
        texts = [text for name in self.columns if (text := cells[name]) and text not in self.empty]
        return (self.join or "").join(texts if self.join is not None else texts[:1])

    def _mapped(self, parts: list[str]) -> Found:
        assert self.values is not None
        values: list[Any] = []
        notes: list[str] = []
        remarks: list[str] = []
        several = bool(self.split)
        for part in parts:
            mapped = self.values.get(part)
            if mapped is None:
                if self.otherwise is None:
                    unknown = said("Die Zuordnung kennt „{part}“ nicht.", "The map does not know {part!r}.", part=part)
                    raise Unfit(unknown, nearest(part, list(self.values)), self.column)
                mapped = self.otherwise
                remarks.append(
                    said(
                        "„{part}“ steht nicht in der Zuordnung; genommen wie alles andere: {value}",
                        "{part!r} is not in the map; taken as otherwise: {value}",
                        part=part,
                        value=_words(mapped.value),
                    )
                )
            elif mapped.note or mapped.value == []:
                note = f": {mapped.note}" if mapped.note else ""
                remarks.append(
                    said(
                        "aus „{part}“ wurde {value}{note}",
                        "{part!r} became {value}{note}",
                        part=part,
                        value=_words(mapped.value),
                        note=note,
                    )
                )
            notes += [mapped.note] if mapped.note else []
            several = several or isinstance(mapped.value, list)
            values += mapped.value if isinstance(mapped.value, list) else [mapped.value]
        return Found(values if several else values[0], True, True, tuple(dict.fromkeys(notes)), tuple(remarks))


def fill(template: str, cells: Mapping[str, str]) -> str:
    """The template with the texts of its columns; "" where all of these are empty."""
    names = PLACEHOLDER.findall(template)
    if names and not any(cells[name] for name in names):
        return ""
    return PLACEHOLDER.sub(lambda found: cells[found[1]], template).strip()


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or Sentence("nichts", "nothing")
    return str(value)
