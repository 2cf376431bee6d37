"""What a calendar file may say, and the `WorkingCalendar` it describes; `loader.load_calendar` reads one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from states.assembly import text
from states.calendar import Closure, WorkingCalendar
from states.durations import DATE, parse_day
from states.errors import nearest
from states.faults import Fault
from states.schema import DRAFT, NAME, programme_schema
from states.sentences import Sentence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = ("saturday", "sunday")

# Further from Easter Sunday a day may lie in another year than Easter itself.
_EARLIEST, _LATEST = -80, 250


def calendar_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a calendar file."""
    label = {"$ref": "#/$defs/text", "description": "What it is called."}
    closure = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "day": {
                "type": "string",
                "pattern": f"^([0-9]{{2}}-[0-9]{{2}}|{DATE})$",
                "x-parse": "day",
                "description": "The day of every year, or the one date.",
            },
            "easter": {
                "type": "integer",
                "minimum": _EARLIEST,
                "maximum": _LATEST,
                "description": "Days after Easter Sunday, negative before it: Carnival Monday is -48.",
            },
            "label": label,
        },
    }
    return {
        "$schema": DRAFT,
        "title": "Calendar",
        "description": "Which days are working days.",
        "type": "object",
        "additionalProperties": False,
        "required": ["calendar", "country"],
        "properties": {
            "calendar": {"type": "string", "pattern": NAME, "description": "The key that lifecycles name."},
            "label": label,
            "country": {"type": "string", "description": "Whose public holidays are kept (ISO 3166-1): DE."},
            "subdivision": {"type": "string", "description": "The part of the country (ISO 3166-2): NW."},
            "weekend": {
                "type": "array",
                "maxItems": 6,
                "uniqueItems": True,
                "items": {"enum": list(WEEKDAYS)},
                "description": "The weekdays on which nobody works. Absent: saturday and sunday.",
            },
            "closures": {
                "type": "array",
                "items": closure,
                "description": "Days on which the house is closed although they are no public holidays.",
            },
        },
        "$defs": {"text": programme_schema()["$defs"]["text"]},
    }


def assemble_calendar(data: Mapping[str, Any]) -> WorkingCalendar:
    """The calendar that `data`, free of faults, describes."""
    key = data["calendar"]
    return WorkingCalendar(
        key=key,
        label=text(data.get("label", key)),
        country=data["country"],
        subdivision=data.get("subdivision"),
        weekend=frozenset(WEEKDAYS.index(day) for day in data.get("weekend", WEEKEND)),
        closures=tuple(_closure(entry) for entry in data.get("closures", ())),
    )


def calendar_faults(data: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a calendar file, `data`, beyond what its schema can see."""
    faults = _unknown_region(data)
    closures = data.get("closures")
    for number, entry in enumerate(closures if isinstance(closures, list) else []):
        if isinstance(entry, dict) and ("day" in entry) == ("easter" in entry):
            message = Sentence(
                f"Schließtag {number + 1} sagt nicht auf eine Weise, wann er ist.",
                f"Closure {number + 1} does not say in one way when it is.",
            )
            hint = Sentence(
                "Schreiben Sie entweder `day: 12-24` oder `easter: -48`.", "Write either `day: 12-24` or `easter: -48`."
            )
            faults.append(Fault("value", ("closures", number), message, hint))
    return faults


def _unknown_region(data: Mapping[str, Any]) -> list[Fault]:
    country, subdivision = data.get("country"), data.get("subdivision")
    if not isinstance(country, str) or _known_region(country, subdivision):
        return []
    from holidays import list_supported_countries

    countries = list_supported_countries()
    if country not in countries:
        message = Sentence(
            f"Für ein Land „{country}“ gibt es keine Feiertage.", f"There are no holidays for a country {country!r}."
        )
        return [Fault("unknown-region", ("country",), message, nearest(country, sorted(countries)), value=True)]
    if isinstance(subdivision, str) and subdivision not in countries[country]:
        message = Sentence(
            f"{country} hat keinen Landesteil „{subdivision}“.", f"{country} has no subdivision {subdivision!r}."
        )
        hint = nearest(subdivision, sorted(countries[country]))
        return [Fault("unknown-region", ("subdivision",), message, hint, value=True)]
    return []


def _known_region(country: str, subdivision: Any) -> bool:
    """Whether there are holidays for it. Listing what there is imports 250 countries, a fifth of a second."""
    from holidays import country_holidays

    try:
        country_holidays(country, subdiv=subdivision if isinstance(subdivision, str) else None)
    except NotImplementedError:
        return False
    return True


def _closure(entry: Mapping[str, Any]) -> Closure:
    label = text(entry.get("label", str(entry.get("day", entry.get("easter")))))
    if "day" not in entry:
        return Closure(label, easter=entry.get("easter"))
    day = parse_day(entry["day"])
    return Closure(label, on=day) if isinstance(day, date) else Closure(label, every=day)
