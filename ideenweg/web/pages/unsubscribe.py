"""/abmelden/…: one click switches an optional notice off, or ends the following of an idea (RFC 8058).

Looking at the page changes nothing.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.routes import get, post
from ideenweg.web.site import site_of
from notifications import following
from notifications.preferences import Mode, choose, unsubscribed
from workflow import followers
from workflow.errors import BadInput, NotFound


def page(request: Request) -> HTMLResponse:
    """Asks whether it is really meant: mail scanners follow every link."""
    return _answer(request, _signed(request)[1], done=False)


def submit(request: Request) -> Response:
    """Switches it off: the button of the page, or a mail program's own. Twice is as good as once."""
    person, notice = _signed(request)
    site = site_of(request)
    app = site.workflow
    if number := following.number_of(notice):
        app.database.attempt(lambda connection: followers.stop(connection, number, person, site.now()))
        return _answer(request, notice, done=True)
    try:
        app.database.attempt(lambda connection: choose(connection, app.templates, person, notice, Mode.OFF, site.now()))
    except BadInput:  # the notice has gone, or is not optional any more
        raise NotFound("notice", notice) from None
    return _answer(request, notice, done=True)


def _answer(request: Request, notice: str, *, done: bool) -> HTMLResponse:
    number = following.number_of(notice)
    answer = site_of(request).page(request, "unsubscribe.html", done=done, number=number)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address itself is the key
    return answer


def _signed(request: Request) -> tuple[str, str]:
    """The person and notice of the link. Raises NotFound for one that this installation has not signed."""
    found = unsubscribed(site_of(request).workflow.outgoing.keys, request.path_params["token"])
    if found is None:
        raise NotFound("link", "abmelden")
    return found


ROUTES = (get("/abmelden/{token}", page), post("/abmelden/{token}", submit))
