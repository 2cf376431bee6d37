"""The values of records as a page shows them: labels for keys, dates and numbers as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ideenweg.web.wording import Wording
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Column, Field, Per, RecordKind
from states.sentences import Text
from states.snapshot import RecordFact

LINKED = ("http://", "https://")
VOICES = {Per.BODY: "body", Per.UNIT: "office", Per.CITY: "city"}
"""Whose record it is -> the vocabulary that has its name."""
VOCABULARIES = ("city", "field", "body", "office", "provenance", "funding")


@dataclass(frozen=True, slots=True)
class Row:
    """A field with its value, as text in one or more parts. `long`: paragraphs. `address`: what the text links to."""

    label: str
    parts: tuple[str, ...]
    long: bool = False
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """Says what records hold, in one language."""

    say: Wording
    lifecycle: Lifecycle
    programme: Programme

    def rows(self, kind: RecordKind, data: Mapping[str, Any], own: str | None = None) -> list[Row]:
        """The fields that say something, in the order of the file; without the title, and the field `own`."""
        return [
            self.row(field, data[key])
            for key, field in kind.fields.items()
            if key in data and key != own and field.sets is not Column.TITLE and data[key] not in ("", [], None)
        ]

    def heading(
        self, kind: RecordKind, fact: RecordFact, others: Iterable[RecordFact]
    ) -> tuple[str | None, str | None]:
        """What a record among several of its kind is called, and the field that says it, if it is one of its own."""
        vocabulary = VOICES.get(kind.per)
        if vocabulary:
            return self.term(vocabulary, fact.key), None
        if kind.per is not Per.KEY:
            return None, None
        if own := _naming(kind, fact):
            return str(fact.data[own]), own
        # A measurement is called after the indicator that it has its key from.
        for other in others:
            called = self.lifecycle.records[other.kind]
            if called.per is Per.KEY and other.key == fact.key and (name := _naming(called, other)):
                return str(other.data[name]), None
        return fact.key, None

    def row(self, field: Field, value: Any) -> Row:
        """One field with what it says."""
        schema = field.schema
        long = schema.get("format") == "text"
        address = value if schema.get("format") == "uri" and str(value).startswith(LINKED) else None
        values = value if isinstance(value, list) else str(value).splitlines() if long else [value]
        parts = tuple(self.shown(schema.get("items", schema), one) for one in values)
        return Row(self._text(field.label), tuple(part for part in parts if part.strip()), long, address)

    def shown(self, schema: Mapping[str, Any], value: Any) -> str:
        if isinstance(value, dict):
            return self._object(schema.get("properties", {}), value)
        if isinstance(value, bool):
            return self.say.yes_or_no(value)
        if isinstance(value, (int, float)):
            return self.say.number(value)
        if labels := schema.get("x-labels"):
            return str(labels[value][self.say.locale]) if value in labels else str(value)
        form = schema.get("format", "")
        if form.split("_or_")[0] in VOCABULARIES:
            unknown = value == "unknown" and form.endswith("_or_unknown")
            return self.say("form_unknown") if unknown else self.term(form.split("_or_")[0], value)
        if form in ("date", "partial_date"):
            return self.say.partial_day(value)
        if form == "transition" and value in self.lifecycle.transitions:
            return self._text(self.lifecycle.transitions[value].label)
        return str(value)

    def _object(self, properties: Mapping[str, Any], value: Mapping[str, Any]) -> str:
        """`Rat der Stadt Dortmund (entscheidend)`."""
        first, *others = [self.shown(schema, value[key]) for key, schema in properties.items() if key in value]
        return f"{first} ({', '.join(others)})" if others else first

    def term(self, vocabulary: str, key: str) -> str:
        """What an entry of the programme is called."""
        known = self.programme.vocabulary(vocabulary)
        return self._text(known[key].label) if key in known else key

    def _text(self, text: Text) -> str:
        return text[self.say.locale]


def _naming(kind: RecordKind, fact: RecordFact) -> str | None:
    """The first required line of text that a record of a free key has: its name."""
    for key, field in kind.fields.items():
        if (
            field.required
            and key in fact.data
            and field.schema.get("type") == "string"
            and not field.schema.keys() & {"format", "enum"}
        ):
            return key
    return None
