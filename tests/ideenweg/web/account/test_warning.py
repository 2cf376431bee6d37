"""The warning before a session ends, as a browser shows it: what is typed stays, and a click goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import Connection

from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from workflow import access
from workflow.accounts import sessions
from workflow.accounts.sessions import IDLE, Way

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EMAIL = "koordination@dortmund.example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A browser shows the same on either database."""
    return sqlite_url


@pytest.fixture
def served(house: Any) -> Iterator[Any]:
    """The pages of `house` behind a port."""
    app = create_app(house.app, clock=lambda: house.now)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    house.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    house.cookie = cookie_name(app.state.site)
    yield house
    server.should_exit = True
    thread.join()


def test_who_is_warned_stays_by_a_click_and_loses_nothing(browser: Browser, served: Any) -> None:
    house = served

    def begin(connection: Connection) -> str:
        return sessions.begin(connection, access.find(connection, EMAIL).id, Way.PASSWORD, house.now)

    value = house.do(begin)
    house.now += IDLE - timedelta(minutes=1)  # a page that is looked at in the last minute begins a new hour
    context = browser.new_context(locale="de-DE", viewport={"width": 360, "height": 800})
    context.add_cookies([{"name": house.cookie, "value": value, "url": house.url}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.clock.install()
    page.goto(f"{house.url}/konto")
    warning = page.get_by_role("alertdialog")
    assert not warning.is_visible()
    page.get_by_label("Name").fill("Noch nicht gesendet")
    page.clock.fast_forward("55:30")
    assert "Ihre Anmeldung endet bald." in warning.inner_text()
    assert "Verbleibende Minuten: 5" in warning.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    with page.expect_response("**/konto/sitzung"):
        page.get_by_role("button", name="Angemeldet bleiben").click()
    warning.wait_for(state="hidden")
    page.clock.fast_forward("55:30")
    assert warning.is_visible()
    page.clock.fast_forward("05:00")
    page.get_by_text("Ihre Anmeldung ist beendet.").wait_for()
    assert not page.get_by_role("button", name="Angemeldet bleiben").is_visible()
    assert page.get_by_label("Name").input_value() == "Noch nicht gesendet"

    house.now += IDLE
    page.get_by_role("button", name="Speichern").click()
    page.get_by_text("Was Sie eingegeben haben, ist noch da.").wait_for()
    assert said == []
    context.close()
