"""An installation of its own for each test: people without passwords, a clock that can be set, mails that are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.wiring import App, open_workflow
from notifications.channels.log import Log
from workflow import access
from workflow.accounts import keeping
from workflow.streams import Origin

SHORT = Path(__file__).parents[3] / "lifecycles" / "short.yaml"
START = datetime(2026, 6, 9, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
HOME = "http://localhost"
KEY = b"the key of an installation of a test"


class Postbox(Log):
    """Keeps the mails instead of sending them: address -> text."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    def send(self, parcel: Any, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        mail = message_from_bytes(parcel.message, policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        self.mails.append((parcel.to, str(mail["Subject"]), body.get_content()))
        return "kept"


@dataclass
class House:
    """The installation under test."""

    app: App
    post: Postbox
    now: datetime = START
    browsers: list[TestClient] = field(default_factory=list)

    def browser(self, *, client: str = "192.0.2.7", **options: Any) -> TestClient:
        """A new browser without any cookie."""
        pages = self.__dict__.setdefault("pages", {})
        key = tuple(sorted(options.items()))
        if key not in pages:
            pages[key] = create_app(self.app, clock=lambda: self.now, **options)
        return TestClient(
            pages[key], base_url=HOME, headers={"Accept-Language": "de"}, client=(client, 50000), follow_redirects=False
        )

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def do(self, work: Callable[[Connection], Any]) -> Any:
        return self.app.database.attempt(work)

    def give_password(self, email: str, password: str) -> None:
        self.do(lambda connection: keeping.set_password(connection, access.find(connection, email).id, password, START))


@pytest.fixture
def house(database_url: str, furnish: Callable[..., None]) -> Iterator[House]:
    furnish(database_url, "house", furnished)
    post = Postbox()
    with open_workflow(database_url, outgoing=Outgoing("https://ideen.example.org", post, (KEY,))) as app:
        app.engine.default = "short"
        yield House(app, post)


def furnished(url: str) -> None:
    """Put the short lifecycle into a database, with a coordinator and an administrator."""
    with open_workflow(url, lifecycle=SHORT) as app:

        def people(connection: Connection) -> None:
            for email, role in (
                ("koordination@dortmund.example", "coordinator"),
                ("verwaltung@dortmund.example", "administrator"),
            ):
                name = email.split("@")[0].title()
                access.add(connection, email, name, OPERATOR, START)
                access.grant(
                    connection, email, app.rules.newest_of(app.database, "short").roles[role],
                    "dortmund" if role == "coordinator" else None, app.rules.programme, OPERATOR, START,
                    valid_from=date(2020, 1, 1),
                )  # fmt: skip

        app.database.attempt(people)


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the first form in the content of a page."""
    content = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', content)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def hidden() -> Callable[[str], dict[str, str]]:
    return fields_of


@pytest.fixture
def send() -> Callable[..., Any]:
    """Opens the page `on`, and sends its form to `to` (absent: the same address) with what is typed."""

    def send(browser: TestClient, on: str, to: str | None = None, **typed: Any) -> Any:
        page = browser.get(on)
        assert page.status_code == 200, (on, page.status_code, page.headers.get("location"))
        return browser.post(to or on, data={**fields_of(page.text), **typed})

    return send


@pytest.fixture
def sign_in(send: Callable[..., Any]) -> Callable[..., Any]:
    def sign_in(browser: TestClient, email: str, password: str, back: str = "/") -> Any:
        return send(browser, f"/anmelden?weiter={back}", "/anmelden", email=email, password=password)

    return sign_in


@pytest.fixture
def words() -> Callable[[str], str]:
    def words(page: str) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())

    return words
