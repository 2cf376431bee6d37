"""Who somebody is at a provider of identities: bound by issuer and subject, never by e-mail; and the roles it gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from states.lifecycle import Role
from states.programme import Programme
from workflow import access
from workflow.accounts import keeping
from workflow.errors import Conflict
from workflow.events import timestamp
from workflow.models import contact, identity, identity_grant, role_grant
from workflow.streams import Origin


@dataclass(frozen=True, slots=True)
class Bound:
    """An identity that is bound to a person."""

    issuer: str
    subject: str
    bound_at: str


def find(connection: Connection, issuer: str, subject: str) -> str | None:
    """The person that an identity is bound to."""
    return connection.scalar(
        select(identity.c.person).where(identity.c.issuer == issuer, identity.c.subject == subject)
    )


def of_person(connection: Connection, who: str) -> tuple[Bound, ...]:
    """The identities that are bound to a person."""
    rows = connection.execute(
        select(identity.c.issuer, identity.c.subject, identity.c.bound_at)
        .where(identity.c.person == who)
        .order_by(identity.c.bound_at)
    )
    return tuple(Bound(*row) for row in rows)


def is_known(connection: Connection, email: str) -> bool:
    """Whether somebody has this address already: they have to bind the identity themselves, signed in."""
    return connection.scalar(select(contact.c.person).where(contact.c.email == email.strip().lower())) is not None


def bind(connection: Connection, who: str, issuer: str, subject: str, now: datetime) -> None:
    """Bind an identity to a person. Raises Conflict where it is somebody else's."""
    there = find(connection, issuer, subject)
    if there == who:
        return
    if there is not None:
        raise Conflict("This identity is bound to another account.")
    keeping.ensure(connection, who, now)
    connection.execute(insert(identity).values(issuer=issuer, subject=subject, person=who, bound_at=timestamp(now)))


def unbind(connection: Connection, who: str, issuer: str, subject: str) -> None:
    """Take an identity off a person."""
    connection.execute(
        delete(identity).where(identity.c.person == who, identity.c.issuer == issuer, identity.c.subject == subject)
    )


def keep_roles(
    connection: Connection,
    who: str,
    wanted: Iterable[tuple[Role, str | None]],
    programme: Programme,
    origin: Origin,
    now: datetime,
    today: date,
) -> None:
    """Let the person hold the roles that their claims give, and no other that claims have given before.

    Roles granted by hand are left alone. Raises BadInput for a scope that the programme does not have.
    """
    held = connection.execute(
        select(role_grant.c.id, role_grant.c.role, role_grant.c.scope)
        .join(identity_grant, identity_grant.c.grant == role_grant.c.id)
        .where(role_grant.c.person == who, role_grant.c.revoked_at.is_(None))
    ).all()
    named = {(role.key, scope): (role, scope) for role, scope in wanted}
    for row in held:
        if (row.role, row.scope) in named:
            del named[row.role, row.scope]
        else:
            access.revoke(connection, row.id, origin, now)
    for role, scope in named.values():
        key = access.grant(connection, who, role, scope, programme, origin, now, valid_from=today)
        connection.execute(insert(identity_grant).values(grant=key))
