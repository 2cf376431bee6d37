"""The pages of the demonstration, asked as a browser on the same machine asks them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App
from workflow import access
from workflow.accounts import sessions
from workflow.accounts.sessions import Way

HOME = "http://localhost"

TODAY = datetime.fromisoformat("2026-06-10T10:00:00Z")
"""The day that the demonstration plays on, and the pages of the tests are asked on."""


class Browser(TestClient):
    """Asks as a browser does: forms carry the mark of the page that they stand on."""

    def send_form(self, address: str, fields: dict[str, object], *, on: str | None = None, **options: object) -> object:
        """POST `fields` to `address` with the mark of the page `on` (absent: the same address)."""
        mark = re.search(r'name="csrf" value="([^"]*)"', self.get(on or address).text)
        assert mark, "the page has no form"
        return self.post(address, data={"csrf": mark[1], **fields}, follow_redirects=False, **options)


@pytest.fixture
def pages(demo: App) -> Iterator[TestClient]:
    pages = create_app(demo, demo=True, clock=lambda: TODAY)
    with TestClient(pages, base_url=HOME, headers={"Accept-Language": "de"}) as client:
        yield client


@pytest.fixture
def signed_in(demo: App) -> Iterator[Callable[[str], Browser]]:
    """Signs the person with an address in, second factor shown; gives their browser."""
    with ExitStack() as stack:

        def sign_in(email: str) -> Browser:
            return stack.enter_context(browser_of(demo, email, TODAY))

        yield sign_in


def browser_of(app: App, email: str, now: datetime, **options: bool) -> Browser:
    """A browser in which a person is signed in, at a time that stands still."""
    pages = create_app(app, demo=True, clock=lambda: now)

    def begin(connection: Connection) -> str:
        who = access.find(connection, email).id
        return sessions.begin(connection, who, Way.PASSWORD, now, **{"factor": True, **options})

    value = app.database.attempt(begin)
    browser = Browser(pages, base_url=HOME, headers={"Accept-Language": "de"})
    browser.cookies.set(cookie_name(pages.state.site), value)
    return browser


@pytest.fixture
def browsing() -> Callable[..., Browser]:
    """`browser_of`, for a workflow of the test's own."""
    return browser_of


@pytest.fixture
def number(demo: App) -> Callable[[str], str]:
    """The number of the item with this title."""
    from sqlalchemy import select

    from workflow.models import item

    def find(title: str) -> str:
        with demo.database.reading() as connection:
            return str(connection.execute(select(item.c.number).where(item.c.title == title)).scalar_one())

    return find
