"""Days as a calendar file (RFC 5545): whole days where the programme is, with a number that rises when one is moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.files import kept_already

PRODUCT = "-//Ideenweg//Ideenweg//DE"
AGAIN = timedelta(hours=1)
"""How often a calendar program may ask anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of a calendar. uid: the same for ever; sequence: rises when it is moved; stamp: when it was set.

    off: it does not hold any more. alarms: aware moments.
    """

    uid: str
    on: date
    summary: str
    stamp: datetime
    sequence: int = 0
    text: str = ""
    url: str = ""
    off: bool = False
    alarms: tuple[datetime, ...] = ()


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """The file. The same entries give the same bytes, whenever they are asked for."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    for one in entries:
        made.add_component(_event(one))
    return bytes(made.to_ical())


def answer(request: Request, content: bytes, *, private: bool) -> Response:
    """The file for a program that asks again and again: one that has it already is told so (RFC 9110 §13.1.2).

    private: kept by nobody on the way.
    """
    mark = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": mark,
        "Cache-Control": f"{'private' if private else 'public'}, max-age={int(AGAIN.total_seconds() // 4)}",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    if kept_already(request, mark):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _event(one: Entry) -> Event:
    made = Event()
    made.add("uid", one.uid)
    made.add("dtstamp", one.stamp.astimezone(UTC))
    made.add("sequence", one.sequence)
    made.add("dtstart", one.on)
    made.add("dtend", one.on + timedelta(days=1))
    made.add("summary", one.summary)
    made.add("status", "CANCELLED" if one.off else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    if one.text:
        made.add("description", one.text)
    if one.url:
        made.add("url", one.url)
    for moment in () if one.off else one.alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one.summary)
        alarm.add("trigger", moment.astimezone(UTC), parameters={"VALUE": "DATE-TIME"})
        made.add_component(alarm)
    return made
