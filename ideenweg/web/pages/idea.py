"""`/ideen/{number}`: one released idea – where it stands, what was recorded about it, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.pages.work import item as working
from ideenweg.web.pictures import drawings
from ideenweg.web.present import Presenter, Section
from ideenweg.web.routes import get
from ideenweg.web.shelf import public_rows
from ideenweg.web.site import Site, site_of
from ideenweg.web.values import VOICES, Values
from ideenweg.web.visitor import visitor_of
from ideenweg.web.way import way
from states.lifecycle import Lifecycle, Role, Scope, Transition
from states.record_kinds import Per, RecordKind
from states.record_kinds import Section as Place
from states.sentences import Text
from states.snapshot import local_day
from states.tasks import Act
from workflow.errors import NotFound
from workflow.queries import public
from workflow.queries.supporters import supporters_of
from workflow.queries.turns import Turn, turns
from workflow.transaction import Transaction


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


@dataclass(frozen=True, slots=True)
class Follow:
    """The form to follow the idea: what was typed, and what is wrong with it."""

    email: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """Something that is to be done next, by whom, and by when, where the lifecycle lets everybody know that."""

    what: str
    who: str
    until: str | None
    late: bool


def page(request: Request, *, follow: Follow | None = None, support: Follow | None = None) -> HTMLResponse:
    """The idea's page. Raises NotFound for an idea that there is not, or that is not released."""
    if (own := working.shown(request)) is not None:
        return own
    site = site_of(request)
    number = request.path_params["number"]
    with site.workflow.database.reading() as connection:
        item = public.find(connection, site.workflow.rules, number)
        if item is None:
            raise NotFound("item", number)
        say = site.wording(request)
        presenter = Presenter(say, item.lifecycle, item.programme)
        values = Values(say, item.lifecycle, item.programme)
        sections = presenter.sections(item)
        stops = presenter.stops(item.steps)
        return site.page(
            request,
            "idea.html",
            status=400 if follow or support else 200,
            item=item,
            follow=follow or Follow(),
            support=support or Follow(),
            supporters=supporters_of(connection, number, visitor_of(request).person)
            if item.lifecycle.support
            else None,
            next=_next(values, turns(connection, number), local_day(site.now(), item.programme)),
            documents=public_rows(connection, item.lifecycle, number),
            drawings=drawings(values, item.records),
            state=item.lifecycle.states[item.state],
            way=way(item.lifecycle, item.state, (step.target for step in item.steps)),
            sheet=next((one for one in sections if one.key == item.lifecycle.sheet), None),
            decisions=[one for one in sections if _section(item, one) is Place.DECISIONS],
            facts=[one for one in sections if _section(item, one) not in (Place.SUMMARY, Place.DECISIONS)],
            reasons=[stop for stop in stops if stop.quoted],
            stops=stops,
            chips=list(_chips(item)),
            relations=[_related(item, one, _lifecycle(connection, site, one)) for one in item.relations],
        )


def _section(item: public.PublicItem, section: Section) -> Place:
    return Place.SUMMARY if section.key == item.lifecycle.sheet else item.lifecycle.records[section.key].section


def _next(values: Values, found: tuple[Turn, ...], today: date) -> list[Next]:
    """What is to be done, each once with all who have to do it."""
    say, lifecycle = values.say, values.lifecycle
    rules = {rule.key: rule for state in lifecycle.states.values() for rule in state.deadlines}
    whose: dict[tuple[Act, str], dict[str, None]] = {}
    until: dict[tuple[Act, str], date] = {}
    for one in found:
        step = (one.act, one.what)
        whose.setdefault(step, {})[_who(values, one)] = None
        if one.due and one.rule in rules and rules[one.rule].public:
            until[step] = max(until.get(step, one.due), one.due)
    named: dict[Act, Mapping[str, Transition | RecordKind | Role]] = {
        Act.MOVE: lifecycle.transitions,
        Act.RECORD: lifecycle.records,
        Act.ASSIGN: lifecycle.roles,
    }
    return [
        Next(
            named[act][what].label[say.locale] if what in named.get(act, {}) else say("next_decide"),
            say.listed(list(who)),
            say.day(until[act, what]) if (act, what) in until else None,
            until.get((act, what), today) < today,
        )
        for (act, what), who in whose.items()
    ]


def _who(values: Values, turn: Turn) -> str:
    """The office, the body, or the office of the city; else the role: never anybody's name."""
    programme, locale = values.programme, values.say.locale
    if turn.scope_kind and turn.scope:
        city = programme.cities.get(turn.scope) if turn.scope_kind == Scope.CITY else None
        if city and city.office:
            return values.term("office", city.office)
        vocabulary = VOICES.get(Per(turn.scope_kind))
        return values.term(vocabulary, turn.scope) if vocabulary else turn.scope
    role = values.lifecycle.roles.get(turn.role)
    return role.label[locale] if role else turn.role


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


ROUTES = (get("/ideen/{number:number}", page),)
