"""`/ideen/{number}/befangen`: "I have a conflict of interest", in one click; the reason is never public."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work import steps
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, opened
from ideenweg.web.routes import Who, post
from states.lifecycle import Lifecycle
from states.record_kinds import RecordKind
from workflow.commands import Record
from workflow.errors import NotFound

GUARD = "no_conflict_of_interest"
"""The guard that says which form is the declaration, and which of its fields says that there is a conflict."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The form, the field that is ticked, and the one that takes the reason, if there is one."""

    kind: RecordKind
    ticked: str
    reason: str | None


def declaration(page: Opened) -> Declaration | None:
    """What the visitor would declare; None where they cannot now, or have."""
    for one in declarations(page.lifecycle).values():
        if page.writes(one.kind) and steps.fact_of(page, one.kind, page.acting) is None:
            return one
    return None


def submit(request: Request) -> Response:
    """Record the declaration."""
    page, form = opened(request), form_of(request)
    found = declaration(page)
    if found is None:
        raise NotFound("declaration", page.number)
    data: dict[str, object] = {found.ticked: True}
    if found.reason and form.text("reason"):
        data[found.reason] = form.text("reason")
    outcome = send(page, Record(**page.said(), kind=found.kind.key, data=data))
    if isinstance(outcome, Trouble):
        return page.page(
            "work/item_bias.html", outcome.status, lacks=outcome.sentences(), text=form.text("reason"), bias=found
        )
    return page.done("item_done_bias")


def declarations(lifecycle: Lifecycle) -> dict[str, Declaration]:
    """By the key of their form, the declarations that guards of the lifecycle look at."""
    return {
        use.params["record"]: Declaration(
            kind := lifecycle.records[use.params["record"]], use.params["field"], _reason(kind)
        )
        for move in lifecycle.transitions.values()
        for use in move.guards
        if use.name == GUARD
    }


def _reason(kind: RecordKind) -> str | None:
    """The field of the form that takes a text nobody else is to see."""
    return next((key for key, one in kind.fields.items() if one.personal and one.schema.get("type") == "string"), None)


ROUTES = (post("/ideen/{number:number}/befangen", submit, Who.SIGNED_IN),)
