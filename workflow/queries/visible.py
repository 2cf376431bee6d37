"""Which items somebody may see at all: the rule of `detail.find` as a condition for lists.

An item is seen by everybody once it is released, and before by whoever holds a role on it (states/roles.py): granted
for the programme, for a city, body or unit that the item concerns, or given on the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from states.lifecycle import Lifecycle, Scope
from states.programme import Programme
from states.snapshot import Grant, Person
from workflow.models import assignment, item, item_facet
from workflow.queries.acting import hands
from workflow.queries.items import looked_up
from workflow.queries.roles import newest
from workflow.rules import Rules


def to_person(
    connection: Connection, rules: Rules, person: str, today: date, stored: Mapping[str, Lifecycle] | None = None
) -> ColumnElement[bool]:
    """The condition on `item` that lets through what the person (a pseudonymous id) may see on the day `today`,
    themselves or as somebody's deputy; the empty id is nobody's.

    stored: the newest lifecycles, where somebody has read them already.
    """
    acting: list[tuple[Person, frozenset[str]]] = []
    if person:
        reader, away = hands(connection, person, today)
        acting = [(reader, frozenset()), *((one.person, one.roles) for one in away.values())]
    held = {who.id: [one for one in who.grants if not roles or one.role in roles] for who, roles in acting}
    if any(one.scope is None for some in held.values() for one in some):
        return true()
    lifecycles = list((stored or newest(connection, rules)).values())
    open_to_all = [one.key for one in lifecycles if not one.roles]
    ways: list[ColumnElement[bool]] = [item.c.released, item.c.lifecycle.in_(open_to_all)]
    for who, roles in acting:
        ways += [_given(who.id, roles), *_reached(rules.programme, lifecycles, held[who.id])]
    return or_(*ways)


def of_kind(programme: Programme, lifecycle: Lifecycle, person: str, held: Iterable[Grant]) -> ColumnElement[bool]:
    """What `to_person` lets through of one lifecycle for somebody whose grants of the day are known already."""
    held = list(held)
    if not lifecycle.roles or any(one.scope is None for one in held):
        return true()
    return or_(item.c.released, _given(person), *_reached(programme, [lifecycle], held))


def hides(connection: Connection, seen: ColumnElement[bool], number: str) -> bool:
    """Whether there is an item of that number which `seen`, a condition of `to_person`, does not let through."""
    return connection.execute(select(item.c.number).where(item.c.number == number, ~seen)).first() is not None


def _given(person: str, roles: frozenset[str] = frozenset()) -> ColumnElement[bool]:
    """The items on which the person has a role (`roles`: one of these)."""
    theirs = and_(assignment.c.item == item.c.number, assignment.c.person == person, assignment.c.ended_seq.is_(None))
    return looked_up(and_(theirs, assignment.c.role.in_(sorted(roles))) if roles else theirs)


def _reached(
    programme: Programme, lifecycles: Iterable[Lifecycle], held: Iterable[Grant]
) -> Iterator[ColumnElement[bool]]:
    """A condition for each grant: the items that `states.roles.reaches` says it counts for."""
    for one in held:
        match one.scope_kind:
            case Scope.CITY:
                yield _concerns(programme, one.scope)
            case Scope.BODY if body := programme.bodies.get(one.scope or ""):
                yield _concerns(programme, body.city)
            case Scope.UNIT:
                yield from _unit(programme, lifecycles, one)


def _unit(programme: Programme, lifecycles: Iterable[Lifecycle], held: Grant) -> Iterator[ColumnElement[bool]]:
    """Where the role is given on items, those given to somebody of the unit; elsewhere those that concern it."""
    given = [one.key for one in lifecycles if held.role in one.roles and one.roles[held.role].assign]
    colleague = looked_up(
        assignment.c.item == item.c.number,
        assignment.c.role == held.role,
        assignment.c.unit == held.scope,
        assignment.c.ended_seq.is_(None),
    )
    yield and_(item.c.lifecycle.in_(given), colleague)
    # A role that the lifecycle does not know reaches as one does that is given to nobody there.
    if office := programme.offices.get(held.scope or ""):
        yield and_(item.c.lifecycle.not_in(given), _concerns(programme, office.city))


def _concerns(programme: Programme, city: str | None) -> ColumnElement[bool]:
    """The items of that city, and those that name none of the programme's; None: all."""
    if city is None:
        return true()
    named = looked_up(
        item_facet.c.item == item.c.number,
        item_facet.c.facet == "cities",
        item_facet.c.value.in_(list(programme.cities)),
    )
    own = looked_up(item_facet.c.item == item.c.number, item_facet.c.facet == "cities", item_facet.c.value == city)
    return or_(own, ~named)
