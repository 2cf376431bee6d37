"""What a notice speaks of: the item as it stands, the step that is told, its deadlines, the offices concerned.

Read when the recipients are found, and again when the mail is written: what was settled meanwhile is not told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from states.deadline_rules import DeadlineRule
from states.lifecycle import Lifecycle, Scope
from states.programme import Office, Programme
from states.sentences import Text
from states.snapshot import SYSTEM, Needs, Snapshot
from workflow.facts import ItemRow, load
from workflow.models import disclosure, event, outbox, reminder, role_grant
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Intent:
    """A row of `outbox`: something is to be told. `params`: the clock's occasion; empty for a step of the item.
    `batch`: what was done together with it, on other items."""

    id: str
    notice: str
    item: str
    seq: int
    roles: tuple[str, ...]
    params: Mapping[str, Any]
    at: str
    batch: str | None = None

    @classmethod
    def of(cls, row: Row[Any]) -> Intent:
        params = json.loads(row.params)
        batch = params.pop("batch", None)
        return cls(row.id, row.notice, row.item, row.seq, tuple(json.loads(row.roles)), params, row.at, batch)


@dataclass(frozen=True, slots=True)
class Step:
    """The event that is told. `office`: for whom its actor acted; `reason`: what was given for it."""

    target: str | None
    actors: tuple[str, ...]
    office: Text | None
    reason: str | None
    public: bool


@dataclass(frozen=True, slots=True)
class Running:
    """A deadline of the item that runs."""

    rule: DeadlineRule
    key: str
    version: int
    day: date


@dataclass(frozen=True, slots=True)
class Matter:
    """What an intent speaks of. `step` is None where the clock speaks; `note` is what somebody noted for themselves."""

    intent: Intent
    item: ItemRow
    lifecycle: Lifecycle
    programme: Programme
    snapshot: Snapshot
    step: Step | None
    running: tuple[Running, ...]
    note: str | None

    @property
    def told_state(self) -> str:
        """The state that the step led to; the present one where the clock speaks."""
        return self.step.target if self.step and self.step.target else self.item.state

    @property
    def moved_on(self) -> bool:
        """Whether the item has entered another state since the step."""
        return self.step is not None and self.item.visit > self.intent.seq

    @property
    def settled(self) -> bool:
        """Whether the deadline of which the clock speaks runs no longer as it did."""
        params = self.intent.params
        return "rule" in params and self.occasion is None

    @property
    def occasion(self) -> Running | None:
        """The deadline of which the clock speaks, while it runs."""
        place = tuple(self.intent.params.get(name) for name in ("rule", "key", "version"))
        return next((one for one in self.running if (one.rule.key, one.key, one.version) == place), None)

    @property
    def office(self) -> Office | None:
        """The office that coordinates where the item belongs: it answers questions."""
        cities = self.snapshot.cities or tuple(self.programme.cities)
        keys = [self.programme.cities[city].office for city in cities]
        return next((self.programme.offices[key] for key in keys if key), None)


def read_matter(connection: Connection, rules: Rules, intent: Intent, now: datetime) -> Matter:
    """What `intent` speaks of at the aware moment `now`."""

    def needs(lifecycle: Lifecycle, state: str) -> Needs:
        # While an item pauses, deadlines of the state before it may run on.
        rules = rules_of(lifecycle).values() if lifecycle.states[state].pauses else lifecycle.states[state].deadlines
        return Needs(records=frozenset(rule.until for rule in rules if rule.until))

    facts = load(
        Transaction(connection),
        rules,
        number=intent.item,
        actor=SYSTEM,
        on_behalf_of=None,
        command_id=None,
        needs_of=needs,
        now=now,
        lock=False,
    )
    return Matter(
        intent,
        facts.item,
        facts.lifecycle,
        facts.programme,
        facts.snapshot,
        None if intent.params else _step(connection, facts.lifecycle, facts.programme, facts.snapshot, intent),
        tuple(
            Running(rule, key, version, date.fromisoformat(day))
            for name, key, day, version, status, *_ in facts.deadlines
            if status == "running" and day and (rule := rules_of(facts.lifecycle).get(name))
        ),
        _note(connection, intent),
    )


def rules_of(lifecycle: Lifecycle) -> dict[str, DeadlineRule]:
    """The deadline rules of all states, by key."""
    return {rule.key: rule for state in lifecycle.states.values() for rule in state.deadlines}


def read_intent(connection: Connection, key: str) -> Intent | None:
    """The intent with that id."""
    row = connection.execute(select(outbox).where(outbox.c.id == key)).one_or_none()
    return Intent.of(row) if row else None


def _step(
    connection: Connection, lifecycle: Lifecycle, programme: Programme, snapshot: Snapshot, intent: Intent
) -> Step | None:
    stream = f"item:{intent.item}"
    reason = (
        (disclosure.c.stream == event.c.stream) & (disclosure.c.seq == event.c.seq) & (disclosure.c.part == "reason")
    )
    row = connection.execute(
        select(event.c.trigger, event.c.to, event.c.actor, event.c.on_behalf_of, event.c.payload, disclosure.c.text)
        .outerjoin(disclosure, reason)
        .where(event.c.stream == stream, event.c.seq == intent.seq)
    ).one_or_none()
    if row is None:
        return None
    author = row.on_behalf_of or row.actor
    move = lifecycle.transitions.get(row.trigger or "")
    office = _office(connection, lifecycle, programme, snapshot, author, move.roles if move else ())
    public = bool(json.loads(row.payload)["details"].get("public"))
    return Step(row.to, tuple(filter(None, (row.actor, row.on_behalf_of))), office, row.text, public)


def _office(
    connection: Connection,
    lifecycle: Lifecycle,
    programme: Programme,
    snapshot: Snapshot,
    person: str,
    roles: tuple[str, ...],
) -> Text | None:
    """The office, body or city's office for which somebody with one of `roles` acts; never their name."""
    acting = [role for role in roles if role != lifecycle.created_by]
    if person == SYSTEM or not acting:
        return None
    for one in snapshot.assignments:
        if one.unit and one.person == person and one.role in acting and one.unit in programme.offices:
            return programme.offices[one.unit].label
    grants = connection.execute(
        select(role_grant.c.scope_kind, role_grant.c.scope)
        .where(role_grant.c.person == person, role_grant.c.role.in_(acting), role_grant.c.revoked_at.is_(None))
        .order_by(role_grant.c.id)
    )
    for kind, scope in grants:
        if kind == Scope.CITY and scope in programme.cities and (not snapshot.cities or scope in snapshot.cities):
            office = programme.cities[scope].office
            return programme.offices[office].label if office else programme.cities[scope].label
        if kind == Scope.BODY and scope in programme.bodies:
            return programme.bodies[scope].label
        if kind == Scope.UNIT and scope in programme.offices:
            return programme.offices[scope].label
    return None


def _note(connection: Connection, intent: Intent) -> str | None:
    key = intent.params.get("reminder")
    if key is None:
        return None
    return connection.execute(select(reminder.c.note).where(reminder.c.id == key)).scalar_one_or_none()
