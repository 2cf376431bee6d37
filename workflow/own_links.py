"""Signed links by which whoever handed an item in follows it, answers and withdraws, without an account.

A link names the item, the person, its generation and the day it was made; the installation's key vouches for it, and
nothing of it is stored. It opens the item while it is of the present generation, not older than VALID, and the person
still has the role that handing in gives. Whoever has an account or works on ideas signs in instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, exists, or_, select

from workflow import signing
from workflow.db import upsert
from workflow.events import timestamp
from workflow.models import account, assignment, item, item_link, person, role_grant
from workflow.rules import Rules
from workflow.transaction import Transaction

PURPOSE = "own item"
VALID = timedelta(days=400)
"""How long a link opens its item. Every mail brings a new one."""


@dataclass(frozen=True, slots=True)
class Own:
    """What a link opens: the item, and as whom."""

    item: str
    person: str


Generations = Mapping[str, Mapping[str, int]]
"""Person -> item -> the present generation of its links. Who is missing signs in; an item that is: the first."""


def generations(connection: Connection, people: Collection[str]) -> Generations:
    """Those of `people` who have neither an account nor a role granted to them, with the generations of their links."""
    signs_in = or_(
        exists().where(account.c.person == person.c.id),
        exists().where(role_grant.c.person == person.c.id, role_grant.c.revoked_at.is_(None)),
    )
    rows = connection.execute(
        select(person.c.id, item_link.c.item, item_link.c.generation)
        .outerjoin(item_link, item_link.c.person == person.c.id)
        .where(person.c.id.in_(sorted(people)), person.c.erased_at.is_(None), ~signs_in)
    )
    found: dict[str, dict[str, int]] = {}
    for who, number, generation in rows:
        links = found.setdefault(who, {})
        if number is not None:
            links[number] = generation
    return found


def token(keys: Sequence[bytes], own: Own, generation: int, today: date) -> str:
    """What stands in the address of the link."""
    return signing.sign(keys, PURPOSE, f"{own.item} {own.person} {generation} {today.isoformat()}")


def opened(connection: Connection, rules: Rules, keys: Sequence[bytes], text: str, now: datetime) -> Own | None:
    """What the link opens at the aware moment `now`; None where it is forged, too old or was made invalid."""
    told = signing.signed(keys, PURPOSE, text)
    if told is None:
        return None
    number, who, generation, made = told.split(" ")
    if now.date() - date.fromisoformat(made) > VALID:
        return None
    present = generations(connection, [who]).get(who)
    if present is None or present.get(number, 1) != int(generation) or not _handed_in(connection, rules, number, who):
        return None
    return Own(number, who)


def renew(connection: Connection, own: Own, now: datetime) -> int:
    """Make every link to the item that this person has invalid; the generation of new ones."""
    row = {"generation": 2, "at": timestamp(now)}
    return int(
        connection.execute(
            upsert(connection, item_link)
            .values(item=own.item, person=own.person, **row)
            .on_conflict_do_update(
                index_elements=["item", "person"],
                set_={"generation": item_link.c.generation + 1, "at": row["at"]},
            )
            .returning(item_link.c.generation)
        ).scalar_one()
    )


def _handed_in(connection: Connection, rules: Rules, number: str, who: str) -> bool:
    rows = connection.execute(
        select(assignment.c.role, item.c.lifecycle, item.c.version)
        .join(item, item.c.number == assignment.c.item)
        .where(assignment.c.item == number, assignment.c.person == who, assignment.c.ended_seq.is_(None))
    ).all()
    tx = Transaction(connection)
    return any(row.role == rules.lifecycle(tx, row.lifecycle, row.version).created_by for row in rows)
