"""Which pages there are and who may ask for them: one table, and what happens before a page is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ideenweg.web import csrf
from ideenweg.web.forms import form_of, read_form
from ideenweg.web.recognition import recognise
from ideenweg.web.site import site_of
from ideenweg.web.visitor import Visitor

Endpoint = Callable[[Request], Response]
"""Makes the answer. A plain function: it runs in a thread of its own, since it asks the database."""

A_FORM = 1024 * 1024
"""Bytes of a form without files."""

SIGN_IN = "/anmelden"
SECOND_FACTOR = "/konto/zweiter-faktor"
OWN = (None, "same-origin", "none")
"""What Sec-Fetch-Site says of a request from our own pages, or typed by hand; None: an old browser, or a program."""


FORGED = "forged"
"""The detail of a refusal of a form that no page of ours has sent."""


class SignInNeeded(Exception):
    """A form was sent by somebody who is not signed in any more: it is kept until they are."""


class StaleForm(Exception):
    """A form of ours was sent in another session than the one it was made for: it is offered again."""


class Who(StrEnum):
    """Who may ask for a page at all. What they may do there is `plan`'s to say."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    STAFF = "staff"  # works on ideas (Visitor.staff)
    ADMINISTRATOR = "administrator"  # holds a role that the programme names for it, and has shown a second factor


@dataclass(frozen=True, slots=True)
class Page:
    """An address, what answers there, and for whom. `body`: the most bytes that may be sent to it."""

    path: str
    endpoint: Endpoint
    method: str = "GET"
    who: Who = Who.PUBLIC
    body: int = A_FORM

    @property
    def name(self) -> str:
        """`GET /ideen`."""
        return f"{self.method} {self.path}"


def get(path: str, endpoint: Endpoint, who: Who = Who.PUBLIC) -> Page:
    """A page to look at."""
    return Page(path, endpoint, "GET", who)


def post(path: str, endpoint: Endpoint, who: Who = Who.PUBLIC, *, body: int = A_FORM) -> Page:
    """Where a form is sent; one with files says how many bytes it takes."""
    return Page(path, endpoint, "POST", who, body)


def route(page: Page) -> Route:
    """The page as Starlette wants it, with everything that is the same for all of them."""

    def answer(request: Request) -> Response:
        visitor = recognise(request)
        site, session = site_of(request), visitor.session
        if not site.alone:
            site.pace.count(request, visitor)
        if page.method == "POST" and session and not csrf.shown(request, site.keys, session):
            raise StaleForm if _surely_ours(request) else HTTPException(403, FORGED)
        made = _sent_away(request, page.who, visitor) or page.endpoint(request)
        if visitor.known:
            made.headers["Cache-Control"] = "no-store"
        return made

    async def handle(request: Request) -> Response:
        if page.method == "POST":
            if not from_own_pages(request):
                raise HTTPException(403, FORGED)
            request.state.form = await read_form(request, page.body)
        try:
            return await run_in_threadpool(answer, request)
        finally:
            await form_of(request).close()

    return Route(page.path, handle, methods=[page.method])


def from_own_pages(request: Request) -> bool:
    """Whether a request comes from a page of this installation, as the browser says (Fetch Metadata, else Origin).

    Fetch Metadata counts first: of a page whose address must not be told, browsers send `Origin: null`.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None or origin is None:
        return site in OWN
    return urlsplit(origin).netloc == request.headers.get("host")


def _surely_ours(request: Request) -> bool:
    """Whether the browser vouches for it, and a whole page was asked for; not merely that nothing speaks against it."""
    vouched = "sec-fetch-site" in request.headers or "origin" in request.headers
    return vouched and "hx-request" not in request.headers


def local(address: str) -> str:
    """`address` if it is a path of this installation, else the start page: nobody is sent elsewhere by a link."""
    plain = all(" " < letter != "\\" for letter in address)
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"


def _sent_away(request: Request, who: Who, visitor: Visitor) -> Response | None:
    """Where somebody goes who may not see the page, or None for who may. Raises HTTPException 403."""
    if who is Who.PUBLIC:
        return None
    if not visitor.known:
        if request.method == "POST" and "hx-request" not in request.headers:
            raise SignInNeeded
        return _redirect(request, SIGN_IN, back_to(request))
    if (who is Who.STAFF and not visitor.staff) or (who is Who.ADMINISTRATOR and not visitor.administrator):
        raise HTTPException(403)
    if who is Who.ADMINISTRATOR and visitor.session and visitor.session.factor_at is None:
        return _redirect(request, SECOND_FACTOR, back_to(request))
    return None


def _redirect(request: Request, address: str, back: str) -> Response:
    address = f"{address}?{urlencode({'weiter': back})}"
    if "hx-request" in request.headers:  # a part of a page must not be filled with another page
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def back_to(request: Request) -> str:
    """The page that somebody comes back to: the one asked for, or the one that a form or a part belongs to."""
    if request.method == "GET" and "hx-request" not in request.headers:
        return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    shown = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    return local(f"{shown.path}?{shown.query}" if shown.query else shown.path)
