"""Who holds which role on an item: the one place where grants, assignments and deputies are matched.

A role counts for an item if its scope reaches it:

- no scope: every item;
- city: items that concern the city, or that name none;
- body: items that concern the body's city; a body outside the cities reaches all;
- unit: items on which somebody of that unit is assigned in the role; for roles that nobody is ever assigned, as body;
- item: that item.

Being assigned on an item counts as holding the role there. A deputy acts with the represented person's roles, not with
their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from states import wording
from states.blockers import Blocker, blocker
from states.lifecycle import ANYONE, Lifecycle, Scope
from states.programme import Body, Office, Programme
from states.record_kinds import Per
from states.sentences import Text
from states.snapshot import SYSTEM, Grant, Person, Snapshot


def acting(snapshot: Snapshot) -> Person:
    """The person whose roles count: the represented one for a deputy, else the actor."""
    return snapshot.represented if snapshot.represented is not None and snapshot.deputy else snapshot.actor


def concerned_cities(snapshot: Snapshot) -> tuple[str, ...]:
    """The cities an item concerns: all of the programme where it names none."""
    return snapshot.cities or tuple(snapshot.programme.cities)


def concerns(snapshot: Snapshot, known: Mapping[str, Body | Office], key: str) -> bool:
    """Whether the item concerns that body or unit: its city does, or it stands outside the cities."""
    entry = known.get(key)
    return entry is not None and (entry.city is None or not snapshot.cities or entry.city in snapshot.cities)


def reaches(lifecycle: Lifecycle, snapshot: Snapshot, grant: Grant) -> bool:
    """Whether a grant counts for the item."""
    scope = grant.scope
    if scope is None or grant.scope_kind is None:
        return True
    match grant.scope_kind:
        case Scope.CITY:
            return not snapshot.cities or scope in snapshot.cities
        case Scope.ITEM:
            return scope == snapshot.number
        case Scope.BODY:
            return concerns(snapshot, snapshot.programme.bodies, scope)
        case Scope.UNIT:
            declared = lifecycle.roles.get(grant.role)
            if declared is not None and not declared.assign:
                return concerns(snapshot, snapshot.programme.offices, scope)
            return any(one.role == grant.role and one.unit == scope for one in snapshot.assignments)
    return False


def held(lifecycle: Lifecycle, snapshot: Snapshot, person: Person) -> frozenset[str]:
    """Every role that `person` holds on the item."""
    if person.id == SYSTEM:
        return frozenset()
    roles = {grant.role for grant in person.grants if reaches(lifecycle, snapshot, grant)}
    roles.update(one.role for one in snapshot.assignments if one.person == person.id)
    return frozenset(roles)


def usable(lifecycle: Lifecycle, snapshot: Snapshot) -> frozenset[str]:
    """The roles that the actor may use on the item: their own, or a represented person's within the deputyship."""
    roles = held(lifecycle, snapshot, acting(snapshot))
    return roles & snapshot.deputy_for if snapshot.deputy_for else roles


def holds(lifecycle: Lifecycle, snapshot: Snapshot, roles: Iterable[str]) -> bool:
    """Whether the actor may use one of `roles` on the item; every known person is anyone."""
    wanted = set(roles)
    if ANYONE in wanted:
        return snapshot.actor.id != SYSTEM
    return not wanted.isdisjoint(usable(lifecycle, snapshot))


def grants_in(lifecycle: Lifecycle, snapshot: Snapshot, roles: Iterable[str]) -> list[Grant]:
    """The grants by which the actor may use one of `roles` on the item; an assignment is one for the item or unit."""
    person = acting(snapshot)
    usable_here = set(roles) & usable(lifecycle, snapshot)
    grants = [one for one in person.grants if one.role in usable_here and reaches(lifecycle, snapshot, one)]
    for one in snapshot.assignments:
        if one.person == person.id and one.role in usable_here:
            unit = Grant(one.role, Scope.UNIT, one.unit) if one.unit else Grant(one.role, Scope.ITEM, snapshot.number)
            grants.append(unit)
    return grants


def covers(grant: Grant, per: Per, key: str, programme: Programme) -> bool:
    """Whether a grant reaches the record of that body, unit or city; one without a scope, or for an item, does."""
    scope = grant.scope
    if scope is None or grant.scope_kind in (None, Scope.ITEM):
        return True
    if grant.scope_kind == per:
        return scope == key
    entries: dict[str, Mapping[str, Body | Office]] = {Scope.BODY: programme.bodies, Scope.UNIT: programme.offices}
    if grant.scope_kind == Scope.CITY and per in entries:
        return key in entries[per] and entries[per][key].city in (None, scope)
    if per is Per.CITY and grant.scope_kind in entries:
        own = entries[grant.scope_kind].get(scope)
        return own is not None and own.city == key
    return False


def barred(lifecycle: Lifecycle, snapshot: Snapshot, roles: Iterable[str]) -> list[Blocker]:
    """Why the actor may not do here what `roles` may; [] where they may."""
    wanted = tuple(roles)
    blockers = []
    if not _speaks_for(lifecycle, snapshot):
        blockers.append(
            blocker(
                "not_deputy",
                "Sie sind heute nicht als Vertretung dieser Person eingetragen. Eintragen kann das die Administration.",
                "You are not entered as this person's deputy today. The administration can enter that.",
            )
        )
    if not holds(lifecycle, snapshot, wanted):
        blockers.append(
            blocker(
                "role",
                "Dazu ist hier berechtigt: {who}.",
                "This is up to: {who}.",
                who=who(lifecycle, snapshot, wanted),
                roles=list(wanted),
            )
        )
    return blockers


def who(lifecycle: Lifecycle, snapshot: Snapshot, roles: Iterable[str]) -> list[Text]:
    """What those are called who may: the roles, with the cities where a role is granted for a city."""
    cities = [snapshot.programme.cities[key].label for key in snapshot.cities if key in snapshot.programme.cities]
    if not cities:
        return wording.roles(lifecycle, roles)
    there = Text(", ".join(city.de for city in cities), ", ".join(city.en for city in cities))
    called = []
    for key in roles:
        (label,) = wording.roles(lifecycle, [key])
        declared = lifecycle.roles.get(key)
        if declared is not None and declared.scope is Scope.CITY:
            label = Text(f"{label.de} ({there.de})", f"{label.en} ({there.en})")
        called.append(label)
    return called or [wording.NOBODY]


def _speaks_for(lifecycle: Lifecycle, snapshot: Snapshot) -> bool:
    """Whether the actor may name the person they act for.

    A deputy may. So may somebody who hands in for a person without an account, from paper or on the phone: the item was
    created for that person, and the actor has a role of their own on it.
    """
    if snapshot.represented is None or snapshot.deputy:
        return True
    creators = {one.person for one in snapshot.assignments if one.role == lifecycle.created_by}
    own = held(lifecycle, snapshot, snapshot.actor) - {lifecycle.created_by}
    return snapshot.represented.id in creators and bool(own)
