"""Records and steps as a page shows them: labels for keys, dates and numbers as people write them, nobody's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideenweg.web.wording import Wording
from states.lifecycle import Column, Field, Lifecycle, Per, RecordKind, Text
from states.programme import Programme
from states.snapshot import RecordFact
from workflow.events import Kind
from workflow.queries.public import PublicItem, Step, Voice

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
class Entry:
    """One record: whose or what it is, and what it says."""

    heading: str | None
    facts: tuple[Row, ...]
    prose: tuple[Row, ...]
    on: str


@dataclass(frozen=True, slots=True)
class Section:
    """All records of a kind."""

    key: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the history: `heading` where it led, `how` by which move and in which role."""

    on: str
    at: str
    heading: str
    how: str
    text: str | None
    quoted: str | None


@dataclass(frozen=True, slots=True)
class Presenter:
    """Says what an item holds, in one language."""

    say: Wording
    lifecycle: Lifecycle
    programme: Programme

    def sections(self, item: PublicItem) -> list[Section]:
        """The public records by kind, in the order of the lifecycle file; the sheet without its title."""
        found = []
        for kind in self.lifecycle.records.values():
            entries = tuple(self._entry(item, kind, fact) for fact in item.records if fact.kind == kind.key)
            entries = tuple(entry for entry in entries if entry.facts or entry.prose)
            if entries:
                found.append(Section(kind.key, self._text(kind.label), entries))
        return found

    def stops(self, steps: Sequence[Step]) -> list[Stop]:
        """The history, newest first."""
        return [self._stop(step) for step in reversed(steps)]

    def _entry(self, item: PublicItem, kind: RecordKind, fact: RecordFact) -> Entry:
        heading, own = self._heading(item, kind, fact)
        rows = [
            self._row(field, fact.data[key])
            for key, field in kind.fields.items()
            if key in fact.data
            and key != own
            and field.sets is not Column.TITLE
            and fact.data[key] not in ("", [], None)
        ]
        return Entry(
            heading,
            tuple(row for row in rows if not row.long),
            tuple(row for row in rows if row.long),
            self.say.day(fact.at),
        )

    def _heading(self, item: PublicItem, kind: RecordKind, fact: RecordFact) -> tuple[str | None, str | None]:
        """What a record among several of its kind is called, and the field that says it, if it is one of its own."""
        vocabulary = VOICES.get(kind.per)
        if vocabulary:
            return self._term(vocabulary, fact.key), None
        if kind.per is not Per.KEY:
            return None, None
        if own := _naming(kind, fact):
            return str(fact.data[own]), own
        # A measurement is called after the indicator that it has its key from.
        for other in item.records:
            called = self.lifecycle.records[other.kind]
            if called.per is Per.KEY and other.key == fact.key and (name := _naming(called, other)):
                return str(other.data[name]), None
        return fact.key, None

    def _row(self, field: Field, value: Any) -> Row:
        schema = field.schema
        long = schema.get("format") == "text"
        address = value if schema.get("format") == "uri" and str(value).startswith(LINKED) else None
        values = value if isinstance(value, list) else str(value).splitlines() if long else [value]
        parts = tuple(self._shown(schema.get("items", schema), one) for one in values)
        return Row(self._text(field.label), tuple(part for part in parts if part.strip()), long, address)

    def _shown(self, schema: Mapping[str, Any], value: Any) -> str:
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
            return self._term(form.split("_or_")[0], value)
        if form in ("date", "partial_date"):
            return self.say.partial_day(value)
        if form == "transition" and value in self.lifecycle.transitions:
            return self._text(self.lifecycle.transitions[value].label)
        return str(value)

    def _object(self, properties: Mapping[str, Any], value: Mapping[str, Any]) -> str:
        """`Rat der Stadt Dortmund (entscheidend)`."""
        first, *others = [self._shown(schema, value[key]) for key, schema in properties.items() if key in value]
        return f"{first} ({', '.join(others)})" if others else first

    def _term(self, vocabulary: str, key: str) -> str:
        known = self.programme.vocabulary(vocabulary)
        return self._text(known[key].label) if key in known else key

    def _stop(self, step: Step) -> Stop:
        state = self.lifecycle.states.get(step.target or "")
        heading = self._text(state.label) if state else (step.target or "")
        moves: list[str] = []
        match step.kind:
            case Kind.COMMENTED:
                heading = self.say("step_comment")
            case Kind.CORRECTED:
                heading = self.say("step_corrected", state=heading)
            case Kind.IMPORTED:
                moves.append(self.say("step_imported"))
            case Kind.CREATED:
                moves.append(self.say("step_created"))
        if step.transition and (move := self.lifecycle.transitions.get(step.transition)):
            moves.append(self._text(move.label))
        moves += self._voice(step.voice)
        comment = step.kind == Kind.COMMENTED
        return Stop(
            self.say.day(step.at),
            step.at.isoformat(),
            heading,
            " · ".join(moves),
            step.text if comment else None,
            None if comment else step.text,
        )

    def _voice(self, voice: Voice | None) -> Iterator[str]:
        if voice is None:
            yield self.say("step_system")
            return
        role = self.lifecycle.roles.get(voice.role or "")
        if role is None:
            return
        vocabulary = VOICES.get(Per(voice.scope_kind)) if voice.scope_kind else None
        place = [self._term(vocabulary, voice.scope)] if vocabulary and voice.scope else []
        yield ", ".join([self._text(role.label), *place])

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
