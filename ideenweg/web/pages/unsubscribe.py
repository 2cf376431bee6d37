"""/abmelden/…: one click switches an optional notice off (RFC 8058). Looking at the page changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.routes import get, post
from ideenweg.web.site import site_of
from notifications.preferences import Mode, choose, unsubscribed
from workflow.errors import BadInput, NotFound


def page(request: Request) -> HTMLResponse:
    """Asks whether it is really meant: mail scanners follow every link."""
    _signed(request)
    return _answer(request, done=False)


def submit(request: Request) -> Response:
    """Switches it off: the button of the page, or a mail program's own. Twice is as good as once."""
    person, notice = _signed(request)
    app = site_of(request).workflow
    try:
        app.database.attempt(
            lambda connection: choose(connection, app.templates, person, notice, Mode.OFF, datetime.now(UTC))
        )
    except BadInput:  # the notice has gone, or is not optional any more
        raise NotFound("notice", notice) from None
    return _answer(request, done=True)


def _answer(request: Request, *, done: bool) -> HTMLResponse:
    answer = site_of(request).page(request, "unsubscribe.html", done=done)
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
