"""Links that work once: to set a first password, a new one, or to set the installation up.

A link is an id with the mark of the installation's key, so it can be written into a mail long after it was made, and
what is stored opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from workflow import signing
from workflow.accounts.secret import made
from workflow.events import timestamp
from workflow.models import one_time_link

MARK = "link"


class Purpose(StrEnum):
    """What a link is for."""

    INVITE = "invite"
    RESET = "reset"
    SET_UP = "set_up"


LASTS = {Purpose.INVITE: timedelta(days=7), Purpose.RESET: timedelta(hours=1), Purpose.SET_UP: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that has not been used; `person` None for whoever sets the installation up."""

    id: str
    purpose: Purpose
    person: str | None


def make(connection: Connection, purpose: Purpose, who: str | None, now: datetime) -> str:
    """A new link; its id. Earlier ones for the same purpose and person work no more."""
    same = one_time_link.c.person == who if who else one_time_link.c.person.is_(None)
    connection.execute(delete(one_time_link).where(same, one_time_link.c.purpose == purpose.value))
    key = made()
    stamps = {"made_at": timestamp(now), "ends_at": timestamp(now + LASTS[purpose])}
    connection.execute(insert(one_time_link).values(id=key, person=who, purpose=purpose.value, **stamps))
    return key


def token(keys: Sequence[bytes], key: str) -> str:
    """What stands in the address of the link `key`."""
    return f"{key}.{signing.mark(keys, MARK, key)}"


def find(connection: Connection, keys: Sequence[bytes], shown: str, now: datetime) -> Link | None:
    """The link that was shown; None for one that has ended, was used, or is none of ours."""
    key, _, mark = shown.rpartition(".")
    if not key or not signing.marked(keys, MARK, key, mark):
        return None
    return by_id(connection, key, now)


def by_id(connection: Connection, key: str, now: datetime) -> Link | None:
    """The link with this id, if it still works."""
    row = connection.execute(
        select(one_time_link).where(one_time_link.c.id == key, one_time_link.c.ends_at > timestamp(now))
    ).one_or_none()
    return Link(row.id, Purpose(row.purpose), row.person) if row else None


def use(connection: Connection, link: Link) -> bool:
    """Use the link up, and every other of the same person; False where somebody was faster."""
    used = connection.execute(delete(one_time_link).where(one_time_link.c.id == link.id)).rowcount == 1
    if used and link.person is not None:
        connection.execute(delete(one_time_link).where(one_time_link.c.person == link.person))
    return used


def forget(connection: Connection, now: datetime) -> int:
    """Delete what has ended; how many."""
    return connection.execute(delete(one_time_link).where(one_time_link.c.ends_at <= timestamp(now))).rowcount
