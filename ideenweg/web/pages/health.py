"""Whether the process lives, and whether it can serve: for whoever watches over it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from ideenweg.web.site import site_of
from workflow.errors import StorageError
from workflow.migrations import require_current

FRESH = {"Cache-Control": "no-store"}


def live(request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers=FRESH)


def ready(request: Request) -> JSONResponse:
    """The database answers, and its tables are those of this version. What is wrong otherwise is in the log alone."""
    try:
        require_current(site_of(request).workflow.database)
    except StorageError as error:
        return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503, headers=FRESH)
    return JSONResponse({"status": "ok"}, headers=FRESH)
