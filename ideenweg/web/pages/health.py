"""Whether the process lives, whether it can serve, and whether the clock runs: for whoever watches over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse

from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from workflow import slots
from workflow.errors import StorageError
from workflow.migrations import require_current
from workflow.slots import last_beat

FRESH = {"Cache-Control": "no-store"}

STANDS_STILL = timedelta(minutes=3)
"""A clock sweeps twice a minute; one that has not for so long stands still, or every sweep of it breaks off."""


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


def clock(request: Request) -> JSONResponse:
    """The clock runs, in this process or another, no chore of this one hangs, and the last verification of the history
    found nothing. Pages are served without it all the same."""
    try:
        with site_of(request).workflow.database.reading() as connection:
            last = last_beat(connection)
            looked = slots.last(connection, slots.VERIFIED, slots.BROKEN)
    except StorageError as error:
        return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503, headers=FRESH)
    now, own = datetime.now(UTC), getattr(request.app.state, "clock", None)
    hanging = own.hanging(now) if own is not None else ()
    told = {
        "last": last.isoformat(timespec="seconds") if last else None,
        "hanging": list(hanging),
        "verified": {"at": looked[1].isoformat(timespec="seconds"), "ok": looked[0] == slots.VERIFIED}
        if looked
        else None,
    }
    if last is None or now - last > STANDS_STILL:
        return JSONResponse({"status": "stands still", **told}, 503, headers=FRESH)
    if hanging:
        return JSONResponse({"status": "hangs", **told}, 503, headers=FRESH)
    if looked is not None and looked[0] == slots.BROKEN:
        return JSONResponse({"status": "integrity broken", **told}, 503, headers=FRESH)
    return JSONResponse({"status": "ok", **told}, headers=FRESH)


ROUTES = (get("/health/live", live), get("/health/ready", ready), get("/health/clock", clock))
