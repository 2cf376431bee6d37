"""The secret address of a person's calendar: made, found by its token and taken back; only a digest of it is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from workflow.accounts import secret
from workflow.events import moment, timestamp
from workflow.models import calendar_feed, person


def make(connection: Connection, who: str, now: datetime) -> str:
    """A new address for the person's calendar: its token, which nobody is told again. An older one opens no more."""
    revoke(connection, who)
    token = secret.made()
    connection.execute(
        insert(calendar_feed).values(person=who, token_hash=secret.digest(token), made_at=timestamp(now))
    )
    return token


def revoke(connection: Connection, who: str) -> bool:
    """Whether there was an address, which opens nothing any more."""
    return connection.execute(delete(calendar_feed).where(calendar_feed.c.person == who)).rowcount == 1


def made_at(connection: Connection, who: str) -> datetime | None:
    """Since when the person has an address for their calendar; None without one."""
    found = connection.scalar(select(calendar_feed.c.made_at).where(calendar_feed.c.person == who))
    return moment(found) if found else None


def whose(connection: Connection, token: str) -> tuple[str, str] | None:
    """The person whose calendar the token opens, and their language; None for one that opens nothing."""
    row = connection.execute(
        select(person.c.id, person.c.locale)
        .join(calendar_feed, calendar_feed.c.person == person.c.id)
        .where(calendar_feed.c.token_hash == secret.digest(token), person.c.erased_at.is_(None))
    ).one_or_none()
    return (row.id, row.locale) if row else None
