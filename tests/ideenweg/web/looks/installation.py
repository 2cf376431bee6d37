"""An installation with something on every page: the demonstration, and what people leave behind who use it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from ideenweg.demo.play import play
from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from notifications import following, outbox, webhooks
from notifications.channels.email import Email, MailServer
from notifications.outbox import OutboxFilter
from notifications.preferences import unsubscribe_token
from workflow import access, followers, jobs
from workflow.accounts import keeping, links, sessions
from workflow.accounts.links import Purpose
from workflow.accounts.sessions import Way
from workflow.commands import Advance, Create, Link
from workflow.migrations import upgrade
from workflow.models import item

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
HOME = "http://localhost"
KEYS = (b"k" * 32,)
PASSWORD = "brückenbau am kanal 1907"
EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"

COORDINATION, ADMINISTRATION = "koordination@dortmund.example", "verwaltung@dortmund.example"
COUNCIL = "ratsbuero@dortmund.example"
READER = "leserin@post.example"
MAIL = Email(MailServer("127.0.0.1", 9, starttls=False, sender="ideen@dortmund.example"))
"""Nobody listens there: mails stay where the pages show them."""

HOOK = "https://archiv.dortmund.example/haken"

TITLES = {
    "rich": "Junge Straßenbäume nach Bedarf gießen",
    "pictured": "Ein Datenportal für beide Städte",
    "voted": "Eine Ehrenamtsbörse für Dortmund und Schwerte",
    "ended": "Kameras mit Gesichtserkennung am Bahnhofsvorplatz",
    "round": "Dritte Auswahlrunde",
}
"""What an item is called in addresses -> its title."""

STATES = (
    "submitted", "needs_information", "in_review", "pooled", "shortlisted", "before_bodies", "before_funder",
    "in_progress", "in_evaluation", "handover", "on_hold", "integrated",
)  # fmt: skip
"""States; addresses call an item by the one that it is in."""

TYPED: dict[str, dict[str, Any]] = {
    "problem": {"sheet:f.problem": "Im Sommer vertrocknen die jungen Bäume vor der Schule."},
    "idea": {"sheet:f.title": "Gießpaten für junge Bäume", "sheet:f.idea": "Wer gießt, meldet es mit einem Klick."},
    "benefit": {"sheet:f.benefit": "Alle, die im Schatten gehen."},
    "city": {"sheet:f.cities": ["dortmund"]},
    "documents": {},
    "contact": {"contact-email": "anwohnerin@post.example", "contact-name": "", "credit:f.name": ""},
    "terms": {"agreed": ["licence", "privacy"]},
}
"""The steps of the submission -> what is typed there."""


@dataclass
class Installation:
    """What is served, where, and at what time. places: what stands in addresses and differs from one to the next."""

    app: App
    now: datetime = NOW
    url: str = HOME
    places: dict[str, str] = field(default_factory=dict)
    draft: tuple[str, str] = ("", "")

    @cached_property
    def pages(self) -> FastAPI:
        return create_app(self.app, demo=True, clock=lambda: self.now)

    @property
    def cookie(self) -> str:
        return cookie_name(self.pages.state.site)

    def session(self, email: str, *, factor: bool = True) -> str:
        """The cookie of a session that has just begun."""

        def begin(connection: Connection) -> str:
            who = access.find(connection, email).id
            return sessions.begin(connection, who, Way.PASSWORD, self.now, factor=factor)

        return self.app.database.attempt(begin)

    def browser(self, email: str | None = None, *, factor: bool = True) -> TestClient:
        """Asks without a network, as somebody who is signed in, or as nobody."""
        client = TestClient(self.pages, base_url=HOME, headers={"Accept-Language": "de"})
        if email:
            client.cookies.set(self.cookie, self.session(email, factor=factor))
        return client


def sent(client: TestClient, address: str, fields: dict[str, Any], **options: Any) -> str:
    """Send a form with the mark of the page that it stands on; where the answer leads."""
    mark = re.search(r'name="csrf" value="([^"]*)"', client.get(address).text)
    data = {"csrf": mark[1] if mark else "", **fields}
    answer = client.post(address, data=data, follow_redirects=False, **options)
    assert answer.status_code == 303, (address, answer.status_code, answer.text)
    return str(answer.headers["location"])


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """The demonstration of NOW in a file of its own, after everybody has used it once; its clock stands."""
    url = f"sqlite:///{folder / 'looks.db'}"
    upgrade(url)
    with open_workflow(url, outgoing=Outgoing(HOME, MAIL, KEYS)) as app:
        play(app, NOW)
        made = Installation(app)
        _name(made)
        _sit(made)
        _hand_in(made)
        _administer(made)
        _work_on_many(made)
        _link(made)
        yield made


@contextmanager
def served(made: Installation) -> Iterator[Installation]:
    """The same behind a real socket, for a browser."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(made.pages, lifespan="off", log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield made
        finally:
            server.should_exit = True
            thread.join()


def _name(made: Installation) -> None:
    """The items that addresses speak of."""
    by_title = {name: item.c.title == title for name, title in TITLES.items()}
    by_state = {state: item.c.state == state for state in STATES}
    with made.app.database.reading() as connection:
        for name, condition in {**by_title, **by_state}.items():
            numbers = select(item.c.number).where(condition).order_by(item.c.number)
            made.places[name] = connection.execute(numbers.limit(1)).scalar_one()


def _sit(made: Installation) -> None:
    """A session of the council that was held, and what it has on its agenda."""
    engine, voted = made.app.engine, made.places["voted"]
    sheet = {"title": "Rat, 9. Juni 2026", "body": "council-dortmund", "cities": ["dortmund"], "date": "2026-06-09"}
    session = engine.execute(Create(actor=COUNCIL, lifecycle="session", data=sheet), now=NOW).item.number
    engine.execute(Link(actor=COORDINATION, item=voted, kind="on_agenda_of", other=session), now=NOW)
    for step in ("close_agenda", "hold"):
        engine.execute(Advance(actor=COUNCIL, item=session, transition=step), now=NOW)
    made.places["session"] = session


def _hand_in(made: Installation) -> None:
    """An idea of a resident that is asked about, and a draft that is not handed in yet."""
    made.now = NOW - timedelta(days=1)
    resident = made.browser()
    _draft(resident)
    made.now = NOW
    made.places["own"] = sent(resident, "/einreichen/pruefen", {}).removeprefix("/meine-idee/").split("/")[0]
    another = made.browser()
    _draft(another)
    made.draft = next((one.name, str(one.value)) for one in another.cookies.jar if one.name.endswith("draft"))


def _draft(client: TestClient) -> None:
    for key, fields in TYPED.items():
        sent(client, f"/einreichen/schritt/{key}", {**fields, "go": "next"})


def _administer(made: Installation) -> None:
    """A webhook, an import, a verification, a mail that nobody could send yet, an invitation."""
    client = made.browser(ADMINISTRATION)
    place = made.places
    with made.app.database.writing() as connection:
        place["webhook"] = webhooks.add(connection, HOOK, KEYS, NOW).id
    table = {"file": ("portfolio.csv", (EXAMPLES / "portfolio.csv").read_bytes())}
    import_ = {"kind": "import_ideas", "lifecycle": "idea-to-project"}
    place["import"] = sent(client, "/verwaltung/import", import_, files=table).rpartition("/")[2]
    with made.app.database.reading() as connection:
        (mail,), _ = outbox.listed(connection, OutboxFilter(), limit=1, cursor=None)
    place["mail"] = quote(mail.id)
    place["verification"] = sent(client, "/verwaltung/protokoll/pruefung", {"what": "verify"}).rpartition("/")[2]


def _work_on_many(made: Installation) -> None:
    """A step on many items and a change of rules, both as they end where not everything goes."""
    why = {"de": ["Das darf nur die Koordination."], "en": ["Only the coordination may do that."]}
    stays = {"number": made.places["rich"], **why}
    batch = {"batch": "batch-5f1c09a7-d2e8-4b36-9a5e-0f3a5b7c9d1e", "done": [made.places["pooled"]], "held": [stays]}
    moved = {"version": 1, "from": "pooled", "to": "pooled", "items": 3}
    migrated = {
        "version": 1, "moved": [moved], "stay": 1, "left": [{**stays, "version": 1, "state": "submitted"}],
        "records": {"statement": 2}, "deadlines": {"precheck": {"kept": 2, "closed": 0, "opened": 1}},
    }  # fmt: skip

    def make(connection: Connection) -> None:
        for name, kind, who, about, status, result in (
            ("batch", "bulk", COORDINATION, "refer", jobs.DONE, batch),
            ("migration", "migration", ADMINISTRATION, "idea-to-project", jobs.CHECKED, migrated),
        ):
            key = jobs.prepare(connection, kind, access.find(connection, who).id, NOW, name=about)
            jobs.end(connection, key, status, result, NOW, keep_file=False)
            made.places[name] = key

    made.app.database.attempt(make)


def _link(made: Installation) -> None:
    """What the mails of an installation lead to."""
    place, number = made.places, made.places["rich"]

    def make(connection: Connection) -> None:
        followers.ask(connection, number, READER, "de", NOW)
        reader, coordinator = access.find(connection, READER).id, access.find(connection, COORDINATION).id
        place["person"] = coordinator
        place["follow"] = following.token(KEYS, reader, number)
        place["unsubscribe"] = unsubscribe_token(KEYS, coordinator, "progress")
        place["unfollow"] = unsubscribe_token(KEYS, reader, following.notice_of(number))
        keeping.ensure(connection, coordinator, NOW)
        keeping.set_password(connection, coordinator, PASSWORD, NOW)
        place["reset"] = links.token(KEYS, links.make(connection, Purpose.RESET, coordinator, NOW))
        place["set_up"] = links.token(KEYS, links.make(connection, Purpose.SET_UP, None, NOW))

    made.app.database.attempt(make)
