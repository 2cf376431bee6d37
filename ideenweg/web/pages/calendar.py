"""`/kalender/….ics`: somebody's own days, for their calendar program, by an address that they alone know."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web import ics
from ideenweg.web.routes import get
from ideenweg.web.site import Site, site_of
from ideenweg.web.wording import Wording
from notifications.expand import MORNING
from notifications.message import appointment_uid
from states.snapshot import local_day
from workflow import feeds
from workflow.errors import NotFound
from workflow.queries.dates import Day, days_of
from workflow.queries.worklist import LARGEST_PAGE, Section, worklist
from workflow.reminders import Reminder, open_reminders


def feed(request: Request) -> Response:
    """The calendar. An address that opens nothing looks like one that never did. Raises NotFound."""
    site = site_of(request)
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        found = feeds.whose(connection, request.path_params["token"])
        if found is None:
            raise NotFound("calendar", "kalender")
        who, locale = found
        say = Wording(locale, rules.programme.zone)
        entries = [*_days(site, connection, say, who), *_reminders(site, connection, who)]
    entries.sort(key=lambda one: (one.on, one.uid))
    name = say("calendar_name", programme=rules.programme.label[locale] or say("brand"))
    return ics.answer(request, ics.calendar(name, entries), private=True)


def _days(site: Site, connection: Connection, say: Wording, who: str) -> list[ics.Entry]:
    rules, now = site.workflow.rules, site.now()
    tasks = worklist(connection, rules, who, now, limit=LARGEST_PAGE).rows
    held = [(row.number, row.rule) for row in tasks if row.rule and row.section is not Section.WAITING]
    return [_day(site, say, day, now) for day in days_of(connection, rules, who, held, now)]


def _day(site: Site, say: Wording, day: Day, now: datetime) -> ics.Entry:
    base = site.workflow.outgoing.base_url
    return ics.Entry(
        uid=appointment_uid(day.number, f"{day.rule.key}/{day.key}", site.workflow.outgoing.domain),
        on=day.on,
        summary=f"{day.label[say.locale]}: {day.number} – {day.title}",
        stamp=day.opened_at + timedelta(seconds=day.version),
        sequence=day.version,
        url=f"{base}/ideen/{day.number}",
        off=day.over,
        # Mails of the clock go out in the morning; calendars ring then too.
        alarms=tuple(one + timedelta(hours=MORNING) for one in day.alarms),
    )


def _reminders(site: Site, connection: Connection, who: str) -> list[ics.Entry]:
    today = local_day(site.now(), site.workflow.rules.programme)
    return [_reminder(site, one) for one in open_reminders(connection, who, today)]


def _reminder(site: Site, one: Reminder) -> ics.Entry:
    base = site.workflow.outgoing.base_url
    morning = datetime(one.on.year, one.on.month, one.on.day, MORNING, tzinfo=site.workflow.rules.programme.zone)
    return ics.Entry(
        uid=f"{one.id}@{site.workflow.outgoing.domain}",
        on=one.on,
        summary=f"{one.number} – {one.title}",
        stamp=morning,
        text=one.note,
        url=f"{base}/ideen/{one.number}",
        alarms=(morning,),
    )


ROUTES = (get("/kalender/{token}.ics", feed),)
