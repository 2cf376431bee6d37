"""The roles of the stored lifecycles: which there are, and what each lets its people do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select

from states.errors import nearest
from states.lifecycle import Lifecycle, Role, Scope
from states.sentences import Text
from workflow.errors import BadInput
from workflow.models import role_grant
from workflow.queries.lifecycles import list_versions
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Powers:
    """What a role lets its people do in one lifecycle, as labels. `sees_to`: states whose deadline is theirs."""

    lifecycle: Text
    creates: bool
    moves: tuple[Text, ...]
    writes: tuple[Text, ...]
    sees_to: tuple[Text, ...]
    corrects: bool
    extends: bool


def newest(connection: Connection, rules: Rules) -> dict[str, Lifecycle]:
    """The newest version of each stored lifecycle, by key."""
    tx = Transaction(connection)
    latest = {one.key: one.version for one in list_versions(connection)}
    return {key: rules.lifecycle(tx, key, version) for key, version in latest.items()}


def granted(stored: Mapping[str, Lifecycle]) -> dict[str, Role]:
    """The roles that are granted to people, and not given on single items, by key, in the order of the files."""
    found: dict[str, Role] = {}
    for lifecycle in stored.values():
        for role in lifecycle.roles.values():
            if role.scope is not Scope.ITEM:
                found.setdefault(role.key, role)
    return found


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


def holding(connection: Connection, day: date) -> dict[str, int]:
    """Role -> how many people were granted it and hold it on that day."""
    grant, today = role_grant.c, day.isoformat()
    rows = connection.execute(
        select(grant.role, func.count(grant.person.distinct()).label("number"))
        .where(
            grant.revoked_at.is_(None),
            grant.valid_from <= today,
            or_(grant.valid_to.is_(None), grant.valid_to >= today),
        )
        .group_by(grant.role)
    )
    return {row.role: row.number for row in rows}


def powers(stored: Mapping[str, Lifecycle], role: str) -> Iterator[Powers]:
    """What the role may do, for each lifecycle that knows it."""
    for one in stored.values():
        if role not in one.roles:
            continue
        yield Powers(
            one.label,
            creates=role in one.create,
            moves=tuple(move.label for move in one.transitions.values() if role in move.roles),
            writes=tuple(kind.label for kind in one.records.values() if role in kind.write),
            sees_to=tuple(
                state.label
                for state in one.states.values()
                if any(rule.responsible == role for rule in state.deadlines)
            ),
            corrects=role in one.correct,
            extends=role in (one.extend or ()),
        )
