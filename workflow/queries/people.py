"""People with their roles and deputies, as an administrator sees them; and the names behind pseudonymous ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from states.lifecycle import Lifecycle
from states.roles import reaches
from states.snapshot import Grant, Snapshot
from workflow.models import assignment, contact, deputy, item, person, role_grant

LARGEST_PAGE = 500
LOOKED_AT = 200
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role that somebody has, had or will have. `valid_to` None: without an end; revoked ones are not listed."""

    id: str
    role: str
    scope_kind: str | None
    scope: str | None
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class DeputyLine:
    """A deputyship: `person` is away, `deputy` acts; both e-mail addresses. `role` None: for all roles."""

    id: str
    person: str
    deputy: str
    role: str | None
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody known, with name and address."""

    id: str
    email: str
    name: str
    locale: str
    grants: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Some people by e-mail address, and the cursor that gives the next ones; None where there are no more."""

    people: tuple[PersonLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class OnItem:
    """A role that somebody has on an item at present."""

    number: str
    title: str
    state: str
    role: str


def list_people(
    connection: Connection,
    *,
    role: str | None = None,
    text: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> People:
    """Up to `limit` people (at most 500) after the address `cursor`; with `role`, those that role was granted to; with
    `text`, those in whose name it stands or whose address begins with it, whatever the case."""
    limit = max(1, min(limit, LARGEST_PAGE))
    found = select(person.c.id, contact.c.email, contact.c.name, person.c.locale).join(
        contact, contact.c.person == person.c.id
    )
    if role is not None:
        granted = exists().where(
            role_grant.c.person == person.c.id, role_grant.c.role == role, role_grant.c.revoked_at.is_(None)
        )
        found = found.where(granted)
    if text is not None:
        wanted = text.lower()
        named = func.lower(contact.c.name).contains(wanted, autoescape=True)
        found = found.where(or_(named, contact.c.email.startswith(wanted, autoescape=True)))
    if cursor is not None:
        found = found.where(contact.c.email > cursor)
    rows = connection.execute(found.order_by(contact.c.email).limit(limit + 1)).all()
    shown = rows[:limit]
    grants = grants_of(connection, [row.id for row in shown])
    people = tuple(PersonLine(row.id, row.email, row.name, row.locale, grants.get(row.id, ())) for row in shown)
    return People(people, shown[-1].email if len(rows) > limit else None)


def grants_of(connection: Connection, people: Iterable[str]) -> dict[str, tuple[GrantLine, ...]]:
    """Person -> the roles granted and not revoked, whatever their dates."""
    found: dict[str, tuple[GrantLine, ...]] = {}
    rows = connection.execute(
        select(role_grant)
        .where(role_grant.c.person.in_(list(people)), role_grant.c.revoked_at.is_(None))
        .order_by(role_grant.c.person, role_grant.c.valid_from, role_grant.c.role, role_grant.c.scope)
    )
    for row in rows:
        found[row.person] = (*found.get(row.person, ()), _grant(row))
    return found


def deputies_of(connection: Connection, who: str) -> tuple[DeputyLine, ...]:
    """The deputyships of a person, either way round, the latest first."""
    away, acting = contact.alias("away"), contact.alias("acting")
    rows = connection.execute(
        select(
            deputy.c.id, away.c.email.label("person"), acting.c.email.label("deputy"), deputy.c.role,
            deputy.c.valid_from, deputy.c.valid_to,
        )
        .join(away, away.c.person == deputy.c.person)
        .join(acting, acting.c.person == deputy.c.deputy)
        .where(or_(deputy.c.person == who, deputy.c.deputy == who))
        .order_by(deputy.c.valid_from.desc(), deputy.c.id)
    )  # fmt: skip
    return tuple(
        DeputyLine(*row[:4], date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_to)) for row in rows
    )


def items_of(connection: Connection, who: str, limit: int = LARGEST_PAGE) -> tuple[OnItem, ...]:
    """The items on which a person has a role at present, newest first."""
    rows = connection.execute(
        select(item.c.number, item.c.title, item.c.state, assignment.c.role)
        .join(item, item.c.number == assignment.c.item)
        .where(assignment.c.person == who, assignment.c.ended_seq.is_(None))
        .order_by(item.c.ordinal.desc(), assignment.c.role)
        .limit(limit)
    )
    return tuple(OnItem(*row) for row in rows)


def names(connection: Connection, people: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Pseudonymous id -> name and e-mail address; whoever was erased is left out."""
    wanted = sorted(set(people))
    rows = connection.execute(
        select(contact.c.person, contact.c.name, contact.c.email).where(contact.c.person.in_(wanted))
    )
    return {row.person: (row.name, row.email) for row in rows}


def holders(connection: Connection, lifecycle: Lifecycle, snapshot: Snapshot, role: str, day: date) -> tuple[str, ...]:
    """The ids of those who hold `role` on the item on `day`: assigned, or by a grant that reaches it."""
    assigned = [one.person for one in snapshot.assignments if one.role == role]
    rows = connection.execute(
        select(role_grant)
        .join(contact, contact.c.person == role_grant.c.person)  # so that whoever was erased is left out
        .where(role_grant.c.role == role, role_grant.c.revoked_at.is_(None), role_grant.c.valid_from <= day.isoformat())
        .order_by(contact.c.name, contact.c.person)
    )
    granted = [
        row.person
        for row in rows
        if _grant(row).holds_on(day) and reaches(lifecycle, snapshot, Grant(row.role, row.scope_kind, row.scope))
    ]
    return tuple(dict.fromkeys([*assigned, *granted]))


def near(connection: Connection, email: str) -> list[str]:
    """Known addresses that `email` may have been meant for: those that begin alike."""
    asked = email.strip().lower()
    for length in (3, 1):
        start = asked[:length]
        rows = connection.scalars(
            select(contact.c.email)
            .where(contact.c.email >= start, contact.c.email < start + LAST)
            .order_by(contact.c.email)
            .limit(LOOKED_AT)
        ).all()
        if close := get_close_matches(asked, rows, n=3, cutoff=0.7):
            return close
    return []


def _grant(row: Row[Any]) -> GrantLine:
    return GrantLine(
        row.id,
        row.role,
        row.scope_kind,
        row.scope,
        date.fromisoformat(row.valid_from),
        date.fromisoformat(row.valid_to) if row.valid_to else None,
    )
