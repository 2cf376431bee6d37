"""Items that somebody has chosen from a list, with what is needed to move all of them: read in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from states.lifecycle import Fire, Lifecycle, State, Transition
from workflow.models import item, item_facet
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item under the version of its lifecycle that it is pinned to."""

    number: str
    title: str
    lifecycle: Lifecycle
    state: State
    cities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition that the states of some chosen items offer, as the newest of their versions has it; on how many."""

    transition: Transition
    lifecycle: Lifecycle
    items: int


def chosen(
    connection: Connection, rules: Rules, numbers: Sequence[str], within: ColumnElement[bool] | None = None
) -> tuple[Chosen, ...]:
    """Those of the items that there are and that `within` lets through, by number."""
    rows = select(item.c.number, item.c.title, item.c.lifecycle, item.c.version, item.c.state)
    rows = rows.where(item.c.number.in_(numbers)).order_by(item.c.ordinal)
    found = connection.execute(rows if within is None else rows.where(within)).all()
    cities: dict[str, list[str]] = {}
    facets = select(item_facet.c.item, item_facet.c.value).where(
        item_facet.c.item.in_([one.number for one in found]), item_facet.c.facet == "cities"
    )
    for number, city in connection.execute(facets):
        cities.setdefault(number, []).append(city)
    tx = Transaction(connection)
    known = {(key, version): rules.lifecycle(tx, key, version) for key, version in {row[2:4] for row in found}}
    return tuple(
        Chosen(one.number, one.title, under, under.states[one.state], tuple(sorted(cities.get(one.number, ()))))
        for one in found
        for under in (known[one.lifecycle, one.version],)
    )


def offers(items: Sequence[Chosen]) -> tuple[Offer, ...]:
    """The transitions by hand that at least one of the items could take from its state, in the order of the file."""
    counts: dict[str, int] = {}
    newest: dict[str, Lifecycle] = {}
    for one in items:
        for move in one.lifecycle.leaving[one.state.key]:
            if move.fire is Fire.PERSON:
                counts[move.key] = counts.get(move.key, 0) + 1
                before = newest.get(move.key)
                if before is None or before.version < one.lifecycle.version:
                    newest[move.key] = one.lifecycle
    order = {key: place for under in newest.values() for place, key in enumerate(under.transitions)}
    return tuple(
        Offer(newest[key].transitions[key], newest[key], counts[key]) for key in sorted(counts, key=order.__getitem__)
    )
