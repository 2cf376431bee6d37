"""`/verwaltung/rollen`: which roles there are and what they may do; granting one, seen before it is done; revoking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, show
from ideenweg.web.pages.admin.people import PATH as PEOPLE
from ideenweg.web.pages.admin.people import PLACE as PEOPLE_PLACE
from ideenweg.web.site import site_of
from states.lifecycle import Role, Scope
from states.programme import Programme
from states.snapshot import local_day
from workflow import access
from workflow.errors import NotFound
from workflow.queries.roles import granted, holding, newest, powers

PLACE = "rollen"
PATH = f"/verwaltung/{PLACE}"
GRANT = f"{PEOPLE}/{{person}}/rolle"


def page(request: Request) -> HTMLResponse:
    """Every role that is granted, how many hold it today, and what it may do."""
    site = site_of(request)
    app = site.workflow
    with app.database.reading() as connection:
        stored = newest(connection, app.rules)
        number = holding(connection, local_day(site.now(), app.rules.programme))
    roles = [(role, number.get(key, 0), list(powers(stored, key))) for key, role in granted(stored).items()]
    return show(request, PLACE, "roles", roles=roles, administration=app.rules.programme.administration)


def ask(request: Request) -> HTMLResponse:
    """The form that grants a role, with what its people may do. Raises NotFound for an unknown person or role."""
    return _ask(request, request.query_params.get("role", ""), {}, {})


def give(request: Request) -> Response:
    """Grant the role."""
    site, person, form = site_of(request), request.path_params["person"], form_of(request)
    app, say = site.workflow, site.wording(request)
    values = {name: form.text(name) for name in ("scope", "from", "to")}
    with app.database.reading() as connection:
        role = _known(granted(newest(connection, app.rules)), form.text("role"))
    errors = {}
    if role.scope is not None and values["scope"] not in _scopes(app.rules.programme, role.scope, say.locale):
        errors["scope"] = say("role_no_scope")
    days: dict[str, date | None] = {}
    for name in ("from", "to"):
        try:
            days[name] = date.fromisoformat(values[name]) if values[name] else None
        except ValueError:
            errors[name] = say("wrong_day")
    first = days.get("from") or local_day(site.now(), app.rules.programme)
    last = days.get("to")
    if last and last < first:
        errors["to"] = say("wrong_order")
    if errors:
        return _ask(request, role.key, values, errors, 422)
    app.database.attempt(
        partial(
            access.grant, asked=person, role=role, scope=values["scope"] or None, programme=app.rules.programme,
            origin=origin_of(request), now=site.now(), valid_from=first, valid_to=last,
        )
    )  # fmt: skip
    return site.redirect(f"{PEOPLE}/{person}", "role_granted", role=role.label[say.locale])


def revoke(request: Request) -> Response:
    """Take a role back now; it can be granted anew."""
    site, person = site_of(request), request.path_params["person"]
    grant = form_of(request).text("id")
    site.workflow.database.attempt(lambda connection: access.revoke(connection, grant, origin_of(request), site.now()))
    return site.redirect(f"{PEOPLE}/{person}", "role_revoked")


def _ask(
    request: Request, key: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> HTMLResponse:
    site, person = site_of(request), request.path_params["person"]
    app, locale = site.workflow, site.wording(request).locale
    with app.database.reading() as connection:
        who = access.find(connection, person)
        stored = newest(connection, app.rules)
    role = _known(granted(stored), key)
    scopes = _scopes(app.rules.programme, role.scope, locale) if role.scope else {}
    return show(
        request,
        PEOPLE_PLACE,
        "grant",
        status,
        who=who,
        role=role,
        scopes=list(scopes.items()),
        powers=list(powers(stored, role.key)),
        administers=role.key in app.rules.programme.administration,
        values={"from": local_day(site.now(), app.rules.programme).isoformat(), **values},
        errors=errors,
    )


def _known(roles: Mapping[str, Role], key: str) -> Role:
    if key not in roles:
        raise NotFound("role", key)
    return roles[key]


def _scopes(programme: Programme, scope: Scope, locale: str) -> dict[str, str]:
    """What a role of this scope may be granted for: key -> label."""
    vocabulary = programme.vocabulary({Scope.CITY: "city", Scope.BODY: "body", Scope.UNIT: "office"}[scope])
    return {key: one.label[locale] for key, one in vocabulary.items()}


ROUTES = (
    admin_get(PATH, page),
    admin_get(GRANT, ask),
    admin_post(GRANT, give),
    admin_post(f"{GRANT}/ende", revoke),
)
