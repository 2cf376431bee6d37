"""`/metrics`: figures of the installation in Prometheus' text format, for this machine or a token with that scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from ipaddress import ip_address

from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from workflow.accounts import tokens
from workflow.accounts.tokens import Scope
from workflow.models import item
from workflow.queries.installation import Waiting, condition
from workflow.slots import last_beat

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy adds. Behind one on the same machine everybody seems to come from it."""


def metrics(request: Request) -> Response:
    """The figures; 403 for whoever is elsewhere and has no token for them."""
    site = site_of(request)
    now = site.now()
    with site.workflow.database.reading() as connection:
        if not (_from_here(request) or _has_token(connection, request, now)):
            return PlainTextResponse(
                "This is for the machine itself, or a token with the scope metrics.\n",
                403,
                {"WWW-Authenticate": 'Bearer realm="ideenweg", scope="metrics"', "Cache-Control": "no-store"},
            )
        text = "\n".join(_lines(connection, now)) + "\n"
    return Response(text, headers={"Content-Type": FORMAT, "Cache-Control": "no-store"})


def _from_here(request: Request) -> bool:
    try:
        near = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return near and not any(name in request.headers for name in FORWARDED)


def _has_token(connection: Connection, request: Request, now: datetime) -> bool:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = tokens.find(connection, value.strip(), now) if scheme.lower() == "bearer" else None
    return token is not None and token.allows(Scope.METRICS)


def _lines(connection: Connection, now: datetime) -> Iterator[str]:
    found = condition(connection, now)
    yield from _figure("build_info", "The version that runs.", [(f'{{version="{version("ideenweg")}"}}', 1)])
    counted = select(item.c.lifecycle, item.c.state, func.count()).group_by(item.c.lifecycle, item.c.state)
    rows = connection.execute(counted.order_by(item.c.lifecycle, item.c.state))
    items = [(f'{{lifecycle="{key}",state="{state}"}}', number) for key, state, number in rows]
    yield from _figure("items", "Items by the state they are in.", items)
    yield from _waiting("late_steps", "Steps of deadlines and follow-ups that are due and not done", found.late, now)
    yield from _waiting("unsent", "Messages that may be sent and are not", found.unsent, now)
    yield from _figure("failed_deliveries", "Messages that could not be sent.", [("", found.failed)])
    yield from _figure("held_deliveries", "Messages held back after a restore.", [("", found.held)])
    yield from _figure("refused_follow_ups", "Follow-ups that the rules stood against.", [("", found.refused)])
    beat = last_beat(connection)
    if beat is not None:
        told = [("", round(beat.timestamp()))]
        yield from _figure("clock_last_run_timestamp_seconds", "When the clock last came round.", told)


def _waiting(name: str, what: str, found: Waiting, now: datetime) -> Iterator[str]:
    yield from _figure(name, f"{what}.", [("", found.number)])
    oldest = round((now - found.since).total_seconds()) if found.since else 0
    yield from _figure(f"{name}_oldest_seconds", f"{what}: how long the oldest waits.", [("", oldest)])


def _figure(name: str, help_: str, values: list[tuple[str, int]]) -> Iterator[str]:
    yield f"# HELP ideenweg_{name} {help_}"
    yield f"# TYPE ideenweg_{name} gauge"
    for labels, value in values:
        yield f"ideenweg_{name}{labels} {value}"


ROUTES = (get("/metrics", metrics),)
