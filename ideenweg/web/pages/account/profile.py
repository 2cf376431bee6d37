"""`/konto`: what one is called, in which language one is told things, and of what by mail."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.language import LANGUAGES
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from notifications.preferences import EVERY, Mode, choosable, choose, wishes
from notifications.render import sample
from workflow import access
from workflow.accounts import keeping
from workflow.errors import BadInput

ACCOUNT = "/konto"
NOTICES = "/konto/benachrichtigungen"
LONGEST_NAME = 200
USUAL = "usual"
GENERAL = (USUAL, Mode.AT_ONCE.value, Mode.DIGEST.value)
"""What may hold for all notices."""


def page(request: Request) -> Response:
    """Name and language, and the way to everything else."""
    return _page(request, {})


def submit(request: Request) -> Response:
    """Sets name and language."""
    site, form, who = site_of(request), form_of(request), visitor_of(request).person or ""
    say, name, locale = site.wording(request), form.text("name"), form.text("locale")
    errors: dict[str, str] = {}
    if not name or len(name) > LONGEST_NAME:
        errors["name"] = say("name_missing") if not name else say("name_long", n=LONGEST_NAME)
    if locale not in LANGUAGES:
        errors["locale"] = say("locale_wrong")
    if not errors:
        try:
            with site.workflow.database.writing() as connection:
                access.keep_time(connection, who, form.text("zone") or None)
                access.speak(connection, who, locale)
                keeping.rename(connection, who, name)
        except BadInput:  # no zone of that name
            errors["zone"] = say("zone_wrong")
    if errors:
        return _page(request, errors)
    return site.redirect(ACCOUNT, "account_saved")


def notices(request: Request) -> Response:
    """How one is told, and which optional notices one has switched off."""
    site, who = site_of(request), visitor_of(request).person or ""
    with site.workflow.database.reading() as connection:
        wanted = wishes(connection, [who]).get(who, {})
    return site.page(
        request,
        "account/notices.html",
        general=wanted.get(EVERY, USUAL),
        modes=GENERAL,
        optional=_optional(site, site.wording(request)),
        off=[name for name, mode in wanted.items() if mode is Mode.OFF],
    )


def submit_notices(request: Request) -> Response:
    """Sets it. What is not one's choice stays as it is."""
    site, form, who = site_of(request), form_of(request), visitor_of(request).person or ""
    general = form.text("general")
    off = set(form.all("off"))
    templates, now = site.workflow.templates, site.now()
    with site.workflow.database.writing() as connection:
        mode = Mode(general) if general in GENERAL[1:] else None
        choose(connection, templates, who, EVERY, mode, now)
        before = wishes(connection, [who]).get(who, {})
        for name in _optional(site, site.wording(request)):
            if name in off:
                choose(connection, templates, who, name, Mode.OFF, now)
            elif before.get(name) is Mode.OFF:
                choose(connection, templates, who, name, None, now)
    return site.redirect(NOTICES, "notices_saved")


def _optional(site: Site, say: Wording) -> Mapping[str, str]:
    """The notices that one may switch off, each with a subject it may have."""
    templates = site.workflow.templates
    known = sample(say.locale)
    example = {**known, "item": {**known["item"], "title": say("notices_example")}}
    return {
        name: templates.render(say.locale, name, example).subject
        for name in choosable(templates)
        if templates.manner(name).optional
    }


def _zones(own: str) -> list[tuple[str, str]]:
    """The time zones to choose from: Europe's, and one's own wherever it is."""
    return [(name, name.replace("_", " ")) for name in sorted(_europe() | ({own} if own else set()))]


@cache
def _europe() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name.startswith("Europe/"))


def _page(request: Request, errors: dict[str, str]) -> Response:
    site, form, visitor = site_of(request), form_of(request), visitor_of(request)
    with site.workflow.database.reading() as connection:
        account = keeping.find(connection, visitor.person or "")
        zone = access.find(connection, visitor.person or "").zone or ""
    return site.page(
        request,
        "account/profile.html",
        422 if errors else 200,
        errors=errors,
        name=form.text("name") if errors else visitor.name,
        wanted=form.text("locale") if errors else visitor.locale,
        zone=form.text("zone") if errors else zone,
        zones=_zones(zone),
        account=account,
    )


ROUTES = (
    get(ACCOUNT, page, Who.SIGNED_IN),
    post(ACCOUNT, submit, Who.SIGNED_IN),
    get(NOTICES, notices, Who.SIGNED_IN),
    post(NOTICES, submit_notices, Who.SIGNED_IN),
)
