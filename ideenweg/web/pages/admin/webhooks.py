"""`/verwaltung/webhooks`: other programs that are called – set up, a new secret, switched off, called again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, show
from ideenweg.web.pages.admin.notices import headings
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from notifications import outbox, webhooks
from notifications.outbox import OutboxFilter
from notifications.webhooks import KEPT, Hook
from workflow.errors import BadInput, Conflict
from workflow.events import moment

PLACE = "webhooks"
PATH = f"/verwaltung/{PLACE}"
OWN = f"{PATH}/{{key}}"
SPANS = {"1": timedelta(hours=1), "24": timedelta(days=1), "168": timedelta(days=7), "720": KEPT}
"""Hours -> how far back calls are played again."""


def page(request: Request) -> HTMLResponse:
    """All of them, and the form for another."""
    return _page(request, {})


def add(request: Request) -> Response:
    """Set one up; its secret is shown on the answer to this form alone."""
    site, form = site_of(request), form_of(request)
    app, url, private = site.workflow, form.text("url"), "private" in form
    if not app.outgoing.keys:
        return _page(request, {"url": site.wording(request)("webhook_no_key")}, 422)
    try:
        made = app.database.attempt(
            lambda connection: webhooks.add(connection, url, app.outgoing.keys, site.now(), private=private)
        )
    except BadInput as error:
        return _page(request, {"url": site.wording(request)("webhook_wrong", why=error.remedy or "")}, 422, url=url)
    return _own(request, made, secret=made.secret)


def one(request: Request) -> HTMLResponse:
    """One of them with its last calls. Raises NotFound."""
    return _own(request, _found(request))


def rotate(request: Request) -> Response:
    """Give it a new secret, shown on this answer alone; for a day calls are signed with the one before too."""
    site, key = site_of(request), request.path_params["key"]
    app = site.workflow
    made = app.database.attempt(lambda connection: webhooks.rotate(connection, key, app.outgoing.keys, site.now()))
    return _own(request, made, secret=made.secret)


def switch(request: Request) -> Response:
    """Switch it on or off."""
    site, key, on = site_of(request), request.path_params["key"], form_of(request).text("on") == "1"
    who = visitor_of(request).name

    def work(connection: Connection) -> None:
        if on:
            webhooks.enable(connection, key)
        else:
            webhooks.disable(connection, key, site.now(), f"switched off by {who}")

    site.workflow.database.attempt(work)
    return site.redirect(f"{PATH}/{key}", "webhook_on") if on else site.redirect(f"{PATH}/{key}", "webhook_off")


def replay(request: Request) -> Response:
    """Call it again with everything of the last hours or days."""
    site, key = site_of(request), request.path_params["key"]
    span = SPANS.get(form_of(request).text("hours"), timedelta(hours=1))
    now = site.now()
    try:
        number = site.workflow.database.attempt(lambda connection: webhooks.replay(connection, key, now - span, now))
    except Conflict:
        return site.redirect(f"{PATH}/{key}", "webhook_is_off")
    return site.redirect(f"{PATH}/{key}", "webhook_replayed", n=number)


def _found(request: Request) -> Hook:
    app = site_of(request).workflow
    with app.database.reading() as connection:
        return webhooks.show(connection, request.path_params["key"], ())


def _own(request: Request, hook: Hook, secret: str | None = None) -> HTMLResponse:
    app = site_of(request).workflow
    with app.database.reading() as connection:
        lines, _ = outbox.listed(connection, OutboxFilter(recipient=hook.id), limit=20)
    return show(
        request,
        PLACE,
        "webhook",
        hook=hook,
        made_at=moment(hook.made_at),
        off_at=moment(hook.disabled_at) if hook.disabled_at else None,
        secret=secret,
        lines=[(line, moment(line.made_at)) for line in lines],
        headings=headings(site_of(request), site_of(request).wording(request)),
        spans=list(SPANS),
    )


def _page(request: Request, errors: dict[str, str], status: int = 200, url: str = "") -> HTMLResponse:
    app = site_of(request).workflow
    with app.database.reading() as connection:
        found = webhooks.listed(connection, ())
    hooks = [(hook, moment(hook.made_at)) for hook in found]
    return show(request, PLACE, "webhooks", status, hooks=hooks, errors=errors, url=url)


ROUTES = (
    admin_get(PATH, page),
    admin_post(PATH, add),
    admin_get(OWN, one),
    admin_post(f"{OWN}/geheimnis", rotate),
    admin_post(f"{OWN}/schalter", switch),
    admin_post(f"{OWN}/erneut", replay),
)
