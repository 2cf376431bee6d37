"""What time brings about: transitions whose hour has come, follow-ups that other items asked for, reminders.

Every step is judged again inside the transaction that carries it out and marks it done, so that it happens once, and
not at all where the item has moved on. Any number of processes may sweep at the same time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, literal, select, update

from states import machine, tasks
from states.guards import Wake
from states.lifecycle import Fire, Lifecycle
from states.snapshot import SYSTEM, Needs, Request, local_day
from workflow import deadlines, reminders, telling
from workflow.db import Database
from workflow.errors import StorageError
from workflow.events import timestamp
from workflow.facts import load
from workflow.models import due_step, follow_up, item, lifecycle_version
from workflow.moves import move, settle, wake_neighbours
from workflow.rules import Rules
from workflow.slots import is_taken, take
from workflow.streams import Origin
from workflow.transaction import Transaction
from workflow.work import Work

BATCH = 200
OPEN = literal("open", literal_execute=True)
"""Written out, not bound: the condition of the partial indexes has to be seen when the plan is made."""

DATES = "dates"
"""The task of looking, once a local day, at automatic transitions that a date alone may set off."""

log = logging.getLogger(__name__)

Counted = Literal["fired", "followed_up", "void"] | None
"""What a step was in the end; None where somebody else had done it."""


@dataclass(slots=True)
class Swept:
    """What one sweep did.

    fired: transitions of the clock; followed_up: those that other items asked for; void: steps found needless, or
    refused by the rules; reminded: reminders and escalations put into the outbox; skipped: earlier ones of the same
    deadlines, which nobody was told in time; failed: items on which a step broke off. It is tried again next time.
    """

    fired: int = 0
    followed_up: int = 0
    void: int = 0
    reminded: int = 0
    skipped: int = 0
    failed: tuple[str, ...] = ()

    def attempt(self, database: Database, number: str, step: Callable[[Connection], Counted]) -> bool:
        """Carry out one item's step. False where it broke off: that is the item's alone, and the others go on."""
        try:
            count = database.attempt(step)
        except StorageError:
            raise
        except Exception:  # one item's fault must not keep the others waiting
            log.exception("The clock could not carry out its step on %s; it is tried again at the next sweep.", number)
            self.failed += (number,)
            return False
        if count:
            setattr(self, count, getattr(self, count) + 1)
        return True


def sweep(database: Database, rules: Rules, now: datetime) -> Swept:
    """Carry out everything that is due at the aware moment `now`, follow-ups of follow-ups included.

    Moves come before reminders: of what has moved on by then nobody is reminded.
    """
    timestamp(now)
    with database.reading() as connection:
        rules.read_calendars(connection)
    swept = Swept()
    broken: set[tuple[Any, ...]] = set()
    while steps := [step for step in _open_steps(database, now, len(broken)) if tuple(step) not in broken]:
        for step in steps:
            if not swept.attempt(database, step.item, partial(_expire, rules=rules, step=step, now=now)):
                broken.add(tuple(step))
    _look_at_the_calendar(database, rules, now, swept)
    while asked := [one for one in _open_follow_ups(database, len(broken)) if tuple(one) not in broken]:
        for one in asked:
            if not swept.attempt(database, one.item, partial(_follow, rules=rules, asked=one, now=now)):
                broken.add(tuple(one))
    told = telling.tell(database, now) + reminders.tell(database, rules, now)
    swept.reminded, swept.skipped = told[telling.DONE], told[telling.SKIPPED]
    swept.void += told[telling.VOID]
    return swept


def _open_steps(database: Database, now: datetime, broken: int) -> list[Any]:
    with database.reading() as connection:
        return list(
            connection.execute(
                select(due_step)
                .where(due_step.c.status == OPEN, due_step.c.at <= timestamp(now), due_step.c.roles.is_(None))
                .order_by(due_step.c.at, due_step.c.item)
                .limit(BATCH + broken)
            )
        )


def _expire(connection: Connection, rules: Rules, step: Any, now: datetime) -> Counted:
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
        return None
    transition = work.lifecycle.transitions[step.step.removeprefix("expire:")]
    request = Request(transition.key, fire=transition.fire)
    plan = machine.plan(work.lifecycle, work.snapshot, request, now)
    connection.execute(update(due_step).where(place).values(status="done" if plan.allowed else "void"))
    if not plan.allowed:
        return "void"
    move(work, plan, request, system=True)
    _finish(work)
    return "fired"


def _look_at_the_calendar(database: Database, rules: Rules, now: datetime, swept: Swept) -> None:
    """Once a local day; the slot is taken when all is done, so that a worker that broke off leaves it to the next."""
    day = local_day(now, rules.programme).isoformat()
    with database.reading() as connection:
        if is_taken(connection, DATES, day):
            return
    for number in _waiting_for_a_date(database, rules):
        swept.attempt(database, number, partial(_look_again, rules=rules, number=number, now=now))
    if not swept.failed:
        take(database, DATES, day, now)


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


def _look_again(connection: Connection, rules: Rules, number: str, now: datetime) -> Counted:
    work = _work(connection, rules, number, now, None)
    settle(work)
    if not work.seqs:
        return None
    _finish(work, settled=True)
    return "fired"


def _open_follow_ups(database: Database, broken: int) -> list[Any]:
    with database.reading() as connection:
        return list(
            connection.execute(
                select(follow_up)
                .where(follow_up.c.status == OPEN)
                .order_by(follow_up.c.at, follow_up.c.id)
                .limit(BATCH + broken)
            )
        )


def _follow(connection: Connection, rules: Rules, asked: Any, now: datetime) -> Counted:
    work = _work(connection, rules, asked.item, now, asked.transition)
    place = follow_up.c.id == asked.id
    if connection.execute(select(follow_up.c.status).where(place)).scalar_one() != "open":
        return None
    status, result = "done", None
    count: Counted = None
    if asked.transition:
        request = Request(asked.transition, asked.reason, fire=Fire.FOLLOW_UP)
        plan = machine.plan(work.lifecycle, work.snapshot, request, now)
        if plan.allowed:
            work.batch = asked.cause  # one step here may have many there: a round that ends, and its candidates
            move(work, plan, request, system=True)
            count = "followed_up"
        else:
            status = "refused"
            result = json.dumps([one.code for one in plan.blockers])
            count = "void"
    connection.execute(update(follow_up).where(place).values(status=status, result=result))
    settle(work)
    if work.seqs:
        _finish(work, settled=True)
    return count


def _work(connection: Connection, rules: Rules, number: str, now: datetime, transition: str | None) -> Work:
    """The item, locked, with the facts that the transition (None: the automatic ones) needs."""

    def needs_of(lifecycle: Lifecycle, state: str) -> Needs:
        named = lifecycle.transitions.get(transition) if transition else None
        return machine.needs_of(lifecycle, named, state) | deadlines.needs(lifecycle) | tasks.needs(lifecycle)

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
