"""The records of an item by section, in the order of the lifecycle file: what each says, who wrote it, what may be
written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ideenweg.web.pages.work.bias import declarations
from ideenweg.web.pages.work.missing import Remedy
from ideenweg.web.pages.work.opened import Opened
from ideenweg.web.values import VOICES, Row
from states.record_keys import voices
from states.record_kinds import Per, RecordKind, Section
from states.snapshot import RecordFact
from states.visits import counting


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `earlier`: of a visit that is over. `late`: handed in after its deadline. `change`, `versions`:
    addresses, where there are such pages."""

    heading: str
    facts: tuple[Row, ...]
    prose: tuple[Row, ...]
    by: str
    on: str
    earlier: bool
    late: bool
    change: str | None
    versions: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A section with its records, and what the visitor may add to it."""

    key: str
    entries: tuple[Entry, ...]
    add: tuple[Remedy, ...]


def sections(opened: Opened) -> list[Shown]:
    """The sections in which something stands or may be written."""
    found = []
    for section in Section:
        kinds = [kind for kind in opened.lifecycle.records.values() if section_of(opened, kind) is section]
        entries = tuple(entry for kind in kinds for entry in _entries(opened, kind))
        add = tuple(one for kind in kinds for one in _add(opened, kind))
        if entries or add:
            found.append(Shown(section.value, entries, add))
    return found


def section_of(opened: Opened, kind: RecordKind) -> Section:
    """Where the records of a kind stand."""
    return Section.SUMMARY if kind.key == opened.lifecycle.sheet else kind.section


def may_change(opened: Opened, kind: RecordKind, fact: RecordFact) -> bool:
    """Whether the visitor may write a new version of this record."""
    if fact not in counting(kind, opened.snapshot) or not opened.writes(kind):
        return False
    if kind.per is Per.PERSON:
        return fact.key == opened.acting
    writers = kind.writers(opened.snapshot.state)
    return kind.per not in VOICES or fact.key in voices(opened.lifecycle, opened.snapshot, kind, writers)


def called(opened: Opened, kind: RecordKind, fact: RecordFact) -> str:
    """What a record is called: its kind, and whose or what it is."""
    heading, _ = opened.values.heading(kind, fact, opened.detail.records)
    if kind.per is Per.PERSON:
        heading = opened.name(fact.key)
    return ": ".join([opened.text(kind.label), *([heading] if heading else [])])


def _entries(opened: Opened, kind: RecordKind) -> Iterator[Entry]:
    present = {(one.key, one.visit) for one in counting(kind, opened.snapshot)}
    facts = [fact for fact in opened.detail.records if fact.kind == kind.key]
    for fact in sorted(facts, key=lambda one: (one.key, one.visit) not in present):
        _, own = opened.values.heading(kind, fact, opened.detail.records)
        rows = opened.values.rows(kind, fact.data, own)
        place = {"key": fact.key or None, "visit": str(fact.visit) if fact.visit else None}
        yield Entry(
            called(opened, kind, fact),
            tuple(row for row in rows if not row.long),
            tuple(row for row in rows if row.long),
            opened.name(fact.author),
            opened.say.day(fact.at),
            (fact.key, fact.visit) not in present,
            (fact.kind, fact.key, fact.visit) in opened.detail.late,
            opened.path("eintrag", kind.key, key=fact.key or None) if may_change(opened, kind, fact) else None,
            opened.path("eintrag", kind.key, "fassungen", **place) if fact.version > 1 else None,
        )


def _add(opened: Opened, kind: RecordKind) -> Iterator[Remedy]:
    """What may be written that is not there yet, and neither belongs to a step nor has a place of its own."""
    with_a_step = any(move.form == kind.key for move in opened.lifecycle.leaving[opened.snapshot.state])
    if with_a_step or kind.key in declarations(opened.lifecycle) or not opened.writes(kind):
        return
    there = {fact.key for fact in counting(kind, opened.snapshot)}
    if kind.per is Per.KEY:
        missing = True
    elif kind.per in VOICES:
        writers = kind.writers(opened.snapshot.state)
        missing = not there.issuperset(voices(opened.lifecycle, opened.snapshot, kind, writers))
    else:
        missing = (opened.acting if kind.per is Per.PERSON else "") not in there
    if missing:
        yield Remedy(opened.path("eintrag", kind.key), opened.text(kind.label))
