"""Accounts: who has one, with which password and factor; and what goes with the person or a restore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, select, update

from states.programme import Programme
from workflow.accounts import links, log, passwords, sessions
from workflow.accounts.sessions import Session
from workflow.db import upsert
from workflow.events import timestamp
from workflow.models import (
    account,
    api_token,
    contact,
    identity,
    one_time_link,
    person,
    recovery_code,
    role_grant,
    security_log,
    session,
)

OF_ONE_PERSON = (account, identity, recovery_code, session, api_token, one_time_link, security_log)


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody signs in with. `factor`: the sealed secret of their second factor; None: they have none."""

    person: str
    email: str
    name: str
    locale: str
    password: str | None
    factor: str | None
    factor_step: int | None


def find(connection: Connection, asked: str) -> Account | None:
    """The account of a person, by e-mail address or id; without a password where they have set none yet."""
    column = contact.c.email if "@" in asked else contact.c.person
    row = connection.execute(
        select(
            contact.c.person, contact.c.email, contact.c.name, person.c.locale, account.c.password, account.c.factor,
            account.c.factor_step,
        )
        .join(person, person.c.id == contact.c.person)
        .outerjoin(account, account.c.person == contact.c.person)
        .where(column == asked.strip().lower())
    ).one_or_none()  # fmt: skip
    return Account(*row) if row else None


def ensure(connection: Connection, who: str, now: datetime) -> None:
    """Let the person have an account."""
    row = {"person": who, "made_at": timestamp(now)}
    connection.execute(upsert(connection, account).values(row).on_conflict_do_nothing())


def set_password(
    connection: Connection, who: str, password: str, now: datetime, *, keep: Session | None = None
) -> None:
    """Give the account this password. Every session but `keep` ends, and every link that waits in a mail."""
    ensure(connection, who, now)
    kept = {"password": passwords.hashed(password), "password_at": timestamp(now)}
    connection.execute(update(account).where(account.c.person == who).values(kept))
    sessions.revoke_all(connection, who, but=keep)
    connection.execute(delete(one_time_link).where(one_time_link.c.person == who))


def hash_anew(connection: Connection, who: str, password: str) -> None:
    """Keep the same password with the costs that new ones have."""
    kept = passwords.hashed(password)
    connection.execute(update(account).where(account.c.person == who).values(password=kept))


def rename(connection: Connection, who: str, name: str) -> None:
    """Set what somebody is called."""
    connection.execute(update(contact).where(contact.c.person == who).values(name=name))


def has_administrator(connection: Connection, programme: Programme, day: date) -> bool:
    """Whether anybody who administers on `day` can sign in by a password of theirs."""
    at = day.isoformat()
    found = (
        select(account.c.person)
        .join(role_grant, role_grant.c.person == account.c.person)
        .where(
            account.c.password.is_not(None),
            role_grant.c.role.in_(programme.administration),
            role_grant.c.revoked_at.is_(None),
            role_grant.c.valid_from <= at,
            func.coalesce(role_grant.c.valid_to, at) >= at,
        )
        .limit(1)
    )
    return connection.execute(found).first() is not None


def erase(connection: Connection, who: str) -> None:
    """Delete the account of a person and everything by which they could come in; nothing is noted of them any more."""
    for table in OF_ONE_PERSON:
        connection.execute(delete(table).where(table.c.person == who))


def shut(connection: Connection) -> None:
    """End every session, token and link: what was revoked since a backup was made must not work again."""
    for table in (session, api_token, one_time_link):
        connection.execute(delete(table))


def housekeep(connection: Connection, now: datetime) -> int:
    """Delete what has ended, and what was noted long ago; how many rows."""
    return sessions.forget(connection, now) + links.forget(connection, now) + log.purge(connection, now)
