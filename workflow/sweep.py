"""What time brings about: transitions whose hour has come, and follow-ups that other items asked for.

Every step is judged again inside the transaction that carries it out and marks it done, so that it happens once, and
not at all where the item has moved on. Any number of processes may sweep at the same time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from states import machine
from states.guards import Wake
from states.lifecycle import Fire, Lifecycle
from states.snapshot import SYSTEM, Needs, Request
from workflow import deadlines
from workflow.db import Database
from workflow.events import timestamp
from workflow.facts import load
from workflow.models import due_step, follow_up, item, lifecycle_version
from workflow.moves import move, settle, wake_neighbours
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.transaction import Transaction
from workflow.work import Work

BATCH = 200


@dataclass(slots=True)
class Swept:
    """How many steps one sweep carried out, and how many it found needless or refused by the rules."""

    fired: int = 0
    followed_up: int = 0
    void: int = 0


def sweep(database: Database, rules: Rules, now: datetime) -> Swept:
    """Carry out everything that is due at the aware moment `now`, follow-ups of follow-ups included."""
    timestamp(now)
    swept = Swept()
    while steps := _open_steps(database, now):
        for step in steps:
            database.attempt(partial(_expire, rules=rules, step=step, now=now, swept=swept))
    for number in _waiting_for_a_date(database, rules):
        database.attempt(partial(_look_again, rules=rules, number=number, now=now, swept=swept))
    while asked := _open_follow_ups(database):
        for one in asked:
            database.attempt(partial(_follow, rules=rules, asked=one, now=now, swept=swept))
    return swept


def _open_steps(database: Database, now: datetime) -> list[Any]:
    with database.reading() as connection:
        return list(
            connection.execute(
                select(due_step)
                .where(due_step.c.status == "open", due_step.c.at <= timestamp(now))
                .order_by(due_step.c.at, due_step.c.item)
                .limit(BATCH)
            )
        )


def _expire(connection: Connection, rules: Rules, step: Any, now: datetime, swept: Swept) -> None:
    place = (
        (due_step.c.item == step.item)
        & (due_step.c.rule == step.rule)
        & (due_step.c.key == step.key)
        & (due_step.c.version == step.version)
        & (due_step.c.step == step.step)
    )
    work = _work(connection, rules, step.item, now, step.step.removeprefix("expire:"))
    # Under the item's lock now: who came first has marked the step, or has moved the item and made it void.
    if connection.execute(select(due_step.c.status).where(place)).scalar_one() != "open":
        return
    transition = work.lifecycle.transitions[step.step.removeprefix("expire:")]
    request = Request(transition.key, fire=transition.fire)
    plan = machine.plan(work.lifecycle, work.snapshot, request, now)
    connection.execute(update(due_step).where(place).values(status="done" if plan.allowed else "void"))
    if not plan.allowed:
        swept.void += 1
        return
    move(work, plan, request, system=True)
    _finish(work)
    swept.fired += 1


def _waiting_for_a_date(database: Database, rules: Rules) -> list[str]:
    """Items in a state with an automatic transition that a date alone may set off."""
    numbers: list[str] = []
    with database.reading() as connection:
        tx = Transaction(connection)
        for key, version in connection.execute(select(lifecycle_version.c.key, lifecycle_version.c.version)).all():
            lifecycle = rules.lifecycle(tx, key, version)
            states = [state for state in lifecycle.states if Wake.DATE in machine.wakes(lifecycle, state)]
            there = (item.c.lifecycle == key) & (item.c.version == version) & item.c.state.in_(states)
            if states:
                numbers += connection.execute(select(item.c.number).where(there)).scalars()
    return numbers


def _look_again(connection: Connection, rules: Rules, number: str, now: datetime, swept: Swept) -> None:
    work = _work(connection, rules, number, now, None)
    settle(work)
    if work.seqs:
        _finish(work, settled=True)
        swept.fired += 1


def _open_follow_ups(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(
            connection.execute(
                select(follow_up)
                .where(follow_up.c.status == "open")
                .order_by(follow_up.c.at, follow_up.c.id)
                .limit(BATCH)
            )
        )


def _follow(connection: Connection, rules: Rules, asked: Any, now: datetime, swept: Swept) -> None:
    work = _work(connection, rules, asked.item, now, asked.transition)
    place = follow_up.c.id == asked.id
    if connection.execute(select(follow_up.c.status).where(place)).scalar_one() != "open":
        return
    status, result = "done", None
    if asked.transition:
        request = Request(asked.transition, asked.reason, fire=Fire.FOLLOW_UP)
        plan = machine.plan(work.lifecycle, work.snapshot, request, now)
        if plan.allowed:
            move(work, plan, request, system=True)
            swept.followed_up += 1
        else:
            status = "refused"
            result = json.dumps([one.code for one in plan.blockers])
            swept.void += 1
    connection.execute(update(follow_up).where(place).values(status=status, result=result))
    settle(work)
    if work.seqs:
        _finish(work, settled=True)


def _work(connection: Connection, rules: Rules, number: str, now: datetime, transition: str | None) -> Work:
    """The item, locked, with the facts that the transition (None: the automatic ones) needs."""

    def needs_of(lifecycle: Lifecycle, state: str) -> Needs:
        named = lifecycle.transitions.get(transition) if transition else None
        return machine.needs_of(lifecycle, named, state) | deadlines.needs(lifecycle)

    tx = Transaction(connection)
    facts = load(
        tx,
        rules,
        number=number,
        actor=SYSTEM,
        on_behalf_of=None,
        command_id=None,
        needs_of=needs_of,
        now=now,
        lock=True,
    )
    return Work.on(tx, rules, facts, Origin(SYSTEM, "clock"), now)


def _finish(work: Work, *, settled: bool = False) -> None:
    if not settled:
        settle(work)
    wake_neighbours(work)
    work.finish()
    work.tx.flush()
