"""Plans a record: may it be written, by whom, about whom, and is what it says right? Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from states import wording
from states.blockers import Blocker, blocker
from states.compiled import needs_of
from states.errors import UnknownName
from states.lifecycle import Lifecycle, Transition
from states.reading import open_in, readable, reader_of
from states.record_keys import key_of
from states.record_kinds import Column, Per, RecordKind
from states.roles import barred, who
from states.sentences import Text
from states.snapshot import Needs, Snapshot
from states.validation import checked
from states.visits import correcting, visit_of


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What would be written. With blockers nothing would, and `data` holds what is right of it.

    key: normalised: the person, body, unit, city or free key; "" where an item has one.
    visit: 0 where the kind knows no visits.
    data, personal: the fields that name nobody, and those that do.
    columns: what the item keeps of it for lists; None clears one.
    """

    kind: RecordKind
    blockers: tuple[Blocker, ...]
    key: str = ""
    visit: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[Column, Any] = field(default_factory=dict)


def kind_of(lifecycle: Lifecycle, key: str) -> RecordKind:
    """The record kind of that name. Raises UnknownName."""
    kind = lifecycle.records.get(key)
    if kind is None:
        raise UnknownName("record kind", key, list(lifecycle.records))
    return kind


def plan_record(
    lifecycle: Lifecycle,
    snapshot: Snapshot,
    kind_key: str,
    data: Mapping[str, Any],
    key: str,
    *,
    transition: Transition | None = None,
) -> RecordPlan:
    """Whether the actor may write this record now, with every blocker.

    key: as given; "" where the caller leaves it to what the actor's roles allow. transition: the one whose form it is.
    The snapshot has to hold the records of the kind. Raises UnknownName for an unknown kind.
    """
    kind = kind_of(lifecycle, kind_key)
    blockers = list(_closed(lifecycle, snapshot, kind, transition))
    writers = kind.write if blockers else kind.writers(snapshot.state)
    if not kind.write and transition is not None:
        writers = transition.roles
    visit = visit_of(kind, snapshot) or 0
    found = None
    if not_theirs := barred(lifecycle, snapshot, writers):
        blockers += not_theirs
    else:
        found, wrong_key = key_of(lifecycle, snapshot, kind, key, writers)
        blockers += wrong_key
    if found is not None:
        blockers += _kept(lifecycle, snapshot, kind, found, visit)
    right, faults = checked(lifecycle, snapshot.programme, kind, data)
    return planned(kind, (*blockers, *faults), found or "", visit, right)


def needs_of_record(lifecycle: Lifecycle, kind: str, state: str) -> Needs:
    """The facts that planning a record of `kind` takes, and whatever may follow by itself."""
    return needs_of(lifecycle, None, state) | Needs(records=frozenset({kind}))


def planned(
    kind: RecordKind, blockers: tuple[Blocker, ...], key: str, visit: int, data: Mapping[str, Any]
) -> RecordPlan:
    """The plan with `data` sorted into what names people, what does not, and what lists filter by."""
    personal = {name: value for name, value in data.items() if kind.fields[name].personal}
    return RecordPlan(
        kind,
        blockers,
        key,
        visit,
        {name: value for name, value in data.items() if name not in personal},
        personal,
        {one.sets: data.get(name) for name, one in kind.fields.items() if one.sets},
    )


def _closed(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, transition: Transition | None
) -> Iterator[Blocker]:
    """Why nobody may write the kind now."""
    if not kind.write and transition is None:
        moves = [move for move in lifecycle.transitions.values() if move.form == kind.key]
        yield blocker(
            "form_only",
            "„{label}“ wird zusammen mit einem Schritt ausgefüllt: {moves}.",
            "“{label}” is filled in together with a step: {moves}.",
            label=kind.label,
            moves=[move.label for move in moves] or [Text("Anlegen", "creation")],
            record=kind.key,
        )
    if not open_in(lifecycle, kind, snapshot):
        allowed = [key for key in kind.states or lifecycle.states if not kind.visit or key in kind.visit]
        if not kind.states:
            allowed = [key for key in allowed if not lifecycle.states[key].final]
        yield blocker(
            "record_closed",
            "„{label}“ kann im Zustand „{state}“ nicht geschrieben werden. Möglich ist das in: {states}.",
            "“{label}” cannot be written in the state “{state}”. It can in: {states}.",
            label=kind.label,
            state=lifecycle.states[snapshot.state].label,
            states=wording.states(lifecycle, allowed),
            record=kind.key,
        )


def _kept(lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, key: str, visit: int) -> Iterator[Blocker]:
    """Why a record has to stay as it is, or must not be added by this hand."""
    there = [fact for fact in snapshot.records if fact.kind == kind.key and fact.visit == visit]
    own = next((fact for fact in there if fact.key == key), None)
    if own is None and visit and correcting(kind, snapshot):
        yield blocker(
            "only_corrections",
            "„{label}“ kann im Zustand „{state}“ nur berichtigt werden; unter diesem Schlüssel steht nichts.",
            "In the state “{state}”, “{label}” can be corrected only, and there is none under this key.",
            label=kind.label,
            state=lifecycle.states[snapshot.state].label,
            record=kind.key,
        )
    others = [fact for fact in there if fact.key != key]
    if own is not None and kind.per is Per.PERSON and snapshot.represented is not None and own.writer is None:
        yield blocker(
            "own_word",
            "„{label}“ hat die vertretene Person selbst geschrieben; ändern kann es nur sie.",
            "“{label}” was written by the person you act for; they alone can change it.",
            label=kind.label,
            record=kind.key,
        )
    if not kind.read.blind_until_own:
        return
    reader = reader_of(lifecycle, snapshot)
    if own is not None and any(readable(kind, fact, reader) for fact in others):
        yield blocker(
            "frozen",
            "„{label}“ steht fest: Die Einträge der anderen sind für Sie schon sichtbar.",
            "“{label}” stands: you see what the others wrote already.",
            label=kind.label,
            record=kind.key,
        )
    if (
        own is None
        and kind.per is Per.PERSON
        and any(snapshot.actor.id in (fact.author, fact.writer) for fact in others)
    ):
        yield blocker(
            "second_voice",
            "„{label}“ haben Sie hier schon geschrieben. Eine zweite Stimme gibt eine andere Person: {who}.",
            "You wrote “{label}” here already. A second voice has to be another person's: {who}.",
            label=kind.label,
            who=who(lifecycle, snapshot, kind.write),
            record=kind.key,
        )
