"""Mails a second: the dispatch, and a bare program that renders, builds and sends the same mails over one connection.

The mail server runs in a process of its own and takes everything. The dispatch reads what each mail speaks of, keeps
its bytes, and acknowledges each durably before the next; the floor keeps nothing. Both must hand in the same mails.
"""

from __future__ import annotations

import multiprocessing
import smtplib
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import insert, select

import config
from bench import postgres
from ideenweg import open_workflow
from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App
from notifications.channels import Letter, Parcel
from notifications.channels.email import Email, MailServer
from notifications.expand import EMAIL, Post, delivery_row
from notifications.message import build
from notifications.render import Templates
from workflow import access
from workflow.commands import Advance, Create
from workflow.models import delivery, outbox
from workflow.streams import Origin

LIFECYCLE = Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml"
NOW = datetime(2026, 5, 22, 9, tzinfo=UTC)
ITEMS, DOMAINS = 40, 50
BASE = "https://ideen.example.org"


class Kept(Email):
    """The channel, which also keeps what it sends with: the floor then sends just that."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(server)
        self.letters: dict[str, Letter] = {}
        self.parcels: list[Parcel] = []

    def build(self, letter: Letter) -> bytes:
        self.letters[letter.id] = letter
        return super().build(letter)

    def send(self, parcel: Parcel, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        self.parcels.append(parcel)
        return super().send(parcel, now, meanwhile)


def run(*, seconds: float) -> None:
    """Print the table for both databases."""
    mails = max(200, int(seconds * 250))
    print(f"{'mails/s':<28}{'dispatch':>10}{'floor':>10}{'ratio':>8}")
    for name in ("sqlite", "postgresql"):
        with _mail_server() as port, _database(name) as url:
            channel = Kept(MailServer("127.0.0.1", port, starttls=False))
            outgoing = Outgoing(BASE, channel, (b"k" * 32,))
            with open_workflow(url, lifecycle=LIFECYCLE, outgoing=outgoing) as app:
                prepare(app, mails)
                app.dispatch(now=datetime(2026, 5, 21, tzinfo=UTC))  # what is imported and connected once
                took = dispatch(app, mails)
            bare = floor(port, channel)
        print(f"{name:<28}{mails / took:>10.0f}{mails / bare:>10.0f}{bare / took:>8.2f}", flush=True)


def prepare(app: App, mails: int) -> None:
    """So many deliveries of the receipts of ITEMS ideas, to people at DOMAINS domains."""
    post = Post(app.rules, app.templates, "ideen.example.org", frozenset({EMAIL}))
    with app.database.writing() as connection:
        people = [
            access.add(
                connection, f"p{number}@d{number % DOMAINS}.example", "Anwohnerin", Origin("operator", "api"), NOW
            )
            for number in range(-(-mails // ITEMS))
        ]
    data = {
        "title": "Sensoren für Straßenbäume",
        "problem": "Im Sommer vertrocknen junge Bäume.",
        "cities": ["dortmund"],
        "fields": ["energy-and-environment"],
        "provenance": ["participation"],
    }
    for _ in range(ITEMS):
        actor = people[0]
        number = app.engine.execute(Create(actor=actor, data=data), now=NOW).item.number
        app.engine.execute(Advance(actor=actor, item=number, transition="submit"), now=NOW)
    with app.database.writing() as connection:
        connection.execute(outbox.update().values(status="expanded"))
        intents = connection.scalars(select(outbox.c.id).where(outbox.c.notice == "received")).all()
        pairs = [(intent, person) for person in people for intent in intents][:mails]
        rows = [
            delivery_row(f"{intent}>{person}", intent, person, EMAIL, post, NOW, role="submitter")
            for intent, person in pairs
        ]
        connection.execute(insert(delivery), rows)


def dispatch(app: App, mails: int) -> float:
    """Seconds that the dispatch takes for all of them."""
    began = time.perf_counter()
    done = app.dispatch(now=NOW)
    spent = time.perf_counter() - began
    assert done.sent == mails, done
    return spent


def floor(port: int, kept: Kept) -> float:
    """Seconds that a bare program takes for the same mails."""
    templates = Templates()
    context = {
        "item": {"number": "2026-0001", "title": "Sensoren für Straßenbäume", "url": f"{BASE}/ideen/2026-0001"},
        "recipient": {"name": "Anwohnerin"},
        "deadline": {"day": "Di, 9. Juni", "date": "9. Juni", "late": 0, "ends": None},
        "reason": None,
        "actor_office": None,
        "office": {"name": "CIIO-Büro Dortmund", "email": "smartcity@dortmund.example"},
        "why": "Sie erhalten diese Nachricht, weil Sie diesen Vorgang eingereicht haben.",
    }
    templates.render("de", "received", context)
    began = time.perf_counter()
    connection = smtplib.SMTP("127.0.0.1", port)
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]
    connection.ehlo()
    for parcel in kept.parcels:
        letter = kept.letters[parcel.id]
        rendered = templates.render("de", "received", context)
        message = build(replace(letter, rendered=rendered), None)
        connection.mail("smartcity@dortmund.example")
        connection.rcpt(parcel.to)
        connection.data(message)
    connection.quit()
    return time.perf_counter() - began


class _Taker:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 taken"


def _serve(port: int, ready: Event, done: Event) -> None:
    controller = Controller(_Taker(), hostname="127.0.0.1", port=port)
    controller.start()
    ready.set()
    done.wait()
    controller.stop()


@contextmanager
def _mail_server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_serve, args=(port, ready, done))
    process.start()
    try:
        ready.wait(30)
        yield port
    finally:
        done.set()
        process.join()


@contextmanager
def _database(name: str) -> Iterator[str]:
    """An empty database on a disk that keeps its promises."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=postgres.home(durable=True)))
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
        else:
            yield stack.enter_context(postgres.temporary(durable=True)).url()
