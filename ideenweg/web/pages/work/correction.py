"""`/ideen/{number}/korrektur`: put the item into a state past all rules, with a reason that stays in the history."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, opened, revision_of
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.routes import Who, get, post
from states.roles import barred
from workflow.commands import Correct
from workflow.errors import NotFound


def page(request: Request) -> HTMLResponse:
    """The states to choose from, and the reason."""
    return _shown(opened(request))


def submit(request: Request) -> Response:
    """Correct the item."""
    page, form = opened(request), form_of(request)
    command = Correct(**page.said(), revision=revision_of(form), to=form.text("to"), reason=form.text("reason"))
    outcome = send(page, command)
    if isinstance(outcome, Trouble):
        return _shown(outcome.opened, outcome)
    return page.done("item_done_correct", state=page.text(page.lifecycle.states[outcome.item.state].label))


def _shown(page: Opened, trouble: Trouble | None = None) -> HTMLResponse:
    if barred(page.lifecycle, page.snapshot, page.lifecycle.correct):
        raise NotFound("correction", page.number)
    form = form_of(page.request)
    return page.page(
        "work/item_correction.html",
        trouble.status if trouble else 200,
        states=[
            Option(one.key, page.text(one.label))
            for one in page.lifecycle.states.values()
            if one.key != page.snapshot.state and not one.pauses
        ],
        to=form.text("to"),
        reason=form.text("reason"),
        errors=trouble.at("reason") if trouble else {},
        lacks=trouble.besides("reason") if trouble else [],
        stale=trouble.stale if trouble else None,
    )


ROUTES = (
    get("/ideen/{number:number}/korrektur", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/korrektur", submit, Who.SIGNED_IN),
)
