"""Reads durations, dates, reminders, zones as people write them: `6 weeks`, `2023-03-31`, `3 working days before`."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from states.deadline_rules import Duration, Reminder, Unit
from states.errors import nearest
from states.sentences import Sentence, said

DURATION = r"[0-9]+ +(working days?|days?|weeks?|months?|years?)"
"""A duration as a regular expression, for the JSON Schema; what is wrong with one, `parse_duration` says."""

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
ON_THE_DAY = "on the day"

_UNITS = {spelling: unit for unit in Unit for spelling in (unit.value, unit.value[:-1])}
_PARTS = re.compile(r"([0-9]+) *(.*)", re.DOTALL)

# Nothing a city plans lies further ahead, and date arithmetic stays within the years that dates can have.
_MOST = {Unit.WORKING_DAYS: 25_000, Unit.DAYS: 36_525, Unit.WEEKS: 5_200, Unit.MONTHS: 1_200, Unit.YEARS: 100}


def parse_duration(text: str) -> Duration:
    """The duration that `text` names: a whole number from 0 and a unit, `1 year`, `10 working days`.

    Raises ValueError with a sentence that says what would be right.
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        raise ValueError(
            Sentence(
                f"„{text}“ ist keine Dauer. Schreiben Sie Zahl und Einheit: 10 working days, 6 weeks, 1 year.",
                f"{text!r} is not a duration. Write a whole number and a unit: 10 working days, 6 weeks, 1 year.",
            )
        )
    digits, spelling = parts[1], " ".join(parts[2].split())
    unit = _UNITS.get(spelling)
    if unit is None:
        known = [one.value for one in Unit]
        unit_told = (
            Sentence(f"kennt die Einheit „{spelling}“ nicht", f"does not know the unit {spelling!r}")
            if spelling
            else Sentence("hat keine Einheit", "has no unit")
        )
        raise ValueError(
            said(
                "Die Dauer „{text}“ {told}. {hint}",
                "The duration {text!r} {told}. {hint}",
                text=text,
                told=unit_told,
                hint=nearest(spelling, known) if spelling else _choice(known),
            )
        )
    if len(digits) > 6 or int(digits) > _MOST[unit]:
        raise ValueError(
            Sentence(
                f"Die Dauer „{text}“ ist länger als hundert Jahre. Schreiben Sie höchstens {_MOST[unit]} {unit.value}.",
                f"The duration {text!r} is longer than a hundred years. Write at most {_MOST[unit]} {unit.value}.",
            )
        )
    return Duration(int(digits), unit)


def parse_date(text: str) -> date:
    """The calendar day `text` as ISO 8601 writes it, `2023-03-31`. Raises ValueError with what would be right."""
    if re.fullmatch(DATE, text) is None:
        raise ValueError(
            Sentence(
                f"„{text}“ ist kein Datum. Schreiben Sie Jahr-Monat-Tag: 2023-03-31.",
                f"{text!r} is not a date. Write year-month-day: 2023-03-31.",
            )
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            Sentence(
                f"Den Tag {text} gibt es nicht. Schreiben Sie Jahr-Monat-Tag: 2023-03-31.",
                f"There is no day {text}. Write year-month-day: 2023-03-31.",
            )
        ) from None


def parse_day(text: str) -> date | tuple[int, int]:
    """A day of every year, `12-24`, as month and day; or one date, `2026-05-15`. Raises ValueError."""
    if re.fullmatch(DATE, text) is not None:
        return parse_date(text)
    if re.fullmatch("[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError(
            Sentence(
                f"„{text}“ ist kein Tag. Schreiben Sie Monat-Tag für jedes Jahr, 12-24, oder ein Datum, 2026-05-15.",
                f"{text!r} is not a day. Write month-day for every year, 12-24, or one date, 2026-05-15.",
            )
        )
    try:
        day = date.fromisoformat(f"2028-{text}")  # a leap year
    except ValueError:
        raise ValueError(
            Sentence(
                f"Den Tag {text} gibt es nicht. Schreiben Sie Monat-Tag: 12-24.",
                f"There is no day {text}. Write month-day: 12-24.",
            )
        ) from None
    return day.month, day.day


def parse_moment(text: str) -> Duration | date:
    """What `due:` may say in one line: a duration from the entry into the state, or a fixed date. Raises ValueError."""
    return parse_date(text) if re.match(r"[0-9]+-", text) else parse_duration(text)


def parse_reminder(text: str) -> Reminder:
    """`3 working days before` or `on the day`. Raises ValueError with what would be right."""
    words = " ".join(text.split())
    if words == ON_THE_DAY:
        return Reminder(before=None)
    length = words.removesuffix(" before")
    if length == words:
        raise ValueError(
            Sentence(
                f"„{text}“ sagt nicht, wann erinnert wird. Schreiben Sie 3 working days before oder on the day.",
                f"{text!r} does not say when to remind. Write 3 working days before, or on the day.",
            )
        )
    return Reminder(before=parse_duration(length))


def parse_zone(text: str) -> ZoneInfo:
    """The time zone of that name in the IANA database, `Europe/Berlin`. Raises ValueError with what would be right."""
    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):  # a path, an unknown name, a folder of zones
        near = nearest(text, sorted(available_timezones()))
        example = Sentence("Schreiben Sie eine wie Europe/Berlin.", "Write one as Europe/Berlin.")
        hint = near if near.startswith("Did") else example
        raise ValueError(
            said(
                "Die Zeitzone „{text}“ gibt es nicht. {hint}",
                "There is no time zone {text!r}. {hint}",
                text=text,
                hint=hint,
            )
        ) from None


def _choice(known: list[str]) -> Sentence:
    return said("Ergänzen Sie eine von: {known}.", "Add one of: {known}.", known=known)
