"""Letters that speak of no single item: the digest, what many went through as one act, and the links to an account.

A link is made when it is asked for and written when the mail is: what is stored of it opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from notifications import batches, digest, words
from notifications.channels import Letter
from notifications.expand import EMAIL, NO_SERVER, Post, delivery_row
from notifications.letters import Desk, Reader
from notifications.recipients import LeftOut
from states.programme import Office, Programme
from workflow.accounts import links
from workflow.accounts.links import LASTS, Link, Purpose
from workflow.models import delivery

PREFIX = "link:"
"""The beginning of a delivery's id, before the link's own."""

NOTICES = {Purpose.INVITE: "invitation", Purpose.RESET: "password_reset"}
PASSWORD = "/passwort"  # noqa: S105 – an address, no secret
"""The page where somebody sets their password."""

WHY = {Purpose.INVITE: words.INVITED, Purpose.RESET: words.ASKED_FOR_PASSWORD}


def send_link(connection: Connection, post: Post, purpose: Purpose, who: str, now: datetime) -> None:
    """Make a link for a person, and the mail that brings it at the next dispatch."""
    key = links.make(connection, purpose, who, now)
    result = None if EMAIL in post.channels else NO_SERVER
    row = delivery_row(f"{PREFIX}{key}", None, who, EMAIL, post, now, result=result)
    connection.execute(insert(delivery).values(row))


def writer_of(desk: Desk, now: datetime) -> Callable[[Connection, Row[Any], Reader], Letter | LeftOut]:
    """What writes letters of no item."""
    write_digest, write_batch = digest.writer_of(desk, now), batches.writer_of(desk, now)

    def write(connection: Connection, row: Row[Any], reader: Reader) -> Letter | LeftOut:
        if row.id.startswith(batches.PREFIX):
            return write_batch(connection, row, reader)
        if not row.id.startswith(PREFIX):
            return write_digest(connection, row, reader)
        link = links.by_id(connection, row.id.removeprefix(PREFIX), now)
        if link is None or not desk.keys:
            return LeftOut.SETTLED
        return _letter(desk, row, link, reader, now)

    return write


def _letter(desk: Desk, row: Row[Any], link: Link, reader: Reader, now: datetime) -> Letter:
    locale, programme = reader.locale, desk.rules.programme
    office = _office(programme)
    name = office.label[locale] if office else programme.label[locale] or programme.key
    context = {
        "recipient": {"name": reader.name or None},
        "programme": programme.label[locale] or programme.key,
        "link": {
            "url": f"{desk.base_url}{PASSWORD}/{links.token(desk.keys, link.id)}",
            "hours": int(LASTS[link.purpose].total_seconds()) // 3600,
        },
        "office": {"name": name, "email": office.email if office else None},
        "why": WHY[link.purpose][locale],
    }
    return Letter(
        id=row.id,
        message_id=row.message_id,
        notice=NOTICES[link.purpose],
        item=None,
        state=None,
        url=None,
        made=now,
        address=reader.email,
        name=reader.name,
        locale=locale,
        rendered=desk.templates.render(locale, NOTICES[link.purpose], context),
        office_name=name,
        office_email=office.email if office else None,
    )


def _office(programme: Programme) -> Office | None:
    """The first office that coordinates somewhere: it answers questions."""
    keys = (city.office for city in programme.cities.values())
    return next((programme.offices[key] for key in keys if key), None)
