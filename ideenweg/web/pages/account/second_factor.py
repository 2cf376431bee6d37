"""`/konto/zweiter-faktor`: setting up a generator of codes, showing a code of it, and doing without it."""

from __future__ import annotations

import json

import segno
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.account.entry import noted, renewed
from ideenweg.web.routes import SECOND_FACTOR, Who, get, local, post
from ideenweg.web.site import site_of
from ideenweg.web.throttle import client_of
from ideenweg.web.visitor import visitor_of
from workflow import signing
from workflow.accounts import factors, keeping
from workflow.accounts.keeping import Account
from workflow.accounts.log import What

SET_UP = "factor to be"


def page(request: Request) -> Response:
    """What there is to do: set one up, show a code of it, or see that all is well."""
    return _page(request, _account(request))


def set_up(request: Request) -> Response:
    """Takes a generator whose code was shown; the codes on paper are told this once."""
    site, account, form = site_of(request), _account(request), form_of(request)
    secret = _secret(request, form.secret("sealed"), account)
    if account.factor is not None or secret is None:
        return site.redirect(SECOND_FACTOR)
    step = factors.step_of(secret, form.text("code"), site.now())
    if step is None:
        return _page(request, account, error="code_wrong", secret=secret)
    with site.workflow.database.writing() as connection:
        keeping.ensure(connection, account.person, site.now())
        codes = factors.turn_on(connection, site.keys, account.person, secret, step, site.now())
    noted(request, What.FACTOR_SET, account.person)
    return renewed(request, _codes(request, codes), factor=True)


def confirm(request: Request) -> Response:
    """A code, for a session that began without one."""
    account = _account(request)
    if fault := _refused(request, account):
        return _page(request, account, error=fault)
    site = site_of(request)
    return renewed(request, site.redirect(local(form_of(request).text("weiter"))), factor=True)


def renew_codes(request: Request) -> Response:
    """Other codes on paper, in place of the ones before."""
    site, account = site_of(request), _account(request)
    if fault := _refused(request, account):
        return _page(request, account, error=fault)
    codes = site.workflow.database.attempt(lambda connection: factors.new_codes(connection, account.person))
    noted(request, What.FACTOR_SET, account.person)
    return _codes(request, codes)


def remove(request: Request) -> Response:
    """Does without it, once more a code was shown."""
    site, account = site_of(request), _account(request)
    if fault := _refused(request, account):
        return _page(request, account, error=fault)
    site.workflow.database.attempt(lambda connection: factors.turn_off(connection, account.person))
    noted(request, What.FACTOR_REMOVED, account.person)
    return site.redirect(SECOND_FACTOR, "factor_removed")


def _refused(request: Request, account: Account) -> str | None:
    """Why the code in the form does not count, as a sentence's key; None where it does, and is used up."""
    site, code = site_of(request), form_of(request).text("code")
    name, address = f"code {account.person}", client_of(request)
    if not site.guesses.may_go_on(name, address):
        return "code_throttled"
    with site.workflow.database.writing() as connection:
        good = account.factor is not None and (
            factors.shown(connection, site.keys, account.person, account.factor, account.factor_step, code, site.now())
            or factors.recovered(connection, account.person, code)
        )
    if good:
        site.guesses.right(name)
        return None
    site.guesses.wrong(name, address)
    noted(request, What.FACTOR_REFUSED, account.person)
    return "code_wrong"


def _page(request: Request, account: Account, *, error: str | None = None, secret: str | None = None) -> Response:
    site, visitor = site_of(request), visitor_of(request)
    assert visitor.session is not None
    say = site.wording(request)
    errors = {"code": say(error)} if error else {}
    status = 422 if error else 200
    if account.factor is None:
        secret = secret or factors.new_secret()
        label = site.workflow.rules.programme.label[say.locale] or say("brand")
        picture = segno.make(factors.address(secret, account.email, label), error="m")
        return site.page(
            request,
            "account/factor_new.html",
            status,
            secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            picture=picture.svg_data_uri(scale=5, border=3, light="white"),
            sealed=signing.seal(site.keys, SET_UP, json.dumps([account.person, secret])),
            back=_back(request),
            errors=errors,
            required=visitor.administrator,
        )
    template = "factor.html" if visitor.session.factor_at else "factor_confirm.html"
    return site.page(request, f"account/{template}", status, back=_back(request), errors=errors)


def _codes(request: Request, codes: list[str]) -> Response:
    return site_of(request).page(request, "account/factor_codes.html", codes=codes, back=_back(request))


def _back(request: Request) -> str:
    """Where somebody was led here from; else their account."""
    return local(form_of(request).text("weiter") or request.query_params.get("weiter", "") or "/konto")


def _secret(request: Request, sealed: str, account: Account) -> str | None:
    """The secret that the page showed to this person."""
    text = signing.unseal(site_of(request).keys, SET_UP, sealed)
    if text is None:
        return None
    who, secret = json.loads(text)
    return str(secret) if who == account.person else None


def _account(request: Request) -> Account:
    site, who = site_of(request), visitor_of(request).person or ""
    with site.workflow.database.reading() as connection:
        found = keeping.find(connection, who)
    assert found is not None  # a session has a person
    return found


ROUTES = (
    get(SECOND_FACTOR, page, Who.SIGNED_IN),
    post(SECOND_FACTOR, set_up, Who.SIGNED_IN),
    post(SECOND_FACTOR + "/zeigen", confirm, Who.SIGNED_IN),
    post(SECOND_FACTOR + "/codes", renew_codes, Who.SIGNED_IN),
    post(SECOND_FACTOR + "/entfernen", remove, Who.SIGNED_IN),
)
