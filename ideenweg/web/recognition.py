"""Finds out who asks for a page, by the session that the browser's cookie opens; gives the cookie and takes it back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import ANYBODY, Visitor
from workflow.accounts import sessions
from workflow.errors import Busy
from workflow.queries.acting import standing
from workflow.queries.roles import newest

PATIENCE = 0.5
"""Seconds that noting a use may wait for other writers; the next page notes it as well."""


def recognise(request: Request) -> Visitor:
    """Find out who asks, and note that their session is used. No cookie, no look at the database."""
    return enter(request, request.cookies.get(cookie_name(site_of(request)), ""))


def enter(request: Request, value: str) -> Visitor:
    """Let the request be one of the session that `value` opens."""
    site = site_of(request)
    request.state.visitor = visitor = _of(site, value, site.now()) if value else ANYBODY
    return visitor


def admit(site: Site, response: Response, value: str) -> None:
    """Give the browser the cookie that opens a session. It ends with the browser, or when the session does."""
    response.set_cookie(cookie_name(site), value, secure=site.secure, httponly=True, samesite="lax")


def dismiss(site: Site, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(site), secure=site.secure, httponly=True, samesite="lax")


def cookie_name(site: Site) -> str:
    """`__Host-`: browsers take such a cookie only over TLS, from this very host (RFC 6265bis §4.1.3.2)."""
    return "__Host-session" if site.secure else "session"


def _of(site: Site, value: str, now: datetime) -> Visitor:
    database = site.workflow.database
    with database.reading() as connection:
        found = sessions.find(connection, value, now)
        if found is None:
            return ANYBODY
        programme = site.workflow.rules.programme
        held = standing(connection, found.person, now.astimezone(programme.zone).date())
        works = bool(held.roles) or held.deputy or _works(connection, site, held.on_items)
    if now - found.seen_at >= sessions.NOTED_EVERY:
        with suppress(Busy):
            database.attempt(partial(sessions.note, one=found, now=now), patience=PATIENCE)
            found = replace(found, seen_at=now)
    return Visitor(
        found.person,
        found.name,
        found.email,
        found.locale,
        held.roles,
        works,
        held.deputy,
        not held.roles.isdisjoint(programme.administration),
        found,
    )


def _works(connection: Connection, site: Site, on_items: frozenset[str]) -> bool:
    """Whether somebody to whom nothing is granted works on single items: they review one, say, or lead a project.

    Whoever has but handed one in does not.
    """

    def made() -> frozenset[str]:
        return frozenset(one.created_by or "" for one in newest(connection, site.workflow.rules).values())

    return bool(on_items) and not on_items <= site.lately.of("handed in", site.now(), made)
