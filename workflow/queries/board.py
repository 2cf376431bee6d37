"""The items of a lifecycle by state, a few of each: the overdue ones first, then the newest.

A filter that lets few items through leads, or several that do so together: what they yield is sorted into the states.
Else each state is read by itself, the overdue from the index of its deadlines, the others from the index of the list,
until it has enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Row,
    ScalarSelect,
    Select,
    TableValuedAlias,
    Text,
    and_,
    exists,
    func,
    literal,
    select,
    true,
    union,
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

    lifecycle: whose items, of all versions, and its states in order. states: of these alone, else of those that are
    not final; of the final ones, where nothing is filtered, the number alone. person: items on which they have a role;
    overdue: with a deadline that has run out by the aware moment `now`; within: a further condition on `item`, as
    visible.py gives. States without any are left out.
    """
    late = deadline.c.due_at <= timestamp(now)
    ways = [*ways_of(filters), *([_assigned(person)] if person else []), *([_late(late)] if overdue else [])]
    leads, others = _leading(connection, ways)
    counted = list(lifecycle.states) if states is None else list(states)
    wanted = [key for key in counted if not lifecycle.states[key].final] if states is None else counted
    seen = () if within is None else (within,)
    holds = [*(way.holds for way in others), *seen]
    if leads is not None:
        rows = connection.execute(_sorted_in(lifecycle, wanted, leads, holds, late, limit)).all()
        counts: Mapping[str, tuple[int, bool]] = {row.state: (row.number_of, False) for row in rows}
    else:
        rows = connection.execute(
            _state_by_state(connection, lifecycle, wanted, holds, late, limit + 1, overdue=overdue)
        ).all()
        counts = {} if ways else _counts(connection, lifecycle, counted, seen)
    piles: dict[str, list[Row[Any]]] = {}
    for row in rows:
        piles.setdefault(row.state, []).append(row)
    shown = [row for pile in piles.values() for row in pile[:limit]]
    lines = {line.number: line for line in lines_of(connection, shown)}
    return {
        state: Pile(
            tuple(lines[row.number] for row in pile[:limit]),
            *counts.get(state, (min(len(pile), limit), len(pile) > limit)),
        )
        for state in counted
        if (pile := piles.get(state, [])) or state in counts
    }


def _assigned(person: str) -> Way:
    own = and_(assignment.c.person == person, assignment.c.ended_seq.is_(None))
    leads = select(item.c.ordinal).join(assignment, assignment.c.item == item.c.number).where(own).distinct()
    return Way(leads, exists().where(assignment.c.item == item.c.number, own), ordered=False)


RUNNING = deadline.c.status == literal("running", literal_execute=True)
"""Written out, not bound: the condition of the partial indexes has to be seen when the plan is made."""


def _late(late: ColumnElement[bool]) -> Way:
    leads = select(item.c.ordinal).join(deadline, deadline.c.item == item.c.number).where(RUNNING, late).distinct()
    return Way(leads, exists().where(deadline.c.item == item.c.number, RUNNING, late), ordered=False)


def _leading(connection: Connection, ways: Sequence[Way]) -> tuple[Select[Any] | None, Sequence[Way]]:
    """The ordinals of a filter that lets few items through, or of several that do so together; the other filters."""
    if not ways:
        return None, ways
    costs = [_up_to(FEW, way.leads) for way in ways]
    found = connection.execute(select(*(cost.label(f"cost_{place}") for place, cost in enumerate(costs)))).one()
    least = min(range(len(ways)), key=lambda place: found[place])
    if found[least] < FEW:
        return ways[least].leads, [*ways[:least], *ways[least + 1 :]]
    first, *others = (way.leads.subquery() for way in ways if way.ordered)
    if others:
        together = select(first.c.ordinal)
        for other in others:
            together = together.join(other, other.c.ordinal == first.c.ordinal)
        # Else no state might have enough of what they let through together, and each would be read whole.
        if (connection.scalar(select(_up_to(FEW, together))) or 0) < FEW:
            return together, [way for way in ways if not way.ordered]
    return None, ways


def _up_to(most: int, leads: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(leads.limit(most).subquery()).scalar_subquery()


def _sorted_in(
    lifecycle: Lifecycle,
    states: Sequence[str],
    leads: Select[Any],
    holds: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    limit: int,
) -> Select[Any]:
    led = leads.subquery("led")
    found = (
        select(item.c.ordinal, item.c.state, _late_since(item, late))
        .join(led, led.c.ordinal == item.c.ordinal)
        .where(item.c.lifecycle == lifecycle.key, item.c.state.in_(states), *holds)
        .subquery()
    )
    urgent = (found.c.late_since.nulls_last(), found.c.ordinal.desc())
    place = func.row_number().over(partition_by=found.c.state, order_by=urgent).label("place")
    number = func.count().over(partition_by=found.c.state).label("number_of")
    placed = select(found.c.ordinal, place, number).subquery()
    first = select(item, placed.c.number_of).join(placed, placed.c.ordinal == item.c.ordinal)
    return first.where(placed.c.place <= limit).order_by(item.c.state, placed.c.place)


def _state_by_state(
    connection: Connection,
    lifecycle: Lifecycle,
    states: Sequence[str],
    holds: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    limit: int,
    *,
    overdue: bool,
) -> Select[Any]:
    of_it = item.c.lifecycle == lifecycle.key
    rule = _each(connection, "rules", [key for state in states for key in _rules(lifecycle, state)])
    urgent = (
        select(item.c.ordinal)
        .join_from(deadline, item, item.c.number == deadline.c.item)
        .where(RUNNING, deadline.c.rule == rule.c.value, late, of_it, item.c.state.in_(states), *holds)
        .order_by(deadline.c.due_at)
    )
    found = [_of_each(connection, rule, urgent.limit(limit))]
    if not overdue:
        state = _each(connection, "states", states)
        newest = select(item.c.ordinal).where(of_it, item.c.state == state.c.value, *holds)
        found.append(_of_each(connection, state, newest.order_by(item.c.ordinal.desc()).limit(limit)))
    late_since = _late_since(item, late)
    every = select(item, late_since).where(item.c.ordinal.in_(union(*found)))
    return every.order_by(late_since.nulls_last(), item.c.ordinal.desc())


def _each(connection: Connection, name: str, keys: Sequence[str]) -> TableValuedAlias:
    """The keys as rows with a `value`. They travel as one parameter: one statement, however many."""
    if connection.dialect.name == "sqlite":
        return func.json_each(literal(json.dumps(keys))).table_valued("value", name=name)
    # Of an array PostgreSQL knows how many there are, and looks few items up rather than reading all.
    return func.unnest(literal(keys, ARRAY(Text))).table_valued("value", name=name).render_derived()


FOUND = item.alias("found")


def _of_each(connection: Connection, keys: TableValuedAlias, some: Select[Any]) -> Select[Any]:
    """The ordinals that `some` finds for each of the keys, which it names."""
    some = some.correlate(keys)
    if connection.dialect.name == "sqlite":  # which knows no LATERAL, but makes the list anew for each key
        return select(FOUND.c.ordinal).select_from(keys.join(FOUND, FOUND.c.ordinal.in_(some)))
    there = some.lateral()
    return select(there.c.ordinal).select_from(keys.join(there, true()))


def _late_since(shown: FromClause, late: ColumnElement[bool]) -> Label[Any]:
    """Since when the item is late: when its first deadline ran out that still runs; None for one that is not."""
    first = select(func.min(deadline.c.due_at)).where(deadline.c.item == shown.c.number, RUNNING, late)
    return first.correlate(shown).scalar_subquery().label("late_since")


def _rules(lifecycle: Lifecycle, state: str) -> list[str]:
    """The deadlines that run in a state; a rule belongs to one state alone."""
    recurring = (move.key for move in lifecycle.leaving[state] if move.recurrence)
    return [*(rule.key for rule in lifecycle.states[state].deadlines), *recurring]


def _counts(
    connection: Connection, lifecycle: Lifecycle, states: Sequence[str], seen: Sequence[ColumnElement[bool]]
) -> dict[str, tuple[int, bool]]:
    state = _each(connection, "states", states)
    there = (item.c.lifecycle == lifecycle.key, item.c.state == state.c.value, *seen)
    some = select(item.c.ordinal).where(*there).limit(COUNTED + 1).correlate(state).subquery()
    rows = connection.execute(select(state.c.value, select(func.count()).select_from(some).scalar_subquery()))
    return {key: (min(number, COUNTED), number > COUNTED) for key, number in rows if number}
