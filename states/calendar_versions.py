"""A working-day calendar as it was computed once: as text that keeps it whatever the library says later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from states.calendar import Closure, WorkingCalendar
from states.sentences import Text


@dataclass(frozen=True, slots=True)
class Difference:
    """The days off that a calendar gains and loses against another one, with their names."""

    added: Mapping[date, Text]
    removed: Mapping[date, Text]
    weekend: bool = False  # the days of the weekend are others

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.weekend)


def computed(calendar: WorkingCalendar, first: int, last: int) -> WorkingCalendar:
    """The calendar with the days off of the years from `first` to `last` worked out and kept."""
    return replace(calendar, kept={year: calendar.days_off(year) for year in range(first, last + 1)})


def written(calendar: WorkingCalendar) -> str:
    """A `computed` calendar as JSON. Years that it does not keep are computed anew by whoever reads it."""
    told = {
        "key": calendar.key,
        "label": _both(calendar.label),
        "country": calendar.country,
        "subdivision": calendar.subdivision,
        "weekend": sorted(calendar.weekend),
        "closures": [
            {
                "label": _both(one.label),
                "every": one.every,
                "easter": one.easter,
                "on": one.on.isoformat() if one.on else None,
            }
            for one in calendar.closures
        ],
        "days": {
            str(year): {day.isoformat(): _both(name) for day, name in days.items()}
            for year, days in calendar.kept.items()
        },
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(source: str) -> WorkingCalendar:
    """The calendar that `written` wrote."""
    told: dict[str, Any] = json.loads(source)
    return WorkingCalendar(
        key=told["key"],
        label=Text(*told["label"]),
        country=told["country"],
        subdivision=told["subdivision"],
        weekend=frozenset(told["weekend"]),
        closures=tuple(
            Closure(
                Text(*one["label"]),
                tuple(one["every"]) if one["every"] else None,
                one["easter"],
                date.fromisoformat(one["on"]) if one["on"] else None,
            )
            for one in told["closures"]
        ),
        kept={
            int(year): {date.fromisoformat(day): Text(*name) for day, name in days.items()}
            for year, days in told["days"].items()
        },
    )


def difference(old: WorkingCalendar, new: WorkingCalendar) -> Difference:
    """What `new` says otherwise than `old` of the years that `new` keeps."""
    before = {day: name for year in new.kept for day, name in old.days_off(year).items()}
    after = {day: name for year in new.kept for day, name in new.days_off(year).items()}
    return Difference(
        {day: name for day, name in after.items() if day not in before},
        {day: name for day, name in before.items() if day not in after},
        old.weekend != new.weekend,
    )


def _both(text: Text) -> list[str]:
    return [text.de, text.en]
