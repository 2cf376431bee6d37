"""`/ideen/{number}/kommentar`: a remark on the item, for those who work on it or for everybody."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import opened
from ideenweg.web.routes import Who, post
from workflow.commands import Comment


def submit(request: Request) -> Response:
    """Add the remark; where that is refused, the same form with what was typed."""
    page, form = opened(request), form_of(request)
    public = bool(form.text("public"))
    outcome = send(page, Comment(**page.said(), text=form.text("text"), public=public))
    if isinstance(outcome, Trouble):
        return page.page(
            "work/item_comment.html",
            outcome.status,
            errors=outcome.at("text"),
            lacks=outcome.besides("text"),
            text=form.text("text"),
            public=public,
        )
    return page.done("item_done_comment")


ROUTES = (post("/ideen/{number:number}/kommentar", submit, Who.SIGNED_IN),)
