"""A window of a browser on an installation, as narrow or wide, light or dark, German or English as one wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ideenweg.web.language import COOKIE

from .installation import Installation
from .visits import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

SEND = """([css, typed]) => {
    const form = document.querySelector(css);
    if (!form) throw new Error("no form " + css);
    form.noValidate = true;
    for (const [name, value] of Object.entries(typed))
        for (const one of form.querySelectorAll(`[name="${name}"]`)) one.value = value;
    form.requestSubmit(form.querySelector('[name="go"][value="next"]') || undefined);
}"""
"""Puts values into a form and sends it, also what the browser itself would not let through."""


WIDTHS = (360, 1440)
SCHEMES = ("light", "dark")
LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class View:
    """How a page is looked at."""

    width: int = 1440
    scheme: Any = "light"
    language: str = "de"

    def __str__(self) -> str:
        return f"{self.width} {self.scheme} {self.language}"


@dataclass
class Windows:
    """One window for each who visits, kept from page to page, as people do."""

    browser: Browser
    made: Installation
    open: dict[tuple[str | None, bool, bool], Page] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def visit(self, visit: Visit, view: View) -> Page:
        """The page that answers; `said` is what its console complains about, `status` how it answered."""
        page = self._page(visit)
        self.said.clear()
        page.set_viewport_size({"width": view.width, "height": 900})
        page.emulate_media(color_scheme=view.scheme)
        page.context.add_cookies([{"name": COOKIE, "value": view.language, "url": self.made.url}])
        answer = page.goto(self.made.url + visit.path.format(**self.made.places))
        if visit.form:
            with page.expect_navigation() as sent:
                page.evaluate(SEND, [visit.form, dict(visit.typed)])
            answer = sent.value
        assert answer is not None
        assert answer.status == visit.status, f"{visit.name}: {answer.status}"
        return page

    def close(self) -> None:
        for page in self.open.values():
            page.context.close()

    def _page(self, visit: Visit) -> Page:
        key = (visit.who, visit.factor, visit.draft)
        if key not in self.open:
            context: BrowserContext = self.browser.new_context(**self.options)
            cookies = [self.made.draft] if visit.draft else []
            if visit.who:
                cookies.append((self.made.cookie, self.made.session(visit.who, factor=visit.factor)))
            context.add_cookies([{"name": name, "value": value, "url": self.made.url} for name, value in cookies])
            page = self.open[key] = context.new_page()
            page.on("console", lambda one: self._hear(one.type, one.text))
            page.on("pageerror", lambda error: self.said.append(str(error)))
        return self.open[key]

    def _hear(self, kind: str, text: str) -> None:
        """Keep what is wrong; that an answer had the status it was to have is none of it."""
        if kind in ("error", "warning") and "responded with a status of 4" not in text:
            self.said.append(text)
