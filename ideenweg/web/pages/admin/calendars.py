"""`/verwaltung/kalender`: what going by the calendar of the configuration would change, and going by it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, show
from ideenweg.web.site import site_of
from workflow.calendars import adopt, compare
from workflow.errors import NotFound
from workflow.queries.installation import calendars

PLACE = "kalender"
PATH = f"/verwaltung/{PLACE}"


def page(request: Request) -> HTMLResponse:
    """Each calendar in use against that of the configuration: days off and deadlines that would change."""
    site = site_of(request)
    app, now = site.workflow, site.now()
    with app.database.reading() as connection:
        stored = calendars(connection)
        changes = {
            one.key: compare(connection, app.rules, one.key, now) for one in stored if one.key in app.rules.calendars
        }
    return show(request, PLACE, "calendars", stored=stored, changes=changes)


def take(request: Request) -> Response:
    """Go by the configured calendar from now on. Raises NotFound for one that is not configured."""
    site, key = site_of(request), form_of(request).text("key")
    app = site.workflow
    if key not in app.rules.calendars:
        raise NotFound("calendar", key)
    change = adopt(app.database, app.rules, key, origin_of(request), site.now())
    return site.redirect(PATH, "calendar_adopted", n=len(change.moved))


ROUTES = (admin_get(PATH, page), admin_post(PATH, take))
