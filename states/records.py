"""Plans a record: may it be written, by whom, about whom, and is what it says right? Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from states import wording
from states.blockers import Blocker, blocker
from states.compiled import needs_of
from states.errors import UnknownName
from states.lifecycle import ANYONE, Lifecycle, Transition
from states.programme import Body, City, Office, Programme
from states.reading import open_in, readable, reader_of
from states.record_kinds import Column, Per, RecordKind
from states.roles import barred, concerns, covers, grants_in, who
from states.sentences import Text
from states.snapshot import Needs, Snapshot
from states.validation import checked
from states.visits import correcting, visit_of

FREE_KEY = re.compile(r"\w[\w.-]{0,63}")


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
        found, wrong_key = _key(lifecycle, snapshot, kind, key, writers)
        blockers += wrong_key
    if found is not None:
        blockers += _kept(lifecycle, snapshot, kind, found, visit)
    right, faults = checked(lifecycle, snapshot.programme, kind, data)
    return planned(kind, (*blockers, *faults), found or "", visit, right)


def needs_of_record(lifecycle: Lifecycle, kind: str, state: str) -> Needs:
    """The facts that planning a record of `kind` takes, and whatever may follow by itself."""
    return needs_of(lifecycle, None, state) | Needs(records=frozenset({kind}))


def voices(lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, writers: tuple[str, ...]) -> list[str]:
    """The bodies, units or cities that the actor speaks for as one of `writers`; [] for a kind that is of none."""
    grants = grants_in(lifecycle, snapshot, writers)
    return [
        one
        for one in _known_voices(snapshot.programme, kind.per)
        if _concerned(snapshot, kind.per, one)
        and (ANYONE in writers or any(covers(grant, kind.per, one, snapshot.programme) for grant in grants))
    ]


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


def _key(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, key: str, writers: tuple[str, ...]
) -> tuple[str | None, list[Blocker]]:
    """The key the record gets, or None and why there is none."""
    match kind.per:
        case Per.ITEM:
            if key:
                return None, [_wrong_key(kind, key, Text("es gibt nur einen Eintrag", "there is only one"))]
            return "", []
        case Per.PERSON:
            return _person_key(snapshot, kind, key)
        case Per.KEY:
            if FREE_KEY.fullmatch(key):
                return key, []
            right = Text(
                "einen eigenen Schlüssel aus höchstens 64 Buchstaben, Ziffern, Punkt, _ und -",
                "a key of its own, of up to 64 letters, digits, dot, _ and -",
            )
            return None, [_wrong_key(kind, key, right)]
        case _:
            return _voice_key(lifecycle, snapshot, kind, key, writers)


def _person_key(snapshot: Snapshot, kind: RecordKind, key: str) -> tuple[str | None, list[Blocker]]:
    """Everybody speaks for themselves: the actor, or the person whose deputy they are."""
    represented = snapshot.represented
    own = (represented or snapshot.actor).id
    if key not in ("", own) or (represented is not None and not snapshot.deputy):
        return None, [
            blocker(
                "not_own",
                "„{label}“ schreibt jede Person für sich selbst; für eine andere nur in Vertretung.",
                "“{label}” is written by each person for themselves; for somebody else as their deputy only.",
                label=kind.label,
                record=kind.key,
            )
        ]
    return own, []


def _voice_key(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, key: str, writers: tuple[str, ...]
) -> tuple[str | None, list[Blocker]]:
    """The body, unit or city that the writer speaks for: the one named, or the only one their roles reach."""
    programme = snapshot.programme
    known = _known_voices(programme, kind.per)
    reached = voices(lifecycle, snapshot, kind, writers)
    if key in reached:
        return key, []
    if not key and len(reached) == 1:
        return reached[0], []
    if key and key not in known:
        near = wording.choice(list(known), key)
        return None, [_wrong_key(kind, key, near)]
    if key and not _concerned(snapshot, kind.per, key):
        return None, [
            blocker(
                "not_concerned",
                "{of} hat mit diesem Vorgang nichts zu tun: Er betrifft {cities}.",
                "{of} is not concerned: the item is about {cities}.",
                of=known[key].label,
                cities=[programme.cities[city].label for city in snapshot.cities if city in programme.cities],
                record=kind.key,
                key=key,
            )
        ]
    if key:
        return None, [
            blocker(
                "other_voice",
                "„{label}“ für {of} trägt nur ein: {who} ({of}).",
                "“{label}” of {of} is entered by nobody but: {who} ({of}).",
                label=kind.label,
                of=known[key].label,
                who=wording.roles(lifecycle, writers),
                record=kind.key,
                key=key,
            )
        ]
    return None, [_wrong_key(kind, key, wording.choice(reached, key))]


def _known_voices(programme: Programme, per: Per) -> Mapping[str, Body | Office | City]:
    known: dict[Per, Mapping[str, Body | Office | City]] = {
        Per.BODY: programme.bodies,
        Per.UNIT: programme.offices,
        Per.CITY: programme.cities,
    }
    return known.get(per, {})


def _concerned(snapshot: Snapshot, per: Per, key: str) -> bool:
    if per is Per.BODY:
        return concerns(snapshot, snapshot.programme.bodies, key)
    if per is Per.CITY:
        return not snapshot.cities or key in snapshot.cities
    return True


def _wrong_key(kind: RecordKind, key: str, right: Text) -> Blocker:
    return blocker(
        "invalid_key",
        "„{label}“: Der Schlüssel „{key}“ passt nicht. Erwartet: {right}.",
        "“{label}”: the key “{key}” does not fit. Expected: {right}.",
        label=kind.label,
        key=key,
        right=right,
        record=kind.key,
        path="key",
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
