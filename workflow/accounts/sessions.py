"""Who is signed in, since when. A session ends when nobody uses it, and at the latest after a working day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update

from workflow.accounts.secret import digest, identifier, made
from workflow.events import moment, timestamp
from workflow.models import contact, person, session

IDLE = timedelta(hours=1)
"""How long a session lasts without being used."""
LONGEST = timedelta(hours=12)
"""How long it lasts at most (NIST SP 800-63B-4 §2.2.3 allows 24 hours and an hour without use)."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was last used: a page that is only read writes nothing more often."""
LONGEST_AGENT = 200


class Way(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 – a word, no secret
    OIDC = "oidc"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Session:
    """A session, and whose it is. `factor_at`: when a second factor was shown, or None."""

    digest: str
    id: str
    person: str
    email: str
    name: str
    locale: str
    way: Way
    factor_at: datetime | None
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str | None

    @property
    def end(self) -> datetime:
        """When it ends if nobody uses it any more."""
        return min(self.seen_at + IDLE, self.ends_at)


def begin(
    connection: Connection, who: str, way: Way, now: datetime, *, factor: bool = False, agent: str | None = None
) -> str:
    """A new session of the person `who`; the value that opens it. factor: a second factor was shown."""
    value = made()
    stamp = timestamp(now)
    connection.execute(
        insert(session).values(
            digest=digest(value),
            id=identifier("s"),
            person=who,
            way=way.value,
            factor_at=stamp if factor else None,
            opened_at=stamp,
            seen_at=stamp,
            ends_at=timestamp(now + LONGEST),
            agent=agent[:LONGEST_AGENT] if agent else None,
        )
    )
    return value


def find(connection: Connection, value: str, now: datetime) -> Session | None:
    """The session that `value` opens at `now`; None for one that has ended, was revoked or never was."""
    return _one(connection, _alive(now).where(session.c.digest == digest(value)))


def of_person(connection: Connection, who: str, now: datetime) -> tuple[Session, ...]:
    """The sessions of a person, the one used last first."""
    rows = connection.execute(_alive(now).where(session.c.person == who).order_by(session.c.seen_at.desc()))
    return tuple(_session(row) for row in rows)


def note(connection: Connection, one: Session, now: datetime) -> None:
    """Note that the session is used."""
    connection.execute(update(session).where(session.c.digest == one.digest).values(seen_at=timestamp(now)))


def renew(connection: Connection, one: Session, now: datetime, *, factor: bool) -> str:
    """Another value for the same session, since what it may do has changed: the old one opens nothing any more.

    factor: a second factor was shown just now.
    """
    value = made()
    stamp = timestamp(now)
    change = {"digest": digest(value), "seen_at": stamp} | ({"factor_at": stamp} if factor else {})
    connection.execute(update(session).where(session.c.digest == one.digest).values(**change))
    return value


def end(connection: Connection, one: Session) -> None:
    """Sign out."""
    connection.execute(delete(session).where(session.c.digest == one.digest))


def revoke(connection: Connection, who: str, key: str) -> bool:
    """End the session that is called `key`, if it is this person's; whether there was one."""
    return connection.execute(delete(session).where(session.c.person == who, session.c.id == key)).rowcount > 0


def revoke_all(connection: Connection, who: str | None = None, *, but: Session | None = None) -> int:
    """End all sessions of a person, or of everybody, but one; how many."""
    ended = delete(session)
    if who is not None:
        ended = ended.where(session.c.person == who)
    if but is not None:
        ended = ended.where(session.c.digest != but.digest)
    return connection.execute(ended).rowcount


def forget(connection: Connection, now: datetime) -> int:
    """Delete what has ended; how many."""
    over = or_(session.c.ends_at <= timestamp(now), session.c.seen_at <= timestamp(now - IDLE))
    return connection.execute(delete(session).where(over)).rowcount


def _alive(now: datetime) -> Select[Any]:
    return (
        select(session, contact.c.email, contact.c.name, person.c.locale)
        .join(person, person.c.id == session.c.person)
        .join(contact, contact.c.person == session.c.person)
        .where(session.c.ends_at > timestamp(now), session.c.seen_at > timestamp(now - IDLE))
    )


def _one(connection: Connection, found: Select[Any]) -> Session | None:
    row = connection.execute(found).one_or_none()
    return _session(row) if row else None


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        id=row.id,
        person=row.person,
        email=row.email,
        name=row.name,
        locale=row.locale,
        way=Way(row.way),
        factor_at=moment(row.factor_at) if row.factor_at else None,
        opened_at=moment(row.opened_at),
        seen_at=moment(row.seen_at),
        ends_at=moment(row.ends_at),
        agent=row.agent,
    )
