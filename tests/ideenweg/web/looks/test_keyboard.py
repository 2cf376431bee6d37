"""The essential pages by keyboard alone: handing an idea in, signing in, from the worklist to a form, moving a card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from .installation import COORDINATION, NOW, PASSWORD, Installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST = 120
"""Stops that one may need to get to something."""

FOCUS = """async css => {
    const one = document.activeElement;
    const seen = () => {
        const box = one.getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    };
    for (let frame = 0; frame < 60 && !seen(); frame++) await new Promise(requestAnimationFrame); // it glides there
    const ringed = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const drawn = (style) => ringed(style) || style.boxShadow !== "none";
    const near = [one, one.nextElementSibling, one.parentElement].filter(Boolean);
    return {
        there: one.matches(css),
        lost: one === document.body,
        drawn: near.some(part => [null, "::before", "::after"].some(which => drawn(getComputedStyle(part, which)))),
        inside: seen(),
        what: one.outerHTML.slice(0, 120),
    };
}"""
"""Where the focus is: whether that can be seen, and lies in the window."""


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, css: str) -> None:
        """Tab on to it; wherever one passes, one sees where one is."""
        for _ in range(MOST):
            self.page.keyboard.press("Tab")
            stop: dict[str, Any] = self.page.evaluate(FOCUS, css)
            assert not stop["lost"], f"the end of the page was reached before {css}"
            assert stop["drawn"], stop["what"]
            assert stop["inside"], stop["what"]
            if stop["there"]:
                return
        raise AssertionError(f"{css} is too far away")

    def follow(self, css: str) -> None:
        """Go to a link or button and press Enter; another page answers."""
        self.to(css)
        with self.page.expect_navigation() as answer:
            self.page.keyboard.press("Enter")
        assert answer.value.ok, self.page.locator("main").inner_text()

    def write(self, css: str, text: str) -> None:
        self.to(css)
        self.page.keyboard.type(text)

    def tick(self, css: str) -> None:
        self.to(css)
        self.page.keyboard.press("Space")


@pytest.fixture
def keys(browser: Browser, site: Installation) -> Iterator[Keys]:
    context = browser.new_context(base_url=site.url, locale="de-DE", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/")
    yield Keys(page)
    site.now = NOW
    context.close()


def test_an_idea_is_handed_in_looked_at_and_rejected_without_a_mouse(site: Installation, keys: Keys) -> None:
    page, on = keys.page, 'button[value="next"]'
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first stop jumps over the menu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    keys.follow(".hero__button")
    keys.follow('main a[href^="/einreichen/schritt/"]')
    keys.write('[name="sheet:f.problem"]', "Bei Regen ist der Weg zur Schule nicht zu sehen.")
    keys.follow(on)
    keys.write('[name="sheet:f.title"]', "Licht am Schulweg")
    keys.write('[name="sheet:f.idea"]', "Leuchten, die nur angehen, wenn jemand kommt.")
    keys.follow(on)
    keys.follow(on)  # who benefits is left out
    keys.tick('[value="dortmund"]')
    keys.follow(on)
    keys.follow(on)  # no files
    keys.follow(on)  # no contact
    keys.tick('[name="agreed"]')
    keys.tick('[name="agreed"]')
    keys.follow(on)
    site.now += timedelta(minutes=1)
    keys.follow('form[action="/einreichen/pruefen"] button:not([tabindex="-1"])')
    found = re.search(r"20\d\d-\d{4}", page.locator(".number").inner_text())
    assert found
    number = found[0]

    keys.follow('.tools__link[href^="/anmelden"]')
    keys.write('[name="email"]', COORDINATION)
    keys.write('[name="password"]', PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/aufgaben"), "who signs in comes to work"
    keys.follow(f'.task__verb a[href*="{number}"]')
    keys.follow('main a[href$="/eintrag/release"]')
    keys.to('[name="f.released"]')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator('[name="f.released"]:checked').input_value() == "true"
    keys.follow('main form button[type="submit"]:not([tabindex="-1"])')
    assert page.url.endswith(f"/ideen/{number}") or f"/ideen/{number}#" in page.url

    keys.follow('.menu__row a[href="/board"]')
    keys.to(f'[data-number="{number}"] summary')
    page.keyboard.press("Enter")
    reject = f'a[href="/ideen/{number}/schritt/reject"]'
    page.locator(reject).wait_for()
    keys.follow(reject)
    keys.write('[name="reason"]', "Der Weg wird schon beleuchtet.")
    keys.follow('main form button[type="submit"]:not([tabindex="-1"])')
    assert "Abgelehnt" in page.locator("main").inner_text()


def test_an_error_gets_the_focus_and_leads_to_its_field(keys: Keys) -> None:
    page = keys.page
    page.goto("/einreichen/schritt/problem")
    with page.expect_navigation():
        keys.to('button[value="next"]')
        page.keyboard.press("Enter")
    page.goto("/einreichen/schritt/idea")
    keys.to('button[value="next"]')
    with page.expect_navigation() as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 422
    assert "summary" in page.evaluate("document.activeElement.className"), "the summary of what is wrong is read first"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "sheet:f.title"


def test_whoever_wants_no_motion_sees_none(browser: Browser, site: Installation) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url)
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(one => {
            const style = getComputedStyle(one);
            const long = (times) => times.split(",").some(time => parseFloat(time) > 0.01);
            return long(style.animationDuration) || style.scrollBehavior === "smooth";
        }).map(one => one.outerHTML.slice(0, 80))"""
    )
    context.close()
    assert moving == []
