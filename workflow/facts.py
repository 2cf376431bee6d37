"""Reads what one command needs to know, in as few round trips as that takes: item, people, facts of the guards."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.snapshot import (
    SYSTEM,
    AssignmentFact,
    Grant,
    LinkFact,
    Needs,
    Person,
    RecordFact,
    Snapshot,
    StepFact,
    local_day,
)
from workflow.errors import NotFound
from workflow.events import moment
from workflow.rules import Rules
from workflow.statements import records_of
from workflow.transaction import Rows, Transaction


class ItemRow(NamedTuple):
    """A row of `item`, in the order of its columns."""

    number: str
    ordinal: int
    lifecycle: str
    version: int
    programme: str | None
    programme_version: int | None
    state: str
    stage: str | None
    revision: int
    head: str
    visit: int
    entered_at: str
    origin: str | None
    origin_visit: int | None
    title: str
    released: bool
    created_at: str


class Neighbour(NamedTuple):
    """An item linked with this one, either way."""

    kind: str
    outgoing: bool
    number: str
    lifecycle: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A command that was carried out before: the hash of its request and its result."""

    request_hash: str
    result: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one command on one item was judged on."""

    item: ItemRow
    lifecycle: Lifecycle
    programme: Programme
    snapshot: Snapshot
    facets: dict[str, tuple[str, ...]]
    neighbours: tuple[Neighbour, ...]
    deadlines: Rows
    stored: Stored | None


def who(tx: Transaction, actor: str, today: str) -> tuple[str, tuple[str, str, str]]:
    """The query for a person by e-mail address or pseudonymous id."""
    if "@" in actor:
        return tx.sql.person_by_email, (today, today, actor.strip().lower())
    return tx.sql.person_by_id, (today, today, actor)


def person(rows: Rows, asked: str) -> Person:
    """The person of those rows. Raises NotFound for somebody unknown or erased."""
    if not rows or rows[0][1] is not None:
        raise NotFound("person", asked)
    return Person(rows[0][0], tuple(Grant(row[2], row[3], row[4]) for row in rows if row[2] is not None))


def load(
    tx: Transaction,
    rules: Rules,
    *,
    number: str,
    actor: str,
    on_behalf_of: str | None,
    command_id: str | None,
    needs_of: Callable[[Lifecycle, str], Needs],
    now: datetime,
    lock: bool,
) -> Facts:
    """Everything about item `number` that the command may look at.

    needs_of: (lifecycle, state) -> the facts that the guards concerned declare. lock: the item is going to be changed.
    Raises NotFound for an unknown item or person.
    """
    today = local_day(now, rules.programme).isoformat()
    system = actor == SYSTEM
    queries: list[tuple[str, tuple[Any, ...]]] = [
        (tx.sql.item if lock else tx.sql.item_unlocked, (number,)),
        (tx.sql.assignments, (number,)),
        (tx.sql.facets, (number,)),
        (tx.sql.links, (number, number)),
    ]
    if not system:
        queries.append(who(tx, actor, today))
    if on_behalf_of:
        queries.append(who(tx, on_behalf_of, today))
    first = tx.read(*queries)
    if not first[0]:
        raise NotFound("item", number)
    item = ItemRow(*first[0][0])
    acting = Person(SYSTEM) if system else person(first[4], actor)
    represented = person(first[-1], on_behalf_of) if on_behalf_of else None
    lifecycle = rules.lifecycle(tx, item.lifecycle, item.version)
    programme = rules.programme_of(tx, item.programme, item.programme_version)
    neighbours = tuple(Neighbour(row[0], bool(row[1]), *row[2:]) for row in first[3])
    needs = needs_of(lifecycle, item.state)
    second = _second(tx, item, needs, acting, represented, command_id, today, lock, bool(lifecycle.clocked))
    deputised = {row[0] for row in second.get("deputyship", ())}
    snapshot = Snapshot(
        number=number,
        state=item.state,
        visit=item.visit,
        revision=item.revision,
        entered_at=moment(item.entered_at),
        actor=acting,
        represented=represented,
        deputy=bool(deputised),
        deputy_for=frozenset() if None in deputised else frozenset(deputised),
        cities=tuple(value for facet, value in first[2] if facet == "cities" and value in programme.cities),
        origin=item.origin,
        origin_visit=item.origin_visit,
        records=tuple(record_fact(row) for row in second.get("records", ())),
        links=link_facts(tx, rules, neighbours, needs),
        assignments=tuple(AssignmentFact(role, holder, unit) for role, holder, unit, _ in first[1]),
        steps=tuple(_step(row) for row in second.get("steps", ())),
        supports=tuple(moment(row[0]) for row in second.get("supports", ())),
        programme=programme,
    )
    facets: dict[str, tuple[str, ...]] = {}
    for facet, value in first[2]:
        facets[facet] = (*facets.get(facet, ()), value)
    stored = Stored(*second["command"][0]) if second.get("command") else None
    return Facts(item, lifecycle, programme, snapshot, facets, neighbours, second.get("deadlines", []), stored)


def _second(
    tx: Transaction,
    item: ItemRow,
    needs: Needs,
    acting: Person,
    represented: Person | None,
    command_id: str | None,
    today: str,
    lock: bool,
    clocked: bool,
) -> dict[str, Rows]:
    """The second round: what can only be asked once the item's lifecycle and the people are known."""
    queries: dict[str, tuple[str, tuple[Any, ...]]] = {}
    if command_id:
        queries["command"] = (tx.sql.command, (acting.id, command_id))
    if represented:
        queries["deputyship"] = (tx.sql.deputyship, (represented.id, acting.id, today, today))
    if needs.records:
        kinds = sorted(needs.records)
        queries["records"] = (records_of(tx.dialect, len(kinds), 1), (item.number, *kinds))
    if needs.steps:
        queries["steps"] = (tx.sql.steps, (f"item:{item.number}",))
    if needs.support:
        queries["supports"] = (tx.sql.supports, (item.number,))
    if clocked:
        queries["deadlines"] = (tx.sql.deadlines, (item.number,))
    if needs.links and lock:
        queries["shared"] = (tx.sql.linked_items_shared, (item.number, item.number))
    if not queries:
        return {}
    return dict(zip(queries, tx.read(*queries.values()), strict=True))


def _step(row: Sequence[Any]) -> StepFact:
    kind, transition, source, target, actor, on_behalf_of, at = row
    return StepFact(kind, transition, source, target, actor, on_behalf_of, moment(at))


def record_fact(row: Sequence[Any]) -> RecordFact:
    """A record as `records_of` gives it."""
    data = json.loads(row[6]) if row[6] else {}
    if row[7]:
        data |= json.loads(row[7])
    return RecordFact(row[1], row[2], row[3], row[4], row[5], data, moment(row[8]), row[9])


def link_facts(tx: Transaction, rules: Rules, neighbours: tuple[Neighbour, ...], needs: Needs) -> tuple[LinkFact, ...]:
    """What guards may know of the items this one is linked with."""
    wanted = [one for one in neighbours if one.kind in needs.links]
    if not wanted:
        return ()
    kinds = sorted({kind for one in wanted for kind in needs.links[one.kind]})
    records: dict[str, list[RecordFact]] = {}
    if kinds:
        numbers = sorted({one.number for one in wanted})
        for row in tx.read((records_of(tx.dialect, len(kinds), len(numbers)), (*numbers, *kinds)))[0]:
            records.setdefault(row[0], []).append(record_fact(row))
    return tuple(
        LinkFact(
            one.kind,
            one.outgoing,
            one.number,
            one.lifecycle,
            one.state,
            rules.lifecycle(tx, one.lifecycle, one.version).states[one.state].tags,
            tuple(records.get(one.number, ())),
        )
        for one in wanted
    )
