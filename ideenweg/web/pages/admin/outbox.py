"""`/verwaltung/ausgang`: what was sent, what was not and why; sent again, held back, let go."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.filters import one_of
from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, given, said, show
from ideenweg.web.pages.admin.notices import headings
from ideenweg.web.site import Site, site_of
from ideenweg.web.wording import Wording
from notifications import outbox
from notifications.expand import EMAIL, WEBHOOK
from notifications.outbox import STATES, OutboxFilter
from notifications.recipients import LeftOut
from workflow.errors import BadInput, Conflict
from workflow.events import moment
from workflow.queries.roles import newest

PLACE = "ausgang"
PATH = f"/verwaltung/{PLACE}"
NAMES = ("state", "notice", "item", "channel", "result", "recipient")
A_PAGE = 50


def page(request: Request) -> Response:
    """The entries that the address asks for, the newest first. Raises WrongFilter."""
    site = site_of(request)
    asked = given(request.query_params, *NAMES)
    choices = _choices(site, site.wording(request))
    for name, known in choices.items():
        one_of(asked, name, known)
    with site.workflow.database.reading() as connection:
        try:
            lines, following = outbox.listed(
                connection, OutboxFilter(**asked), limit=A_PAGE, cursor=request.query_params.get("after")
            )
        except BadInput:
            return site.redirect(_address(asked))
        roles = _roles(site, connection, site.wording(request))
    return show(
        request,
        PLACE,
        "outbox",
        roles=roles,
        asked=asked,
        lines=[(one, moment(one.made_at)) for one in lines],
        next=_address({**asked, "after": following}) if following else None,
        choices=choices,
        headings=choices["notice"],
        again=any(one.status in ("failed", "held") for one in lines),
    )


def _choices(site: Site, say: Wording) -> dict[str, dict[str, str]]:
    """Filter -> what it may be -> how that is called."""
    return {
        "state": {one: say(f"outbox_state_{one}") for one in STATES},
        "result": {one.value: said(say, f"result_{one.value}", one.value) for one in LeftOut},
        "notice": headings(site, say),
        "channel": {one: said(say, f"channel_{one}", one) for one in (EMAIL, WEBHOOK)},
    }


def one(request: Request) -> HTMLResponse:
    """One intent with all its deliveries, or one delivery. Raises NotFound."""
    site, key = site_of(request), request.query_params.get("id", "")
    with site.workflow.database.reading() as connection:
        lines = outbox.found(connection, key)
        roles = _roles(site, connection, site.wording(request))
    shown = [(one, moment(one.made_at)) for one in lines]
    return show(
        request, PLACE, "delivery", key=key, lines=shown, roles=roles, headings=headings(site, site.wording(request))
    )


def _roles(site: Site, connection: Connection, say: Wording) -> dict[str, str]:
    """What roles are called to which something goes that is not dealt out to people yet."""
    stored = newest(connection, site.workflow.rules).values()
    return {key: role.label[say.locale] for one in stored for key, role in one.roles.items()}


def retry(request: Request) -> Response:
    """Send one again, or (without an id) all of the present selection that failed or is held."""
    site, form = site_of(request), form_of(request)
    key, asked = form.text("id"), {name: form.text(name) for name in NAMES if form.text(name)}

    def work(connection: Connection) -> int:
        if key:
            return outbox.retry(connection, key, site.now())
        return outbox.retry_all(connection, OutboxFilter(**asked), site.now())

    try:
        number = site.workflow.database.attempt(work)
    except Conflict:
        number = 0
    return site.redirect(
        f"{PATH}/eintrag?{urlencode({'id': key})}" if key else _address(asked), "outbox_again", n=number
    )


def hold(request: Request) -> Response:
    """Keep back everything that waits; „let go“ is sending the held ones again."""
    site = site_of(request)
    number = site.workflow.database.attempt(outbox.hold)
    return site.redirect(f"{PATH}?state=held", "outbox_held", n=number)


def _address(asked: Mapping[str, str]) -> str:
    return f"{PATH}?{urlencode(asked)}" if asked else PATH


ROUTES = (
    admin_get(PATH, page),
    admin_get(f"{PATH}/eintrag", one),
    admin_post(f"{PATH}/erneut", retry),
    admin_post(f"{PATH}/anhalten", hold),
)
