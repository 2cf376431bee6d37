"""Administration in a browser: on a telephone, in the dark, without a barrier that axe finds."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ADMIN = "verwaltung@dortmund.example"
LOOKED_AT = ("/verwaltung/protokoll", "/verwaltung/lebenszyklen/idea-to-project", "/verwaltung/nachrichten/received")


@pytest.fixture
def served(demo: App, signed_in: Callable[[str], Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of the demonstration, and the cookie of an administrator."""
    if demo.database.dialect != "sqlite":
        pytest.skip("what is seen is the same on both databases")
    visitor = signed_in(ADMIN)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(visitor.app, lifespan="off", log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    name = cookie_name(visitor.app.state.site)
    yield address, {"name": name, "value": visitor.cookies[name], "url": address}
    server.should_exit = True
    thread.join()
    listener.close()


def test_on_a_telephone_nothing_sticks_out_and_axe_finds_nothing(
    browser: Browser, served: tuple[str, dict[str, str]]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    address, cookie = served
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme="dark", locale="de-DE")
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    for path in LOOKED_AT:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()
        assert said == [], path
    context.close()
