"""Setting a password: by the link of a mail, or on the page of one's account; and asking for such a mail."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.account.entry import admitted, context_words, noted, renewed
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import client_of
from ideenweg.web.visitor import visitor_of
from notifications.apart import PASSWORD, send_link
from workflow.accounts import keeping, links, log, passwords
from workflow.accounts.links import Link, Purpose
from workflow.accounts.log import What
from workflow.accounts.sessions import Way
from workflow.errors import NotFound

FORGOTTEN = "/passwort-vergessen"
NOBODYS = ".invalid"
"""The end of addresses that stand for people of whom only a name is known."""


def forgotten(request: Request) -> Response:
    """Asks for the address."""
    return site_of(request).page(request, "account/forgotten.html", sent=False, errors={})


def send(request: Request) -> Response:
    """The same answer for everybody. What there is to do is done after it, so that it takes the same time as well."""
    site, email = site_of(request), form_of(request).text("email").casefold()
    if "@" not in email:
        errors = {"email": site.wording(request)("email_wrong")}
        return site.page(request, "account/forgotten.html", 422, sent=False, errors=errors)
    answer = site.page(request, "account/forgotten.html", sent=True, errors={})
    if site.guesses.may_ask_for_link(email, client_of(request)):
        work = partial(_send, site, email, client_of(request), site.now())
        answer.background = BackgroundTask(site.workflow.database.attempt, work)
    return answer


def _send(site: Site, email: str, address: str, now: datetime, connection: Connection) -> None:
    account = keeping.find(connection, email)
    if account is not None and not email.endswith(NOBODYS):
        send_link(connection, site.workflow.post, Purpose.RESET, account.person, now)
        log.note(connection, What.LINK_SENT, now, account.person, address)


def page(request: Request) -> Response:
    """Asks for the new password. Raises NotFound for a link that works no more."""
    _link(request)
    return _form(request, {})


def submit(request: Request) -> Response:
    """Sets it and uses the link up. Whoever has no second factor is signed in; others show theirs first."""
    site, link = site_of(request), _link(request)
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, link.person or "")
    if account is None:
        raise NotFound("link", "passwort")
    password = form_of(request).secret("password")
    if fault := fault_of(request, password, account.email, account.name):
        return _form(request, {"password": fault}, 422)

    with site.workflow.database.writing() as connection:
        if not links.use(connection, link):
            raise NotFound("link", "passwort")
        keeping.set_password(connection, account.person, password, site.now())
    noted(request, What.PASSWORD_SET, account.person)
    if account.factor is not None:
        return site.redirect("/anmelden", "password_set")
    answer = admitted(request, account.person, Way.PASSWORD)
    site.flash(answer, "password_set")
    return answer


def change(request: Request) -> Response:
    """Asks for the present password and a new one."""
    return _change_form(request, {})


def submit_change(request: Request) -> Response:
    """Sets the new one. Every other session ends."""
    site, visitor, form = site_of(request), visitor_of(request), form_of(request)
    assert visitor.session is not None
    name = visitor.email.casefold()
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, visitor.session.person)
    known = account.password if account else None
    if not site.guesses.may_go_on(name, client_of(request)):
        return _change_form(request, {"present": site.wording(request)("present_throttled")}, 429)
    if known is not None and not passwords.matches(known, form.secret("present")):
        site.guesses.wrong(name, client_of(request))
        return _change_form(request, {"present": site.wording(request)("present_wrong")}, 422)
    password = form.secret("password")
    if fault := fault_of(request, password, visitor.email, visitor.name):
        return _change_form(request, {"password": fault}, 422)

    with site.workflow.database.writing() as connection:
        keeping.set_password(connection, visitor.session.person, password, site.now(), keep=visitor.session)
    noted(request, What.PASSWORD_SET, visitor.person)
    return renewed(request, site.redirect("/konto", "password_changed"), factor=False)


def fault_of(request: Request, password: str, *context: str) -> str | None:
    """What is wrong with a new password, in words. context: names and address of the person."""
    site = site_of(request)
    weak = passwords.weakness(password, context_words(site, *context))
    return site.wording(request)(f"password_{weak}", n=passwords.SHORTEST, most=passwords.LONGEST) if weak else None


def _change_form(request: Request, errors: dict[str, str], status: int = 200) -> Response:
    site, visitor = site_of(request), visitor_of(request)
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, visitor.person or "")
    there = account is not None and account.password is not None
    return site.page(
        request, "account/change_password.html", status, errors=errors, there=there, shortest=passwords.SHORTEST
    )


def _link(request: Request) -> Link:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        link = links.find(connection, site.keys, request.path_params["token"], site.now())
    if link is None or link.purpose not in (Purpose.INVITE, Purpose.RESET):
        raise NotFound("link", "passwort")
    return link


def _form(request: Request, errors: dict[str, str], status: int = 200) -> Response:
    """The address itself is a key: it is told to nobody and kept nowhere."""
    headers = {"Referrer-Policy": "no-referrer"}
    answer = site_of(request).page(
        request, "account/new_password.html", status, headers, errors=errors, shortest=passwords.SHORTEST
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


ROUTES = (
    get(FORGOTTEN, forgotten),
    post(FORGOTTEN, send),
    get(PASSWORD + "/{token}", page),
    post(PASSWORD + "/{token}", submit),
    get("/konto/passwort", change, Who.SIGNED_IN),
    post("/konto/passwort", submit_change, Who.SIGNED_IN),
)
