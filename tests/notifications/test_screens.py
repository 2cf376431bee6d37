"""Mails as people see them: every notice in both languages, on a phone and on a desk, without a barrier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from notifications.render import LOCALES, SAMPLE, Templates

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEMPLATES = Templates()
WIDTHS = {"phone": 360, "desk": 1440}
TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung am Phoenix-See"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_mail_has_a_barrier_or_runs_over_the_edge(browser: Browser, locale: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    found: dict[str, Any] = {}
    item = {**SAMPLE["item"], "title": LONG}
    for notice in TEMPLATES.notices:
        page.set_content(TEMPLATES.render(locale, notice, {**SAMPLE, "item": item}).html)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        # What axe looks at is the same at any width: words, structure, contrast.
        narrow = width == WIDTHS["phone"]
        violations = [one["id"] for one in Axe().run(page, options=TAGS).response["violations"]] if narrow else []
        if over > 0 or violations:
            found[notice] = (over, violations)
    page.close()
    assert found == {}


def test_the_pictures_of_the_documentation_are_there() -> None:
    """take_screens.py takes them anew."""
    folder = Path(__file__).parents[2] / "docs" / "screens"
    taken = {f"mails-{locale}-{size}.png" for locale in LOCALES for size in WIDTHS}
    assert {path.name for path in folder.glob("mail*.png")} == taken
