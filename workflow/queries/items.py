"""Lists of items by any combination of filters, newest first, each page from an index.

A database without statistics cannot know which filter lets few items through, so it is asked: the one with the fewest
rows leads through its index, and the others are looked up for each item it yields. Where every filter lets many
through, the items are read in the order of the list until a page is full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, exists, func, literal, select

from workflow.errors import BadInput
from workflow.events import moment, timestamp
from workflow.models import deadline, item, item_facet
from workflow.numbers import ordinal_of
from workflow.words import words

FACETS = {"city": "cities", "field": "fields", "provenance": "provenance", "funding": "funding"}
"""Filter -> the facet it asks for."""

ENOUGH = 1000
"""Rows from which on a filter whose index has the order of the list lets many through: no more of them are counted."""

SORTED = 20_000
"""Rows that are sorted rather than reading the items in order: the same for a filter whose index has another order."""

STREAMED = 5000
"""What reading many rows in order costs, in rows to be sorted."""

LARGEST_PAGE = 500
END = 2**62
"""Above every ordinal."""

LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items; every field that is set narrows it further. Values are keys.

    text: every word of it begins a word of the title. overdue_at: items with a deadline that had run out by then.
    released: those alone that everybody may see.
    """

    lifecycle: str | None = None
    state: str | None = None
    stage: str | None = None
    field: str | None = None
    city: str | None = None
    provenance: str | None = None
    funding: str | None = None
    text: str | None = None
    overdue_at: datetime | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item as lists show it. `due` is the last day of the deadline that runs out first, `rule` its name."""

    number: str
    title: str
    lifecycle: str
    version: int
    state: str
    stage: str | None
    revision: int
    released: bool
    entered_at: datetime
    created_at: datetime
    facets: dict[str, tuple[str, ...]]
    due: date | None = None
    due_at: datetime | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and the cursor that gives the next ones: the number of the last one, None where there are no more."""

    items: tuple[ItemLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """One filter, both ways round: `leads` yields ordinals from an index, `holds` looks an item up.

    ordered: the index yields them in the order of the list, so that reading may stop when a page is full.
    """

    leads: Select[Any]
    holds: ColumnElement[bool]
    ordered: bool


def list_items(connection: Connection, filters: ItemFilter, limit: int = 50, cursor: str | None = None) -> Page:
    """Up to `limit` items (at most 500) after `cursor`, newest first. Raises BadInput for a cursor that is none."""
    limit = max(1, min(limit, LARGEST_PAGE))
    statement = select_items(connection, filters, limit + 1, _ordinal(cursor))
    rows = connection.execute(statement).all()
    shown = rows[:limit]
    return Page(_lines(connection, shown), shown[-1].number if len(rows) > limit else None)


def count_items(connection: Connection, filters: ItemFilter, most: int) -> int:
    """How many items `filters` lets through; no more than `most` are counted."""
    found = select_items(connection, filters, most, None).subquery()
    return connection.scalar(select(func.count()).select_from(found)) or 0


def select_items(connection: Connection, filters: ItemFilter, limit: int, before: int | None) -> Select[Any]:
    """The rows of `item` that `filters` lets through, with an ordinal below `before`."""
    ways = _ways(filters)
    public = [item.c.released] if filters.released else []
    leading = _leading(connection, ways)
    holds = [way.holds for way in ways if way is not leading]
    if leading is None:
        behind = item.c.ordinal < (END if before is None else before)
        return select(item).where(behind, *public, *holds).order_by(item.c.ordinal.desc()).limit(limit)
    led = leading.leads.subquery("led")
    if before is not None:
        holds.append(led.c.ordinal < before)
    return (
        select(item)
        .join(led, led.c.ordinal == item.c.ordinal)
        .where(*public, *holds)
        .order_by(led.c.ordinal.desc())
        .limit(limit)
    )


def _leading(connection: Connection, ways: Sequence[_Way]) -> _Way | None:
    """The filter that costs least to follow; None where it costs less to read the items in their order."""
    if len(ways) == 1 and ways[0].ordered:
        return ways[0]
    cost = {way: _cost(connection, way) for way in ways}
    best = min(ways, key=lambda way: cost[way], default=None)
    return best if best is not None and cost[best] < SORTED else None


def _cost(connection: Connection, way: _Way) -> int:
    most = ENOUGH if way.ordered else SORTED
    rows = connection.scalar(select(func.count()).select_from(way.leads.limit(most).subquery())) or 0
    return STREAMED if way.ordered and rows == ENOUGH else rows


def _ways(filters: ItemFilter) -> list[_Way]:
    ways = []
    if filters.state and filters.lifecycle:
        ways.append(_column(lifecycle=filters.lifecycle, state=filters.state))
    elif filters.state:
        ways.append(_column(state=filters.state))
    elif filters.lifecycle:
        ways.append(_column(lifecycle=filters.lifecycle))
    if filters.stage:
        ways.append(_column(stage=filters.stage))
    for name, facet in FACETS.items():
        if (value := getattr(filters, name)) is not None:
            ways.append(_facet(facet, _is(value), ordered=True))
    ways += [_facet("title", _begins(word), ordered=False) for word in words(filters.text or "")]
    if filters.overdue_at is not None:
        ways.append(_overdue(timestamp(filters.overdue_at)))
    return ways


def _column(**values: str) -> _Way:
    leads = select(item.c.ordinal).where(*(item.c[name] == value for name, value in values.items()))
    # Wrapped, so that no database takes another index for it than the one that was chosen to lead.
    holds = and_(*(func.coalesce(item.c[name], "") == value for name, value in values.items()))
    return _Way(leads, holds, ordered=True)


def _facet(facet: str, matches: Callable[[FromClause], ColumnElement[bool]], *, ordered: bool) -> _Way:
    leads = select(item_facet.c.ordinal).where(item_facet.c.facet == facet, matches(item_facet))
    held = item_facet.alias("held")
    holds = exists().where(held.c.item == item.c.number, held.c.facet == facet, matches(held))
    return _Way(leads if ordered else leads.distinct(), holds, ordered)


def _is(value: str) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda facets: facets.c.value == value


def _begins(word: str) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda facets: and_(facets.c.value >= word, facets.c.value < word + LAST)


def _overdue(stamp: str) -> _Way:
    # Written out, not bound: the condition of the partial index has to be seen when the plan is made.
    late = and_(deadline.c.status == literal("running", literal_execute=True), deadline.c.due_at <= stamp)
    leads = select(item.c.ordinal).join(deadline, deadline.c.item == item.c.number).where(late).distinct()
    return _Way(leads, exists().where(deadline.c.item == item.c.number, late), ordered=False)


def _lines(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[ItemLine, ...]:
    numbers = [row.number for row in rows]
    facets: dict[str, dict[str, tuple[str, ...]]] = {number: {} for number in numbers}
    held = select(item_facet.c.item, item_facet.c.facet, item_facet.c.value).where(
        item_facet.c.item.in_(numbers), item_facet.c.facet.in_(FACETS.values())
    )
    for number, facet, value in connection.execute(held.order_by(item_facet.c.value)):
        facets[number][facet] = (*facets[number].get(facet, ()), value)
    running = select(deadline.c.item, deadline.c.due_at, deadline.c.local_date, deadline.c.rule).where(
        deadline.c.item.in_(numbers), deadline.c.status == "running", deadline.c.due_at.is_not(None)
    )
    first: dict[str, Any] = {}
    for row in connection.execute(running.order_by(deadline.c.due_at, deadline.c.rule)):
        first.setdefault(row.item, row)
    return tuple(_line(row, facets[row.number], first.get(row.number)) for row in rows)


def _line(row: Row[Any], facets: dict[str, tuple[str, ...]], due: Row[Any] | None) -> ItemLine:
    return ItemLine(
        number=row.number,
        title=row.title,
        lifecycle=row.lifecycle,
        version=row.version,
        state=row.state,
        stage=row.stage,
        revision=row.revision,
        released=bool(row.released),
        entered_at=moment(row.entered_at),
        created_at=moment(row.created_at),
        facets=facets,
        due=date.fromisoformat(due.local_date) if due else None,
        due_at=moment(due.due_at) if due else None,
        rule=due.rule if due else None,
    )


def _ordinal(cursor: str | None) -> int | None:
    try:
        return ordinal_of(cursor) if cursor is not None else None
    except ValueError:
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.") from None
