"""`/anmelden/oidc`, `/konto/anmeldung`: signing in at the city's provider, and binding an identity to an account."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ideenweg.oidc import Identity, Provider, ProviderError, Question
from ideenweg.web.forms import form_of
from ideenweg.web.pages.account.entry import admitted, noted
from ideenweg.web.routes import SIGN_IN, Who, from_own_pages, get, local, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from states.snapshot import SYSTEM, local_day
from workflow import access, signing
from workflow.accounts import identities
from workflow.accounts.log import What
from workflow.accounts.sessions import Way
from workflow.errors import BadInput, Conflict
from workflow.events import timestamp
from workflow.queries.roles import granted, newest
from workflow.streams import Origin

START, BACK = "/anmelden/oidc", "/anmelden/oidc/rueck"
OWN = "/konto/anmeldung"
COOKIE = "oidc"
PURPOSE = "oidc question"
PATIENCE = timedelta(minutes=15)
"""How long somebody may take at the provider."""

log = logging.getLogger(__name__)


def start(request: Request) -> Response:
    """On to the provider. Whoever is signed in already binds their identity there to their account."""
    site, provider = site_of(request), _provider(request)
    if not from_own_pages(request):  # nobody is signed in by another site's link
        return site.redirect(SIGN_IN)
    question, back = Question(), local(request.query_params.get("weiter", "/"))
    try:
        address = provider.address(question, _return_address(request))
    except ProviderError as error:
        log.warning("The provider of identities cannot be asked: %s", error)
        return _failed(request, "unreachable", 503)
    kept = {
        "question": asdict(question),
        "back": back,
        "person": visitor_of(request).person,
        "until": timestamp(site.now() + PATIENCE),
    }
    answer = RedirectResponse(address, 303)
    sealed = signing.seal(site.keys, PURPOSE, json.dumps(kept))
    answer.set_cookie(COOKIE, sealed, secure=site.secure, httponly=True, samesite="lax", path=START)
    return answer


def returned(request: Request) -> Response:
    """Back from the provider, with a code that tells who it is."""
    site, provider, asked = site_of(request), _provider(request), request.query_params
    kept = _kept(request, site)
    if kept is None or asked.get("state") != kept["question"]["state"]:
        return _failed(request, "late", 400)
    if "code" not in asked:  # they turned back, or were not let in
        return _failed(request, "turned_back", 403)
    try:
        found = provider.answer(Question(**kept["question"]), _return_address(request), asked["code"])
    except ProviderError as error:
        log.warning("What the provider of identities answered is not believed: %s", error)
        noted(request, What.REFUSED, None)
        return _failed(request, "not_believed", 502)
    answer = _bound(request, found, kept["person"]) if kept["person"] else _signed_in(request, found, kept["back"])
    answer.delete_cookie(COOKIE, path=START)
    return answer


def page(request: Request) -> Response:
    """The identities that are bound to the account."""
    site, person = site_of(request), visitor_of(request).person
    assert person is not None
    with site.workflow.database.reading() as connection:
        bound = identities.of_person(connection, person)
    return site.page(request, "account/connected.html", bound=bound, offered=site.provider is not None)


def unbind(request: Request) -> Response:
    """Take one off; sessions that came by it end at their own time."""
    site, form, person = site_of(request), form_of(request), visitor_of(request).person
    assert person is not None
    site.workflow.database.attempt(
        lambda connection: identities.unbind(connection, person, form.text("issuer"), form.text("subject"))
    )
    noted(request, What.UNBOUND, person)
    return site.redirect(OWN, "connected_unbound")


def _signed_in(request: Request, found: Identity, back: str) -> Response:
    """A session for the person that the identity is bound to; somebody new gets an account where that is allowed."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        who = identities.find(connection, found.issuer, found.subject)
        if who is None and (why := _not_new(connection, site, found)):
            return _failed(request, why, 403)
    try:
        who = site.workflow.database.attempt(lambda connection: _entered(connection, site, found, who))
    except BadInput as error:
        log.warning("The roles of sign-in.yaml cannot be granted: %s", error)
        return _failed(request, "roles", 500)
    return admitted(request, who, Way.OIDC, factor=found.factor, back=back)


def _not_new(connection: Connection, site: Site, found: Identity) -> str | None:
    """Why no account is made for somebody who comes for the first time."""
    if found.email is None:
        return "no_email"
    if not site.claims.admits(found.claims):
        return "not_admitted"
    return "known_email" if identities.is_known(connection, found.email) else None


def _entered(connection: Connection, site: Site, found: Identity, who: str | None) -> str:
    now, rules = site.now(), site.workflow.rules
    origin = Origin(SYSTEM, "page")
    if who is None:
        assert found.email is not None
        locale = "en" if (found.locale or "").startswith("en") else "de"
        who = access.add(connection, found.email, found.name or found.email, origin, now, locale=locale)
        identities.bind(connection, who, found.issuer, found.subject, now)
    if site.claims.roles:
        wanted = site.claims.granted(found.claims, granted(newest(connection, rules)))
        today = local_day(now, rules.programme)
        identities.keep_roles(connection, who, wanted, rules.programme, origin, now, today)
    return who


def _bound(request: Request, found: Identity, person: str) -> Response:
    """Bind the identity to the account of whoever began this, if they are still the ones who are here."""
    site = site_of(request)
    if visitor_of(request).person != person:
        return _failed(request, "late", 400)
    try:
        site.workflow.database.attempt(
            lambda connection: identities.bind(connection, person, found.issuer, found.subject, site.now())
        )
    except Conflict:
        return _failed(request, "taken", 409)
    noted(request, What.BOUND, person)
    return site.redirect(OWN, "connected_bound")


def _kept(request: Request, site: Site) -> dict[str, Any] | None:
    text = signing.unseal(site.keys, PURPOSE, request.cookies.get(COOKIE, ""))
    kept = json.loads(text) if text else None
    return kept if kept and timestamp(site.now()) < kept["until"] else None


def _return_address(request: Request) -> str:
    """Our address behind the provider: from the base address alone, never from what the request says of its host."""
    return site_of(request).workflow.outgoing.base_url + BACK


def _provider(request: Request) -> Provider:
    provider = site_of(request).provider
    if provider is None:
        raise HTTPException(404)
    return provider


def _failed(request: Request, why: str, status: int) -> Response:
    answer = site_of(request).page(request, "account/not_connected.html", status, why=why, sign_in=SIGN_IN)
    answer.headers["Cache-Control"] = "no-store"
    return answer


ROUTES = (
    get(START, start),
    get(BACK, returned),
    get(OWN, page, Who.SIGNED_IN),
    post(f"{OWN}/loesen", unbind, Who.SIGNED_IN),
)
