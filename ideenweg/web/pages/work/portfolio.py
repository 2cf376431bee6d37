"""`/portfolio`: the items of a lifecycle in figures, each as a picture, as a table and as a CSV file.

Figures are of states, stages and offices; those of an office with too few people or deadlines are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.filters import Choice, Group, WrongFilter
from ideenweg.web.pages.work.asked import Asked, asked
from ideenweg.web.routes import Who, get
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.sentences import Text
from states.snapshot import local_day
from workflow.models import item
from workflow.queries.items import FACETS, ways_of
from workflow.queries.portfolio import (
    Kept,
    by_facet,
    by_state,
    coverage,
    kept_by_office,
    kept_by_rule,
    stays,
)

T = TypeVar("T")

BY_FACET = ("field", "city", "funding")


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart: its label; lengths from 0 to 1, the second one behind the first; what the table says."""

    label: str
    length: float | None
    behind: float | None
    cells: tuple[str, ...]
    numbers: tuple[float | str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and its table. columns: what the cells behind the label are called."""

    key: str
    columns: tuple[str, ...]
    bars: tuple[Bar, ...]


def page(request: Request) -> HTMLResponse:
    """All figures."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        question = asked(request, site, connection)
        if question is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        figures = _Figures(connection, site, question, site.wording(request), visitor_of(request).person)
        charts = [figures.chart(key) for key in CHARTS]
    return site.page(request, "work/portfolio.html", asked=question, charts=charts)


def table(request: Request) -> Response:
    """One figure as a file. Raises WrongFilter for one that there is not."""
    site, wanted = site_of(request), request.query_params.get("chart", "")
    say = site.wording(request)
    if wanted not in CHARTS:
        names = [Choice(key, Text(say(f"portfolio_{key}"), say(f"portfolio_{key}"))) for key in CHARTS]
        raise WrongFilter("chart", wanted, [Group(None, tuple(names))])
    with site.workflow.database.reading() as connection:
        question = asked(request, site, connection)
        if question is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        chart = _Figures(connection, site, question, say, visitor_of(request).person).chart(wanted)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow([say(f"portfolio_of_{chart.key}"), *chart.columns])
    rows.writerows([bar.label, *bar.numbers] for bar in chart.bars)
    # With a mark of its encoding, since spreadsheets guess another one.
    headers = {"Content-Disposition": f'attachment; filename="portfolio-{chart.key}.csv"'}
    return Response(written.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


class _Figures:
    """The figures of one question by one person, each asked of the database when its chart is made, and then kept."""

    def __init__(self, connection: Connection, site: Site, question: Asked, say: Wording, person: str | None) -> None:
        self.connection, self.site, self.question, self.say = connection, site, question, say
        self.lifecycle, self.now = question.lifecycle, site.now()
        self.within: ColumnElement[bool] = and_(
            question.sees, item.c.lifecycle == question.lifecycle.key, *(way.holds for way in ways_of(question.filter))
        )
        # All that `within` is made of.
        self._key = (person, question.lifecycle.key, question.filter)

    def chart(self, key: str) -> Chart:
        """The chart of that name."""
        return CHARTS[key](self, key)

    def states(self, key: str) -> Chart:
        """How many items are in each state, named with its stage."""
        found = self._lately("states", partial(by_state, self.connection, self.within))
        stages = self.lifecycle.stages
        rows = []
        for name, state in self.lifecycle.states.items():
            stage = f"{self._text(stages[state.stage].label)}: " if state.stage else ""
            if name in found:
                rows.append((f"{stage}{self._text(state.label)}", found[name]))
        return self._counted(key, rows)

    def strategy(self, key: str) -> Chart:
        """How many items are part of a strategy, how many of these have which funding, and how many came since."""
        sees = self.question.sees
        found = self._lately(key, partial(coverage, self.connection, self.lifecycle, sees, self.within))
        if found is None:
            return self._counted(key, [])
        rows = []
        for one in found.strategies:
            rows.append((self.say("strategy_items", title=one.title), one.items))
            rows += [
                (self.say("strategy_funded", source=self._text(source.label)), one.funding[source.key])
                for source in self.site.workflow.rules.programme.funding.values()
                if source.key in one.funding
            ]
        rows.append((self.say("strategy_later", day=self.say.day(found.since)), found.later))
        return self._counted(key, rows)

    def facet(self, key: str) -> Chart:
        """How many items have each value of a vocabulary."""
        facets = [FACETS[name] for name in BY_FACET]
        found = self._lately("facets", partial(by_facet, self.connection, facets, self.within))
        known = self.site.workflow.rules.programme.vocabulary(key)
        return self._counted(
            key, [(self._text(one.label), found.get((FACETS[key], name), 0)) for name, one in known.items()]
        )

    def times(self, key: str) -> Chart:
        """How long items stay in each state."""
        found = self._lately(key, partial(stays, self.connection, self.within))
        longest = max((stay.most for stay in found.values()), default=timedelta()) or timedelta(days=1)
        bars = []
        for name, state in self.lifecycle.states.items():
            if stay := found.get(name):
                days = [round(span / timedelta(days=1), 1) for span in (stay.median, stay.most)]
                cells = (self.say.number(days[0]), self.say.number(days[1]), self.say.number(stay.number))
                bars.append(
                    Bar(
                        self._text(state.label), stay.median / longest, stay.most / longest, cells, (*days, stay.number)
                    )
                )
        columns = (self.say("portfolio_median"), self.say("portfolio_most"), self.say("portfolio_left"))
        return Chart(key, columns, tuple(bars))

    def stage_rates(self, key: str) -> Chart:
        """How many deadlines of each stage were kept."""
        found = self._lately(key, partial(kept_by_rule, self.connection, self.within, self.now))
        sums: dict[str, list[Kept]] = {}
        for state in self.lifecycle.states.values():
            for rule in state.deadlines:
                if rule.key in found and state.stage:
                    sums.setdefault(state.stage, []).append(found[rule.key])
        labels = self.lifecycle.stages
        return self._rates(
            key,
            [
                (
                    self._text(labels[stage].label),
                    Kept(sum(one.number for one in some), sum(one.in_time for one in some)),
                )
                for stage, some in sums.items()
            ],
        )

    def office_rates(self, key: str) -> Chart:
        """How many deadlines of each office were kept."""
        today = local_day(self.now, self.site.workflow.rules.programme)
        made = partial(kept_by_office, self.connection, self.lifecycle, self.within, self.now, today)
        found = self._lately(key, made)
        offices = self.site.workflow.rules.programme.offices
        return self._rates(
            key, [(self._text(one.label), found[name]) for name, one in offices.items() if name in found]
        )

    def _counted(self, key: str, rows: Sequence[tuple[str, int]]) -> Chart:
        most = max((number for _, number in rows), default=0) or 1
        bars = (Bar(label, number / most, None, (self.say.number(number),), (number,)) for label, number in rows)
        return Chart(key, (self.say("portfolio_number"),), tuple(bars))

    def _rates(self, key: str, rows: Sequence[tuple[str, Kept | None]]) -> Chart:
        bars = []
        for label, kept in rows:
            if kept is None:
                few = self.say("portfolio_too_few")
                bars.append(Bar(label, None, None, (few, ""), (few, "")))
                continue
            rate = kept.in_time / kept.number
            cells = (self.say("portfolio_percent", n=round(100 * rate)), self.say.number(kept.number))
            bars.append(Bar(label, rate, 1.0, cells, (round(100 * rate), kept.number)))
        return Chart(key, (self.say("portfolio_rate"), self.say("portfolio_deadlines")), tuple(bars))

    def _lately(self, figure: str, make: Callable[[], T]) -> T:
        """They change little from one minute to the next, and all items are read for them."""
        return self.site.lately.of(("portfolio", figure, *self._key), self.now, make)

    def _text(self, text: Text) -> str:
        return text[self.say.locale]


CHARTS: Mapping[str, Callable[[_Figures, str], Chart]] = {
    "states": _Figures.states,
    "strategy": _Figures.strategy,
    "field": _Figures.facet,
    "city": _Figures.facet,
    "funding": _Figures.facet,
    "times": _Figures.times,
    "rates": _Figures.stage_rates,
    "offices": _Figures.office_rates,
}
"""Every chart, in the order of the page."""

ROUTES = (get("/portfolio", page, Who.STAFF), get("/portfolio.csv", table, Who.STAFF))
