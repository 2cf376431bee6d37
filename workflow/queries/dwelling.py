"""How many items are in each state of a lifecycle, and for how long they have been there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from workflow.events import moment
from workflow.models import item


@dataclass(frozen=True, slots=True)
class Dwelling:
    """The items in one state. median: of the time since they entered it."""

    number: int
    median: timedelta


def dwelling(connection: Connection, lifecycle: str, now: datetime) -> dict[str, Dwelling]:
    """State -> its items at the aware moment `now`, of all versions; states without any are left out."""
    place = func.row_number().over(partition_by=item.c.state, order_by=item.c.entered_at)
    number = func.count().over(partition_by=item.c.state)
    ranked = (
        select(item.c.state, item.c.entered_at, place.label("place"), number.label("number"))
        .where(item.c.lifecycle == lifecycle)
        .subquery()
    )
    middle = ranked.c.place * 2
    rows = connection.execute(
        select(ranked).where(middle >= ranked.c.number, middle <= ranked.c.number + 2).order_by(ranked.c.place)
    )
    found: dict[str, tuple[int, list[timedelta]]] = {}
    for row in rows:
        # Of an odd number the one in the middle, of an even one the two beside it.
        if row.number % 2 == 0 or row.place * 2 == row.number + 1:
            found.setdefault(row.state, (row.number, []))[1].append(now - moment(row.entered_at))
    return {state: Dwelling(number, sum(times, timedelta()) / len(times)) for state, (number, times) in found.items()}


def in_state(connection: Connection, lifecycle: str, below: int) -> dict[str, int]:
    """State -> how many items are in it under a version before `below`."""
    rows = connection.execute(
        select(item.c.state, func.count().label("number"))
        .where(item.c.lifecycle == lifecycle, item.c.version < below)
        .group_by(item.c.state)
    )
    return {row.state: row.number for row in rows}


def in_use(connection: Connection) -> dict[tuple[str, int], int]:
    """Lifecycle and version -> how many items go by it."""
    rows = connection.execute(
        select(item.c.lifecycle, item.c.version, func.count().label("number")).group_by(
            item.c.lifecycle, item.c.version
        )
    )
    return {(row.lifecycle, row.version): row.number for row in rows}
