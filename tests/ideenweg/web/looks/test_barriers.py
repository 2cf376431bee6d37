"""Every page without a barrier that axe finds: in both languages, light and dark, on a phone and on a desk.

`make test` looks at a part of the addresses, `make campaign` at all of them in every view.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from ideenweg.web.app import PAGES

from .installation import Installation
from .visits import VISITS, Visit
from .window import LANGUAGES, SCHEMES, WIDTHS, View, Windows

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAINTED = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Rules that depend on the colours; a page that is dark differs from the light one in nothing else."""

ENLARGED = (320, 720)
"""The widths of windows in which everything is 400 % (WCAG 1.4.10) or 200 % (1.4.4) as large."""

EVERY = 24
"""Of how many addresses `make test` looks at one."""

VIEWS = (View(360, "light", "de"), View(1440, "dark", "de"), View(1440, "light", "en"), View(360, "dark", "en"))

NO_PAGES = re.compile(
    r"\.(svg|csv|ics|atom|json|yaml|html|docx|zip|ttl|\{form\})$|^/(metrics|health)|/dokumente/|/stand$|/pruefpunkt$|/oidc|/downloads/"
)
"""What is asked for and is no page: files, parts of pages, and ways to somewhere else."""

CUT = """() => [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !one.closest(".diagram, .kern-sr-only, .skip, [tabindex='0']");
}).map(one => one.outerHTML.slice(0, 100))"""
"""What sticks out on the right and cannot be reached by moving the part it is in."""


@pytest.fixture
def windows(browser: Browser, site: Installation) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()


def faults(page: Page, rules: dict[str, Any], width: int) -> list[str]:
    """What axe finds by some of its rules, and what does not fit into the window."""
    from axe_playwright_python.sync_playwright import Axe

    result = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]]
    return [*found, *sticking_out(page, width)]


def sticking_out(page: Page, width: int) -> list[str]:
    """What does not fit into a window of that width."""
    page.set_viewport_size({"width": width, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    return [f"wider than {width}"] * wide + [f"sticks out at {width}: {one}" for one in page.evaluate(CUT)]


def pattern(path: str) -> re.Pattern[str]:
    """What the addresses of a page look like in the list, whatever stands in the place of its parameters."""
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)) + r"(\?.*)?")


def test_every_page_is_in_the_list() -> None:
    paths = {page.path for page in PAGES if page.method == "GET" and not NO_PAGES.search(page.path)}
    missing = {path for path in paths if not any(pattern(path).fullmatch(visit.path) for visit in VISITS)}
    assert missing == set()


def test_no_page_of_the_sample_has_a_barrier(windows: Windows) -> None:
    found = {}
    for visit, view in zip(VISITS[::EVERY], cycle(VIEWS), strict=False):
        page = windows.visit(visit, view)
        wrong = faults(page, RULES, view.width)
        wrong += [one for width in ENLARGED for one in sticking_out(page, width)]
        if wrong := [*wrong, *windows.said]:
            found[f"{visit.name} {view}"] = wrong
    assert found == {}


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier(windows: Windows, language: str, record_property: Callable[[str, int], None]) -> None:
    looked = [(f"{visit.name} {view}", wrong) for visit in VISITS for view, wrong in _all(windows, visit, language)]
    assert [(place, wrong) for place, wrong in looked if wrong] == []
    record_property("views of pages, no barrier", len(looked))


def _all(windows: Windows, visit: Visit, language: str) -> Iterator[tuple[View, list[str]]]:
    """A page in every view of one language; asked for once, since width and colours are the browser's alone."""
    page = windows.visit(visit, View(WIDTHS[0], SCHEMES[0], language))
    said = list(windows.said)
    for width in ENLARGED:
        yield View(width, SCHEMES[0], language), sticking_out(page, width)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            rules = RULES if scheme == SCHEMES[0] else PAINTED
            yield View(width, scheme, language), [*faults(page, rules, width), *said]
