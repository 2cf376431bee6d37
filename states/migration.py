"""Where an item goes when its lifecycle changes under it: from a state of one version to a state of another. Pure.

A state that both versions have stays what it is. A migration map says the rest, in YAML:

    states:
      in_review: expert_review              # renamed
      referred: rejected                    # removed
      pooled:                               # split: the first whose guards hold
        - {state: pooled_funded, when: [{recorded: {record: grant}}]}
        - pooled_own
    deadlines: {review: expert_review}      # a rule that goes on under another name

Guards in a map look at the item by the old version, under which its records were written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from states.blockers import Blocker, blocker
from states.checks import Subject
from states.checks.parameters import named
from states.document import read
from states.errors import FileFault, Finding, Place, nearest
from states.faults import Fault
from states.guards import GUARDS, Guard, Question
from states.lifecycle import Lifecycle, LinkKind, Role, Way
from states.programme import Programme
from states.record_kinds import RecordKind
from states.schema.breaks import Validator, held_to
from states.schema.parts import DRAFT, NAME, Schema, closed, entries, name
from states.sentences import Sentence
from states.snapshot import Needs, Request, Snapshot
from states.uses import GuardUses


@dataclass(frozen=True, slots=True)
class MigrationMap:
    """Old state -> its ways in the new version, and old deadline rule -> new one. Empty: states keep their names."""

    states: Mapping[str, tuple[Way, ...]] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""

    @property
    def needs(self) -> Needs:
        """The facts that its guards look at."""
        found = Needs()
        for ways in self.states.values():
            for way in ways:
                for use in way.when:
                    found |= use.guard.needs(use.params)
        return found


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an item goes, or every reason why it stays. `origin`: the new name of the state a pause leads back to."""

    state: str | None
    origin: str | None = None
    blockers: tuple[Blocker, ...] = ()


def migration_schema() -> Schema:
    """The JSON Schema of a migration map."""
    way = closed(
        {
            "state": name("The state of the new version."),
            "when": {"type": "array", "description": "Guards, by the old version; the first way whose guards hold."},
        },
        required=("state",),
    )
    ways = {
        "description": "The state of the new version, or a list of ways.",
        "x-expects": "a state, or a list of `{state: …, when: [guards]}`",
        "anyOf": [
            {"type": "string", "pattern": NAME},
            {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string", "pattern": NAME}, way]}},
        ],
    }
    return {
        "$schema": DRAFT,
        "title": "Migration map",
        "description": "Where items go when their lifecycle gets another version.",
        **closed(
            {
                "states": entries("States of the old version and what becomes of them.", ways),
                "deadlines": entries("Deadline rules that go on under another name.", name("The rule's new name.")),
            },
            required=(),
        ),
    }


def load_map(
    text: str,
    file: str,
    olds: Sequence[Lifecycle],
    new: Lifecycle,
    *,
    vocabulary: Mapping[str, Guard] = GUARDS,
    programme: Programme | None = None,
) -> MigrationMap:
    """The map in the YAML `text`. file: its name for messages. Raises FileFault with all findings.

    olds: the versions, at least one, that items are under now, oldest first.
    """
    document, findings = read(text)
    if not findings and not isinstance(document.data, Mapping):
        message = Sentence("Die Datei besteht nicht aus Schlüsseln mit Werten.", "The file is no mapping.")
        findings.append(
            Finding("value", message, Sentence("Beginnen Sie mit `states:`.", "Begin with `states:`."), Place(1, 1))
        )
    data, faults = held_to(Validator(migration_schema()), document.data if isinstance(document.data, Mapping) else {})
    data, uses = data or {}, GuardUses(vocabulary)
    states = {key: _ways(key, value, uses) for key, value in data.get("states", {}).items()}
    deadlines = dict(data.get("deadlines", {}))
    faults += uses.faults
    faults += _unknown(states, deadlines, olds, new)
    subject = Subject(olds[-1], uses.found, programme)
    for used in uses.found:
        faults += named(subject, used)
        if used.use.guard.person:
            message = Sentence(
                f"Der Guard „{used.use.name}“ sieht auf die handelnde Person, und beim Umstellen gibt es keine.",
                f"Guard {used.use.name!r} looks at who acts, and in a migration nobody does.",
            )
            hint = Sentence(
                "Nennen Sie einen Guard, der auf den Vorgang sieht.", "Name a guard that looks at the item."
            )
            faults.append(Fault("guard-without-person", used.path, message, hint))
    found = [*findings, *(fault.finding(document) for fault in faults)]
    if found:
        raise FileFault(file, found)
    return MigrationMap(states, deadlines, sha256(text.encode()).hexdigest())


def destination(
    mapping: MigrationMap, old: Lifecycle, new: Lifecycle, snapshot: Snapshot, links: frozenset[str], now: datetime
) -> Destination:
    """Where the item goes. links: the kinds of the links that it has, whichever end it is."""
    state = _target(mapping, old, new, snapshot, snapshot.state, now)
    origin = _target(mapping, old, new, snapshot, snapshot.origin, now) if snapshot.origin else None
    blockers = [*_stranded(old, new, snapshot, links)]
    if state is None or (snapshot.origin and origin is None):
        lost = snapshot.state if state is None else snapshot.origin or ""
        blockers.insert(
            0,
            blocker(
                "unmapped_state",
                "Für den Zustand „{state}“ nennt die Zuordnung kein Ziel, das hier zutrifft.",
                "The map has no target for the state “{state}” that holds here.",
                state=old.states[lost].label,
                path=f"states.{lost}",
            ),
        )
    elif new.states[state].pauses and not origin:
        blockers.append(
            blocker(
                "no_origin",
                "„{state}“ führt in den Zustand davor zurück, und den hat der Vorgang nicht.",
                "“{state}” leads back to the state before, and the item has none.",
                state=new.states[state].label,
            )
        )
    if blockers:
        return Destination(None, None, tuple(blockers))
    assert state is not None
    return Destination(state, origin if new.states[state].pauses else None)


def _target(
    mapping: MigrationMap, old: Lifecycle, new: Lifecycle, snapshot: Snapshot, state: str, now: datetime
) -> str | None:
    if state not in mapping.states:
        return state if state in new.states else None
    for way in mapping.states[state]:
        request = Request("")
        if not any(
            one for use in way.when for one in use.guard.judge(Question(use.params, snapshot, request, now, old))
        ):
            return way.state
    return None


def _stranded(old: Lifecycle, new: Lifecycle, snapshot: Snapshot, links: frozenset[str]) -> Iterator[Blocker]:
    """What the item holds and the new version has no word for: nobody could see or end it there."""
    held: Iterable[tuple[str, Iterable[str], Mapping[str, RecordKind | Role | LinkKind], Collection[str]]] = (
        ("record", (fact.kind for fact in snapshot.records), old.records, new.records),
        ("role", (one.role for one in snapshot.assignments), old.roles, new.roles),
        ("link", links, old.links, new.links),
    )
    for what, keys, before, after in held:
        for key in sorted({key for key in keys if key in before and key not in after}):
            yield blocker(
                f"gone_{what}",
                "Der Vorgang hat „{label}“, und das kennt Version {version} nicht mehr.",
                "The item has “{label}”, which version {version} does not know any more.",
                label=before[key].label,
                version=new.version,
                path=f"{what}s.{key}",
            )


def _ways(state: str, value: Any, uses: GuardUses) -> tuple[Way, ...]:
    if isinstance(value, str):
        return (Way(value),)
    return tuple(
        Way(one) if isinstance(one, str) else Way(one["state"], uses.read(one.get("when", []), (*path, "when")))
        for at, one in enumerate(value)
        for path in [("states", state, at)]
    )


def _unknown(
    states: Mapping[str, tuple[Way, ...]], deadlines: Mapping[str, str], olds: Sequence[Lifecycle], new: Lifecycle
) -> Iterator[Fault]:
    """Names that there are not in the version they are of."""
    before = list(dict.fromkeys(state for old in olds for state in old.states))
    for state, ways in states.items():
        if state not in before:
            yield Fault("unknown-state", ("states", state), _none("state", state, olds[-1]), nearest(state, before))
        for at, way in enumerate(ways):
            if way.state not in new.states:
                path = ("states", state) if len(ways) == 1 else ("states", state, at)
                hint = nearest(way.state, list(new.states))
                yield Fault("unknown-state", path, _none("state", way.state, new), hint, value=True)
    for rule, other in deadlines.items():
        for key, lifecycles in ((rule, olds), (other, (new,))):
            known = [
                one.key for lifecycle in lifecycles for state in lifecycle.states.values() for one in state.deadlines
            ]
            if key not in known:
                message = _none("deadline", key, lifecycles[-1])
                hint = nearest(key, list(dict.fromkeys(known)))
                yield Fault("value", ("deadlines", rule), message, hint, value=lifecycles is not olds)


def _none(what: str, name: str, lifecycle: Lifecycle) -> Sentence:
    german = {"state": "keinen Zustand", "deadline": "keine Frist"}[what]
    return Sentence(
        f"Version {lifecycle.version} von {lifecycle.key} hat {german} „{name}“.",
        f"Version {lifecycle.version} of {lifecycle.key} has no {what} {name!r}.",
    )
