"""`/verwaltung/personen`: find people, add somebody. Addresses are shown on a person's own page alone, where it is
noted who looked."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.filters import one_of
from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, given, origin_of, scope_of, show
from ideenweg.web.site import site_of
from notifications.apart import send_link
from states.snapshot import local_day
from workflow import access
from workflow.accounts.links import Purpose
from workflow.errors import BadInput, NotFound
from workflow.queries.people import list_people
from workflow.queries.roles import granted, newest

PLACE = "personen"
PATH = f"/verwaltung/{PLACE}"
A_PAGE = 50
LANGUAGES = ("de", "en")


def page(request: Request) -> HTMLResponse:
    """The people that the address asks for, with the roles they hold today."""
    return _page(request, {}, {})


def add(request: Request) -> Response:
    """Make somebody known, and invite them by mail if that is wanted."""
    site = site_of(request)
    app, now, say, form = site.workflow, site.now(), site.wording(request), form_of(request)
    values = {name: form.text(name) for name in ("email", "name", "language")} | {
        "invite": "1" if "invite" in form else ""
    }
    errors = {} if values["name"] else {"name": say("person_no_name")}
    try:
        address = access.checked_email(values["email"])
        with app.database.reading() as connection:
            access.find(connection, address)
        errors["email"] = say("person_known")
    except BadInput:
        errors["email"] = say("person_no_email")
    except NotFound:
        pass
    if errors:
        return _page(request, values, errors, 422)
    language = values["language"] if values["language"] in LANGUAGES else LANGUAGES[0]
    origin = origin_of(request)

    def work(connection: Connection) -> str:
        key = access.add(connection, address, values["name"], origin, now, locale=language)
        if values["invite"]:
            send_link(connection, app.post, Purpose.INVITE, key, now)
        return key

    key = app.database.attempt(work)
    if values["invite"]:
        return site.redirect(f"{PATH}/{key}", "person_added_and_invited", name=values["name"])
    return site.redirect(f"{PATH}/{key}", "person_added", name=values["name"])


def _page(request: Request, values: dict[str, str], errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site = site_of(request)
    rules = site.workflow.rules
    asked, say = given(request.query_params, "q", "role"), site.wording(request)
    with site.workflow.database.reading() as connection:
        roles = {key: role.label[say.locale] for key, role in granted(newest(connection, rules)).items()}
        one_of(asked, "role", roles)
        found = list_people(
            connection, role=asked.get("role"), text=asked.get("q"), limit=A_PAGE,
            cursor=request.query_params.get("after"),
        )  # fmt: skip
    today = local_day(site.now(), rules.programme)
    return show(
        request,
        PLACE,
        "people",
        status,
        asked=asked,
        people=[
            (
                one,
                [
                    (roles.get(grant.role, grant.role), scope_of(site, grant.scope_kind, grant.scope, say.locale))
                    for grant in one.grants
                    if grant.holds_on(today)
                ],
            )
            for one in found.people
        ],
        next=f"{PATH}?{urlencode({**asked, 'after': found.next})}" if found.next else None,
        roles=roles,
        values=values,
        errors=errors,
    )


ROUTES = (admin_get(PATH, page), admin_post(PATH, add))
