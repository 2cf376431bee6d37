"""`/einreichen/fuer-andere`: an idea that came on paper or by phone, entered by somebody who works on ideas."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.submit.behalf import AGREED, EMAIL, NAME, enter, everything, stands_against, wrong
from ideenweg.web.pages.submit.kept import PATH, lifecycle_of
from ideenweg.web.pages.submit.steps import Typing, boxes, errors, faults, sent
from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from workflow.errors import Refused


def page(request: Request) -> Response:
    """The form."""
    return _page(request, lifecycle_of(request), Typing(site_of(request).wording(request).locale))


def enter_one(request: Request) -> Response:
    """Enter the idea, and go on to it."""
    site, lifecycle, form = site_of(request), lifecycle_of(request), form_of(request)
    step = everything(lifecycle)
    typing = sent(step, form, Typing(site.wording(request).locale), site.wording(request).locale)
    beside = dict(wrong(request, form))
    found = faults(step, lifecycle, site.workflow.rules.programme, typing) or (
        [] if beside else stands_against(request, lifecycle, typing)
    )
    if found or beside:
        return _page(request, lifecycle, typing, found, beside, 422)
    try:
        (number,) = enter(request, lifecycle, [typing], form.text("command_id"))
    except Refused as error:
        return _page(request, lifecycle, typing, error.blockers, {}, 422)
    return site.redirect(f"/ideen/{number}", "submit_entered", numbers=number, n=1)


def _page(
    request: Request,
    lifecycle: Lifecycle,
    typing: Typing,
    blockers: Sequence[Blocker] = (),
    beside: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    site, form = site_of(request), form_of(request)
    say = site.wording(request)
    shown = boxes(everything(lifecycle), Forms(say, lifecycle, site.workflow.rules.programme), typing, blockers)
    told = {**dict(errors(shown)), **(beside or {})}
    return site.page(
        request,
        "submit/others.html",
        status,
        boxes=shown,
        errors=told,
        wrong=[] if told else [one.in_locale(say.locale) for one in blockers],
        typed={name: form.text(name) for name in (EMAIL, NAME, AGREED)},
        command_id=form.text("command_id") or f"others-{secrets.token_hex(12)}",
    )


ROUTES = (
    get(f"{PATH}/fuer-andere", page, Who.STAFF),
    post(f"{PATH}/fuer-andere", enter_one, Who.STAFF),
)
