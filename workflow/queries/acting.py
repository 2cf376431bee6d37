"""Who somebody is on a day: the roles granted to them, those they have on items, and whom they stand in for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select, union_all

from states.snapshot import Grant, Person
from workflow.errors import NotFound
from workflow.models import assignment, contact, deputy, person, role_grant


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody whose deputy the reader is today. `roles`: those it is limited to; empty: all of theirs."""

    person: Person
    roles: frozenset[str]
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is on one day: the roles granted to them, those they have on single items, and whether they stand
    in for anybody."""

    roles: frozenset[str] = frozenset()
    on_items: frozenset[str] = frozenset()
    deputy: bool = False


def in_force(day: date) -> ColumnElement[bool]:
    """The grants that hold on `day`."""
    at = day.isoformat()
    return and_(
        role_grant.c.revoked_at.is_(None),
        role_grant.c.valid_from <= at,
        or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= at),
    )


def hands(connection: Connection, reader: str, today: date) -> tuple[Person, dict[str, StandIn]]:
    """The reader (an address or id) and those whose deputy they are, by id, each with the grants of the day: one
    statement. Raises NotFound for somebody unknown or erased."""
    day = today.isoformat()
    asked = reader.strip().lower()
    me = select(contact.c.person).where((contact.c.email if "@" in asked else contact.c.person) == asked)
    known = union_all(
        select(contact.c.person.label("id"), literal("").label("limit"), literal(1).label("own")).where(
            contact.c.person.in_(me)
        ),
        select(deputy.c.person, deputy.c.role, literal(0)).where(
            deputy.c.deputy.in_(me), deputy.c.valid_from <= day, deputy.c.valid_to >= day
        ),
    ).subquery()
    rows = connection.execute(
        select(known, contact.c.name, role_grant.c.role, role_grant.c.scope_kind, role_grant.c.scope)
        .join(person, person.c.id == known.c.id)
        .join(contact, contact.c.person == known.c.id)
        .outerjoin(role_grant, and_(role_grant.c.person == known.c.id, in_force(today)))
        .where(person.c.erased_at.is_(None))
        .order_by(known.c.own.desc(), known.c.id, role_grant.c.id)
    ).all()
    if not rows or not rows[0].own:
        raise NotFound("person", reader)
    grants: dict[str, dict[Grant, None]] = {}
    limits: dict[str, set[str | None]] = {}
    names = {row.id: row.name for row in rows}
    for row in rows:
        granted = grants.setdefault(row.id, {})
        if row.role is not None:
            granted[Grant(row.role, row.scope_kind, row.scope)] = None
        if not row.own:
            limits.setdefault(row.id, set()).add(row.limit)
    people = {key: Person(key, tuple(granted)) for key, granted in grants.items()}
    away = {
        key: StandIn(people[key], frozenset() if None in limit else frozenset(one for one in limit if one), names[key])
        for key, limit in limits.items()
    }
    return people[rows[0].id], away


def standing(connection: Connection, who: str, day: date) -> Standing:
    """The standing of a person on `day`."""
    at = day.isoformat()
    granted = select(literal("granted").label("what"), role_grant.c.role.label("role")).where(
        role_grant.c.person == who, in_force(day)
    )
    on_items = (
        select(literal("on_items"), assignment.c.role)
        .where(assignment.c.person == who, assignment.c.ended_seq.is_(None))
        .distinct()
    )
    acting = select(literal("acting"), deputy.c.person).where(
        deputy.c.deputy == who, deputy.c.valid_from <= at, deputy.c.valid_to >= at
    )
    found: dict[str, set[str]] = {"granted": set(), "on_items": set(), "acting": set()}
    for row in connection.execute(union_all(granted, on_items, acting)):
        found[row.what].add(row.role)
    return Standing(frozenset(found["granted"]), frozenset(found["on_items"]), bool(found["acting"]))


def away(connection: Connection, who: str, day: date) -> dict[str, str]:
    """Id -> name of those whose deputy the person (by id) is on `day`, by name."""
    at = day.isoformat()
    rows = connection.execute(
        select(contact.c.person, contact.c.name)
        .join(deputy, deputy.c.person == contact.c.person)
        .where(deputy.c.deputy == who, deputy.c.valid_from <= at, deputy.c.valid_to >= at)
        .order_by(contact.c.name, contact.c.person)
    )
    return {row.person: row.name for row in rows}
