"""The items of a lifecycle by state, a few of each: the overdue ones first, then the newest.

A filter that lets few items through leads: what it yields is sorted into the states. Else each state is read by itself,
the overdue from the index of its deadlines, the others from the index of the list, until it has enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    union_all,
)

from states.lifecycle import Lifecycle
from workflow.events import timestamp
from workflow.models import assignment, deadline, item
from workflow.queries.items import ItemFilter, ItemLine, Way, lines_of, ways_of

FEW = 4000
"""Items that are sorted into their states rather than reading each state by itself."""

COUNTED = 1000
"""Items of a state that are counted, where nothing is filtered; of more it is only said that there are more."""


@dataclass(frozen=True, slots=True)
class Pile:
    """The items of one state: the first of them, how many there are, and whether there are more than that."""

    items: tuple[ItemLine, ...] = ()
    number: int = 0
    more: bool = False


def board(
    connection: Connection,
    lifecycle: Lifecycle,
    filters: ItemFilter,
    now: datetime,
    *,
    limit: int,
    states: Iterable[str] | None = None,
    person: str | None = None,
    overdue: bool = False,
    within: ColumnElement[bool] | None = None,
) -> dict[str, Pile]:
    """State -> its items that `filters` (without lifecycle and state) lets through, up to `limit` of each.

    lifecycle: whose items, of all versions, and its states in order. states: of these alone. person: items on which
    they have a role; overdue: with a deadline that has run out by the aware moment `now`; within: a further condition
    on `item`, as visible.py gives. States without any are left out.
    """
    late = deadline.c.due_at <= timestamp(now)
    ways = [*ways_of(filters), *([_assigned(person)] if person else []), *([_late(late)] if overdue else [])]
    leading = _leading(connection, ways)
    wanted = [key for key in lifecycle.states if states is None or key in states]
    seen = () if within is None else (within,)
    if leading is not None:
        holds = [*(way.holds for way in ways if way is not leading), *seen]
        rows = connection.execute(_sorted_in(lifecycle, wanted, leading, holds, late, limit)).all()
        counts: Mapping[str, tuple[int, bool]] = {row.state: (row.number_of, False) for row in rows}
    else:
        holds = [*(way.holds for way in ways), *seen]
        rows = connection.execute(_state_by_state(lifecycle, wanted, holds, late, limit, overdue=overdue)).all()
        counts = {} if ways else _counts(connection, lifecycle, wanted, seen)
    piles: dict[str, dict[str, Row[Any]]] = {}
    for row in rows:
        piles.setdefault(row.state, {}).setdefault(row.number, row)
    shown = {state: list(pile.values())[:limit] for state, pile in piles.items()}
    lines = {line.number: line for line in lines_of(connection, [row for some in shown.values() for row in some])}
    return {
        state: Pile(
            tuple(lines[row.number] for row in shown[state]),
            *counts.get(state, (min(len(piles[state]), limit), len(piles[state]) > limit)),
        )
        for state in wanted
        if state in piles
    }


def outcomes(
    connection: Connection, lifecycle: Lifecycle, within: ColumnElement[bool] | None = None
) -> dict[str, tuple[int, bool]]:
    """Final state -> how many items that `within` lets through came to it, and whether there are more than that."""
    ends = [key for key, state in lifecycle.states.items() if state.final]
    return _counts(connection, lifecycle, ends, () if within is None else (within,))


def _assigned(person: str) -> Way:
    own = and_(assignment.c.person == person, assignment.c.ended_seq.is_(None))
    leads = select(item.c.ordinal).join(assignment, assignment.c.item == item.c.number).where(own).distinct()
    return Way(leads, exists().where(assignment.c.item == item.c.number, own), ordered=False)


RUNNING = deadline.c.status == literal("running", literal_execute=True)
"""Written out, not bound: the condition of the partial indexes has to be seen when the plan is made."""


def _late(late: ColumnElement[bool]) -> Way:
    leads = select(item.c.ordinal).join(deadline, deadline.c.item == item.c.number).where(RUNNING, late).distinct()
    return Way(leads, exists().where(deadline.c.item == item.c.number, RUNNING, late), ordered=False)


def _leading(connection: Connection, ways: Sequence[Way]) -> Way | None:
    if not ways:
        return None
    costs = (select(func.count()).select_from(way.leads.limit(FEW).subquery()).scalar_subquery() for way in ways)
    found = connection.execute(select(*(cost.label(f"cost_{place}") for place, cost in enumerate(costs)))).one()
    least = min(range(len(ways)), key=lambda place: found[place])
    return ways[least] if found[least] < FEW else None


def _sorted_in(
    lifecycle: Lifecycle,
    states: Sequence[str],
    leading: Way,
    holds: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    limit: int,
) -> Select[Any]:
    led = leading.leads.subquery("led")
    first = select(func.min(deadline.c.due_at)).where(deadline.c.item == item.c.number, RUNNING, late)
    found = (
        select(item, first.correlate(item).scalar_subquery().label("late_since"))
        .join(led, led.c.ordinal == item.c.ordinal)
        .where(item.c.lifecycle == lifecycle.key, item.c.state.in_(states), *holds)
        .subquery()
    )
    urgent = (case((found.c.late_since.is_(None), 1), else_=0), found.c.late_since, found.c.ordinal.desc())
    place = func.row_number().over(partition_by=found.c.state, order_by=urgent).label("place")
    number = func.count().over(partition_by=found.c.state).label("number_of")
    placed = select(found, place, number).subquery()
    return select(placed).where(placed.c.place <= limit).order_by(placed.c.state, placed.c.place)


def _state_by_state(
    lifecycle: Lifecycle,
    states: Sequence[str],
    holds: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    limit: int,
    *,
    overdue: bool,
) -> Select[Any]:
    branches = [
        branch for state in states for branch in _branches(lifecycle, state, holds, late, limit + 1, overdue=overdue)
    ]
    # The branches yield places alone, and the rows are joined once: columns take their time when a statement is made.
    every = union_all(*(select(branch.subquery()) for branch in branches)).subquery("every")
    return (
        select(item, every.c.rank, every.c.late_since)
        .join(every, every.c.ordinal == item.c.ordinal)
        .order_by(every.c.rank, every.c.late_since, every.c.ordinal.desc())
    )


def _branches(
    lifecycle: Lifecycle,
    state: str,
    holds: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    limit: int,
    *,
    overdue: bool,
) -> Iterator[Select[Any]]:
    there = and_(item.c.lifecycle == lifecycle.key, item.c.state == state)
    for rule in _rules(lifecycle, state):
        yield (
            select(item.c.ordinal, literal(0).label("rank"), deadline.c.due_at.label("late_since"))
            .join_from(deadline, item, item.c.number == deadline.c.item)
            .where(RUNNING, deadline.c.rule == rule, late, there, *holds)
            .order_by(deadline.c.due_at)
            .limit(limit)
        )
    if not overdue:
        yield (
            select(item.c.ordinal, literal(1).label("rank"), literal("").label("late_since"))
            .where(there, *holds)
            .order_by(item.c.ordinal.desc())
            .limit(limit)
        )


def _rules(lifecycle: Lifecycle, state: str) -> list[str]:
    """The deadlines that run in a state; a rule belongs to one state alone."""
    recurring = (move.key for move in lifecycle.leaving[state] if move.recurrence)
    return [*(rule.key for rule in lifecycle.states[state].deadlines), *recurring]


def _counts(
    connection: Connection, lifecycle: Lifecycle, states: Sequence[str], seen: Sequence[ColumnElement[bool]]
) -> dict[str, tuple[int, bool]]:
    one_more = COUNTED + 1
    counted = []
    for state in states:
        there = (item.c.lifecycle == lifecycle.key, item.c.state == state, *seen)
        some = select(item.c.ordinal).where(*there).limit(one_more)
        counted.append(select(literal(state), func.count()).select_from(some.subquery()))
    if not counted:
        return {}
    rows = connection.execute(union_all(*counted))
    return {state: (min(number, COUNTED), number > COUNTED) for state, number in rows if number}
