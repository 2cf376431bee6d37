"""Who follows an item: told of its public steps by mail, once they have confirmed that the address is theirs.

A follower is a person like any other: the address lies in `contact` alone, and goes with whatever else is erased of
them. Who only ever followed items, and follows none any more, is forgotten at once.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, func, insert, not_, or_, select, update

from states.snapshot import SYSTEM
from workflow import access
from workflow.erasure import erase_person
from workflow.errors import BadInput, NotFound
from workflow.events import Kind, timestamp
from workflow.models import (
    account,
    assignment,
    contact,
    deputy,
    event,
    follower,
    item,
    outbox,
    person,
    reminder,
    role_grant,
    support,
)
from workflow.streams import Origin

CONFIRM = "follow_confirm"
"""The notice that asks whether the address is theirs."""

ANEW = timedelta(hours=1)
"""How soon somebody who has not confirmed is asked again: nobody's mailbox is filled from a public page."""

MOST_ASKED = 5
"""How many items an address is asked about in a day."""

KEPT = timedelta(days=7)
"""How long an address that nobody confirms is kept."""

ALSO = (role_grant, assignment, support, reminder, account)
"""Whoever has a row here is more than a follower."""


def ask(connection: Connection, number: str, email: str, locale: str, now: datetime) -> None:
    """Ask whoever reads `email` whether they want to follow the released item.

    Says nothing of whether they are known or follow it already. Raises BadInput for an address that is none, NotFound.
    """
    address = access.checked_email(email)
    _released(connection, number)
    known = select(contact.c.person).where(contact.c.email == address)
    who = connection.scalar(known)
    if who is None:
        try:
            who = access.add(connection, address, "", None, now, locale=locale)
        except BadInput:  # the same address has asked in this very moment
            who = connection.scalars(known).one()
    place = (follower.c.item == number) & (follower.c.person == who)
    row = connection.execute(select(follower).where(place)).one_or_none()
    asked_today = select(func.count()).where(
        follower.c.person == who,
        follower.c.confirmed_at.is_(None),
        follower.c.asked_at > timestamp(now - timedelta(days=1)),
    )
    if row is None:
        if (connection.scalar(asked_today) or 0) >= MOST_ASKED:
            return
        connection.execute(insert(follower).values(item=number, person=who, asked_at=timestamp(now), confirmed_at=None))
    elif row.confirmed_at or row.asked_at > timestamp(now - ANEW):
        return
    else:
        connection.execute(update(follower).where(place).values(asked_at=timestamp(now)))
    _tell(connection, number, who, now)


def confirm(connection: Connection, number: str, who: str, now: datetime) -> None:
    """The address is theirs; twice is as good as once. Raises NotFound where nobody asked, or too long ago."""
    _released(connection, number)
    place = (follower.c.item == number) & (follower.c.person == who)
    found = connection.execute(select(follower.c.confirmed_at).where(place)).one_or_none()
    if found is None:
        raise NotFound("link", "folgen")
    if found.confirmed_at is None:
        connection.execute(update(follower).where(place).values(confirmed_at=timestamp(now)))


def stop(connection: Connection, number: str, who: str, now: datetime) -> None:
    """Tell them of this item no more; twice is as good as once."""
    connection.execute(delete(follower).where(follower.c.item == number, follower.c.person == who))
    _forget(connection, who, now)


def purge(connection: Connection, now: datetime) -> int:
    """Forget the addresses that nobody has confirmed in time; how many."""
    late = select(follower.c.item, follower.c.person).where(
        follower.c.confirmed_at.is_(None), follower.c.asked_at < timestamp(now - KEPT)
    )
    rows = connection.execute(late).all()
    for row in rows:
        stop(connection, row.item, row.person, now)
    return len(rows)


def of(connection: Connection, number: str) -> tuple[str, ...]:
    """The persons who follow the item and have confirmed it."""
    rows = connection.scalars(
        select(follower.c.person)
        .where(follower.c.item == number, follower.c.confirmed_at.is_not(None))
        .order_by(follower.c.confirmed_at, follower.c.person)
    )
    return tuple(rows)


def _released(connection: Connection, number: str) -> None:
    """Nobody learns from here whether there is an item that is not public."""
    if connection.execute(select(item.c.number).where(item.c.number == number, item.c.released)).first() is None:
        raise NotFound("item", number)


def _tell(connection: Connection, number: str, who: str, now: datetime) -> None:
    stamp = timestamp(now)
    connection.execute(
        insert(outbox).values(
            id=f"{CONFIRM}:{number}/{who}/{stamp}", notice=CONFIRM, item=number, seq=1, roles="[]",
            params=json.dumps({"person": who, "follow": number}), at=stamp, status="open",
        )
    )  # fmt: skip


def _forget(connection: Connection, who: str, now: datetime) -> None:
    """Erase somebody who has never been anything but a follower, and is none any more."""
    more = [exists().where(table.c.person == who) for table in (follower, *ALSO)]
    more.append(exists().where(or_(deputy.c.person == who, deputy.c.deputy == who)))
    more.append(exists().where(event.c.actor == who, event.c.kind != Kind.PERSON_ADDED))
    more.append(exists().where(event.c.on_behalf_of == who))
    added = (event.c.stream == f"person:{who}") & (event.c.kind == Kind.PERSON_ADDED) & (event.c.actor == who)
    by_themselves = exists().where(person.c.id == who, person.c.erased_at.is_(None)), exists().where(added)
    if connection.scalar(select(and_(*by_themselves, not_(or_(*more))))):
        erase_person(connection, who, Origin(SYSTEM, "page"), now)
