"""Whose a task on an item is: who holds a role there, and who still owes a record that each of several writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from states.guards.bodies import required_voices
from states.lifecycle import Lifecycle, Scope
from states.programme import Body, City, Office
from states.record_kinds import Per, RecordKind
from states.roles import concerned_cities, concerns
from states.snapshot import Snapshot
from states.visits import counting

VOICES = (Per.PERSON, Per.UNIT, Per.BODY, Per.CITY)
"""Records of which each of several writes one of its own."""


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """Who has a task: those who hold its role for a city, body or unit (no scope: for all), or `person` of them alone.

    scope_kind: a Scope, or "" where the role has none or is the person's on this item.
    """

    scope_kind: str = ""
    scope: str = ""
    person: str = ""


def holders(lifecycle: Lifecycle, snapshot: Snapshot, role: str) -> Iterator[Holder]:
    """Those who hold `role` on the item: whoever has it there, or the places it is granted for.

    Of a granted role somebody who took the item up is named: it is theirs then, and the others of the place know.
    """
    declared = lifecycle.roles.get(role)
    scope = declared.scope if declared else None
    assigned = [one for one in snapshot.assignments if one.role == role]
    if scope is Scope.ITEM or (declared is not None and declared.assign):
        for one in assigned:
            yield Holder(Scope.UNIT, one.unit, one.person) if one.unit else Holder(person=one.person)
        return
    own = _own_body(lifecycle, snapshot, role)
    for place in [own] if own and scope is Scope.BODY else _places(snapshot, scope):
        for person in [one.person for one in assigned] or [""]:
            yield Holder(scope or "", place, person)


def _own_body(lifecycle: Lifecycle, snapshot: Snapshot, role: str) -> str | None:
    """The body whose session the item is: only its own office has to see to it, though others of the city may."""
    agenda = lifecycle.agenda
    if agenda is None or role not in agenda.roles:
        return None
    sheets = (fact.data.get(agenda.key) for fact in snapshot.records if fact.kind == lifecycle.sheet)
    return next((body for body in sheets if body in snapshot.programme.bodies), None)


def unheard(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, role: str, only: str | None
) -> Iterator[tuple[Holder, str]]:
    """Who still owes a record of the kind in that role, and about whom. only: the one body, unit or city asked for."""
    heard = {fact.key for fact in counting(kind, snapshot)}
    declared = lifecycle.roles.get(role)
    scope = declared.scope if declared else None
    if kind.per is Per.PERSON or scope is Scope.ITEM or (declared is not None and declared.assign):
        for one in snapshot.assignments:
            key = one.person if kind.per is Per.PERSON else one.unit
            if one.role == role and key and key not in heard and only in (None, key):
                yield Holder(Scope.UNIT, one.unit, one.person) if one.unit else Holder(person=one.person), key
        return
    for key in [only] if only else _asked(lifecycle, snapshot, kind.per):
        if key not in heard:
            for place in _speaking(snapshot, scope, kind.per, key):
                yield Holder(scope or "", place), key


def _asked(lifecycle: Lifecycle, snapshot: Snapshot, per: Per) -> list[str]:
    """The bodies, units or cities whose word the moves that leave the state wait for; else all that are concerned."""
    if per is Per.CITY:
        return list(concerned_cities(snapshot))
    known = _known(snapshot, per)
    named = required_voices(lifecycle, snapshot, per)
    return [key for key in (known if named is None else named) if concerns(snapshot, known, key)]


def _known(snapshot: Snapshot, per: Per) -> Mapping[str, Body | Office]:
    return snapshot.programme.bodies if per is Per.BODY else snapshot.programme.offices


def _places(snapshot: Snapshot, scope: Scope | None) -> list[str]:
    """The cities, bodies or units that a granted role of this scope reaches the item from."""
    match scope:
        case Scope.CITY:
            return list(concerned_cities(snapshot))
        case Scope.BODY | Scope.UNIT:
            known = _known(snapshot, Per(scope))
            return [key for key in known if concerns(snapshot, known, key)]
        case _:
            return [""]


def _speaking(snapshot: Snapshot, scope: Scope | None, per: Per, key: str) -> list[str]:
    """The places of a role that may speak for the body, unit or city `key`."""
    if scope is None:
        return [""]
    if scope.value == per.value:
        return [key]
    if scope is Scope.CITY:
        entry: Body | Office | City | None = _known(snapshot, per).get(key)
        city = getattr(entry, "city", None)
        return [city] if city else list(concerned_cities(snapshot))
    return []
