"""Records and steps as a page shows them: labels for keys, dates and numbers as people write them, nobody's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ideenweg.web.values import VOICES, Row, Values
from ideenweg.web.wording import Wording
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Per, RecordKind
from states.sentences import Text
from states.snapshot import RecordFact
from workflow.events import Kind
from workflow.queries.public import PublicItem, Step, Voice


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
        heading, own = self._values.heading(kind, fact, item.records)
        rows = self._values.rows(kind, fact.data, own)
        return Entry(
            heading,
            tuple(row for row in rows if not row.long),
            tuple(row for row in rows if row.long),
            self.say.day(fact.at),
        )

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
        place = [self._values.term(vocabulary, voice.scope)] if vocabulary and voice.scope else []
        yield ", ".join([self._text(role.label), *place])

    @property
    def _values(self) -> Values:
        return Values(self.say, self.lifecycle, self.programme)

    def _text(self, text: Text) -> str:
        return text[self.say.locale]
