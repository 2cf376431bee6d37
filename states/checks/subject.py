"""What the checks look at, and the ways of a lifecycle as they see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from states.document import Path
from states.faults import Fault
from states.lifecycle import ANYONE, ORIGIN, Lifecycle, Scope, Transition
from states.programme import Programme
from states.sentences import Sentence
from states.uses import Used


@dataclass(frozen=True)
class Subject:
    """A lifecycle whose names need not exist, the guards it uses, and what else is known to check against.

    programme, notices, calendars: None where names of bodies, offices and cities, of templates, of working-day
    calendars are not to be looked up. damaged: paths of entries that could not be read, so that what follows from their
    absence is not told as a fault of its own.
    """

    lifecycle: Lifecycle
    used: Sequence[Used] = ()
    programme: Programme | None = None
    notices: Collection[str] | None = None
    calendars: Collection[str] | None = None
    damaged: frozenset[Path] = frozenset()

    def lost(self, *keys: str) -> bool:
        """Whether whole entries, or these keys of some, could not be read, so that it is open what they say."""
        return any(len(path) <= 2 or not set(keys).isdisjoint(path[2:]) for path in self.damaged)

    def lost_in(self, section: str, entry: str, *keys: str) -> bool:
        """Whether one of these keys of that entry could not be read; without keys, any."""
        paths = (path for path in self.damaged if path[:2] == (section, entry))
        return any(len(path) == 2 or not keys or not set(keys).isdisjoint(path[2:]) for path in paths)

    @cached_property
    def entering(self) -> Mapping[str, frozenset[str]]:
        """State -> the states that transitions (other than `to: origin`) enter it from."""
        found: dict[str, set[str]] = {key: set() for key in self.lifecycle.states}
        for move in self.lifecycle.transitions.values():
            for way in move.ways:
                target = meant(way.state, found)
                if target is not None:
                    found[target].update(source for source in move.sources if source in found)
        return {key: frozenset(sources) for key, sources in found.items()}

    def targets(self, move: Transition, source: str) -> set[str]:
        """Where the transition may lead from `source`: states, also misspelt ones as what they mean."""
        found: set[str] = set()
        for way in move.ways:
            if way.state == ORIGIN:
                found |= self.entering.get(source, frozenset())
            elif (target := meant(way.state, self.lifecycle.states)) is not None:
                found.add(target)
        return found

    @cached_property
    def following(self) -> Mapping[str, frozenset[str]]:
        """State -> the states that any transition may lead to from there."""
        return {
            state: frozenset().union(*(self.targets(move, state) for move in self.lifecycle.leaving[state]))
            for state in self.lifecycle.states
        }

    @cached_property
    def preceding(self) -> Mapping[str, frozenset[str]]:
        """State -> the states that may come before it, at any distance, itself included."""
        before = {state: {state} for state in self.lifecycle.states}
        for state in self.lifecycle.states:
            for later in reach(state, self.following):
                before[later].add(state)
        return {state: frozenset(states) for state, states in before.items()}

    @cached_property
    def holdable(self) -> frozenset[str]:
        """The roles that somebody can hold: granted ones, the creator's, and those that a holdable role may assign."""
        roles = self.lifecycle.roles
        found = {ANYONE, *(key for key, role in roles.items() if role.scope is not Scope.ITEM)}
        if self.lifecycle.created_by:
            found.add(meant(self.lifecycle.created_by, roles) or ANYONE)
        assigning = {key: {meant(one, roles) or ANYONE for one in role.assign} for key, role in roles.items()}
        while more := {key for key, by in assigning.items() if key not in found and not found.isdisjoint(by)}:
            found |= more
        return frozenset(found)

    def writable(self, kind: str) -> frozenset[str]:
        """The states in which a record of that kind can be written: `while`, as far as they are visits of the kind.

        All states where a name in there is none: that is told already, and what it was to be is open.
        """
        record, states = self.lifecycle.records[kind], self.lifecycle.states
        named = {meant(key, states) for key in record.states}
        visits = {meant(key, states) for key in record.visit}
        if None in named | visits:
            return frozenset(states)
        allowed = {key for key in states if (key in named if named else not states[key].final)}
        if not visits:
            return frozenset(allowed)
        # While an item waits in a pausing state, the visit of the state before goes on.
        return frozenset(
            key
            for key in allowed
            if key in visits or (states[key].pauses and not visits.isdisjoint(self.entering[key]))
        )


def reach(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    """What can be reached from `start`, itself included."""
    found, open_ends = {start}, [start]
    while open_ends:
        for end in edges.get(open_ends.pop(), ()):
            if end not in found:
                found.add(end)
                open_ends.append(end)
    return found


def meant(name: str, known: Collection[str]) -> str | None:
    """`name` if it is known, else the one it was most likely meant to be, else None.

    A misspelt name is told once; what would follow from its absence is not.
    """
    if name in known:
        return name
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return close[0] if close else None


def fault(check: str, path: Path, message: Sentence, hint: Sentence) -> Fault:
    """A fault of the entry at `path`, shown at its key."""
    return Fault(check, path, message, hint)


def value_fault(check: str, path: Path, message: Sentence, hint: Sentence) -> Fault:
    """A fault of the value at `path`, shown at the value."""
    return Fault(check, path, message, hint, value=True)
