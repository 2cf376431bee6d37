"""`/fristen`: the deadlines that run, as a list or by the days of a month, with what the visitor is reminded of."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.filters import WrongFilter
from ideenweg.web.pages.work.asked import Asked, asked
from ideenweg.web.pages.work.days import Days
from ideenweg.web.routes import Who, get
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from states.calendar import due_at
from states.sentences import Text
from states.snapshot import local_day
from workflow import reminders
from workflow.clocks import declared
from workflow.errors import BadInput
from workflow.events import timestamp
from workflow.models import assignment, deadline, item
from workflow.queries.deadlines import DeadlineLine, list_deadlines, of_days
from workflow.queries.items import ways_of
from workflow.reminders import Reminder
from workflow.transaction import Transaction

A_PAGE = 50
A_DAY = 3
"""Deadlines of a day that the calendar shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """A deadline: what it is for beyond the state, whose it is by role, of what (a body, unit or city), how long there
    is; may: be given more time by a role of the visitor's."""

    line: DeadlineLine
    what: Text | None
    role: Text | None
    of: Text | None
    state: Text
    left: str
    late: bool
    may: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. more: there are more deadlines than are shown. outside: of another month."""

    day: date
    lines: tuple[Line, ...]
    more: bool
    reminders: tuple[Reminder, ...]
    off: bool
    outside: bool


def page(request: Request) -> HTMLResponse:
    """The list, or a month. Raises WrongFilter."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        question = asked(request, site, connection)
        if question is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        show = _Show(connection, site, question, request)
        return show.by_day() if request.query_params.get("month") else show.by_time()


class _Show:
    """What is asked, and everything that lines are made with."""

    def __init__(self, connection: Connection, site: Site, question: Asked, request: Request) -> None:
        self.connection, self.site, self.question, self.request = connection, site, question, request
        self.rules, self.programme = site.workflow.rules, site.workflow.rules.programme
        self.today = local_day(site.now(), self.programme)
        self.days = Days(self.rules, site.wording(request), self.today)
        self.person, self.roles = visitor_of(request).person or "", visitor_of(request).roles
        self.within = _within(question, self.person)

    def by_time(self) -> HTMLResponse:
        """The list, the earliest first."""
        query, now = self.request.query_params, self.site.now()
        on = _day(query.get("day"), "day")
        try:
            found = list_deadlines(
                self.connection,
                until=now if self.question.overdue else None,
                limit=A_PAGE,
                cursor=query.get("after"),
                within=and_(self.within, *_on(on, self.site)),
            )
        except BadInput:
            raise WrongFilter("after", query.get("after", ""), ()) from None
        lines = self._lines(found.deadlines)
        return self._page(
            late=[one for one in lines if one.late],
            coming=[one for one in lines if not one.late],
            next=self.question.address(after=found.next, day=query.get("day")) if found.next else None,
            first=query.get("after") is None,
            on=on,
            own=reminders.open_reminders(self.connection, self.person, self.today),
            weeks=(),
            month=None,
            before=None,
            after=None,
        )

    def by_day(self) -> HTMLResponse:
        """The weeks of a month."""
        first = _month(self.request.query_params["month"])
        last = first.replace(day=monthrange(first.year, first.month)[1])
        begin, end = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
        shown = [begin + timedelta(days=place) for place in range((end - begin).days + 1)]
        ends = {day: due_at(day, self.programme.zone) for day in shown}
        found = of_days(self.connection, ends, each=A_DAY, within=self.within)
        own = reminders.open_reminders(self.connection, self.person, self.today)
        days = [self._of(day, found.get(day, ()), own, outside=day.month != first.month) for day in shown]
        return self._page(
            late=(),
            coming=(),
            next=None,
            first=True,
            on=None,
            own=(),
            weeks=[days[place : place + 7] for place in range(0, len(days), 7)],
            month=first,
            before=first - timedelta(days=1),
            after=last + timedelta(days=1),
        )

    def _page(self, **context: Any) -> HTMLResponse:
        return self.site.page(
            self.request, "work/deadlines.html", asked=self.question, today=self.today, person=self.person, **context
        )

    def _of(self, day: date, lines: Sequence[DeadlineLine], own: Sequence[Reminder], *, outside: bool) -> Day:
        calendar = self.rules.calendar_of(self.question.lifecycle)
        off = day.weekday() > 4 if calendar is None else not calendar.is_working_day(day)
        mine = tuple(one for one in own if one.on == day)
        return Day(day, tuple(self._lines(lines[:A_DAY])), len(lines) > A_DAY, mine, off, outside)

    def _lines(self, lines: Sequence[DeadlineLine]) -> list[Line]:
        return [self._line(one) for one in lines]

    def _line(self, one: DeadlineLine) -> Line:
        lifecycle = self.rules.lifecycle(Transaction(self.connection), one.lifecycle, one.version)
        rule, programme = declared(lifecycle).get(one.rule), self.programme
        role = lifecycle.roles.get(rule.responsible or "") if rule else None
        kind = lifecycle.records.get(rule.until or "") if rule else None
        place = programme.bodies.get(one.key) or programme.offices.get(one.key) or programme.cities.get(one.key)
        return Line(
            one,
            kind.label if kind else None,
            role.label if role else None,
            place.label if place else None,
            lifecycle.states[one.state].label,
            self.days.left(one.due, lifecycle),
            one.due < self.today,
            bool(self.roles & set(lifecycle.extenders(one.state))),
        )


def _within(question: Asked, person: str) -> ColumnElement[bool]:
    """The condition on `item` that the question makes: each deadline's one item is held against it.

    Wrapped, so that SQLite does not begin with all items of the lifecycle or state.
    """
    holds = [
        question.sees,
        func.coalesce(item.c.lifecycle, "") == question.lifecycle.key,
        *(way.holds for way in ways_of(question.filter)),
    ]
    if state := question.values.get("state"):
        holds.append(func.coalesce(item.c.state, "") == state)
    if question.mine:
        own = (assignment.c.item == item.c.number, assignment.c.person == person, assignment.c.ended_seq.is_(None))
        holds.append(exists().where(*own))
    return and_(*holds)


def _on(day: date | None, site: Site) -> list[ColumnElement[bool]]:
    return [deadline.c.due_at == timestamp(due_at(day, site.workflow.rules.programme.zone))] if day else []


def _month(text: str) -> date:
    """Its first day. Raises WrongFilter, also for a month with no other before or after it."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    if not MINYEAR < first.year < MAXYEAR:
        raise WrongFilter("month", text, ())
    return first


def _day(text: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongFilter(name, text or "", ()) from None


ROUTES = (get("/fristen", page, Who.STAFF),)
