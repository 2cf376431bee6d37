"""Whose turn it is on an item, as everybody may know it: offices, bodies and roles, and never a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, select

from states.lifecycle import Scope
from states.tasks import Act
from workflow.models import assignment, task


@dataclass(frozen=True, slots=True)
class Turn:
    """That `role` has to fire, write or give out `what`; for a city, body or unit where `scope_kind` says so.

    rule, due: the deadline of it and its last day, None without one.
    """

    act: Act
    what: str
    role: str
    scope_kind: str | None
    scope: str | None
    rule: str | None
    due: date | None


def turns(connection: Connection, number: str) -> tuple[Turn, ...]:
    """What is to be done on the item now, the most urgent first."""
    on_item = and_(
        assignment.c.item == task.c.item,
        assignment.c.role == task.c.role,
        assignment.c.person == task.c.person,
        assignment.c.ended_seq.is_(None),
    )
    rows = connection.execute(
        select(task, assignment.c.unit)
        .outerjoin(assignment, on_item)
        .where(task.c.item == number, task.c.waiting.is_(False))
        .order_by(task.c.due_at, task.c.act, task.c.what, task.c.scope, task.c.key)
    )
    found: dict[Turn, None] = {}
    for row in rows:
        kind, scope = row.scope_kind or None, row.scope or None
        if kind is None and row.unit:  # somebody's, who was chosen for an office
            kind, scope = Scope.UNIT.value, row.unit
        due = date.fromisoformat(row.local_date) if row.local_date else None
        found[Turn(Act(row.act), row.what, row.role, kind, scope, row.rule or None, due)] = None
    return tuple(found)
