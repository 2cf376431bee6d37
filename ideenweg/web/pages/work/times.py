"""`/ideen/{number}/wiedervorlage` and `/ideen/{number}/frist`: be reminded on a day; give a deadline more time."""

from __future__ import annotations

from datetime import date

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import Form, form_of
from ideenweg.web.pages.work.answers import Trouble, attempt, send
from ideenweg.web.pages.work.opened import Opened, opened, revision_of
from ideenweg.web.pages.work.turn import clock_of
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.record_forms.numbers import day
from ideenweg.web.routes import Who, get, post
from states.blockers import blocker
from states.roles import barred
from workflow import reminders
from workflow.commands import Extend
from workflow.errors import NotFound


def reminder(request: Request) -> HTMLResponse:
    """The form for a Wiedervorlage."""
    return _reminder(opened(request))


def remind(request: Request) -> Response:
    """Remind the visitor, or whom they stand in for, of the item on the day."""
    page, form = opened(request), form_of(request)
    on = day_of(form, "on")
    if on is None:
        return _reminder(page, _no_day(page, "on"))
    made = attempt(
        page,
        lambda: reminders.add(
            page.site.workflow.database,
            page.site.workflow.rules,
            actor=page.snapshot.actor.id,
            on_behalf_of=page.in_place,
            item=page.number,
            on=on,
            note=form.text("note"),
            now=page.now,
        ),
    )
    if isinstance(made, Trouble):
        return _reminder(page, made)
    return page.done("item_done_reminder", day=page.say.day(on))


def deadline(request: Request) -> HTMLResponse:
    """The form for more time."""
    return _deadline(opened(request))


def extend(request: Request) -> Response:
    """Give the deadline until another day."""
    page, form = opened(request), form_of(request)
    to = day_of(form, "to")
    if to is None:
        return _deadline(page, _no_day(page, "to"))
    rule, _, key = form.text("clock").partition(" ")
    command = Extend(
        **page.said(),
        revision=revision_of(form),
        to=to,
        reason=form.text("reason"),
        rule=rule or None,
        key=key or None,
    )
    outcome = send(page, command)
    if isinstance(outcome, Trouble):
        return _deadline(outcome.opened, outcome)
    return page.done("item_done_extend", day=page.say.day(to))


def day_of(form: Form, name: str) -> date | None:
    """The day that was chosen or typed; None: no day."""
    try:
        return date.fromisoformat(day(form.text(name)))
    except ValueError:
        return None


def _no_day(page: Opened, path: str) -> Trouble:
    fault = blocker("invalid_day", "Bitte geben Sie einen Tag an.", "Please give a day.", path=path)
    return Trouble(page, (fault,))


def _reminder(page: Opened, trouble: Trouble | None = None) -> HTMLResponse:
    form = form_of(page.request)
    return page.page(
        "work/item_reminder.html",
        trouble.status if trouble else 200,
        on=form.text("on"),
        note=form.text("note"),
        errors=trouble.at("on", "note") if trouble else {},
        lacks=trouble.besides("on", "note") if trouble else [],
    )


def _deadline(page: Opened, trouble: Trouble | None = None) -> HTMLResponse:
    snapshot = page.snapshot
    if barred(page.lifecycle, snapshot, page.lifecycle.extenders(snapshot.state)):
        raise NotFound("deadline", page.number)
    form = form_of(page.request)
    running = [one for one in page.detail.clocks if one.status == "running" and one.due]
    return page.page(
        "work/item_deadline.html",
        trouble.status if trouble else 200,
        clocks=[Option(f"{one.rule} {one.key}".strip(), _named(page, one.rule, one.key, one.due)) for one in running],
        clock=form.text("clock"),
        to=form.text("to"),
        reason=form.text("reason"),
        errors=trouble.at("to", "reason") if trouble else {},
        lacks=trouble.besides("to", "reason") if trouble else [],
        stale=trouble.stale if trouble else None,
    )


def _named(page: Opened, key: str, about: str, due: date | None) -> str:
    """A deadline by what it is for, who is responsible, and until when it runs."""
    what, who = clock_of(page, key, about)
    name = what or page.text(page.lifecycle.states[page.snapshot.state].label)
    return page.say("item_clock_named", what=name, who=who, day=page.say.day(due) if due else "")


ROUTES = (
    get("/ideen/{number:number}/wiedervorlage", reminder, Who.SIGNED_IN),
    post("/ideen/{number:number}/wiedervorlage", remind, Who.SIGNED_IN),
    get("/ideen/{number:number}/frist", deadline, Who.SIGNED_IN),
    post("/ideen/{number:number}/frist", extend, Who.SIGNED_IN),
)
