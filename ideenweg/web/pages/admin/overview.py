"""`/verwaltung` and `/verwaltung/zustand`: how the installation is, what needs attention first, and the rest of it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.pages.admin.desk import HOME, admin_get, show
from ideenweg.web.pages.admin.signs import Level, Sign, by_task, disk_of, signs
from ideenweg.web.site import site_of
from ideenweg.web.wording import Wording
from workflow import migrations
from workflow.queries import installation
from workflow.queries.lifecycles import list_versions

MEGABYTE = 1_000_000


def page(request: Request) -> HTMLResponse:
    """What needs attention, then the ways to everything else."""
    return show(request, "", "overview", **_found(request))


def health(request: Request) -> HTMLResponse:
    """Everything that is known of the condition, with the commands that help."""
    app = site_of(request).workflow
    with app.database.reading() as connection:
        calendars, versions = installation.calendars(connection), list_versions(connection)
    return show(
        request,
        "zustand",
        "health",
        **_found(request),
        calendars=calendars,
        lifecycles={one.key: one for one in versions}.values(),
        disk=disk_of(app),
        where=app.database.where,
        mail=app.outgoing.mail.name if app.outgoing.mail else None,
    )


def _found(request: Request) -> dict[str, Any]:
    site = site_of(request)
    app, now, say = site.workflow, site.now(), site.wording(request)
    tables = migrations.status(app.database)
    with app.database.reading() as connection:
        condition = installation.condition(connection, now)
        slots = by_task(installation.slots(connection))
    told = [(one, _sentence(say, one)) for one in signs(app, condition, slots, tables, now)]
    return {
        "urgent": [one for one in told if one[0].level is not Level.GOOD],
        "good": [one for one in told if one[0].level is Level.GOOD],
        "slots": slots.values(),
        "condition": condition,
        "tables": tables,
    }


def _sentence(say: Wording, sign: Sign) -> str:
    params = dict(sign.params)
    if "at" in params:
        params["at"] = say.moment(params["at"])
    if "free" in params:
        params["free"] = say.number(params["free"] // MEGABYTE)
    return say(f"sign_{sign.key}", **params)


ROUTES = (admin_get(HOME, page), admin_get(f"{HOME}/zustand", health))
