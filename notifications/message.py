"""A letter as an e-mail: text and HTML, one thread an item, and the headers that mail programs expect."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
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


def build(letter: Letter, sender: str | None) -> bytes:
    """The mail as it goes over the line, CRLF line ends included. `sender`: absent, the coordinating office's address.

    Raises Permanent for an address that cannot be written into a header, and where there is no sender.
    """
    mail = EmailMessage(policy=SMTP)
    source = sender or letter.office_email
    if source is None:
        raise Permanent("There is no address to send from: give the office an e-mail, or ?from= in IDEENWEG_SMTP_URL.")
    domain = letter.message_id.rpartition("@")[2].rstrip(">")
    try:
        mail["From"] = Address(letter.office_name, addr_spec=source)
        mail["To"] = Address(letter.name, addr_spec=on_the_line(letter.address))
        if letter.office_email:
            mail["Reply-To"] = Address(letter.office_name, addr_spec=letter.office_email)
        mail["Subject"] = letter.rendered.subject
    except (ValueError, IndexError) as error:
        raise Permanent(f"This address cannot be written to: {error}") from None
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
        f"UID:{sha256(f'{letter.item}/{appointment.key}'.encode()).hexdigest()[:40]}@{domain}",
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
