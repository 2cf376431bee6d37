"""One item with everything that somebody who works with it may see: where it stands, whose turn it is, what comes next.

The read policy of `states/reading.py` decides for records. The rest follows it: who holds a role on the item (but the
one that handing in gives) sees names, comments and the whole history; everybody else what is public, and their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from states import machine
from states.deadline_rules import DeadlineRule
from states.lifecycle import ANYONE, Fire, Lifecycle, Transition
from states.programme import Programme
from states.reading import readable, reader_of
from states.roles import reaches
from states.shares import Share, shares
from states.snapshot import AssignmentFact, Grant, RecordFact, Request, Snapshot, local_day
from states.tasks import tasks
from workflow.errors import NotFound
from workflow.events import moment
from workflow.facts import ItemRow
from workflow.queries.acting import StandIn
from workflow.queries.past import Past, View, history_of
from workflow.queries.sight import Tied, look, names_and_holders
from workflow.rules import Rules


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline that runs, is stopped or waits for its date. `left`: whole days of its rule's unit, while stopped."""

    rule: str
    key: str
    status: str
    due: date | None
    due_at: datetime | None
    left: int | None
    responsible: str | None


@dataclass(frozen=True, slots=True)
class Next:
    """A transition that leaves the item's state. `plan`: what the reader would be told now; None where nobody asks, or
    where it happens by itself."""

    transition: Transition
    plan: machine.Plan | None

    @property
    def asks(self) -> tuple[str, ...]:
        """What the reader would still have to hand in with it: `reason`, `data`."""
        if self.plan is None:
            return ()
        codes = {one.code for one in self.plan.blockers}
        wanted = {"reason": "reason_missing" in codes, "data": "form_missing" in codes}
        return tuple(name for name, missing in wanted.items() if missing)

    @property
    def open(self) -> bool:
        """Whether nothing but what they would hand in with it stands against it."""
        if self.plan is None:
            return False
        return all(
            one.code in ("reason_missing", "form_missing") or self._in_form(one.params) for one in self.plan.blockers
        )

    def _in_form(self, params: Mapping[str, Any]) -> bool:
        return "data" in self.asks and params.get("record") == self.transition.form


@dataclass(frozen=True, slots=True)
class Tie:
    """A link from (`outgoing`) or to another item."""

    kind: str
    outgoing: bool
    number: str
    title: str | None
    lifecycle: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Detail:
    """An item as its reader sees it. `names`: pseudonymous id -> name and e-mail, of those the reader may know.

    snapshot: all facts, of which the reader may not see all. away: whom they may act for here, as their deputy.
    turn: the roles that have to do something now, with the ids of those who hold them.
    """

    item: ItemRow
    lifecycle: Lifecycle
    programme: Programme
    view: View
    snapshot: Snapshot
    away: tuple[StandIn, ...]
    assigned: tuple[AssignmentFact, ...]
    facets: Mapping[str, tuple[str, ...]]
    records: tuple[RecordFact, ...]
    ties: tuple[Tie, ...]
    clocks: tuple[Clock, ...]
    steps: tuple[Next, ...]
    turn: tuple[tuple[str, tuple[str, ...]], ...]
    history: tuple[Past, ...]
    names: Mapping[str, tuple[str, str]]
    late: frozenset[tuple[str, str, int]] = frozenset()  # kind, key and visit of records handed in after their deadline

    @property
    def shares(self) -> tuple[Share, ...]:
        """How far each kind of record is that several still owe, for those who work on the item."""
        if not self.view.works:
            return ()
        running = {(one.rule, one.key): one.due for one in self.clocks if one.status == "running" and one.due}
        return shares(self.lifecycle, self.snapshot, tasks(self.lifecycle, self.snapshot, running))


def find(
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
) -> Detail:
    """The item as `reader` (an address or id; None: the operator) sees it at the aware moment `now`.

    on_behalf_of, stand_in: in whose place they look (`sight.look`). history: without it, nobody's name and no move
    is asked for either. members: as of `sight.look`.
    Raises NotFound for an unknown person or item, and for an item that is not released and none of the reader's.
    """
    seen = look(
        connection, rules, number, reader, now, on_behalf_of=on_behalf_of, stand_in=stand_in, history=history,
        members=members,
    )  # fmt: skip
    lifecycle, snapshot = seen.lifecycle, seen.snapshot
    view = _view(lifecycle, snapshot, released=bool(seen.item.released)) if reader else View()
    clocks = tuple(_clocks(lifecycle, seen.deadlines))
    day = local_day(now, seen.programme)
    told = tuple(history_of(seen.events, lifecycle, view))
    records = tuple(_records(lifecycle, snapshot, view))
    responsible = _turn(lifecycle, snapshot, clocks)
    people = {one.person for one in snapshot.assignments} | {one.person.id for one in seen.away}
    people |= {one.actor for one in told} | {one.on_behalf_of for one in told if one.on_behalf_of}
    people |= {person for one in records for person in (one.author, one.key, one.writer) if person}
    people |= {str(one.details["person"]) for one in told if "person" in one.details}
    known, grants = names_and_holders(connection, people, responsible, day) if history else ({}, [])
    return Detail(
        item=seen.item,
        lifecycle=lifecycle,
        programme=seen.programme,
        view=view,
        snapshot=snapshot,
        away=seen.away,
        assigned=tuple(one for one in snapshot.assignments if view.knows(one.person)),
        facets=seen.facets,
        records=records,
        ties=tuple(_ties(seen.ties, view)),
        clocks=clocks,
        steps=tuple(_steps(lifecycle, snapshot, now, judged=reader is not None)) if history else (),
        turn=tuple((role, _holders(lifecycle, snapshot, role, grants)) for role in responsible),
        history=told,
        names={person: called for person, called in known.items() if view.knows(person)},
        late=frozenset(_late(lifecycle, snapshot, seen.programme, seen.deadlines)),
    )


def _view(lifecycle: Lifecycle, snapshot: Snapshot, *, released: bool) -> View:
    reader = reader_of(lifecycle, snapshot, released=released)
    if not (released or reader.member):
        raise NotFound("item", snapshot.number)
    works = bool(reader.roles - {ANYONE, lifecycle.created_by}) or not lifecycle.roles
    return View(snapshot.actor.id, reader, works)


def _records(lifecycle: Lifecycle, snapshot: Snapshot, view: View) -> Iterator[RecordFact]:
    """The latest version of each record, with the fields that may be seen; the kinds in the order of the file."""
    order = {key: place for place, key in enumerate(lifecycle.records)}
    for fact in sorted(snapshot.records, key=lambda one: (order.get(one.kind, len(order)), one.visit, one.at, one.key)):
        kind = lifecycle.records.get(fact.kind)
        if view.reader is None or kind is None:
            if view.reader is None:
                yield fact
        elif fields := readable(kind, fact, view.reader):
            yield replace(fact, data=fields)


def _steps(lifecycle: Lifecycle, snapshot: Snapshot, now: datetime, *, judged: bool) -> Iterator[Next]:
    for transition in lifecycle.leaving[snapshot.state]:
        by_hand = transition.fire is Fire.PERSON or bool(transition.roles)
        yield Next(
            transition,
            machine.plan(lifecycle, snapshot, Request(transition.key), now) if judged and by_hand else None,
        )


def _turn(lifecycle: Lifecycle, snapshot: Snapshot, clocks: tuple[Clock, ...]) -> tuple[str, ...]:
    """Who is responsible for a deadline that runs; where none does, whoever may make a move."""
    running = [one for one in clocks if one.status == "running" and one.responsible]
    responsible = [one.responsible for one in sorted(running, key=lambda one: one.due or date.max) if one.responsible]
    movers = [role for move in lifecycle.leaving[snapshot.state] for role in move.roles if role != ANYONE]
    return tuple(dict.fromkeys(responsible or ([] if lifecycle.states[snapshot.state].final else movers)))


def _clocks(lifecycle: Lifecycle, rows: Sequence[Row[Any]]) -> Iterator[Clock]:
    rules: dict[str, DeadlineRule] = {rule.key: rule for state in lifecycle.states.values() for rule in state.deadlines}
    for row in rows:
        if row.status not in ("running", "stopped", "waiting"):
            continue
        rule = rules.get(row.rule)
        yield Clock(
            row.rule,
            row.key,
            row.status,
            date.fromisoformat(row.local_date) if row.local_date else None,
            moment(row.due_at) if row.due_at else None,
            row.remaining_days,
            rule.responsible if rule else None,
        )


def _late(
    lifecycle: Lifecycle, snapshot: Snapshot, programme: Programme, rows: Sequence[Row[Any]]
) -> Iterator[tuple[str, str, int]]:
    """The records of this visit that were first handed in on a day after the last one of the deadline that asks for
    them. They count as any other: that they are late is told, and no reason to refuse them."""
    declared = (rule for state in lifecycle.states.values() for rule in state.deadlines)
    until = {rule.key: rule.until for rule in declared if rule.until is not None}
    for row in rows:
        for fact in snapshot.records:
            asked = until.get(row.rule) == fact.kind and row.key in ("", fact.key) and fact.visit == snapshot.visit
            late = row.local_date is not None and local_day(fact.at, programme).isoformat() > row.local_date
            if asked and late and fact.version == 1:
                yield fact.kind, fact.key, fact.visit


def _holders(
    lifecycle: Lifecycle, snapshot: Snapshot, role: str, grants: Sequence[tuple[str, Grant]]
) -> tuple[str, ...]:
    """Those who hold the role on the item: assigned, or by a grant that reaches it."""
    assigned = [one.person for one in snapshot.assignments if one.role == role]
    granted = [person for person, grant in grants if grant.role == role and reaches(lifecycle, snapshot, grant)]
    return tuple(dict.fromkeys([*assigned, *granted]))


def _ties(ties: Sequence[Tied], view: View) -> Iterator[Tie]:
    for one in ties:
        if view.works or one.released:
            other = one.neighbour
            yield Tie(other.kind, other.outgoing, other.number, one.title, other.lifecycle, other.version, other.state)
