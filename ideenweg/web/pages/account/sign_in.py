"""`/anmelden`: with address and password, then with a code where the account has a second factor; and signing out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ideenweg.demo.plot import read
from ideenweg.web import kept
from ideenweg.web.forms import form_of
from ideenweg.web.pages.account.entry import admitted, noted
from ideenweg.web.recognition import dismiss
from ideenweg.web.routes import A_FORM, SIGN_IN, SignInNeeded, StaleForm, back_to, get, local, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import client_of
from ideenweg.web.visitor import visitor_of
from workflow import access, signing
from workflow.accounts import factors, keeping, passwords, sessions
from workflow.accounts.keeping import Account
from workflow.accounts.log import What
from workflow.accounts.sessions import Way
from workflow.errors import NotFound
from workflow.events import timestamp

FIRST_STEP = "first step"
FOR_THE_CODE = timedelta(minutes=10)
"""How long after the password the code may come."""


def page(request: Request) -> Response:
    """Asks for address and password."""
    back = local(request.query_params.get("weiter", "/"))
    if visitor_of(request).known:
        return RedirectResponse(back, 303)
    return _form(request, back=back)


def submit(request: Request) -> Response:
    """Address and password. What is wrong with them is not said: nobody learns who is known here."""
    site, form = site_of(request), form_of(request)
    email, password = form.text("email"), form.secret("password")
    name, address = email.casefold(), client_of(request)
    if not site.guesses.may_go_on(name, address):
        noted(request, What.THROTTLED, None)
        return _form(request, 429, error="throttled")
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, email) if "@" in email else None
    if not passwords.matches(account.password if account else None, password) or account is None:
        site.guesses.wrong(name, address)
        noted(request, What.REFUSED, account.person if account else None)
        return _form(request, 422, error="refused")
    site.guesses.right(name)
    if passwords.outdated(account.password or ""):
        site.workflow.database.attempt(lambda connection: keeping.hash_anew(connection, account.person, password))
    back, old = local(form.text("weiter")), form.secret(kept.FIELD)
    if account.factor is None:
        return admitted(request, account.person, Way.PASSWORD, back=back, form=old)
    step = json.dumps([account.person, account.password, timestamp(site.now() + FOR_THE_CODE)])
    return _code_form(request, signing.seal(site.keys, FIRST_STEP, step))


def submit_code(request: Request) -> Response:
    """The code of the generator, or one from paper."""
    site, form = site_of(request), form_of(request)
    account = _past_first_step(site, form.secret("step"), site.now())
    if account is None or account.factor is None:
        return _form(request, 422, error="late")
    name, code = f"code {account.person}", form.text("code")
    if not site.guesses.may_go_on(name, client_of(request)):
        noted(request, What.THROTTLED, account.person)
        return _form(request, 429, error="throttled")
    if not _shown(request, site, account, code):
        site.guesses.wrong(name, client_of(request))
        noted(request, What.FACTOR_REFUSED, account.person)
        return _code_form(request, form.secret("step"), error="refused")
    site.guesses.right(name)
    back, old = local(form.text("weiter")), form.secret(kept.FIELD)
    return admitted(request, account.person, Way.PASSWORD, factor=True, back=back, form=old)


def expired(request: Request, error: SignInNeeded) -> Response:
    """The page for signing in, in answer to a form: it is kept."""
    return _form(request, back=back_to(request), form=kept.keep(request, site_of(request).keys), ended=True)


def stale(request: Request, error: StaleForm) -> Response:
    """The form once more, for the session that there is now."""
    site = site_of(request)
    found = kept.opened(site.keys, kept.keep(request, site.keys))
    if found is None:
        raise HTTPException(413)
    return site.page(request, "account/resume.html", 409, kept=found)


def sign_out(request: Request) -> Response:
    """Ends the session."""
    site, session = site_of(request), visitor_of(request).session
    if session is not None:
        site.workflow.database.attempt(lambda connection: sessions.end(connection, session))
        noted(request, What.SIGNED_OUT, session.person)
    answer = site.redirect("/", "signed_out")
    dismiss(site, answer)
    return answer


def submit_demo(request: Request) -> Response:
    """One click, as one of the invented accounts: on the own machine alone. They need no second factor."""
    site, email = site_of(request), form_of(request).text("email")
    if not _offers_demo(request, site) or email not in read("people.yaml"):
        raise HTTPException(404)
    with site.workflow.database.reading() as connection:
        try:
            who = access.find(connection, email).id
        except NotFound:
            raise HTTPException(404) from None
    return admitted(request, who, Way.DEMO, factor=True, back=form_of(request).text("weiter"))


def _shown(request: Request, site: Site, account: Account, code: str) -> bool:
    """Whether it is a code of the account; it is used up."""
    with site.workflow.database.writing() as connection:
        if factors.shown(
            connection, site.keys, account.person, account.factor or "", account.factor_step, code, site.now()
        ):
            return True
        recovered = factors.recovered(connection, account.person, code)
    if recovered:
        noted(request, What.RECOVERED, account.person)
    return recovered


def _past_first_step(site: Site, token: str, now: datetime) -> Account | None:
    """The account whose password was shown a moment ago, if it has not been changed since."""
    text = signing.unseal(site.keys, FIRST_STEP, token)
    if text is None:
        return None
    who, password, until = json.loads(text)
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, who)
    return account if account and account.password == password and timestamp(now) < until else None


def _form(
    request: Request,
    status: int = 200,
    *,
    error: str | None = None,
    back: str = "",
    form: str = "",
    ended: bool = False,
) -> Response:
    site, sent = site_of(request), form_of(request)
    return site.page(
        request,
        "account/sign_in.html",
        status,
        error=error,
        email=sent.text("email") if error else "",
        back=back or local(sent.text("weiter")),
        kept=form or sent.secret(kept.FIELD),
        ended=ended,
        offered=[(email, told["name"]) for email, told in read("people.yaml").items()]
        if _offers_demo(request, site)
        else [],
    )


def _code_form(request: Request, step: str, *, error: str | None = None) -> Response:
    sent = form_of(request)
    return site_of(request).page(
        request,
        "account/code.html",
        422 if error else 200,
        error=error,
        step=step,
        back=local(sent.text("weiter")),
        kept=sent.secret(kept.FIELD),
    )


def _offers_demo(request: Request, site: Site) -> bool:
    """The data are invented, no other machine is told of them, and it is this machine that asks."""
    if not (site.demo and site.alone):
        return False
    try:
        return ip_address(client_of(request)).is_loopback
    except ValueError:
        return False


ROUTES = (
    get(SIGN_IN, page),
    post(SIGN_IN, submit, body=2 * A_FORM),
    post("/anmelden/code", submit_code, body=2 * A_FORM),
    post("/anmelden/vorfuehrung", submit_demo),
    post("/abmelden", sign_out),
)

HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Response]] = {SignInNeeded: expired, StaleForm: stale}
