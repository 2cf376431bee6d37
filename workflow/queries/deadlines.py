"""The deadlines that run, by the moment they run out."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, literal, select, tuple_, union_all

from workflow.errors import BadInput
from workflow.events import moment, timestamp
from workflow.models import deadline, item

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """A running deadline of an item. `due` is its last day, `due_at` the moment after it, exclusive."""

    number: str
    title: str
    lifecycle: str
    version: int
    state: str
    rule: str
    key: str
    due: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some deadlines, and the cursor that gives the next ones; None where there are no more."""

    deadlines: tuple[DeadlineLine, ...]
    next: str | None


def list_deadlines(
    connection: Connection,
    *,
    until: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
    within: ColumnElement[bool] | None = None,
) -> Page:
    """Up to `limit` running deadlines (at most 500) after `cursor`, the earliest first; `until`: that had run out by
    that moment; `within`: of items that this condition lets through. Raises BadInput for a cursor that is none."""
    limit = max(1, min(limit, LARGEST_PAGE))
    found = select_deadlines(until, limit + 1, cursor)
    rows = connection.execute(found if within is None else found.where(within)).all()
    lines = tuple(map(_line, rows[:limit]))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(lines, _cursor([last.due_at, last.number, last.rule, last.key]) if last else None)


def of_days(
    connection: Connection, ends: Mapping[date, datetime], *, each: int, within: ColumnElement[bool] | None = None
) -> dict[date, tuple[DeadlineLine, ...]]:
    """Day -> up to `each` + 1 running deadlines that end with it: one more than asked for says that there are more.

    ends: the days, each with the moment it ends; within: of items that this condition lets through.
    """
    branches = []
    for end in ends.values():
        found = select_deadlines(None, each + 1, None).where(deadline.c.due_at == timestamp(end))
        branches.append(select((found if within is None else found.where(within)).subquery()))
    if not branches:
        return {}
    every = union_all(*branches).subquery("every")
    found_on: dict[date, tuple[DeadlineLine, ...]] = {}
    for row in connection.execute(select(every).order_by(every.c.due_at, every.c.number, every.c.rule, every.c.key)):
        day = date.fromisoformat(row.local_date)
        found_on[day] = (*found_on.get(day, ()), _line(row))
    return found_on


def select_deadlines(until: datetime | None, limit: int, cursor: str | None) -> Select[Any]:
    """The rows of that list."""
    order = (deadline.c.due_at, deadline.c.item, deadline.c.rule, deadline.c.key)
    found = (
        select(
            item.c.number, item.c.title, item.c.lifecycle, item.c.version, item.c.state, deadline.c.rule,
            deadline.c.key, deadline.c.local_date, deadline.c.due_at,
        )
        .join(item, item.c.number == deadline.c.item)
        # Written out, not bound: the condition of the partial index has to be seen when the plan is made.
        .where(deadline.c.status == literal("running", literal_execute=True), deadline.c.due_at.is_not(None))
    )  # fmt: skip
    if until is not None:
        found = found.where(deadline.c.due_at <= timestamp(until))
    if cursor is not None:
        place = _place(cursor)
        found = found.where(deadline.c.due_at >= place[0], tuple_(*order) > tuple_(*place))
    return found.order_by(*order).limit(limit)


def _line(row: Row[Any]) -> DeadlineLine:
    return DeadlineLine(
        number=row.number,
        title=row.title,
        lifecycle=row.lifecycle,
        version=row.version,
        state=row.state,
        rule=row.rule,
        key=row.key,
        due=date.fromisoformat(row.local_date),
        due_at=moment(row.due_at),
    )


def _cursor(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[str, str, str, str]:
    try:
        due_at, number, rule, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.") from None
    return str(due_at), str(number), str(rule), str(key)
