"""Who does what on which day of the demonstration. Reads the YAML files; knows no database and no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml

FOLDER = Path(__file__).parent
DAY = re.compile(r"day([+-]\d+)")

OPENING = time(8)
BETWEEN_STEPS = timedelta(minutes=11)
BETWEEN_IDEAS = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Scene:
    """A step of one idea: the `n`th, at an aware moment. `step` is as ways.yaml says, with all names filled in."""

    moment: datetime
    idea: str
    n: int
    step: Mapping[str, Any]


def read(name: str) -> dict[str, Any]:
    """A YAML file of the demonstration."""
    return cast(dict[str, Any], yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.CSafeLoader))


def scenes(today: date, zone: ZoneInfo) -> list[Scene]:
    """All steps that lead up to `today`, in the order in which they happened."""
    ways, ideas = read("ways.yaml"), read("ideas.yaml")
    found = [scene for place, key in enumerate(ideas) for scene in _scenes(key, ideas[key], place, ways, today, zone)]
    return sorted(found, key=lambda scene: scene.moment)


def _scenes(
    key: str, idea: Mapping[str, Any], place: int, ways: Mapping[str, Any], today: date, zone: ZoneInfo
) -> Iterator[Scene]:
    day = today - timedelta(days=idea["start"])
    steps = [step for part in idea["goes"] for step in (ways[part] if isinstance(part, str) else [part])]
    for n, step in enumerate(steps, 1):
        day += timedelta(days=step.get("after", 0))
        moment = datetime.combine(_working_day(day), OPENING, zone) + place * BETWEEN_IDEAS + n * BETWEEN_STEPS
        yield Scene(moment, key, n, {name: _filled(value, idea, day) for name, value in step.items()})


def _working_day(day: date) -> date:
    """The day itself, or the Friday before it: nothing may happen in the future."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _filled(value: Any, idea: Mapping[str, Any], day: date) -> Any:
    """`value` with `$name` and `day+30` replaced, at any depth."""
    if isinstance(value, dict):
        return {key: _filled(one, idea, day) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, idea, day) for one in value]
    if isinstance(value, str) and value.startswith("$"):
        return _filled(idea[value[1:]], idea, day)
    if isinstance(value, str) and (found := DAY.fullmatch(value)):
        return _working_day(day + timedelta(days=int(found[1]))).isoformat()
    return value
