"""What is noted of sign-ins: for the person themselves, and for whoever looks into an attack. Gone after 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from workflow.accounts.secret import identifier
from workflow.events import moment, timestamp
from workflow.models import security_log

KEPT = timedelta(days=90)


class What(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    REFUSED = "refused"  # a wrong password, or nobody known
    FACTOR_REFUSED = "factor_refused"
    THROTTLED = "throttled"
    SIGNED_OUT = "signed_out"
    LINK_SENT = "link_sent"
    PASSWORD_SET = "password_set"  # noqa: S105 – a word, no secret
    FACTOR_SET = "factor_set"
    FACTOR_REMOVED = "factor_removed"
    RECOVERED = "recovered"  # by a recovery code
    BOUND = "bound"  # an identity of a provider
    UNBOUND = "unbound"
    SESSION_ENDED = "session_ended"  # by hand, on the page with all sessions
    TOKEN_MADE = "token_made"  # noqa: S105 – a word, no secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 – a word, no secret
    SET_UP = "set_up"  # the first administrator


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `address`: the network address it came from; None on the command line."""

    what: What
    at: datetime
    address: str | None


def note(connection: Connection, what: What, now: datetime, who: str | None, address: str | None) -> None:
    """Note that it happened; `who` None: nobody known."""
    row = {"id": identifier("l"), "at": timestamp(now), "what": what.value, "person": who, "address": address}
    connection.execute(insert(security_log).values(row))


def latest(connection: Connection, who: str, limit: int = 20) -> tuple[Entry, ...]:
    """What was noted of a person, the latest first."""
    rows = connection.execute(
        select(security_log)
        .where(security_log.c.person == who)
        .order_by(security_log.c.at.desc(), security_log.c.id)
        .limit(limit)
    )
    return tuple(Entry(What(row.what), moment(row.at), row.address) for row in rows)


def purge(connection: Connection, now: datetime) -> int:
    """Delete what was noted more than 90 days ago; how many lines."""
    return connection.execute(delete(security_log).where(security_log.c.at < timestamp(now - KEPT))).rowcount
