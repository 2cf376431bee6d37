"""Wiedervorlage: somebody asks to be reminded of an item on a day, with a note of their own.

It belongs to that person: nobody else sees it, the item's history does not speak of it, and it is erased with them.
Only their deputy of the day sees it too, so that nothing is left lying.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, insert, literal, or_, select, update

from states.blockers import blocker
from states.calendar import due_at
from states.lifecycle import ANYONE
from states.roles import acting, barred
from states.snapshot import Needs, local_day
from states.validation import LONGEST_TEXT, storable
from states.wording import german_day
from workflow import access
from workflow.db import Database, upsert
from workflow.errors import Invalid, NotFound, Refused
from workflow.events import timestamp
from workflow.facts import load
from workflow.models import contact, deputy, item, outbox, reminder
from workflow.rules import Rules
from workflow.transaction import Transaction

BATCH = 200
NOTICE = "reminder"
OPEN = literal("open", literal_execute=True)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A Wiedervorlage that is still to come. `person`: whose it is, by e-mail address. `on`: a day of the programme."""

    id: str
    person: str
    number: str
    title: str
    on: date
    note: str


def add(
    database: Database,
    rules: Rules,
    *,
    actor: str,
    item: str,
    on: date,
    note: str,
    now: datetime,
    on_behalf_of: str | None = None,
) -> Reminder:
    """Remind `actor` (e-mail address or id) of the item on the day `on`; durable when this returns.

    on_behalf_of: in whose place they ask; the reminder is then that person's, and their deputy of the day sees it.
    Raises Refused where they have nothing to do with the item, Invalid for a day that has passed or a bad note, and
    NotFound for an unknown item or person.
    """
    return database.attempt(
        lambda connection: added(
            connection, rules, actor=actor, number=item, on=on, note=note, now=now, on_behalf_of=on_behalf_of
        )
    )


def added(
    connection: Connection,
    rules: Rules,
    *,
    actor: str,
    number: str,
    on: date,
    note: str,
    now: datetime,
    on_behalf_of: str | None = None,
) -> Reminder:
    """`add` inside the caller's writing transaction."""
    facts = load(
        Transaction(connection),
        rules,
        number=number,
        actor=actor,
        on_behalf_of=on_behalf_of,
        command_id=None,
        needs_of=lambda lifecycle, state: Needs(),
        now=now,
        lock=False,
    )
    if blockers := barred(facts.lifecycle, facts.snapshot, facts.lifecycle.roles or (ANYONE,)):
        raise Refused(blockers)
    today = local_day(now, facts.programme)
    if on < today:
        raise Invalid(
            [
                blocker(
                    "invalid_day",
                    "Der {day_de} ist vorbei. Bitte einen Tag ab heute angeben.",
                    "{day} has passed. Give today or a later day.",
                    day=on.isoformat(),
                    day_de=german_day(on.isoformat()),
                    path="on",
                )
            ]
        )
    if len(note) > LONGEST_TEXT or not storable(note):
        raise Invalid(
            [blocker("invalid_note", "Die Notiz ist zu lang.", "The note is too long.", path="note", most=LONGEST_TEXT)]
        )
    row = {
        "id": f"r-{secrets.token_hex(8)}",
        "person": acting(facts.snapshot).id,
        "item": number,
        "local_date": on.isoformat(),
        "at": timestamp(due_at(on - timedelta(days=1), facts.programme.zone)),
        "note": note,
        "created_at": timestamp(now),
        "status": "open",
    }
    connection.execute(insert(reminder).values(row))
    email = access.find(connection, row["person"]).email
    return Reminder(row["id"], email, number, facts.item.title, on, note)


def show(connection: Connection, key: str) -> Reminder:
    """The reminder of that id, whatever became of it. Raises NotFound."""
    row = connection.execute(_lines().where(reminder.c.id == key)).one_or_none()
    if row is None:
        raise NotFound("reminder", key)
    return _line(row)


def open_reminders(connection: Connection, actor: str, today: date) -> tuple[Reminder, ...]:
    """The reminders still to come of a person, and of those whose deputy they are on `today`. Raises NotFound."""
    who = access.find(connection, actor).id
    day = today.isoformat()
    away = select(deputy.c.person).where(deputy.c.deputy == who, deputy.c.valid_from <= day, deputy.c.valid_to >= day)
    rows = connection.execute(
        _lines()
        .where(reminder.c.status == "open", or_(reminder.c.person == who, reminder.c.person.in_(away)))
        .order_by(reminder.c.at, reminder.c.id)
    )
    return tuple(_line(row) for row in rows)


def of_item(connection: Connection, number: str, person: str) -> list[tuple[date, str]]:
    """Day and note of what a person (by id) is still to be reminded of on one item, the next first."""
    rows = connection.execute(
        select(reminder.c.local_date, reminder.c.note)
        .where(reminder.c.item == number, reminder.c.person == person, reminder.c.status == "open")
        .order_by(reminder.c.at, reminder.c.id)
    )
    return [(date.fromisoformat(row.local_date), row.note) for row in rows]


def forget(connection: Connection, person: str) -> None:
    """Erase everything a person asked to be reminded of."""
    connection.execute(delete(reminder).where(reminder.c.person == person))


def tell(database: Database, rules: Rules, now: datetime) -> Counter[str]:
    """Put every reminder that is due at `now` into the outbox, once; those of finished items are void."""
    verdicts: Counter[str] = Counter()
    while _any_due(database, now):
        decided = database.attempt(lambda connection: _batch(connection, rules, now))
        verdicts += decided
        if not decided:  # what is left is in the hands of others
            break
    return verdicts


def _lines() -> Select[Any]:
    return (
        select(reminder.c.id, contact.c.email, reminder.c.item, item.c.title, reminder.c.local_date, reminder.c.note)
        .join(contact, contact.c.person == reminder.c.person)
        .join(item, item.c.number == reminder.c.item)
    )


def _line(row: Row[Any]) -> Reminder:
    return Reminder(row.id, row.email, row.item, row.title, date.fromisoformat(row.local_date), row.note)


def _any_due(database: Database, now: datetime) -> bool:
    with database.reading() as connection:
        found = select(reminder.c.id).where(_due(now)).order_by(reminder.c.at).limit(1)
        return connection.execute(found).first() is not None


def _due(now: datetime) -> Any:
    return and_(reminder.c.status == OPEN, reminder.c.at <= timestamp(now))


def _batch(connection: Connection, rules: Rules, now: datetime) -> Counter[str]:
    claimed = connection.execute(
        select(
            reminder.c.id, reminder.c.person, item.c.number, item.c.revision, item.c.lifecycle, item.c.version,
            item.c.state,
        )
        .join(item, item.c.number == reminder.c.item)
        .where(_due(now))
        .order_by(reminder.c.at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=reminder)
    ).all()  # fmt: skip
    if not claimed:
        return Counter()
    tx = Transaction(connection)
    verdicts, intents = [], []
    for one in claimed:
        final = rules.lifecycle(tx, one.lifecycle, one.version).states[one.state].final
        verdicts.append({"which": one.id, "verdict": "void" if final else "done"})
        if not final:
            intents.append(
                {
                    "id": f"reminder:{one.id}",
                    "notice": NOTICE,
                    "item": one.number,
                    "seq": one.revision,
                    "roles": "[]",
                    "params": json.dumps({"reminder": one.id, "person": one.person}),
                    "at": timestamp(now),
                    "status": "open",
                }
            )
    if intents:
        connection.execute(upsert(connection, outbox).on_conflict_do_nothing(), intents)
    connection.execute(
        update(reminder).where(reminder.c.id == bindparam("which")).values(status=bindparam("verdict")), verdicts
    )
    return Counter(one["verdict"] for one in verdicts)
