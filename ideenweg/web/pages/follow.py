"""Following an idea: the form on its page asks by mail whether the address is theirs; the mail's link confirms it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages import idea, support
from ideenweg.web.routes import get, post
from ideenweg.web.site import site_of
from ideenweg.web.throttle import Throttle
from notifications import following
from workflow import followers
from workflow.errors import BadInput, NotFound
from workflow.queries import public

ASKED = Throttle("follow", 30)
"""How often one address may ask in an hour, whoever is asked."""


def ask(request: Request) -> Response:
    """Send the mail that asks. The answer is the same whoever the address belongs to. Raises NotFound."""
    ASKED.count(request)
    site = site_of(request)
    number, email = request.path_params["number"], form_of(request).text("email")
    locale = site.wording(request).locale
    try:
        site.workflow.database.attempt(lambda connection: followers.ask(connection, number, email, locale, site.now()))
    except BadInput:
        return idea.page(request, follow=idea.Follow(email, site.wording(request)("follow_no_address")))
    return site.redirect(f"/ideen/{number}#follow", "follow_asked")


def page(request: Request) -> HTMLResponse:
    """Asks whether it is really meant: mail scanners follow every link. Raises NotFound."""
    return _answer(request, _signed(request)[1], done=False)


def confirm(request: Request) -> HTMLResponse:
    """From now on they are told, support the idea, or both. Raises NotFound for a link that is none, or too old."""
    person, number = _signed(request)
    site, deed = site_of(request), form_of(request).text("go")
    site.workflow.database.attempt(lambda connection: followers.confirm(connection, number, person, site.now()))
    said = support.support(site, number, person) if deed in ("support", "both") else None
    if deed == "support":
        site.workflow.database.attempt(lambda connection: followers.stop(connection, number, person, site.now()))
    return _answer(request, number, done=True, said=said, follows=deed != "support")


def _answer(
    request: Request, number: str, *, done: bool, said: str | None = None, follows: bool = True
) -> HTMLResponse:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        item = public.find(connection, site.workflow.rules, number)
    supportable = item is not None and item.lifecycle.support
    title = item.title if item else ""  # of one that is not public any more nothing is told
    answer = site.page(
        request, "follow.html", done=done, number=number, title=title, said=said, follows=follows,
        supportable=supportable,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address itself is the key
    return answer


def _signed(request: Request) -> tuple[str, str]:
    found = following.confirmed(site_of(request).workflow.outgoing.keys, request.path_params["token"])
    if found is None:
        raise NotFound("link", "folgen")
    return found


ROUTES = (
    post("/ideen/{number:number}/folgen", ask),
    get("/folgen/{token}", page),
    post("/folgen/{token}", confirm),
)
