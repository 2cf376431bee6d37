"""Makes new items: their number, their first event, their sheet, the role of whoever hands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.permissions import plan_create
from states.records import RecordPlan
from states.snapshot import Person, Snapshot, local_day
from workflow import access, deadlines
from workflow.clocks import write
from workflow.commands import Create
from workflow.errors import NotFound
from workflow.events import GENESIS, Kind, timestamp
from workflow.facts import ItemRow, Stored, person, who
from workflow.forms import write_record
from workflow.moves import settle
from workflow.numbers import numbered, ordinal
from workflow.relations import assign
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.transaction import Transaction
from workflow.work import Work


def create(work: Work, sheet: RecordPlan, submitter: Person, kind: Kind = Kind.CREATED, **details: Any) -> None:
    """Write the first events of a new item. `kind`: IMPORTED for one that enters at the state it had elsewhere."""
    item, lifecycle = work.item, work.lifecycle
    pinned = {
        "lifecycle": item.lifecycle,
        "version": item.version,
        "programme": item.programme,
        "programme_version": item.programme_version,
        "visit": 1,
    }
    if item.origin:
        pinned |= {"origin": item.origin, "origin_visit": item.origin_visit}
    clocks = deadlines.begin(work)
    told = {"deadlines": [clock.told for clock in clocks]} if clocks else {}
    work.event(kind, target=item.state, details={**pinned, **told, **details})
    write_record(work, sheet)
    if lifecycle.created_by:
        assign(work, lifecycle.created_by, submitter)
    write(work, clocks)


def begin(
    rules: Rules, tx: Transaction, command: Create, lifecycle: Lifecycle, via: str, account: str | None, now: datetime
) -> tuple[Work, Person, Stored | None]:
    """The empty item that `command` asks for, and whose it will be; or the result the command had before."""
    actor = _actor(rules, tx, command, now)
    represented = _represented(rules, tx, command, now)
    stored = None
    if command.command_id:
        rows = tx.read((tx.sql.command, (actor.id, command.command_id)))[0]
        stored = Stored(*rows[0]) if rows else None
    origin = Origin(actor.id, via, account, represented.id if represented else None, command.command_id)
    number, ordinal = ("", 0) if stored else next_number(tx, local_day(now, rules.programme).year)
    work = blank(rules, tx, lifecycle, number, ordinal, lifecycle.initial, actor, represented, origin, now, now)
    if (limit := _deputyship(rules, tx, actor, represented, now)) is not None:
        work.snapshot = replace(work.snapshot, deputy=True, deputy_for=limit)
    return work, represented or actor, stored


def blank(
    rules: Rules,
    tx: Transaction,
    lifecycle: Lifecycle,
    number: str,
    ordinal: int,
    state: str,
    actor: Person,
    represented: Person | None,
    origin: Origin,
    now: datetime,
    at: datetime,
) -> Work:
    """A new item in `state` without any event yet."""
    programme = rules.programme
    stamp = timestamp(at)
    item = ItemRow(
        number=number,
        ordinal=ordinal,
        lifecycle=lifecycle.key,
        version=lifecycle.version,
        programme=programme.key or None,
        programme_version=programme.version if programme.key else None,
        state=state,
        stage=lifecycle.states[state].stage,
        revision=0,
        head=GENESIS,
        visit=1,
        entered_at=stamp,
        origin=None,
        origin_visit=None,
        title="",
        released=False,
        created_at=stamp,
    )
    snapshot = Snapshot(
        number=number,
        state=state,
        visit=1,
        revision=0,
        entered_at=at,
        actor=actor,
        represented=represented,
        programme=programme,
    )
    return Work(
        tx=tx,
        rules=rules,
        lifecycle=lifecycle,
        programme=programme,
        item=item,
        snapshot=snapshot,
        origin=origin,
        now=now,
        at=at,
        facets={},
        neighbours=(),
        deadlines=[],
        new=True,
    )


def next_number(tx: Transaction, year: int, how_many: int = 1) -> tuple[str, int]:
    """The next free number of `year` and its ordinal; with `how_many`, the first of that many in a row."""
    last = tx.read((tx.sql.next_number, (f"item:{year}", how_many)))[0][0][0]
    running = int(last) - how_many + 1
    return numbered(year, running), ordinal(year, running)


def judge(rules: Rules, tx: Transaction, command: Create, lifecycle: Lifecycle, now: datetime) -> tuple[Blocker, ...]:
    """Every blocker against creating this item; writes nothing, so an unknown actor stays unknown."""
    today = local_day(now, rules.programme).isoformat()
    rows = tx.read(who(tx, command.actor, today))[0]
    actor = person(rows, command.actor) if rows else Person(access.checked_email(command.actor))
    represented = _represented(rules, tx, command, now)
    limit = _deputyship(rules, tx, actor, represented, now)
    return plan_create(lifecycle, rules.programme, actor, represented, command.data, now, limit).blockers


def apply(work: Work, sheet: RecordPlan, submitter: Person) -> None:
    """Create the item and let what is due by itself follow."""
    create(work, sheet, submitter)
    settle(work)


def sheet_of(work: Work, data: Mapping[str, Any]) -> RecordPlan:
    """The plan of the first record; its blockers say why there may be no such item."""
    one = work.snapshot
    limit = one.deputy_for if one.deputy else None
    return plan_create(work.lifecycle, work.programme, one.actor, one.represented, data, work.now, limit)


def _actor(rules: Rules, tx: Transaction, command: Create, now: datetime) -> Person:
    today = local_day(now, rules.programme).isoformat()
    rows = tx.read(who(tx, command.actor, today))[0]
    if not rows and "@" in command.actor:
        return Person(access.add(tx.connection, command.actor, "", None, now))
    return person(rows, command.actor)


def _represented(rules: Rules, tx: Transaction, command: Create, now: datetime) -> Person | None:
    if not command.on_behalf_of:
        return None
    today = local_day(now, rules.programme).isoformat()
    rows = tx.read(who(tx, command.on_behalf_of, today))[0]
    if not rows:
        raise NotFound("person", command.on_behalf_of)
    return person(rows, command.on_behalf_of)


def _deputyship(
    rules: Rules, tx: Transaction, actor: Person, represented: Person | None, now: datetime
) -> frozenset[str] | None:
    """The roles in which the actor is a deputy of the represented person today; empty: in all; None: they are not."""
    if represented is None:
        return None
    today = local_day(now, rules.programme).isoformat()
    found = {row[0] for row in tx.read((tx.sql.deputyship, (represented.id, actor.id, today, today)))[0]}
    return (frozenset() if None in found else frozenset(found)) if found else None
