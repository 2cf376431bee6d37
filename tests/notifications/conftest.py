"""Ideas on the shipped lifecycle, people of both cities, and a mail server that does as it is told."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

import config
from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App, open_workflow
from notifications.channels.email import Email, MailServer
from workflow import access
from workflow.commands import Advance, Assign, Create
from workflow.models import delivery
from workflow.streams import Origin

IDEAS = Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml"
NOW = datetime(2026, 5, 22, 9, tzinfo=UTC)  # a Friday; ten working days later it is 9 June
OPERATOR = Origin("operator", "cli")
BASE = "https://ideen.example.org"
KEYS = (b"k" * 32,)

RESIDENT, DORTMUND, SECOND = "anwohnerin@post.example", "koordination@dortmund.example", "vertretung@dortmund.example"
DEPARTMENT, HEAD = "umweltamt@dortmund.example", "amtsleitung@dortmund.example"
MOBILITY = "mobilitaet@dortmund.example"
PEOPLE: dict[str, tuple[tuple[str, str], ...]] = {
    RESIDENT: (),
    DORTMUND: (("coordinator", "dortmund"),),
    "koordination@schwerte.example": (("coordinator", "schwerte"),),
    DEPARTMENT: (("department", "environment-office-dortmund"),),
    MOBILITY: (("department", "mobility-office-dortmund"),),
    HEAD: (("head_of_office", "dortmund"),),
    SECOND: (),
}


class Server:
    """A mail server on loopback. `answers`: recipient, its domain or a command -> what is answered; `mails`: what it
    took. `options`: of aiosmtpd's controller."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.mails: list[tuple[str, bytes]] = []
        self.answers: dict[str, str] = {}
        self.connections = 0
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from, envelope.mail_options = address, options
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.answers.get(address) or self.answers.get(address.partition("@")[2])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        assert len(envelope.rcpt_tos) == 1
        self.mails.append((envelope.rcpt_tos[0], envelope.original_content))
        return self.answers.get("DATA", "250 taken")

    def to(self, address: str) -> list[EmailMessage]:
        """What somebody got, parsed; no message may have a defect."""
        found = [parsed(raw) for recipient, raw in self.mails if recipient == address]
        for one in found:
            for part in one.walk():
                assert part.defects == []
        return found


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def outgoing(server: Server) -> Outgoing:
    return Outgoing(BASE, Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5), KEYS)


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], outgoing: Outgoing) -> Iterator[App]:
    furnish(database_url, "ideas", furnished)
    with open_workflow(database_url, outgoing=outgoing) as app:
        yield app


def furnished(url: str) -> None:
    """Put the shipped lifecycle of ideas into a database, and everybody of PEOPLE with their roles since 2020."""
    with open_workflow(url, lifecycle=IDEAS) as app, app.database.writing() as connection:
        roles = app.rules.newest_of(app.database, "idea-to-project").roles
        for address, grants in PEOPLE.items():
            access.add(connection, address, address.partition("@")[0].title(), OPERATOR, NOW)
            for role, scope in grants:
                access.grant(
                    connection, address, roles[role], scope, app.rules.programme, OPERATOR, NOW,
                    valid_from=date(2020, 1, 1),
                )  # fmt: skip


def sheet(**more: Any) -> dict[str, Any]:
    return {
        "title": "Bänke & Bäume für den Markt",
        "problem": "Es fehlt Schatten.",
        "cities": ["dortmund"],
        "fields": ["energy-and-environment"],
        "provenance": ["participation"],
        **more,
    }


@pytest.fixture
def submitted(app: App) -> Callable[..., str]:
    """Hands in an idea; its number."""

    def submitted(**more: Any) -> str:
        number = app.engine.execute(Create(actor=RESIDENT, data=sheet(**more)), now=NOW).item.number
        app.engine.execute(Advance(actor=RESIDENT, item=number, transition="submit"), now=NOW)
        return number

    return submitted


@pytest.fixture
def reviewed(app: App, submitted: Callable[..., str]) -> Callable[..., str]:
    """Hands in an idea and lets the department examine it."""
    from workflow.commands import Record

    def reviewed() -> str:
        number = submitted()
        app.engine.execute(Record(actor=DORTMUND, item=number, kind="release", data={"released": True}), now=NOW)
        app.engine.execute(Assign(actor=DORTMUND, item=number, role="department", person=DEPARTMENT), now=NOW)
        checked = {"complete": True, "lawful": True, "competent": True}
        app.engine.execute(Advance(actor=DORTMUND, item=number, transition="start_review", data=checked), now=NOW)
        return number

    return reviewed


def rows(app: App, **wanted: Any) -> list[Any]:
    """Deliveries with these values, by id."""
    with app.database.reading() as connection:
        conditions = [delivery.c[name] == value for name, value in wanted.items()]
        return list(connection.execute(select(delivery).where(*conditions).order_by(delivery.c.id)))


def person_of(app: App, address: str) -> str:
    with app.database.reading() as connection:
        return access.find(connection, address).id
