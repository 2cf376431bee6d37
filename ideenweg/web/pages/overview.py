"""`/`: what the programme is, where the ideas are, in which fields, the newest of them, and the newest steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web import filters
from ideenweg.web.cards import cards
from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from ideenweg.web.wording import Wording
from states.lifecycle import Lifecycle, Stage
from workflow.queries import public
from workflow.queries.items import ItemFilter, list_items
from workflow.transaction import Transaction

NEWEST_IDEAS = 6
NEWEST_STEPS = 8


def page(request: Request) -> HTMLResponse:
    """The overview, or what to do first where there is nothing to see yet."""
    site = site_of(request)
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        lifecycle = site.lifecycle(connection)
        if lifecycle is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        counted = partial(_counted, connection, lifecycle.key)
        counts, fields = site.lately.of(("overview", lifecycle.key), site.now(), counted)
        newest = list_items(connection, ItemFilter(lifecycle=lifecycle.key, released=True), NEWEST_IDEAS)
        news = public.news(connection, lifecycle.key, NEWEST_STEPS)
        stages = [(stage, _within(lifecycle, counts, stage.key)) for stage in lifecycle.stages.values()]
        return site.page(
            request,
            "overview.html" if counts else "empty.html",
            lifecycle=lifecycle,
            stages=stages,
            outcomes=[
                (state, counts[state.key])
                for state in lifecycle.states.values()
                if state.stage is None and state.key in counts
            ],
            summary=_summary(site.wording(request), stages, sum(counts.values())),
            cards=cards(connection, rules, newest.items),
            news=[(one, rules.lifecycle(Transaction(connection), lifecycle.key, one.version)) for one in news],
            fields=[(one, fields.get(one.key, 0)) for one in rules.programme.fields.values()],
            choices=filters.choices(lifecycle, rules.programme),
        )


def _counted(connection: Connection, lifecycle: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many ideas are in each state, and how many each field of action has: every released idea is read for it."""
    return public.counts(connection, lifecycle), public.field_counts(connection, lifecycle)


def _summary(say: Wording, stages: Sequence[tuple[Stage, int]], total: int) -> str:
    """The numbers in one sentence; what is in no stage has ended its way."""
    parts = [say("stages_part", n=number, stage=stage.label[say.locale]) for stage, number in stages if number]
    if ended := total - sum(number for _, number in stages):
        parts.append(say("outcomes_part", n=ended))
    return say("stages_summary", n=total, parts=say.listed(parts))


def _within(lifecycle: Lifecycle, counts: dict[str, int], stage: str) -> int:
    return sum(number for state, number in counts.items() if _stage(lifecycle, state) == stage)


def _stage(lifecycle: Lifecycle, state: str) -> str | None:
    """The stage of a state; None for one that only an older version of the lifecycle has."""
    return lifecycle.states[state].stage if state in lifecycle.states else None


ROUTES = (get("/", page),)
