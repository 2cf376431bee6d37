"""Who shares a role for one place: those among whom a task may be passed on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, or_, select, tuple_

from workflow.models import contact, role_grant


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody by pseudonymous id, with their name."""

    person: str
    name: str


def colleagues(
    connection: Connection, places: Collection[tuple[str, str]], day: date
) -> dict[tuple[str, str], tuple[Colleague, ...]]:
    """Role and city, body or unit -> who holds the role there on `day`, by name."""
    if not places:
        return {}
    rows = connection.execute(
        select(role_grant.c.role, role_grant.c.scope, contact.c.person, contact.c.name)
        .join(contact, contact.c.person == role_grant.c.person)
        .where(
            tuple_(role_grant.c.role, role_grant.c.scope).in_(sorted(places)),
            role_grant.c.revoked_at.is_(None),
            role_grant.c.valid_from <= day.isoformat(),
            or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= day.isoformat()),
        )
        .order_by(contact.c.name, contact.c.person)
        .distinct()
    )
    found: dict[tuple[str, str], tuple[Colleague, ...]] = {}
    for role, scope, person, name in rows:
        found[role, scope] = (*found.get((role, scope), ()), Colleague(person, name))
    return found
