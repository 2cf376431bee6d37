"""`/termine`: the days that everybody may know of, as a list and as a calendar to subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web import ics
from ideenweg.web.routes import get
from ideenweg.web.site import Site, site_of
from states.programme import Programme
from states.snapshot import local_day
from workflow.queries.dates import ENDED_FOR, Day, public_days


@dataclass(frozen=True, slots=True)
class Line:
    """A day of the list: what it is, whose it is, and of which item."""

    what: str
    whose: str | None
    day: Day


def page(request: Request) -> HTMLResponse:
    """What is to come, month by month."""
    site = site_of(request)
    rules = site.workflow.rules
    say = site.wording(request)
    with site.workflow.database.reading() as connection:
        days = public_days(connection, rules, local_day(site.now(), rules.programme))
        months: dict[str, list[Line]] = {}
        for day in days:
            months.setdefault(say.partial_day(f"{day.on:%Y-%m}"), []).append(_line(rules.programme, say.locale, day))
        return site.page(request, "dates.html", months=months)


def feed(request: Request) -> Response:
    """The same for a calendar program: also what is over, and what does not hold any more."""
    site = site_of(request)
    rules = site.workflow.rules
    say = site.wording(request)
    today = local_day(site.now(), rules.programme)
    with site.workflow.database.reading() as connection:
        days = public_days(connection, rules, today - ENDED_FOR, over=True)
    entries = [_entry(site, say.locale, day, off=day.over and day.on > today) for day in days]
    name = say("dates_calendar", programme=rules.programme.label[say.locale])
    return ics.answer(request, ics.calendar(name, entries), private=False)


def _line(programme: Programme, locale: str, day: Day) -> Line:
    known = next((one for one in (programme.bodies, programme.offices, programme.cities) if day.key in one), {})
    assert day.rule.public is not None
    return Line(day.rule.public[locale], known[day.key].label[locale] if known else None, day)


def _entry(site: Site, locale: str, day: Day, *, off: bool) -> ics.Entry:
    line = _line(site.workflow.rules.programme, locale, day)
    base = site.workflow.outgoing.base_url
    return ics.Entry(
        uid=f"{day.number}/{day.rule.key}/{day.key}/public@{site.workflow.outgoing.domain}",
        on=day.on,
        summary=f"{line.what}: {day.title}",
        stamp=day.opened_at + timedelta(seconds=day.version),
        sequence=day.version,
        text="\n".join(filter(None, (line.whose, day.number))),
        url=f"{base}/ideen/{day.number}",
        off=off,
    )


ROUTES = (get("/termine", page), get("/termine.ics", feed))
