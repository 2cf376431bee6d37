"""Notices tried out: shown on a real item, or sent to one address. Nothing of it is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from notifications.channels import Channel, Parcel
from notifications.channels.email import Email
from notifications.letters import Desk, preview, trial
from notifications.render import APART, Rendered, sample
from workflow.errors import BadInput


def shown(connection: Connection, desk: Desk, notice: str, number: str | None, locale: str, now: datetime) -> Rendered:
    """A notice in words, on the item `number` or (None) an invented one.

    Raises BadInput for an unknown notice, NotFound for an unknown item, TemplateFault.
    """
    if notice not in desk.templates.notices:
        raise BadInput(f"There is no notice {notice!r}.", remedy="`ideenweg notice list` names them.")
    if number is None or notice in APART:
        return desk.templates.render(locale, notice, sample(locale))
    return preview(connection, desk, notice, number, locale, now)


def send(
    mail: Channel | None, notice: str, to: str, locale: str, rendered: Rendered, domain: str, now: datetime
) -> str:
    """Send the words to one address, on a connection of its own; the server's answer.

    Raises BadInput where there is no mail server, and SendError.
    """
    if mail is None:
        raise BadInput("No mail server is set.", remedy="Set IDEENWEG_SMTP_URL.")
    channel = mail.another() if isinstance(mail, Email) else mail
    letter = trial(notice, to, locale, rendered, domain, now)
    try:
        return channel.send(Parcel(letter.id, letter.message_id, to, channel.build(letter)), now)
    finally:
        channel.close()
