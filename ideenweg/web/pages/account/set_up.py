"""`/einrichten/{token}`: the first administrator, by the link that the console shows while there is none."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.account.entry import admitted, noted
from ideenweg.web.pages.account.passwords import fault_of
from ideenweg.web.routes import SECOND_FACTOR, get, post
from ideenweg.web.site import Site, site_of
from states.snapshot import local_day
from workflow import access
from workflow.accounts import keeping, links, passwords
from workflow.accounts.links import Link, Purpose
from workflow.accounts.log import What
from workflow.accounts.sessions import Way
from workflow.errors import BadInput, NotFound
from workflow.queries.roles import role_of
from workflow.streams import Origin


def page(request: Request) -> Response:
    """Asks who administers. Raises NotFound for a link that works no more."""
    _link(request)
    return _form(request, {})


def submit(request: Request) -> Response:
    """Makes the account, grants the role, and leads on to the second factor, without which administration is closed."""
    site, link, form = site_of(request), _link(request), form_of(request)
    say = site.wording(request)
    email, name, password = form.text("email"), form.text("name"), form.secret("password")
    errors = {"name": say("name_missing")} if not name else {}
    try:
        email = access.checked_email(email)
    except BadInput:
        errors["email"] = say("email_wrong")
    if fault := fault_of(request, password, email, name):
        errors["password"] = fault
    if errors:
        return _form(request, errors, 422)
    try:
        who = _made(site, link, email, name, password, say.locale)
    except BadInput as error:  # no lifecycle is loaded, or the role wants a city
        return _form(request, {"email": str(error)}, 422)
    noted(request, What.SET_UP, who)
    return admitted(request, who, Way.PASSWORD, back=f"{SECOND_FACTOR}?weiter=/verwaltung")


def _made(site: Site, link: Link, email: str, name: str, password: str, locale: str) -> str:
    rules, now = site.workflow.rules, site.now()
    origin = Origin("operator", "page")
    with site.workflow.database.writing() as connection:
        if not links.use(connection, link):
            raise NotFound("link", "einrichten")
        role = role_of(connection, rules, rules.programme.administration[0], None)
        known = keeping.find(connection, email)
        who = known.person if known else access.add(connection, email, name, origin, now, locale=locale)
        today = local_day(now, rules.programme)
        access.grant(connection, who, role, None, rules.programme, origin, now, valid_from=today)
        keeping.set_password(connection, who, password, now)
        return who


def _form(request: Request, errors: dict[str, str], status: int = 200) -> Response:
    form = form_of(request)
    answer = site_of(request).page(
        request,
        "account/set_up.html",
        status,
        errors=errors,
        name=form.text("name"),
        email=form.text("email"),
        shortest=passwords.SHORTEST,
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _link(request: Request) -> Link:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        link = links.find(connection, site.keys, request.path_params["token"], site.now())
        if link is None or link.purpose is not Purpose.SET_UP:
            raise NotFound("link", "einrichten")
    return link


ROUTES = (get("/einrichten/{token}", page), post("/einrichten/{token}", submit))
