"""`/ideen/{number}/schritt/{transition}`: one step with its form, what stands against it, and taking it."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.answers import filled, filling_of
from ideenweg.web.forms import form_of
from ideenweg.web.pages.work import missing, steps
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, opened, revision_of, spoken
from ideenweg.web.pages.work.rows import asks_for_rows, spare_of, typed_in
from ideenweg.web.pages.work.written import FILL, groups, written
from ideenweg.web.record_forms.typed import data_of
from ideenweg.web.routes import Who, get, post
from states import machine
from states.blockers import Blocker
from states.lifecycle import Transition
from states.record_kinds import RecordKind
from states.snapshot import Request as Asked
from workflow.commands import Advance
from workflow.errors import NotFound
from workflow.queries.chosen import Chosen
from workflow.queries.detail import Next


def page(request: Request) -> HTMLResponse:
    """The step with its form; or, where it is not possible now, why not."""
    return _shown(opened(request))


def submit(request: Request) -> Response:
    """Take the step, or say what stands against it, with everything as it was typed."""
    page = opened(request)
    transition, kind = _transition(page)
    form = form_of(request)
    if form.text("do") == FILL or (kind and asks_for_rows(form)):
        return _shown(page, typed=True)
    command = Advance(
        **page.said(),
        revision=revision_of(form),
        transition=transition.key,
        reason=form.text("reason") or None,
        data=data_of(kind, form.fields, spoken(form, page.say)) if kind else None,
        key=form.text("key") or None,
    )
    outcome = send(page, command)
    if isinstance(outcome, Trouble):
        return _shown(outcome.opened, outcome, typed=True)
    state = page.lifecycle.states[outcome.item.state]
    said = {"move": page.text(transition.label), "state": page.text(state.label)}
    return page.done("item_done_step", outcome.warnings, **said)


def _shown(page: Opened, trouble: Trouble | None = None, *, typed: bool = False) -> HTMLResponse:
    transition, kind = _transition(page)
    step = next((one for one in page.detail.steps if one.transition.key == transition.key), None)
    if step is None or step.plan is None:
        step = Next(transition, machine.plan(page.lifecycle, page.snapshot, Asked(transition.key), page.now))
    assert step.plan is not None
    form = form_of(page.request)
    blockers: tuple[Blocker, ...] = trouble.blockers if trouble else ()
    shown = steps.step_form(page, step, form.text("key"))
    if typed and kind:
        boxes = page.forms.boxes(kind, typed_in(kind, form), blockers, spare=spare_of(form))
        shown = replace(shown, boxes=boxes)
    against = page.forms.elsewhere(kind, blockers) if trouble else missing.beforehand(step)
    here = transition.key in {one.transition.key for one in page.detail.steps}
    return page.page(
        "work/item_step.html",
        trouble.status if trouble else 200,
        title=page.text(transition.label),
        filled=shown if here else None,
        reason=_reason(page),
        answers=groups(page.say, written(page.site)),
        reason_error=next((one.in_locale(page.say.locale) for one in blockers if _of_reason(one)), None),
        lacks=list(missing.lacks(page, [one for one in against if not _of_reason(one)], transition.form)),
        stale=trouble.stale if trouble else None,
        failed=trouble is not None,
    )


def _reason(page: Opened) -> str:
    """The reason as it was typed, or the answer that is to take its place, with the item's own name filled in."""
    form = form_of(page.request)
    answer = written(page.site).get(form.text("answer")) if form.text("do") == FILL else None
    if answer is None:
        return form.text("reason")
    state = page.lifecycle.states[page.snapshot.state]
    one = Chosen(page.number, page.detail.item.title, page.lifecycle, state, page.snapshot.cities)
    return filled(answer.text, filling_of(one, page.detail.programme, answer.language))


def _transition(page: Opened) -> tuple[Transition, RecordKind | None]:
    key = page.request.path_params["transition"]
    transition = page.lifecycle.transitions.get(key)
    if transition is None:
        raise NotFound("transition", key)
    return transition, page.lifecycle.records[transition.form] if transition.form else None


def _of_reason(one: Blocker) -> bool:
    return one.code in ("reason_missing", "invalid_reason")


ROUTES = (
    get("/ideen/{number:number}/schritt/{transition:name}", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/schritt/{transition:name}", submit, Who.SIGNED_IN),
)
