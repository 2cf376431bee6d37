"""Lists of items by any combination of filters, in one of a few orders, each page from an index.

A database without statistics cannot know which filter lets few items through, so it is asked: the one with the fewest
rows leads through its index, and the others are looked up for each item it yields. Where every filter lets many
through, the items are read in the order of the list until a page is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from workflow.errors import BadInput
from workflow.events import moment, timestamp
from workflow.models import deadline, item, item_facet, item_word
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
"""Behind every text."""


TITLE = "title"
"""The facet that titles are sorted by."""


class Order(StrEnum):
    """How a list is sorted: by number, or by when the state was entered, the latest first; or by title."""

    NEWEST = "newest"
    LAST_STEP = "last_step"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items; every field that is set narrows it further. Values are keys.

    text: every word of it begins a word of the title or of the sheet's public texts.
    overdue_at: items with a deadline that had run out by then.
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
    """Some items, and the cursors that give the next ones and those before: the number of the last one and of the
    first; None where there are no more."""

    items: tuple[ItemLine, ...]
    next: str | None
    previous: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One filter, both ways round: `leads` yields ordinals from an index, `holds` looks an item up.

    ordered: the index yields them in the order of the list, so that reading may stop when a page is full.
    """

    leads: Select[Any]
    holds: ColumnElement[bool]
    ordered: bool


def list_items(
    connection: Connection,
    filters: ItemFilter,
    limit: int = 50,
    cursor: str | None = None,
    *,
    order: Order = Order.NEWEST,
    back: bool = False,
    within: ColumnElement[bool] | None = None,
) -> Page:
    """Up to `limit` items (at most 500) behind the item `cursor`, or before it (`back`).

    within: a further condition on `item`, as visible.py gives.

    Raises BadInput for a cursor that is none.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    place = _place(connection, cursor, order)
    found = select_items(connection, filters, limit + 1, place, order=order, back=back)
    rows = connection.execute(found if within is None else found.where(within)).all()
    shown, more = rows[:limit], len(rows) > limit
    if back:
        shown = shown[::-1]
    if not shown:
        return Page((), None)
    ahead = more if back else cursor is not None
    behind = cursor is not None if back else more
    return Page(lines_of(connection, shown), shown[-1].number if behind else None, shown[0].number if ahead else None)


def count_items(connection: Connection, filters: ItemFilter, most: int) -> int:
    """How many items `filters` lets through; no more than `most` are counted."""
    found = select_items(connection, filters, most, None).subquery()
    return connection.scalar(select(func.count()).select_from(found)) or 0


def select_items(
    connection: Connection,
    filters: ItemFilter,
    limit: int,
    place: tuple[Any, ...] | None,
    *,
    order: Order = Order.NEWEST,
    back: bool = False,
) -> Select[Any]:
    """The rows of `item` that `filters` lets through, behind `place` in the order or (`back`) before it."""
    ways = ways_of(filters)
    holds: list[ColumnElement[bool]] = [item.c.released] if filters.released else []
    leading = _leading(connection, ways, order)
    holds += [way.holds for way in ways if way is not leading]
    found = select(item)
    newest: ColumnElement[Any] = item.c.ordinal
    if leading is not None:
        led = leading.leads.subquery("led")
        newest = led.c.ordinal
        found = found.join(led, led.c.ordinal == item.c.ordinal)
    keys: list[ColumnElement[Any]] = [newest]
    falling = True
    if order is Order.LAST_STEP:
        keys = [item.c.entered_at, item.c.ordinal]
    elif order is Order.TITLE:
        titles = item_facet.alias("titles")
        # Wrapped where a filter leads: else SQLite would begin with all titles.
        facet = titles.c.facet if leading is None else func.coalesce(titles.c.facet, "")
        found = found.join(titles, and_(titles.c.item == item.c.number, facet == TITLE))
        keys, falling = [titles.c.value, titles.c.ordinal], False
    if leading is not None:
        # Wrapped, so that no database takes the index of the order for what a few rows are to be sorted by.
        keys = [*(func.coalesce(key, "") for key in keys[:-1]), keys[-1]]
    down = falling is not back
    if place is None and leading is None and order is not Order.TITLE:
        # Says nothing, but that the index of the order is to be entered: SQLite would take it for a scan.
        holds.append(keys[0] < (END if order is Order.NEWEST else LAST))
    if place is not None:
        here = keys[0] if len(keys) == 1 else tuple_(*keys)
        there = place[0] if len(keys) == 1 else tuple_(*(literal(one) for one in place))
        holds.append(here < there if down else here > there)
    return found.where(*holds).order_by(*(key.desc() if down else key for key in keys)).limit(limit)


def _leading(connection: Connection, ways: Sequence[Way], order: Order) -> Way | None:
    """The filter that costs least to follow; None where it costs less to read the items in their order."""
    newest = order is Order.NEWEST  # the order that the indexes of filters have
    if len(ways) == 1 and ways[0].ordered and newest:
        return ways[0]
    cost = {way: _cost(connection, way, in_order=way.ordered and newest) for way in ways}
    best = min(ways, key=lambda way: cost[way], default=None)
    return best if best is not None and cost[best] < SORTED else None


def _cost(connection: Connection, way: Way, *, in_order: bool) -> int:
    most = ENOUGH if in_order else SORTED
    rows = connection.scalar(select(func.count()).select_from(way.leads.limit(most).subquery())) or 0
    return STREAMED if in_order and rows == ENOUGH else rows


def ways_of(filters: ItemFilter) -> list[Way]:
    """Each filter that is set, but `released`, both ways round."""
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
            ways.append(_facet(facet, value))
    ways += [_word(word) for word in words(filters.text or "")]
    if filters.overdue_at is not None:
        ways.append(_overdue(timestamp(filters.overdue_at)))
    return ways


def _column(**values: str) -> Way:
    leads = select(item.c.ordinal).where(*(item.c[name] == value for name, value in values.items()))
    # Wrapped, so that no database takes another index for it than the one that was chosen to lead.
    holds = and_(*(func.coalesce(item.c[name], "") == value for name, value in values.items()))
    return Way(leads, holds, ordered=True)


def _facet(facet: str, value: str) -> Way:
    leads = select(item_facet.c.ordinal).where(item_facet.c.facet == facet, item_facet.c.value == value)
    held = item_facet.alias("held")
    # By the ordinal: index and item then need not be read beyond their indexes.
    holds = looked_up(held.c.facet == facet, held.c.value == value, held.c.ordinal == item.c.ordinal)
    return Way(leads, holds, ordered=True)


def looked_up(*holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a row for the item of the query that this stands in, whatever else that query joins.

    No EXISTS, of which PostgreSQL may make a join: it would rather collect all items of a city than look a few up.
    """
    return select(literal(1)).where(*holds).limit(1).correlate(item).scalar_subquery().is_not(None)


def _word(word: str) -> Way:
    def begins(rows: FromClause) -> ColumnElement[bool]:
        return and_(rows.c.word >= word, rows.c.word < word + LAST)

    leads = select(item_word.c.ordinal).where(begins(item_word)).distinct()
    held = item_word.alias("held")
    return Way(leads, exists().where(held.c.ordinal == item.c.ordinal, begins(held)), ordered=False)


def _overdue(stamp: str) -> Way:
    # Written out, not bound: the condition of the partial index has to be seen when the plan is made.
    late = and_(deadline.c.status == literal("running", literal_execute=True), deadline.c.due_at <= stamp)
    leads = select(item.c.ordinal).join(deadline, deadline.c.item == item.c.number).where(late).distinct()
    return Way(leads, exists().where(deadline.c.item == item.c.number, late), ordered=False)


def lines_of(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[ItemLine, ...]:
    """Rows of `item` as lists show them."""
    numbers = [row.number for row in rows]
    facets: dict[str, dict[str, tuple[str, ...]]] = {number: {} for number in numbers}
    held = select(item_facet.c.item, item_facet.c.facet, item_facet.c.value).where(
        item_facet.c.item.in_(numbers), item_facet.c.facet.in_(FACETS.values())
    )
    for number, facet, value in connection.execute(held.order_by(item_facet.c.item, item_facet.c.value)):
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


def _place(connection: Connection, cursor: str | None, order: Order) -> tuple[Any, ...] | None:
    """Where in the order the item `cursor` stands; if it has moved on since the page was made, there."""
    if cursor is None:
        return None
    try:
        ordinal = ordinal_of(cursor)
    except ValueError:
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.") from None
    if order is Order.NEWEST:
        return (ordinal,)
    of_title = (item_facet.c.item == cursor) & (item_facet.c.facet == TITLE)
    key = select(item.c.entered_at).where(item.c.number == cursor)
    if order is Order.TITLE:
        key = select(item_facet.c.value).where(of_title)
    found = connection.scalar(key)
    if found is None:
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.")
    return (found, ordinal)
