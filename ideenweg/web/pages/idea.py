"""`/ideen/{number}`: one released idea – where it stands, what was recorded about it, and its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.present import Presenter
from ideenweg.web.routes import get
from ideenweg.web.site import Site, site_of
from states.lifecycle import Lifecycle, Text
from workflow.errors import NotFound
from workflow.queries import public
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Leg:
    """A stage on the way of an idea; `mark` is done, here, ended or open."""

    label: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A city or field of action, and the list of all ideas that have it."""

    label: Text
    address: str
    city: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Another item that this one is linked with."""

    kind: Text
    number: str
    title: str
    state: Text


def page(request: Request) -> HTMLResponse:
    """The idea's page. Raises NotFound for an idea that there is not, or that is not released."""
    site = site_of(request)
    number = request.path_params["number"]
    with site.workflow.database.reading() as connection:
        item = public.find(connection, site.workflow.rules, number)
        if item is None:
            raise NotFound("item", number)
        presenter = Presenter(site.wording(request), item.lifecycle, item.programme)
        sections = presenter.sections(item)
        return site.page(
            request,
            "idea.html",
            item=item,
            state=item.lifecycle.states[item.state],
            way=_way(item.lifecycle, item),
            sheet=next((one for one in sections if one.key == item.lifecycle.sheet), None),
            sections=[one for one in sections if one.key != item.lifecycle.sheet],
            stops=presenter.stops(item.steps),
            chips=list(_chips(item)),
            relations=[_related(item, one, _lifecycle(connection, site, one)) for one in item.relations],
        )


def _lifecycle(connection: Connection, site: Site, one: public.Relation) -> Lifecycle:
    return site.workflow.rules.lifecycle(Transaction(connection), one.lifecycle, one.version)


def _related(item: public.PublicItem, one: public.Relation, theirs: Lifecycle) -> Related:
    """A link as either end calls it: the lifecycle that it leads from declares it."""
    kind = (item.lifecycle if one.outgoing else theirs).links[one.kind]
    return Related(kind.label if one.outgoing else kind.inverse, one.number, one.title, theirs.states[one.state].label)


def _chips(item: public.PublicItem) -> Iterator[Chip]:
    """What the list can be narrowed down to from here: cities first, then fields of action."""
    for name, facet in (("city", "cities"), ("field", "fields")):
        known = item.programme.vocabulary(name)
        for key in known:
            if key in item.facets.get(facet, ()):
                yield Chip(known[key].label, f"/ideen?{urlencode({name: key})}", name == "city")


def _way(lifecycle: Lifecycle, item: public.PublicItem) -> list[Leg]:
    """Every stage with what it is for this idea: passed, present, still to come; or where its way ended."""
    visited = [state.stage for step in item.steps if (state := lifecycle.states.get(step.target or "")) and state.stage]
    now = lifecycle.states[item.state].stage
    last = now or (visited[-1] if visited else None)
    stages = list(lifecycle.stages)
    reached = stages.index(last) if last else -1
    here = "here" if now else "ended"
    marks = ["done"] * reached + [here] * (reached >= 0) + ["open"] * (len(stages) - reached - 1)
    return [Leg(stage.label, mark) for stage, mark in zip(lifecycle.stages.values(), marks, strict=True)]


ROUTES = (get("/ideen/{number:number}", page),)
