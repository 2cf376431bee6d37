"""Reads everything about one item that somebody who looks at it could ask for: in few statements, however much it is.

A command reads what its guards need and no more (`workflow/facts.py`); a page wants all of it, for one reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, Text, cast, literal, null, select, union_all

from states import machine, tasks
from states.lifecycle import ANYONE, Lifecycle
from states.programme import Programme
from states.roles import held
from states.snapshot import SYSTEM, AssignmentFact, Grant, Needs, Person, Snapshot, StepFact, local_day
from workflow.errors import NotFound
from workflow.events import MOVES, moment
from workflow.facts import ItemRow, Neighbour, link_facts, record_fact
from workflow.models import assignment, contact, deadline, item, item_facet, link, role_grant, support
from workflow.queries.acting import StandIn, hands, in_force
from workflow.queries.past import events_of
from workflow.rules import Rules
from workflow.statements import records_of
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Tied:
    """An item at the other end of a link, as its row has it."""

    neighbour: Neighbour
    title: str
    released: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read. `deadlines`, `events`: rows of these tables. `away`: whom the reader may act for here."""

    item: ItemRow
    lifecycle: Lifecycle
    programme: Programme
    snapshot: Snapshot
    facets: Mapping[str, tuple[str, ...]]
    ties: tuple[Tied, ...]
    deadlines: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    away: tuple[StandIn, ...]


def look(
    connection: Connection,
    rules: Rules,
    number: str,
    reader: str | None,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
    stand_in: bool = False,
    history: bool = True,
    members: bool = False,
) -> Sight:
    """The item as it stands at the aware moment `now`, with `reader` (an address or id; None: nobody) as the actor.

    on_behalf_of: the id of the person in whose place they look. stand_in: where they have no role here themselves,
    they look in the place of the first who has one and whose deputy they are today. history: whether that is wanted,
    and moves are to be planned. members: it is for whoever has a role here or stands in for somebody who has.
    Raises NotFound for an unknown item or person, for somebody whose deputy the reader is not, and for no member before
    anything else is read.
    """
    today = local_day(now, rules.programme)
    actor, away = hands(connection, reader, today) if reader else (Person(SYSTEM), {})
    row = connection.execute(select(item).where(item.c.number == number)).one_or_none()
    if row is None:
        raise NotFound("item", number)
    found = ItemRow(*row)
    tx = Transaction(connection)
    lifecycle = rules.lifecycle(tx, found.lifecycle, found.version)
    programme = rules.programme_of(tx, found.programme, found.programme_version)
    parts = connection.execute(_parts(number)).all()
    ties = tuple(_ties(parts))
    facets: dict[str, tuple[str, ...]] = {}
    for one in parts:
        if one.what == "facet":
            facets[one.a] = (*facets.get(one.a, ()), one.b)
    snapshot = Snapshot(
        number=number,
        state=found.state,
        visit=found.visit,
        revision=found.revision,
        entered_at=moment(found.entered_at),
        actor=actor,
        cities=tuple(key for key in facets.get("cities", ()) if key in programme.cities),
        origin=found.origin,
        origin_visit=found.origin_visit,
        assignments=tuple(AssignmentFact(one.a, one.b, one.c) for one in parts if one.what == "assignment"),
        programme=programme,
    )
    here = tuple(one for one in away.values() if _usable(lifecycle, snapshot, one))
    if members and lifecycle.roles and not here and not held(lifecycle, snapshot, actor):
        raise NotFound("item", number)
    needs = _needs(lifecycle, found.state)
    events = events_of(connection, number) if history else ()
    kinds = sorted(lifecycle.records)
    records = tx.read((records_of(tx.dialect, len(kinds), 1), (number, *kinds)))[0] if kinds else []
    snapshot = replace(
        snapshot,
        records=tuple(record_fact(one) for one in records),
        links=link_facts(tx, rules, tuple(one.neighbour for one in ties), needs),
        steps=tuple(_step(one) for one in events if one.kind in MOVES),
        supports=_supports(connection, number) if needs.support else (),
    )
    place = _place(lifecycle, snapshot, here, on_behalf_of, stand_in)
    if place is not None:
        snapshot = replace(snapshot, represented=place.person, deputy=True, deputy_for=place.roles)
    deadlines = connection.execute(
        select(deadline).where(deadline.c.item == number).order_by(deadline.c.due_at, deadline.c.rule, deadline.c.key)
    ).all()
    return Sight(found, lifecycle, programme, snapshot, facets, ties, deadlines, events, here)


def names_and_holders(
    connection: Connection, people: Iterable[str], roles: Iterable[str], today: date
) -> tuple[dict[str, tuple[str, str]], list[tuple[str, Grant]]]:
    """Id -> name and address of `people` and of everybody with a grant of `roles`; and these grants, by name."""
    named = select(contact.c.person, contact.c.name, contact.c.email)
    nothing = cast(null(), Text)
    holding = (
        named.add_columns(role_grant.c.role, role_grant.c.scope_kind, role_grant.c.scope)
        .join(role_grant, role_grant.c.person == contact.c.person)
        .where(role_grant.c.role.in_(sorted(set(roles))), in_force(today))
    )
    asked = named.add_columns(nothing, nothing, nothing).where(contact.c.person.in_(sorted(set(people))))
    rows = sorted(connection.execute(union_all(holding, asked)).all(), key=lambda row: (row.name, row.person))
    grants = [(row.person, Grant(row.role, row.scope_kind, row.scope)) for row in rows if row.role is not None]
    return {row.person: (row.name, row.email) for row in rows}, grants


def _needs(lifecycle: Lifecycle, state: str) -> Needs:
    needs = tasks.needs(lifecycle)
    for transition in lifecycle.leaving[state]:
        needs |= machine.needs_of(lifecycle, transition, state)
    return needs


def _parts(number: str) -> Any:
    """What an item is tied to: assignments, facets and links, in one statement."""
    nothing, none = cast(null(), Text), cast(null(), Integer)
    linked = (item.c.lifecycle, item.c.version, item.c.state, item.c.title, cast(item.c.released, Integer))
    return union_all(
        select(
            literal("assignment").label("what"),
            assignment.c.role.label("a"),
            assignment.c.person.label("b"),
            assignment.c.unit.label("c"),
            none.label("version"),
            nothing.label("state"),
            nothing.label("title"),
            none.label("released"),
            assignment.c.seq.label("place"),
        ).where(assignment.c.item == number, assignment.c.ended_seq.is_(None)),
        select(
            literal("facet"), item_facet.c.facet, item_facet.c.value, nothing, none, nothing, nothing, none, none
        ).where(item_facet.c.item == number),
        select(literal("from"), link.c.kind, item.c.number, *linked, link.c.seq)
        .join(item, item.c.number == link.c.other)
        .where(link.c.item == number, link.c.ended_seq.is_(None)),
        select(literal("to"), link.c.kind, item.c.number, *linked, link.c.seq)
        .join(item, item.c.number == link.c.item)
        .where(link.c.other == number, link.c.ended_seq.is_(None)),
    ).order_by("what", "a", "place", "b")


def _ties(parts: Sequence[Row[Any]]) -> Iterator[Tied]:
    for row in parts:
        if row.what in ("from", "to"):
            neighbour = Neighbour(row.a, row.what == "from", row.b, row.c, row.version, row.state)
            yield Tied(neighbour, row.title, bool(row.released))


def _supports(connection: Connection, number: str) -> tuple[datetime, ...]:
    return tuple(moment(at) for at in connection.scalars(select(support.c.at).where(support.c.item == number)))


def _step(row: Row[Any]) -> StepFact:
    source = row._mapping["from"]
    return StepFact(row.kind, row.trigger, source, row.to, row.actor, row.on_behalf_of, moment(row.at))


def _usable(lifecycle: Lifecycle, snapshot: Snapshot, one: StandIn) -> frozenset[str]:
    """The roles on the item that the reader has in somebody's place."""
    roles = held(lifecycle, snapshot, one.person)
    return roles & one.roles if one.roles else roles


def _place(
    lifecycle: Lifecycle, snapshot: Snapshot, here: tuple[StandIn, ...], on_behalf_of: str | None, stand_in: bool
) -> StandIn | None:
    if on_behalf_of is not None:
        found = next((one for one in here if one.person.id == on_behalf_of), None)
        if found is None:
            raise NotFound("person", on_behalf_of)
        return found
    own = held(lifecycle, snapshot, snapshot.actor) - {ANYONE, lifecycle.created_by}
    return here[0] if stand_in and here and not own else None
