"""`/ideen`: the released ideas, narrowed down as the address asks."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, and_
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web import filters
from ideenweg.web.cards import cards
from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from states.lifecycle import Lifecycle
from workflow.errors import BadInput
from workflow.models import item
from workflow.queries.items import count_items, list_items
from workflow.queries.portfolio import Coverage, coverage

A_PAGE = 20
COUNTED = 1000
"""Hits that are counted; of more it is only said that there are more."""


def page(request: Request) -> HTMLResponse:
    """One page of the list. Raises WrongFilter for a value that there is not."""
    site = site_of(request)
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        lifecycle = site.lifecycle(connection)
        if lifecycle is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        known = filters.choices(lifecycle, rules.programme)
        asked = filters.asked(request.query_params, known)
        wanted = asked.filter(lifecycle.key)
        try:
            found = list_items(
                connection,
                wanted,
                A_PAGE,
                asked.after or asked.before,
                order=asked.order,
                back=asked.before is not None,
            )
        except BadInput:
            raise filters.WrongFilter("after", asked.after or asked.before or "", ()) from None
        return site.page(
            request,
            "ideas.html",
            lifecycle=lifecycle,
            choices=known,
            asked=asked,
            active=[(name, filters.label_of(known, name, value)) for name, value in asked.values.items()],
            coverage=site.lately.of(("coverage", lifecycle.key), site.now(), partial(_covered, connection, lifecycle)),
            total=count_items(connection, wanted, COUNTED + 1),
            counted=COUNTED,
            cards=cards(connection, rules, found.items),
            orders=filters.ORDERS,
            previous=found.previous,
            next=found.next,
        )


def _covered(connection: Connection, lifecycle: Lifecycle) -> Coverage | None:
    """How the released ideas stand to the strategy; every one of them is looked at for it."""
    return coverage(connection, lifecycle, item.c.released, and_(item.c.lifecycle == lifecycle.key, item.c.released))


ROUTES = (get("/ideen", page),)
