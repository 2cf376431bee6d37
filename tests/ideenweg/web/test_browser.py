"""The pages in a browser: narrow and wide, light and dark, German and English, by keyboard, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = [360, 1440]
ADDRESSES = {
    "overview": "/",
    "list": "/ideen?city=dortmund",
    "nothing found": "/ideen?field=building-and-housing",
    "idea": "/ideen?q=ehrenamts",
    "ended": "/ideen?q=gesichtserkennung",
    "lifecycle": "/lebenszyklus/idea-to-project",
}
"""What is looked at; for an idea, the search whose only hit is followed."""
WRONG = {"not found": ("/nichts", 404), "wrong filter": ("/ideen?stage=x", 400)}


@contextmanager
def visited(
    browser: Browser, url: str, *, width: int = 1440, scheme: Any = "light", locale: str = "de-DE", **options: Any
) -> Iterator[tuple[Page, list[str]]]:
    """A page in a context of its own, and what its console complains about."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale, **options
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    if "q=" in url:
        page.locator(".idea__title a").click()
        page.wait_for_selector(".history")
    try:
        yield page, said
    finally:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("what", ADDRESSES)
def test_nothing_sticks_out_and_the_console_is_silent(browser: Browser, demo_site: str, what: str, width: int) -> None:
    with visited(browser, demo_site + ADDRESSES[what], width=width) as (page, said):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate(
            """[...document.querySelectorAll("body *")].filter(one => {
                const box = one.getBoundingClientRect();
                return box.right > innerWidth + 1 && !one.closest(".diagram, .scroll, .kern-sr-only, .skip");
            }).map(one => one.outerHTML.slice(0, 80))"""
        )
        assert cut == []
        assert said == []


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_light_and_dark_follow_the_browser(browser: Browser, demo_site: str, scheme: str, dark: bool) -> None:
    with visited(browser, demo_site, scheme=scheme) as (page, _):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (colour == "rgb(0, 0, 0)" or colour == "oklch(0 0 0)") is dark


def test_everything_works_without_scripts(browser: Browser, demo_site: str) -> None:
    with visited(browser, demo_site, java_script_enabled=False) as (page, _):
        page.get_by_label("Handlungsfeld", exact=True).select_option(label="Energie und Umwelt")
        page.get_by_label("Wörter in Titel und Text").fill("bäche")
        page.get_by_role("button", name="Ideen anzeigen").click()
        assert page.get_by_role("heading", name="1 Idee gefunden").is_visible()
        page.get_by_role("link", name="Pegel für kleine Bäche").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Pegel für kleine Bäche"
        page.get_by_role("link", name="English").click()
        assert page.get_by_role("heading", name="History").is_visible()
        page.get_by_role("link", name="All ideas").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "All ideas"


def test_the_keyboard_reaches_the_content_first(browser: Browser, demo_site: str) -> None:
    with visited(browser, demo_site) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Zum Inhalt springen"
        assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"


def test_everything_comes_from_the_own_host_and_nothing_is_missing(browser: Browser, demo_site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[tuple[str, int]] = []
    page.on("response", lambda answer: asked.append((answer.url, answer.status)))
    for address in ADDRESSES.values():
        page.goto(demo_site + address)
    context.close()
    assert asked
    assert [one for one in asked if not one[0].startswith((demo_site, "data:")) or one[1] >= 400] == []


def test_the_diagram_has_its_colours_when_it_is_opened_on_its_own(browser: Browser, demo_site: str) -> None:
    with visited(browser, f"{demo_site}/lebenszyklus/idea-to-project.svg", scheme="dark") as (page, said):
        fill = "getComputedStyle(document.querySelector('.page')).fill"
        assert page.evaluate(fill) == "rgb(16, 22, 31)"
        assert said == []


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_a_page_like_the_others(browser: Browser, demo_site: str, what: str) -> None:
    address, status = WRONG[what]
    context = browser.new_context()
    answer = context.new_page().goto(demo_site + address)
    assert answer is not None
    assert answer.status == status
    context.close()


def test_a_cold_visitor_loads_little_besides_fonts(browser: Browser, demo_site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(demo_site, wait_until="networkidle")
    context.close()
    loaded = sum(size for request, size in sizes.items() if kinds.get(request) != "Font")
    assert 10_000 < loaded < 200_000
