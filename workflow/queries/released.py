"""The released items one after the other, as open data has them: what lists show, and what everybody may read of the
sheet. Any number of them pass through the memory of one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, literal, select, text

from states.lifecycle import Lifecycle
from workflow.models import event, item, record
from workflow.queries.items import LARGEST_PAGE, ItemFilter, ItemLine, list_items
from workflow.queries.public import RECORD, seen
from workflow.rules import Rules
from workflow.transaction import Transaction

SHEET = "sheet"
"""The record kind that describes an item, where its lifecycle does not name another."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A released item with the version of its lifecycle. sheet: what everybody may read of it, by field.

    move: the transition that led into its state; None where it began there, or was taken over.
    """

    line: ItemLine
    lifecycle: Lifecycle
    sheet: Mapping[str, Any]
    move: str | None


def released(connection: Connection, rules: Rules, filters: ItemFilter) -> Iterator[OpenItem]:
    """The released items among those that `filters` lets through, the newest first."""
    tx, open_to_all = Transaction(connection), replace(filters, released=True)
    cursor: str | None = None
    while True:
        page = list_items(connection, open_to_all, LARGEST_PAGE, cursor)
        pinned = {one.number: rules.lifecycle(tx, one.lifecycle, one.version) for one in page.items}
        sheets, moves = _sheets(connection, pinned), _moves(connection, list(pinned))
        for one in page.items:
            yield OpenItem(one, pinned[one.number], sheets.get(one.number, {}), moves[one.number])
        if (cursor := page.next) is None:
            return


def _sheets(connection: Connection, pinned: Mapping[str, Lifecycle]) -> dict[str, Mapping[str, Any]]:
    kinds = {number: lifecycle.sheet or SHEET for number, lifecycle in pinned.items()}
    rows = connection.execute(
        select(*RECORD).where(record.c.item.in_(kinds), record.c.kind.in_(set(kinds.values())), text("latest"))
    )
    facts = {row.item: seen(pinned[row.item], row) for row in rows if row.kind == kinds[row.item]}
    return {number: fact.data for number, fact in facts.items() if fact is not None}


def _moves(connection: Connection, numbers: Sequence[str]) -> dict[str, str | None]:
    entered = (event.c.stream == literal("item:").concat(item.c.number)) & (event.c.seq == item.c.visit)
    rows = connection.execute(
        select(item.c.number, event.c.trigger).outerjoin(event, entered).where(item.c.number.in_(numbers))
    )
    return {row.number: row.trigger for row in rows}
