"""`/auswahl`: the ranking of a selection round, every part of each sum, and what if weights and money were others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.filters import one_of
from ideenweg.web.pages.work.asked import seen
from ideenweg.web.pages.work.new import may_begin
from ideenweg.web.record_forms.numbers import number
from ideenweg.web.routes import Who, get
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Lifecycle
from states.sentences import Text
from workflow.errors import BadInput, Refused
from workflow.numbers import NUMBER
from workflow.queries.naming import newest_of
from workflow.queries.ranking import RoundRanking, ranking_of
from workflow.queries.roles import newest

MOST = 50
"""Rounds to choose from."""

WEIGHT, BUDGET = "w.", "b."
"""What the names of the fields for weights and for cities begin with."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round to choose."""

    number: str
    title: str
    state: Text
    ended: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Weights and money instead of those given. typed: name of a field -> what stands in it; errors: what is wrong."""

    weights: Mapping[str, float]
    budget: Mapping[str, float]
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def tried(self) -> bool:
        return bool(self.weights or self.budget)


def page(request: Request) -> HTMLResponse:
    """The round that the address names, else the first that has not ended. Nothing that is tried here is stored.

    Raises WrongFilter.
    """
    site, say = site_of(request), site_of(request).wording(request)
    what_if = _what_if(request.query_params, say.locale, say("selection_no_number"))
    found: RoundRanking | None = None
    refused: list[str] = []
    with site.workflow.database.reading() as connection:
        stored = newest(connection, site.workflow.rules)
        rounds = _rounds(connection, request, stored)
        chosen = _chosen(request.query_params.get("runde"), rounds)
        if chosen is not None:
            try:
                found = _ranking(connection, request, chosen, what_if)
            except Refused as error:
                refused = [one.in_locale(say.locale) for one in error.blockers]
            except BadInput as error:
                refused = [error.in_locale(say.locale)]
    return site.page(
        request,
        "work/selection.html",
        422 if what_if.errors else 200,
        begun=[one for one in stored.values() if one.ranking is not None and may_begin(request, one)],
        rounds=rounds,
        chosen=chosen,
        found=found,
        refused=refused,
        what_if=what_if,
        cities=site.workflow.rules.programme.cities,
    )


def _ranking(connection: Connection, request: Request, chosen: str, what_if: WhatIf) -> RoundRanking:
    site = site_of(request)
    usable = not what_if.errors
    return ranking_of(
        connection,
        site.workflow.rules,
        chosen,
        visitor_of(request).person,
        site.now(),
        weights=what_if.weights if usable else None,
        budget=what_if.budget if usable and what_if.budget else None,
    )


def _rounds(connection: Connection, request: Request, stored: Mapping[str, Lifecycle]) -> list[Round]:
    """The newest rounds of the lifecycles that rank which the visitor may see, those under way first."""
    ranking = [key for key, one in stored.items() if one.ranking is not None]
    found = [
        Round(one.number, one.title, state.label, state.final)
        for one in newest_of(connection, ranking, seen(request, connection, stored), MOST)
        if (state := stored[one.lifecycle].states.get(one.state)) is not None
    ]
    return sorted(found, key=lambda one: one.ended)


def _chosen(asked: str | None, rounds: list[Round]) -> str | None:
    if asked:
        if not NUMBER.fullmatch(asked):
            one_of({"runde": asked}, "runde", {one.number: one.title for one in rounds})
        return asked
    return rounds[0].number if rounds else None


def _what_if(query: QueryParams, locale: str, no_number: str) -> WhatIf:
    weights: dict[str, float] = {}
    budget: dict[str, float] = {}
    kept: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name, typed in query.items():
        target = weights if name.startswith(WEIGHT) else budget if name.startswith(BUDGET) else None
        if target is None or not typed.strip():
            continue
        kept[name] = typed
        value = number(typed, locale)
        if isinstance(value, (int, float)) and 0 <= value < 1e12:
            target[name[2:]] = float(value)
        else:
            errors[name] = no_number
    return WhatIf(weights, budget, kept, errors)


ROUTES = (get("/auswahl", page, Who.STAFF),)
