"""Who is meant: people by their e-mail address, with the nearest ones where nobody has it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from ideenweg.cli.session import Session
from states.errors import nearest
from states.lifecycle import Lifecycle, Role
from states.snapshot import SYSTEM
from workflow.access import Contact, find
from workflow.errors import BadInput, NotFound
from workflow.queries.lifecycles import list_versions
from workflow.queries.people import near
from workflow.rules import Rules
from workflow.transaction import Transaction


def known(session: Session, connection: Connection, asked: str) -> Contact:
    """The person with this address or pseudonymous id. Raises NotFound that names the nearest addresses."""
    try:
        return find(connection, asked)
    except NotFound as error:
        if close := near(connection, asked):
            either = session.say(" oder ", " or ").join(close)
            error.add_note(session.say(f"Meinten Sie {either}?", f"Did you mean {either}?"))
        raise


def name(people: Mapping[str, tuple[str, str]], person: str | None, session: Session) -> str:
    """What to call somebody: the name; for whoever may not be named, or was erased, what is left of them."""
    if person is None:
        return ""
    if person == SYSTEM:
        return session.say("von selbst", "by itself")
    return people[person][0] if person in people else person


def newest(connection: Connection, rules: Rules) -> dict[str, Lifecycle]:
    """The newest version of each stored lifecycle, by key."""
    tx = Transaction(connection)
    latest = {one.key: one.version for one in list_versions(connection)}
    return {key: rules.lifecycle(tx, key, version) for key, version in latest.items()}


def role_of(connection: Connection, rules: Rules, key: str, lifecycle: str | None) -> Role:
    """The role of that name in the stored lifecycles, or in the one named. Raises BadInput with the nearest names."""
    stored = newest(connection, rules)
    if not stored:
        raise BadInput(
            "No lifecycle is loaded, so there are no roles.", remedy="Load one: ideenweg lifecycle load FILE."
        )
    if lifecycle is not None:
        if lifecycle not in stored:
            raise BadInput(f"There is no lifecycle {lifecycle!r}.", remedy=nearest(lifecycle, list(stored)))
        stored = {lifecycle: stored[lifecycle]}
    found = [one.roles[key] for one in stored.values() if key in one.roles]
    if not found:
        roles = sorted({role for one in stored.values() for role in one.roles})
        raise BadInput(f"There is no role {key!r}.", remedy=nearest(key, roles))
    if len({role.scope for role in found}) > 1:
        where = [one.key for one in stored.values() if key in one.roles]
        raise BadInput(
            f"{key} means different things in {', '.join(where)}.", remedy="Add --lifecycle with one of them."
        )
    return found[0]
