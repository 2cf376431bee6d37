"""A letter as an e-mail: text and HTML, one thread an item, and the headers that mail programs expect."""

from __future__ import annotations

import re
from datetime import UTC, date, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from hashlib import sha256

from notifications.channels import Appointment, Letter
from notifications.errors import Permanent

OCTETS_A_LINE = 75
"""Of a calendar file (RFC 5545 §3.1)."""


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the delivery `key`: the same however often it is asked for."""
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def thread_id(item: str, domain: str) -> str:
    """What all mails of an item refer to, so that mail programs show them as one thread."""
    return f"<item.{item}@{domain}>"


def on_the_line(address: str) -> str:
    """The address as servers know it: a domain with umlauts in its ASCII form. Raises UnicodeError."""
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"


def envelope_address(address: str) -> str:
    """`on_the_line`, and nothing where its domain cannot be one: building the mail then says so."""
    try:
        return on_the_line(address)
    except UnicodeError:
        return ""


def needs_utf8(address: str) -> bool:
    """Whether servers need SMTPUTF8 for it: there are letters beyond ASCII before the @ (RFC 6531)."""
    return not address.rpartition("@")[0].isascii()


def build(letter: Letter, sender: str | None) -> bytes:
    """The mail as it goes over the line, CRLF line ends included. `sender`: absent, the coordinating office's address.

    Raises Permanent for an address that cannot be written into a header, and where there is no sender.
    """
    source = sender or letter.office_email
    if source is None:
        raise Permanent("There is no address to send from: give the office an e-mail, or ?from= in IDEENWEG_SMTP_URL.")
    domain = letter.message_id.rpartition("@")[2].rstrip(">")
    # Headers are ASCII wherever that is possible: not every server knows anything else (RFC 6532).
    utf8 = any(needs_utf8(one) for one in (source, letter.address, letter.office_email or ""))
    mail = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    try:
        mail["From"] = _address(letter.office_name, source)
        mail["To"] = _address(letter.name, on_the_line(letter.address))
        if letter.office_email:
            mail["Reply-To"] = _address(letter.office_name, letter.office_email)
        mail["Subject"] = letter.rendered.subject
    except (ValueError, IndexError) as error:
        raise Permanent(f"{letter.address or 'Nothing'} is no address that can be written to: {error}") from None
    mail["Date"] = format_datetime(letter.made.astimezone(UTC))
    mail["Message-ID"] = letter.message_id
    if letter.item:
        mail["In-Reply-To"] = mail["References"] = thread_id(letter.item, domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = letter.locale
    if letter.unsubscribe:  # RFC 8058 §3.1
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.rendered.text, cte="quoted-printable")
    mail.add_alternative(letter.rendered.html, subtype="html", cte="quoted-printable")
    if letter.appointment and letter.item:
        mail.add_attachment(
            calendar(letter, letter.appointment, domain),
            maintype="text",
            subtype="calendar",
            filename=f"{letter.item}.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    boundary = sha256(letter.message_id.encode()).hexdigest()[:24]
    for place, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"={boundary}={place}")
    return mail.as_bytes()


def calendar(letter: Letter, appointment: Appointment, domain: str) -> bytes:
    """The deadline as an all-day event with an alarm the day before (RFC 5545). A version that moved it replaces it."""
    day = date.fromisoformat(appointment.day)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ideenweg//Ideenweg//DE",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{appointment_uid(str(letter.item), appointment.key, domain)}",
        f"SEQUENCE:{appointment.version}",
        f"DTSTAMP:{letter.made.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(letter.rendered.subject)}",
        *([f"URL:{letter.url}"] if letter.url else []),
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(letter.rendered.subject)}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def appointment_uid(item: str, key: str, domain: str) -> str:
    """What calendars know a deadline of an item by, in mails and in the feed alike. key: its rule and key."""
    return f"{sha256(f'{item}/{key}'.encode()).hexdigest()[:40]}@{domain}"


def _address(name: str, address: str) -> Address:
    """The address as a header has it. Raises ValueError or IndexError for what is none."""
    local, _, domain = address.rpartition("@")
    if not (local and domain):
        raise ValueError("there is nothing before or nothing after an @")
    if not needs_utf8(address):
        return Address(name, addr_spec=address)
    Address(name, addr_spec=re.sub(r"[^\W\d_]", "x", address))  # letters apart, it has to be an address like any other
    return Address(name, username=local, domain=domain)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets; the ones that go on begin with a space. No letter is torn apart."""
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > OCTETS_A_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += octets
    return parts
