"""A session's agenda: the items that are linked to it, and one form that records what was decided on all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from states import roles
from states.agenda import Agenda, filled
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.programme import Body
from states.record_kinds import RecordKind
from states.sentences import Sentence
from states.snapshot import SYSTEM, Needs, local_day
from workflow.bulk import Bulk, carry_out
from workflow.commands import ItemCommand, Record
from workflow.engine import Engine
from workflow.errors import BadInput, Refused
from workflow.facts import Facts, load
from workflow.models import item, link, record
from workflow.queries.acting import hands
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of the agenda. kind: the form written on it; None where its lifecycle has none.

    data: what was recorded for this body in the latest visit, with its version; {} and 0 where nothing is yet.
    """

    number: str
    title: str
    state: str
    lifecycle: Lifecycle
    kind: RecordKind | None
    data: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session with its agenda, in the order in which items came onto it. `sheet` is what it says of itself."""

    number: str
    title: str
    state: str
    lifecycle: Lifecycle
    agenda: Agenda
    body: Body
    sheet: Mapping[str, Any]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What handing in the form did, and what is odd about it: number -> warnings."""

    bulk: Bulk
    odd: Mapping[str, tuple[Blocker, ...]]


def session_of(
    connection: Connection,
    rules: Rules,
    number: str,
    reader: str | None,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
) -> Session:
    """The session `number` as `reader` (an address or id; None: the operator) sees it, in whose place they look.

    Raises NotFound, BadInput for an item that is no session or names no body, Refused for a reader without a role that
    hands the form in.
    """
    facts = _facts(connection, rules, number, reader or SYSTEM, on_behalf_of, now)
    agenda = _agenda(facts)
    if reader is not None and (against := roles.barred(facts.lifecycle, facts.snapshot, agenda.roles)):
        raise Refused(against)
    return _session(connection, rules, facts, agenda)


def session_by_hands(
    connection: Connection, rules: Rules, number: str, reader: str, now: datetime
) -> tuple[Session, bool, dict[str, str]]:
    """The session `number`, whether `reader` (an id) may hand its form in for themselves, and in whose place they may
    today: id -> name. Raises as `session_of` does, Refused where they may in nobody's."""
    facts = _facts(connection, rules, number, reader, None, now)
    agenda, own = _agenda(facts), facts.snapshot
    against = roles.barred(facts.lifecycle, own, agenda.roles)
    _, away = hands(connection, reader, local_day(now, rules.programme))
    places = {
        key: one.name
        for key, one in away.items()
        if not roles.barred(
            facts.lifecycle,
            replace(own, represented=one.person, deputy=True, deputy_for=one.roles),
            agenda.roles,
        )
    }
    if against and not places:
        raise Refused(against)
    return _session(connection, rules, facts, agenda), not against, places


def record_results(
    engine: Engine,
    number: str,
    given: Mapping[str, Mapping[str, Any]],
    actor: str,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
    batch: str | None = None,
) -> Recorded:
    """Record what the session decided, number of an item -> data; all or nothing.

    Items that are left out stay without a result. batch: an id, to repeat a call that was cut off. Raises as
    `session_of` does, and BadInput for an item that is not on the agenda or for no item at all. What the rules hold
    against single entries is in the Bulk.
    """
    with engine.database.reading() as connection:
        session = session_of(connection, engine.rules, number, actor, now, on_behalf_of=on_behalf_of)
    agenda, entries = session.agenda, {one.number: one for one in session.entries}
    unknown = [one for one in given if one not in entries]
    if unknown:
        known = ", ".join(entries)
        raise BadInput(
            Sentence(
                f"{unknown[0]} steht nicht auf der Tagesordnung von {number}.",
                f"{unknown[0]} is not on the agenda of {number}.",
            ),
            remedy=Sentence(f"Darauf: {known or 'noch nichts'}.", f"On it: {known or 'no item yet'}."),
        )
    today = local_day(now, engine.rules.programme)
    commands: list[ItemCommand] = []
    for one, data in given.items():
        whole = filled(agenda, session.sheet, data)
        commands.append(
            Record(
                item=one, kind=agenda.record, key=session.body.key, data=whole, actor=actor, on_behalf_of=on_behalf_of
            )
        )
    if agenda.done and commands:
        kind_key, name = agenda.done
        done = {name: today.isoformat()}
        commands.append(Record(item=number, kind=kind_key, data=done, actor=actor, on_behalf_of=on_behalf_of))
    bulk = carry_out(engine, commands, now, whole=True, batch=batch)
    return Recorded(bulk, {one.item.number: one.warnings for one in bulk.done if one.warnings})


def _facts(
    connection: Connection, rules: Rules, number: str, actor: str, on_behalf_of: str | None, now: datetime
) -> Facts:
    return load(
        Transaction(connection), rules, number=number, actor=actor, on_behalf_of=on_behalf_of, command_id=None,
        needs_of=_sheet, now=now, lock=False,
    )  # fmt: skip


def _agenda(facts: Facts) -> Agenda:
    if facts.lifecycle.agenda is None:
        number, key = facts.item.number, facts.lifecycle.key
        raise BadInput(
            Sentence(
                f"{number} ist keine Sitzung: {key} hat keine Tagesordnung.",
                f"{number} is no session: {key} has no agenda.",
            )
        )
    return facts.lifecycle.agenda


def _session(connection: Connection, rules: Rules, facts: Facts, agenda: Agenda) -> Session:
    number, lifecycle = facts.item.number, facts.lifecycle
    sheet = next((fact.data for fact in facts.snapshot.records if fact.kind == lifecycle.sheet), {})
    body = facts.programme.bodies.get(str(sheet.get(agenda.key)))
    if body is None:
        raise BadInput(
            Sentence(f"{number} sagt nicht, welches Gremium tagt.", f"{number} does not say which body meets."),
            remedy=Sentence(
                f"Füllen Sie `{agenda.key}` in seinem Steckbrief aus.", f"Fill in `{agenda.key}` of its sheet."
            ),
        )
    entries = tuple(_entries(connection, Transaction(connection), rules, number, agenda, body))
    return Session(number, facts.item.title, facts.item.state, lifecycle, agenda, body, sheet, entries)


def _sheet(lifecycle: Lifecycle, _state: str) -> Needs:
    return Needs(records=frozenset({lifecycle.sheet} if lifecycle.sheet else ()), assignments=True)


def _entries(
    connection: Connection, tx: Transaction, rules: Rules, number: str, agenda: Agenda, body: Body
) -> list[Entry]:
    linked = (link.c.other == number) & (link.c.kind == agenda.link) & link.c.ended_seq.is_(None)
    rows = connection.execute(
        select(item).join(link, link.c.item == item.c.number).where(linked).order_by(item.c.ordinal)
    ).all()
    written = select(record.c.item, record.c.data, record.c.version).join(link, link.c.item == record.c.item)
    there = {
        row.item: row
        for row in connection.execute(
            written.where(linked, record.c.latest, record.c.kind == agenda.record, record.c.key == body.key).order_by(
                record.c.visit
            )
        )
    }
    found = []
    for row in rows:
        lifecycle = rules.lifecycle(tx, row.lifecycle, row.version)
        old = there.get(row.number)
        data = json.loads(old.data) if old is not None and old.data else {}
        kind = lifecycle.records.get(agenda.record)
        version = old.version if old is not None else 0
        found.append(Entry(row.number, row.title, row.state, lifecycle, kind, data, version))
    return found
