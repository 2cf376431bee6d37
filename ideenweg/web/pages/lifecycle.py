"""`/lebenszyklus/{key}`: the way that every item of a kind takes, as a picture and in words."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.site import site_of
from states import diagram
from states.lifecycle import Lifecycle
from workflow.transaction import Transaction


def page(request: Request) -> HTMLResponse:
    """The newest version of the lifecycle. Raises NotFound."""
    lifecycle = _newest(request)
    unstaged = [state for state in lifecycle.states.values() if state.stage is None]
    return site_of(request).page(request, "lifecycle.html", lifecycle=lifecycle, outcomes=unstaged)


def picture(request: Request) -> Response:
    """The same as SVG, in the language of the request. Raises NotFound."""
    site = site_of(request)
    drawn = diagram.svg(_newest(request), site.wording(request).locale)
    return Response(
        drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    )


def _newest(request: Request) -> Lifecycle:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        return site.workflow.rules.newest(Transaction(connection), request.path_params["key"])
