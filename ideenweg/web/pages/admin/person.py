"""`/verwaltung/personen/{person}`: one person – address, language, invitation, deputies, what is kept of them, erasure.

Opening the page is reading contact data: it is noted in the person's own stream, once a day and reader.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, scope_of, show
from ideenweg.web.pages.admin.people import LANGUAGES, PATH, PLACE
from ideenweg.web.site import site_of
from notifications.apart import send_link
from states.snapshot import local_day
from workflow import access, erasure
from workflow.accounts.links import Purpose
from workflow.errors import BadInput, NotFound
from workflow.queries import people
from workflow.queries.roles import granted, newest

OWN = f"{PATH}/{{person}}"


def page(request: Request) -> HTMLResponse:
    """Everything an administrator may see of somebody. Raises NotFound."""
    return _page(request, {}, {})


def speak(request: Request) -> Response:
    """Another language of mails to them."""
    site, person = site_of(request), request.path_params["person"]
    language = form_of(request).text("language")
    if language in LANGUAGES:
        site.workflow.database.attempt(lambda connection: access.speak(connection, person, language))
    return site.redirect(f"{PATH}/{person}", "person_saved")


def invite(request: Request) -> Response:
    """Send them a link to set a password with."""
    site, person = site_of(request), request.path_params["person"]
    app, now = site.workflow, site.now()

    def work(connection: Connection) -> None:
        access.find(connection, person)
        send_link(connection, app.post, Purpose.INVITE, person, now)

    app.database.attempt(work)
    return site.redirect(f"{PATH}/{person}", "person_invited")


def deputise(request: Request) -> Response:
    """Let somebody act in their place for some days."""
    site, person, form = site_of(request), request.path_params["person"], form_of(request)
    app, say = site.workflow, site.wording(request)
    values = {name: form.text(name) for name in ("deputy", "deputy_from", "deputy_to", "deputy_role")}
    errors = {}
    first, last = _day(values["deputy_from"]), _day(values["deputy_to"])
    if first is None:
        errors["deputy_from"] = say("wrong_day")
    if last is None:
        errors["deputy_to"] = say("wrong_day")
    elif first and last < first:
        errors["deputy_to"] = say("wrong_order")
    with app.database.reading() as connection:
        try:
            if access.find(connection, values["deputy"]).id == person:
                errors["deputy"] = say("deputy_self")
        except NotFound:
            errors["deputy"] = say("person_unknown")
    if errors or first is None or last is None:
        return _page(request, values, errors, 422)
    asked = partial(
        access.deputise, asked=person, substitute=values["deputy"], origin=origin_of(request), now=site.now(),
        valid_from=first, valid_to=last, role=values["deputy_role"] or None,
    )  # fmt: skip
    app.database.attempt(asked)
    return site.redirect(f"{PATH}/{person}", "deputy_added")


def end_deputy(request: Request) -> Response:
    """End a deputyship yesterday: from today on it counts no more."""
    site, person = site_of(request), request.path_params["person"]
    key, now = form_of(request).text("id"), site.now()
    yesterday = local_day(now, site.workflow.rules.programme) - timedelta(days=1)
    try:
        site.workflow.database.attempt(
            lambda connection: access.end_deputyship(connection, key, yesterday, origin_of(request), now)
        )
    except BadInput:
        return site.redirect(f"{PATH}/{person}", "deputy_over")
    return site.redirect(f"{PATH}/{person}", "deputy_ended")


def export(request: Request) -> Response:
    """Everything that is kept about them, as a file (GDPR Art. 15, 20). That it was asked for is noted."""
    site, person = site_of(request), request.path_params["person"]
    app = site.workflow
    told = app.database.attempt(
        lambda connection: erasure.told(connection, app.rules, person, origin_of(request), site.now())
    )
    text = json.dumps(told, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="{person}.json"'}
    return Response(text, media_type="application/json", headers=headers)


def ask_erasure(request: Request) -> HTMLResponse:
    """What erasing them would do, and the question whether it is meant. Raises NotFound."""
    return _ask(request, {})


def erase(request: Request) -> Response:
    """Erase them for good, if their address was typed."""
    site, person = site_of(request), request.path_params["person"]
    app = site.workflow
    with app.database.reading() as connection:
        who = access.find(connection, person)
    if form_of(request).text("confirm").lower() != who.email:
        return _ask(request, {"confirm": site.wording(request)("erase_not_confirmed")}, 422)
    erased = erasure.erase(app.database, app.rules, person, origin_of(request), site.now())
    return site.redirect(PATH, "person_erased", n=erased.texts, items=len(erased.items))


def _page(request: Request, values: dict[str, str], errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site, asked = site_of(request), request.path_params["person"]
    app, now, say = site.workflow, site.now(), site.wording(request)
    who = app.database.attempt(lambda connection: access.looked_up(connection, asked, origin_of(request), now))
    with app.database.reading() as connection:
        grants = people.grants_of(connection, [who.id]).get(who.id, ())
        deputies = people.deputies_of(connection, who.id)
        items = people.items_of(connection, who.id, 50)
        stored = newest(connection, app.rules)
    roles = {key: role.label[say.locale] for key, role in granted(stored).items()}
    return show(
        request,
        PLACE,
        "person",
        status,
        who=who,
        grants=[
            (one, scope_of(site, one.scope_kind, one.scope, say.locale), roles.get(one.role, one.role))
            for one in grants
        ],
        deputies=deputies,
        items=items,
        roles=roles,
        labels={key: role.label[say.locale] for one in stored.values() for key, role in one.roles.items()},
        today=local_day(now, app.rules.programme),
        values=values,
        errors=errors,
    )


def _ask(request: Request, errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site, person = site_of(request), request.path_params["person"]
    app = site.workflow
    who = app.database.attempt(lambda connection: access.looked_up(connection, person, origin_of(request), site.now()))
    with app.database.reading() as connection:
        found = erasure.foreseen(connection, app.rules, person)
    return show(request, PLACE, "erase", status, who=who, found=found, errors=errors)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


ROUTES = (
    admin_get(OWN, page),
    admin_post(f"{OWN}/sprache", speak),
    admin_post(f"{OWN}/einladung", invite),
    admin_post(f"{OWN}/vertretung", deputise),
    admin_post(f"{OWN}/vertretung/ende", end_deputy),
    admin_post(f"{OWN}/auskunft", export),
    admin_get(f"{OWN}/loeschen", ask_erasure),
    admin_post(f"{OWN}/loeschen", erase),
)
