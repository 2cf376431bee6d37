"""What somebody has to do, the most urgent first, and what they wait for: the tasks of their roles, and of those whose
deputy they are today.

Each page is read from the indexes of `task`: one short stretch for each role and place, merged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from states.calendar import due_at
from states.snapshot import local_day
from states.tasks import Act
from workflow.errors import BadInput
from workflow.events import moment, timestamp
from workflow.models import deputy, item_facet, role_grant
from workflow.queries.stretches import BEHIND, Stretch, statement
from workflow.rules import Rules
from workflow.tasks import NEVER

LARGEST_PAGE = 200


class Section(StrEnum):
    """Where in the list a task stands: its day has passed, is in this week, comes later; it is others' to be done."""

    OVERDUE = "overdue"
    WEEK = "week"
    LATER = "later"
    WAITING = "waiting"


class View(StrEnum):
    """Which tasks: one's own and those that nobody of one's places has taken up; one's own alone; all of one's places,
    whoever has them; those that nobody has taken up."""

    TODO = "todo"
    MINE = "mine"
    OFFICE = "office"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A task: that `role` has to fire, write or assign `what`, or (in `waiting`) that `by` has to.

    what: a transition, record kind or role of the lifecycle's version; "" where it is to be decided how to go on.
    key: the body, unit, city or person a record is about. due: the last day, due_at: the moment after it.
    claimed_by, in_place_of: pseudonymous ids: whose it is; whose deputy has it in this list.
    """

    section: Section
    number: str
    title: str
    lifecycle: str
    version: int
    state: str
    revision: int
    cities: tuple[str, ...]
    act: Act
    what: str
    key: str
    role: str
    by: str
    scope: str
    rule: str | None
    due: date | None
    due_at: datetime | None
    claimed_by: str | None
    in_place_of: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some tasks, and the cursor that gives the next ones of the same sections; None where there are no more."""

    rows: tuple[WorkRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Hand:
    """Somebody whose tasks are in the list: the reader, or (`in_place_of`) who is away; their grants of the day."""

    person: str
    in_place_of: str | None
    only: str | None  # the role that a deputyship is limited to
    grants: tuple[tuple[str, str, str], ...]  # scope kind, scope, role


def worklist(
    connection: Connection,
    rules: Rules,
    person: str,
    now: datetime,
    *,
    section: Section | None = None,
    view: View = View.TODO,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Up to `limit` tasks (at most 200) of a person, by pseudonymous id, as of the aware moment `now`.

    section: of that section alone; absent, all in their order, those that are waited for last. Raises BadInput for a
    cursor that is none.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    wanted = [section] if section else list(Section)
    place = place_of(cursor)
    if place is not None:
        wanted = wanted[[one.value for one in wanted].index(place[0]) :] if place[0] in wanted else []
    found = sections(connection, rules, person, now, wanted, view=view, limit=limit, after=place)
    rows = [row for one in wanted for row in found.get(one, ())]
    return Page(tuple(rows[:limit]), cursor_of(rows[limit - 1]) if len(rows) > limit else None)


def sections(
    connection: Connection,
    rules: Rules,
    person: str,
    now: datetime,
    wanted: Sequence[Section] = tuple(Section),
    *,
    view: View = View.TODO,
    limit: int = 50,
    after: Sequence[str] | None = None,
) -> dict[Section, tuple[WorkRow, ...]]:
    """Up to `limit` + 1 tasks of each of these sections: one more than asked for says that there are more.

    after: where the first of the sections begins, as in a cursor.
    """
    hands = _hands(connection, person, local_day(now, rules.programme).isoformat())
    spans = _spans(rules, now)
    found = [
        stretch
        for place, one in enumerate(wanted)
        for stretch in _stretches(hands, view, one, spans[one], after if place == 0 else None)
    ]
    if not found:
        return {}
    values = {f"{name}_{place}": value for place, (_, given) in enumerate(found) for name, value in given.items()}
    rows = connection.execute(statement(tuple(stretch for stretch, _ in found)), {**values, "most": limit + 1}).all()
    once: dict[tuple[str, ...], Row[Any]] = {}
    for row in rows:
        once.setdefault((row.section, row.item, row.act, row.what, row.key), row)
    shown: dict[Section, list[Row[Any]]] = {}
    for row in once.values():
        of_section = shown.setdefault(Section(row.section), [])
        if len(of_section) <= limit:
            of_section.append(row)
    cities = _cities(connection, {row.item for some in shown.values() for row in some})
    return {one: tuple(_row(row, cities.get(row.item, ())) for row in some) for one, some in shown.items()}


def _hands(connection: Connection, person: str, day: str) -> list[_Hand]:
    away = connection.execute(
        select(deputy.c.person, deputy.c.role)
        .where(deputy.c.deputy == person, deputy.c.valid_from <= day, deputy.c.valid_to >= day)
        .distinct()
    ).all()
    held: dict[str, list[tuple[str, str, str]]] = {}
    for row in connection.execute(
        select(role_grant)
        .where(
            role_grant.c.person.in_([person, *(one.person for one in away)]),
            role_grant.c.revoked_at.is_(None),
            role_grant.c.valid_from <= day,
            or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= day),
        )
        .order_by(role_grant.c.role, role_grant.c.scope)
    ):
        place = (row.scope_kind or "", row.scope or "", row.role)
        if place not in held.setdefault(row.person, []):
            held[row.person].append(place)
    own = _Hand(person, None, None, tuple(held.get(person, ())))
    return [own, *(_Hand(one.person, one.person, one.role, tuple(held.get(one.person, ()))) for one in away)]


def _spans(rules: Rules, now: datetime) -> dict[Section, tuple[str, str]]:
    """From when (exclusive) to when tasks of a section are due. A week ends with its Sunday."""
    today = local_day(now, rules.programme)
    sunday = timestamp(due_at(today + timedelta(days=6 - today.weekday()), rules.programme.zone))
    stamp = timestamp(now)
    return {
        Section.OVERDUE: ("", stamp),
        Section.WEEK: (stamp, sunday),
        Section.LATER: (sunday, NEVER),
        Section.WAITING: ("", NEVER),
    }


def _stretches(
    hands: Sequence[_Hand], view: View, section: Section, span: tuple[str, str], after: Sequence[str] | None
) -> Iterator[tuple[Stretch, dict[str, str]]]:
    """For each hand and each place it reaches, where the tasks of a section stand in an index, and its values."""
    due = {"from": span[0], "to": span[1]}
    if after is not None:
        due |= dict(zip(BEHIND, after[1:], strict=True))
    one = partial(Stretch, section.value, section is Section.WAITING, behind=after is not None)
    for hand in hands:
        values = {**due, "in_place_of": hand.in_place_of or ""}
        if view in (View.TODO, View.MINE):
            limited = {"role": hand.only} if hand.only else {}
            yield one(own=True, of_role=bool(limited)), {**values, "person": hand.person, **limited}
        if view is View.MINE:
            continue
        for kind, scope, role in hand.grants:
            if hand.only in (None, role):
                there = {**values, "scope_kind": kind, "scope": scope, "role": role}
                for claimed in (False, True) if view is View.OFFICE else (False,):
                    yield one(claimed=claimed), there


def _cities(connection: Connection, numbers: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = select(item_facet.c.item, item_facet.c.value).where(
        item_facet.c.item.in_(sorted(numbers)), item_facet.c.facet == "cities"
    )
    # In the order of the key: by value alone SQLite reads the cities of every item there is.
    for number, city in connection.execute(rows.order_by(item_facet.c.item, item_facet.c.value)):
        found[number] = (*found.get(number, ()), city)
    return found


def _row(row: Row[Any], cities: tuple[str, ...]) -> WorkRow:
    return WorkRow(
        section=Section(row.section),
        number=row.item,
        title=row.title,
        lifecycle=row.lifecycle,
        version=row.version,
        state=row.state,
        revision=row.revision,
        cities=cities,
        act=Act(row.act),
        what=row.what,
        key=row.key,
        role=row.role,
        by=row.by,
        scope=row.scope,
        rule=row.rule or None,
        due=date.fromisoformat(row.local_date) if row.local_date else None,
        due_at=moment(row.due_at) if row.local_date else None,
        claimed_by=row.person or None,
        in_place_of=row.in_place_of or None,
    )


def cursor_of(row: WorkRow) -> str:
    """The cursor that gives the tasks after this one."""
    at = timestamp(row.due_at) if row.due_at else NEVER
    place = [row.section.value, at, row.number, row.what, row.key]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> list[str] | None:
    """The place that a cursor stands for. Raises BadInput for one that is none."""
    if cursor is None:
        return None
    try:
        section, *place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(place) != 4:
            raise ValueError(cursor)
        return [Section(section).value, *map(str, place)]
    except (ValueError, TypeError):
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.") from None
