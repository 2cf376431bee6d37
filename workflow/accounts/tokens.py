"""Tokens: how another program acts in somebody's name through the API. Shown once; kept is the digest.

A token can never do more than the person it belongs to may do on the day it is used; its scopes take away from that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from workflow import access
from workflow.accounts import log
from workflow.accounts.log import What
from workflow.accounts.secret import digest, identifier, made
from workflow.errors import BadInput, NotFound
from workflow.events import moment, timestamp
from workflow.models import api_token, contact

PREFIX = "idw_"
"""What a token begins with, so that programs which search for secrets in texts know one."""

LASTING = timedelta(days=365)
"""How long a token is good where nobody says otherwise."""

LONGEST = timedelta(days=2 * 365)
NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was last used: whoever only reads writes nothing more often."""
LONGEST_LABEL = 200


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"  # what its person may see
    WRITE = "write"  # and what its person may do with items
    AUDIT = "audit"  # the whole history, for administrators
    ADMIN = "admin"  # people, roles and webhooks, for administrators
    METRICS = "metrics"  # the figures of the installation, and nothing else


IMPLIED = {Scope.WRITE: (Scope.READ,)}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner and administrators see it: never its value. `email`, `name`: whose it is."""

    id: str
    person: str
    email: str
    name: str
    label: str
    scopes: frozenset[Scope]
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def allows(self, scope: Scope) -> bool:
        """Whether it is good for `scope`, itself or by another that includes it."""
        return scope in self.scopes or any(scope in IMPLIED.get(one, ()) for one in self.scopes)

    def good_at(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked_at is None and now < self.ends_at


def issue(
    connection: Connection,
    asked: str,
    scopes: Iterable[Scope],
    now: datetime,
    *,
    label: str = "",
    ends_at: datetime | None = None,
) -> tuple[str, Token]:
    """A new token of the person with this e-mail address or id: its value, which nobody can show again, and what is
    kept of it. ends_at: absent, in a year.

    Raises NotFound for an unknown person, BadInput for no scope, or an end that has passed or is too far away.
    """
    who = access.find(connection, asked)
    wanted = frozenset(scopes)
    end = ends_at or now + LASTING
    if not wanted:
        raise BadInput("A token without a scope opens nothing.", remedy=f"Name some of: {', '.join(Scope)}.")
    if not now < end <= now + LONGEST:
        raise BadInput(
            "A token ends after today, and at the latest in two years.", remedy="Make a new one before it ends."
        )
    value = PREFIX + made()
    key = identifier("t")
    connection.execute(
        insert(api_token).values(
            digest=digest(value),
            id=key,
            person=who.id,
            label=label.strip()[:LONGEST_LABEL],
            scope=" ".join(sorted(wanted)),
            made_at=timestamp(now),
            ends_at=timestamp(end),
        )
    )
    log.note(connection, What.TOKEN_MADE, now, who.id, None)
    return value, show(connection, key)


def find(connection: Connection, value: str, now: datetime) -> Token | None:
    """The token of that value, if it is good at `now`: not revoked, not ended, its person not erased."""
    if not value.startswith(PREFIX) or not value.isascii():
        return None
    row = connection.execute(_kept().where(api_token.c.digest == digest(value))).one_or_none()
    found = _token(row) if row else None
    return found if found is not None and found.good_at(now) else None


def unnoted(one: Token, now: datetime) -> bool:
    """Whether a use at `now` is worth noting: the last one was noted long enough ago."""
    return one.used_at is None or now - one.used_at >= NOTED_EVERY


def note(connection: Connection, one: Token, now: datetime) -> None:
    """Note that the token is used."""
    connection.execute(update(api_token).where(api_token.c.id == one.id).values(used_at=timestamp(now)))


def show(connection: Connection, key: str) -> Token:
    """The token that is called `key`. Raises NotFound."""
    row = connection.execute(_kept().where(api_token.c.id == key)).one_or_none()
    if row is None:
        raise NotFound("token", key)
    return _token(row)


def listed(connection: Connection, who: str | None = None) -> tuple[Token, ...]:
    """The tokens of a person (None: of everybody), the newest first, with those that are good no more."""
    found = _kept().order_by(api_token.c.made_at.desc(), api_token.c.id)
    if who is not None:
        found = found.where(api_token.c.person == who)
    return tuple(_token(row) for row in connection.execute(found))


def revoke(connection: Connection, key: str, now: datetime) -> Token:
    """Let the token be good no more; once revoked it stays so. Raises NotFound."""
    standing = (api_token.c.id == key) & api_token.c.revoked_at.is_(None)
    if connection.execute(update(api_token).where(standing).values(revoked_at=timestamp(now))).rowcount:
        log.note(connection, What.TOKEN_REVOKED, now, show(connection, key).person, None)
    return show(connection, key)


def _kept() -> Any:
    return select(api_token, contact.c.email, contact.c.name).join(contact, contact.c.person == api_token.c.person)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.person,
        row.email,
        row.name,
        row.label,
        frozenset(Scope(one) for one in row.scope.split()),
        moment(row.made_at),
        moment(row.ends_at),
        moment(row.used_at) if row.used_at else None,
        moment(row.revoked_at) if row.revoked_at else None,
    )
