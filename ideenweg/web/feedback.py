"""What somebody reports of a barrier: a mail to the office that coordinates, which waits like any other."""

from __future__ import annotations

from datetime import datetime
from html import escape

from sqlalchemy import Connection, insert, select

from ideenweg.web.site import Site
from ideenweg.web.wording import Wording
from notifications.channels import Channel, Letter
from notifications.expand import EMAIL, delivery_row
from notifications.message import message_id
from notifications.render import Rendered
from states.programme import Office, Programme
from workflow import access
from workflow.accounts import secret
from workflow.errors import BadInput
from workflow.models import contact, delivery
from workflow.streams import Origin

LONGEST = 5000
"""Characters of a report."""

NOTICE = "feedback"


def mailbox(programme: Programme) -> Office | None:
    """The office that reports go to: the first that coordinates somewhere and has an address."""
    offices = (programme.offices[city.office] for city in programme.cities.values() if city.office)
    return next((office for office in offices if office.email), None)


def send(site: Site, say: Wording, message: str, email: str) -> dict[str, str]:
    """Send it. What is wrong with the form by field; empty: the mail is on its way."""
    wrong: dict[str, str] = {}
    if not message:
        wrong["message"] = say("feedback_empty")
    try:
        answer_to = access.checked_email(email) if email else None
    except BadInput:
        wrong["email"] = say("follow_no_address")
    office, mail = mailbox(site.workflow.rules.programme), site.workflow.outgoing.mail
    if not wrong and office and mail:
        now = site.now()
        site.workflow.database.attempt(
            lambda connection: _send(connection, site, mail, office, _written(say, message, email), answer_to, now)
        )
    return wrong


def _written(say: Wording, message: str, email: str) -> Rendered:
    lines = (message, say("feedback_answer", email=email) if email else say("feedback_no_answer"))
    html = "".join(f"<p>{escape(line)}</p>" for text in lines for line in text.splitlines() if line.strip())
    subject = say("feedback_subject")
    head = f'<!doctype html><html lang="{say.locale}"><head><title>{escape(subject)}</title></head>'
    return Rendered(subject, "\n\n".join(lines) + "\n", f"{head}<body><main>{html}</main></body></html>\n")


def _send(
    connection: Connection,
    site: Site,
    mail: Channel,
    office: Office,
    rendered: Rendered,
    answer_to: str | None,
    now: datetime,
) -> None:
    address = str(office.email).lower()
    who = connection.scalar(select(contact.c.person).where(contact.c.email == address))
    who = who or access.add(connection, address, office.label["de"], Origin("system", "page"), now)
    key = f"{NOTICE}:{secret.identifier('f')}"
    domain = site.workflow.outgoing.domain
    letter = Letter(
        id=key, message_id=message_id(f"{key}/{EMAIL}", domain), notice=NOTICE, item=None, state=None, url=None,
        made=now, address=address, name=office.label["de"], rendered=rendered,
        office_name=site.workflow.rules.programme.label["de"], office_email=answer_to,
    )  # fmt: skip
    row = delivery_row(key, None, who, EMAIL, site.workflow.post, now, message=mail.build(letter))
    connection.execute(insert(delivery).values(row))
