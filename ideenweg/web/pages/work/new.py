"""`/anlegen/{lifecycle}`: a new item of a lifecycle that staff begin, such as a session; ideas are handed in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.opened import done, represented, spoken
from ideenweg.web.pages.work.rows import asks_for_rows, spare_of, typed_in
from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.record_forms.typed import data_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.record_kinds import RecordKind
from states.snapshot import local_day
from workflow.commands import Create
from workflow.errors import NotFound, Refused
from workflow.queries.acting import hands
from workflow.queries.roles import newest


def page(request: Request) -> HTMLResponse:
    """The sheet, empty. Raises NotFound for who may not begin such an item."""
    return _shown(request, _lifecycle(request))


def submit(request: Request) -> Response:
    """Make the item and go on to it; sent again, it is made once."""
    site, form, lifecycle = site_of(request), form_of(request), _lifecycle(request)
    if asks_for_rows(form):
        return _shown(request, lifecycle)
    person = visitor_of(request).person
    assert person is not None
    create = Create(
        actor=person,
        on_behalf_of=represented(request),
        lifecycle=lifecycle.key,
        data=data_of(_sheet(lifecycle), form.fields, spoken(form, site.wording(request))),
        command_id=form.text("command_id") or None,
    )
    try:
        outcome = site.engine.execute(create, now=site.now())
    except Refused as error:
        return _shown(request, lifecycle, error.blockers)
    number, section = outcome.item.number, "sitzungen" if lifecycle.agenda else "ideen"
    return done(
        site, site.wording(request), f"/{section}/{number}", outcome.warnings, "new_done", number=number
    )  # fmt: skip


def may_begin(request: Request, lifecycle: Lifecycle) -> bool:
    """Whether the visitor begins such items, by a role of their own or in somebody's place. What anyone may begin is
    handed in instead."""
    return _own(request, lifecycle) or bool(_places(request, lifecycle))


def _own(request: Request, lifecycle: Lifecycle) -> bool:
    return not visitor_of(request).roles.isdisjoint(lifecycle.create)


def _places(request: Request, lifecycle: Lifecycle) -> dict[str, str]:
    """Id -> name of those in whose place the visitor may begin such items today."""
    site, visitor = site_of(request), visitor_of(request)
    if visitor.person is None or not visitor.deputy:
        return {}
    today = local_day(site.now(), site.workflow.rules.programme)
    with site.workflow.database.reading() as connection:
        _, found = hands(connection, visitor.person, today)
    return {
        key: one.name
        for key, one in found.items()
        if any(
            grant.role in lifecycle.create and (not one.roles or grant.role in one.roles) for grant in one.person.grants
        )
    }


def _lifecycle(request: Request) -> Lifecycle:
    site, key = site_of(request), request.path_params["lifecycle"]
    with site.workflow.database.reading() as connection:
        lifecycle = newest(connection, site.workflow.rules).get(key)
    if lifecycle is None or not may_begin(request, lifecycle):
        raise NotFound("lifecycle", key)
    return lifecycle


def _sheet(lifecycle: Lifecycle) -> RecordKind:
    return lifecycle.records[lifecycle.sheet or ""]


def _shown(request: Request, lifecycle: Lifecycle, blockers: Sequence[Blocker] = ()) -> HTMLResponse:
    site, form, kind = site_of(request), form_of(request), _sheet(lifecycle)
    say = site.wording(request)
    forms = Forms(say, lifecycle, site.workflow.rules.programme)
    return site.page(
        request,
        "work/new.html",
        422 if blockers else 200,
        lifecycle=lifecycle,
        own=_own(request, lifecycle),
        places=_places(request, lifecycle),
        in_place=represented(request),
        boxes_of=forms.boxes(kind, typed_in(kind, form), blockers, spare=spare_of(form)),
        besides=[one.in_locale(say.locale) for one in forms.elsewhere(kind, blockers)],
        kept={"command_id": form.text("command_id") or f"page-{secrets.token_hex(12)}", "spoken": say.locale},
    )


ROUTES = (
    get("/anlegen/{lifecycle:name}", page, Who.STAFF),
    post("/anlegen/{lifecycle:name}", submit, Who.STAFF),
)
