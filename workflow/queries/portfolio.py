"""The portfolio in figures: how many items there are by state, city, field and funding; how long they stay; how many
deadlines were kept. For states, stages and offices, and never for single people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from states.lifecycle import Lifecycle, Scope
from workflow.events import MOVES, Kind, moment, timestamp
from workflow.models import assignment, deadline, event, item, item_facet, link, role_grant

LOOKED_AT = 20_000
"""Moves, the latest first, that the time in states is taken from."""

FEWEST = 5
"""Fewer deadlines of an office are not told: they would say more of somebody than of the office."""

FEWEST_PEOPLE = 2
"""Nor is an office with fewer people: its figures are theirs."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long items stayed in a state, of those that have left it: half of them no longer than `median`, nine in ten
    no longer than `most`."""

    number: int
    median: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """Deadlines that have ended, or run out: how many, and how many of them were kept."""

    number: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Strategy:
    """What items are part of: how many of them there are, and how many of these by source of funding."""

    number: str
    title: str
    items: int
    funding: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The strategies, the one adopted last first; how many other items were made `since` then."""

    strategies: tuple[Strategy, ...]
    since: datetime
    later: int


def coverage(
    connection: Connection, lifecycle: Lifecycle, sees: ColumnElement[bool], within: ColumnElement[bool]
) -> Coverage | None:
    """How the items of `lifecycle` that `within` lets through stand to the strategies that `sees` lets through.

    Both are conditions on `item`. None where no link kind counts for the portfolio, or nothing it leads to was adopted.
    """
    kind = next((one for one in lifecycle.links.values() if one.portfolio), None)
    if kind is None:
        return None
    adopted = func.max(event.c.at).label("adopted")
    found = connection.execute(
        select(item.c.number, item.c.title, adopted)
        .join(event, event.c.stream == literal("item:").concat(item.c.number))
        .where(item.c.lifecycle.in_(kind.to), event.c.to == kind.portfolio, sees)
        .group_by(item.c.number, item.c.title)
        .order_by(adopted.desc(), item.c.number)
    ).all()
    if not found:
        return None
    linked = (
        select(link.c.other, link.c.item)
        .join(item, item.c.number == link.c.item)
        .where(link.c.kind == kind.key, link.c.ended_seq.is_(None), link.c.other.in_([row.number for row in found]))
    )
    parts = linked.where(within).subquery("parts")
    funded = (item_facet.c.item == parts.c.item) & (item_facet.c.facet == "funding")
    counted = union_all(
        select(parts.c.other, literal("").label("funding"), func.count().label("number")).group_by(parts.c.other),
        select(parts.c.other, item_facet.c.value, func.count())
        .join(item_facet, funded)
        .group_by(parts.c.other, item_facet.c.value),
    )
    numbers: dict[str, dict[str, int]] = {}
    for other, funding, number in connection.execute(counted):
        numbers.setdefault(other, {})[funding] = number
    later = select(func.count()).where(
        within, item.c.created_at > found[0].adopted, item.c.number.not_in(linked.with_only_columns(link.c.item))
    )
    strategies = (
        Strategy(row.number, row.title, of.get("", 0), {key: n for key, n in of.items() if key})
        for row, of in ((row, numbers.get(row.number, {})) for row in found)
    )
    return Coverage(tuple(strategies), moment(found[0].adopted), connection.scalar(later) or 0)


def by_state(connection: Connection, within: ColumnElement[bool]) -> dict[str, int]:
    """State -> how many items that `within`, a condition on `item`, lets through."""
    rows = connection.execute(select(item.c.state, func.count().label("number")).where(within).group_by(item.c.state))
    return {row.state: row.number for row in rows}


def by_facet(connection: Connection, facets: Sequence[str], within: ColumnElement[bool]) -> dict[tuple[str, str], int]:
    """Facet (cities, fields, funding) and value -> how many items; an item with several values counts for each."""
    rows = connection.execute(
        select(item_facet.c.facet, item_facet.c.value, func.count())
        .join(item, item.c.number == item_facet.c.item)
        .where(item_facet.c.facet.in_(facets), within)
        .group_by(item_facet.c.facet, item_facet.c.value)
    )
    return {(facet, value): number for facet, value, number in rows}


def stays(connection: Connection, within: ColumnElement[bool]) -> dict[str, Stay]:
    """State -> how long items stayed there, from the latest LOOKED_AT moves of all items."""
    latest = (
        select(event.c.stream, event.c.seq, event.c["from"].label("state"), event.c.at)
        .where(event.c.kind == Kind.ADVANCED)
        .order_by(event.c.recorded_at.desc(), event.c.stream.desc(), event.c.seq.desc())
        .limit(LOOKED_AT)
        .subquery("latest")
    )
    before = event.alias("before")
    entered = (
        select(before.c.at)
        .where(
            before.c.stream == latest.c.stream,
            before.c.seq < latest.c.seq,
            before.c.kind.in_(sorted(MOVES)),
            before.c.to == latest.c.state,
        )
        .order_by(before.c.seq.desc())
        .limit(1)
        .correlate(latest)
        .scalar_subquery()
    )
    left = (
        select(latest.c.state, _seconds(connection, latest.c.at, entered).label("seconds"))
        .join(item, item.c.number == func.substr(latest.c.stream, len("item:") + 1))
        .where(within)
        .subquery("left_states")
    )
    place = func.row_number().over(partition_by=left.c.state, order_by=left.c.seconds)
    number = func.count().over(partition_by=left.c.state)
    ranked = (
        select(left.c.state, left.c.seconds, place.label("place"), number.label("number"))
        .where(left.c.seconds.is_not(None))
        .subquery("ranked")
    )
    # The nearest rank: the smallest value that so many parts of all do not exceed.
    half, nine_tenths = (_rank(ranked.c.number, *part) for part in ((1, 2), (9, 10)))
    rows = connection.execute(
        select(
            ranked.c.state,
            func.max(ranked.c.number),
            func.max(case((ranked.c.place == half, ranked.c.seconds))),
            func.max(case((ranked.c.place == nine_tenths, ranked.c.seconds))),
        ).group_by(ranked.c.state)
    )
    return {
        state: Stay(number, timedelta(seconds=float(median)), timedelta(seconds=float(most)))
        for state, number, median, most in rows
    }


def _rank(number: ColumnElement[int], part: int, of: int) -> ColumnElement[int]:
    return (number * part + (of - 1)) // of


def _seconds(connection: Connection, later: ColumnElement[str], earlier: Any) -> ColumnElement[float]:
    if connection.dialect.name == "sqlite":
        days = func.julianday(later) - func.julianday(earlier)
        return cast(days * 86_400.0, Float)
    span = cast(later, TIMESTAMP(timezone=True)) - cast(earlier, TIMESTAMP(timezone=True))
    return cast(func.extract("epoch", span), Float)


def kept_by_rule(connection: Connection, within: ColumnElement[bool], now: datetime) -> dict[str, Kept]:
    """Deadline rule -> how many ended or ran out, and how many of these were kept."""
    rows = connection.execute(_ended(now, deadline.c.rule, within).group_by(deadline.c.rule))
    return {rule: Kept(number, in_time) for rule, number, in_time in rows}


def kept_by_office(
    connection: Connection, lifecycle: Lifecycle, within: ColumnElement[bool], now: datetime, day: date
) -> dict[str, Kept | None]:
    """Office -> its deadlines; None where there are too few, or it has too few people, for a figure about an office."""
    branches = list(_of_offices(lifecycle, within, now))
    if not branches:
        return {}
    every = union_all(*branches).subquery("every")
    rows = connection.execute(
        select(every.c.office, func.sum(every.c.number), func.sum(every.c.in_time)).group_by(every.c.office)
    ).all()
    at = day.isoformat()
    people = connection.execute(
        select(role_grant.c.scope, func.count(role_grant.c.person.distinct()))
        .where(
            role_grant.c.scope_kind == Scope.UNIT.value,
            role_grant.c.revoked_at.is_(None),
            role_grant.c.valid_from <= at,
            or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= at),
        )
        .group_by(role_grant.c.scope)
    )
    staffed = {office for office, number in people if number >= FEWEST_PEOPLE}
    return {
        office: Kept(int(number), int(in_time)) if number >= FEWEST and office in staffed else None
        for office, number, in_time in rows
    }


def _of_offices(lifecycle: Lifecycle, within: ColumnElement[bool], now: datetime) -> Iterator[Select[Any]]:
    """The deadlines of each role that is a unit's, by the unit that has it on the item."""
    for state in lifecycle.states.values():
        for rule in state.deadlines:
            role = lifecycle.roles.get(rule.responsible or "")
            if role is None or role.scope is not Scope.UNIT:
                continue
            held = and_(
                assignment.c.item == deadline.c.item, assignment.c.role == role.key, assignment.c.unit.is_not(None)
            )
            found = _ended(now, assignment.c.unit.label("office"), within, deadline.c.rule == rule.key)
            yield found.join(assignment, held).group_by(assignment.c.unit)


def _ended(now: datetime, by: ColumnElement[Any], *within: ColumnElement[bool]) -> Select[Any]:
    """Deadlines by `by`: ended, by the day that they were to end on, or run out by `now`.

    Of one that has ended `opened_at` tells when: the moment of its last change.
    """
    over = or_(
        deadline.c.status == literal("closed"),
        and_(deadline.c.status == literal("running", literal_execute=True), deadline.c.due_at <= timestamp(now)),
    )
    in_time = and_(deadline.c.status == "closed", func.substr(deadline.c.opened_at, 1, 10) <= deadline.c.local_date)
    return (
        select(by, func.count().label("number"), func.sum(case((in_time, 1), else_=0)).label("in_time"))
        .select_from(deadline)
        .join(item, item.c.number == deadline.c.item)
        .where(over, deadline.c.local_date.is_not(None), *within)
    )
