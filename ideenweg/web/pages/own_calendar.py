"""`/konto/kalender`: the address of one's own calendar – made and shown once, and taken back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from workflow import feeds

ADDRESS = "/konto/kalender"


def page(request: Request) -> HTMLResponse:
    """Whether there is one, since when, and how to get another."""
    return _page(request, None)


def make(request: Request) -> HTMLResponse:
    """A new address, which is told here and never again; an older one opens nothing any more."""
    site, who = site_of(request), _who(request)
    token = site.workflow.database.attempt(lambda connection: feeds.make(connection, who, site.now()))
    return _page(request, f"{site.workflow.outgoing.base_url}/kalender/{token}.ics")


def revoke(request: Request) -> Response:
    """Take the address back."""
    site, who = site_of(request), _who(request)
    site.workflow.database.attempt(lambda connection: feeds.revoke(connection, who))
    return site.redirect(ADDRESS, "calendar_revoked")


def _page(request: Request, shown: str | None) -> HTMLResponse:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        since = feeds.made_at(connection, _who(request))
    return site.page(request, "own_calendar.html", since=since, shown=shown)


def _who(request: Request) -> str:
    who = visitor_of(request).person
    assert who is not None  # the table of pages lets nobody else in
    return who


ROUTES = (
    get(ADDRESS, page, Who.SIGNED_IN),
    post(ADDRESS, make, Who.SIGNED_IN),
    post(f"{ADDRESS}/widerrufen", revoke, Who.SIGNED_IN),
)
