"""Who hands in without signing in: known by an address, or by nothing at all."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select

from workflow import access
from workflow.models import contact
from workflow.own_links import generations
from workflow.streams import Origin

NO_CONTACT = "ohne-kontakt.invalid"
"""Where the addresses of people end who left none: nobody can be reached there (RFC 2606 §2)."""


def person_of(connection: Connection, email: str, name: str, locale: str, origin: Origin | None, now: datetime) -> str:
    """The id of whoever hands in with this address (empty: none); a new person where nobody is known by it.

    Nobody has proved that the address is theirs. So who has an account or works on items is never taken for the one
    who hands in, and nothing shows that there is such a person: it counts as handed in without contact. Raises BadInput
    for an address that is none.
    """
    address = access.checked_email(email) if email else ""
    who = connection.scalar(select(contact.c.person).where(contact.c.email == address)) if address else None
    if who is not None and who in generations(connection, [who]):
        return str(who)
    if address and who is None:
        return access.add(connection, address, name, origin, now, locale=locale)
    return access.add_stand_in(connection, f"{secrets.token_hex(8)}@{NO_CONTACT}", name, origin, now, locale=locale)


def unreachable(email: str) -> bool:
    """Whether nobody can be written to at this address: it stands for one that was not given."""
    return not email or email.endswith(".invalid")


def stood_for(connection: Connection, email: str, name: str, mark: str, origin: Origin, now: datetime) -> str:
    """The id of the person for whom somebody who works on items enters one; a new person where nobody is known by the
    address.

    mark: where no address is given, who is meant is a person of this mark alone, whatever is entered twice. Raises
    BadInput for an address that is none.
    """
    address = access.checked_email(email) if email else f"{sha256(mark.encode()).hexdigest()[:16]}@{NO_CONTACT}"
    who = connection.scalar(select(contact.c.person).where(contact.c.email == address))
    if who is not None:
        return str(who)
    if email:
        return access.add(connection, address, name, origin, now)
    return access.add_stand_in(connection, address, name, origin, now)
