"""What the pages of administration share: their places, who writes the events of what is done on them, their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.routes import Page, Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording, sentences
from workflow.streams import Origin

HOME = "/verwaltung"
PLACES = (
    "zustand",
    "protokoll",
    "personen",
    "rollen",
    "import",
    "lebenszyklen",
    "kalender",
    "nachrichten",
    "ausgang",
    "webhooks",
)
"""The pages beside the overview, in the order of the menu: the last part of their address."""

HTMX = "vendor/htmx/htmx.min.js"

admin_get: Callable[..., Page] = partial(get, who=Who.ADMINISTRATOR)
admin_post: Callable[..., Page] = partial(post, who=Who.ADMINISTRATOR)


def origin_of(request: Request) -> Origin:
    """Who writes the events of what the visitor does here."""
    visitor = visitor_of(request)
    assert visitor.person is not None  # the table of pages lets nobody else in
    return Origin(visitor.person, "page")


def show(request: Request, place: str, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of administration; `place`: which entry of its menu it belongs to."""
    site = site_of(request)
    word = partial(said, site.wording(request))
    return site.page(request, f"admin/{template}.html", status, place=place, places=PLACES, word=word, **context)


def said(say: Wording, key: str, otherwise: str) -> str:
    """The sentence `key`; `otherwise` where there is none, as of a kind of event that somebody's plug-in writes."""
    return say(key) if key in sentences(say.locale) else otherwise


def scope_of(site: Site, kind: str | None, scope: str | None, locale: str) -> str:
    """What a role is granted for, as people call it; "" for the whole programme."""
    if scope is None:
        return ""
    known = site.workflow.rules.programme.vocabulary({"body": "body", "unit": "office"}.get(kind or "", "city"))
    return str(known[scope].label[locale]) if scope in known else scope


def given(query: Mapping[str, str], *names: str) -> dict[str, str]:
    """What an address asks for under these names, without what is empty."""
    return {name: query[name].strip() for name in names if query.get(name, "").strip()}
