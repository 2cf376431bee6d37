"""The working page of an item in a browser: on a phone, by keyboard, without a barrier that axe finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.models import item

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@pytest.fixture
def phone(browser: Browser, signed_in: Callable[[str], TestClient]) -> Iterator[Callable[[str, str], Page]]:
    """Opens an address as somebody who is signed in, in a window as narrow as a phone; what it asks for is answered
    without a server."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="de-DE")

    def visit(email: str, path: str) -> Page:
        client = signed_in(email)

        def answer(route: Route) -> None:
            address = urlsplit(route.request.url)
            given = client.get(f"{address.path}?{address.query}" if address.query else address.path)
            route.fulfill(status=given.status_code, headers=dict(given.headers), body=given.content)

        context.route("**/*", answer)
        page = context.new_page()
        page.goto(f"http://localhost{path}")
        return page

    yield visit
    context.close()


@pytest.mark.parametrize("demo", ["sqlite"], indirect=True)
def test_a_reviewer_fills_in_the_next_step_on_a_phone_by_keyboard(demo: App, phone: Callable[[str, str], Page]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with demo.database.reading() as connection:
        number = connection.scalar(select(item.c.number).where(item.c.state == "shortlisted"))
    page = phone("begutachtung@dortmund.example", f"/ideen/{number}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator('[name="f.lawful"]').first.focus()
    page.keyboard.press("ArrowDown")  # from yes to no and back again
    page.keyboard.press("ArrowUp")
    for _ in range(4):
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.name")
    assert (page.locator('[name="f.lawful"]:checked').input_value(), focused) == ("true", "f.sustainability")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    for fold in page.locator("details.fold").all():
        fold.locator("summary").first.click()
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
