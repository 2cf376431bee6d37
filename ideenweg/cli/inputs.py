"""What people hand in: data files, moments and days. Whatever cannot be read is told with its place."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from click.shell_completion import CompletionItem

from workflow.errors import BadInput

F = TypeVar("F", bound=Callable[..., Any])

STDIN = "-"
SAID = {
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing, or a comma is too many",
    "Illegal trailing comma before end of object": "a comma is too many",
    "Illegal trailing comma before end of array": "a comma is too many",
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Invalid control character at": "a text does not end before its line does",
    "Unterminated string starting at": "a text does not end",
    "Extra data": "something follows behind the end",
}
"""What the json module says, in words for people."""
STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A JSON object as somebody wrote it: `name` is its path or "stdin"."""

    name: str
    text: str
    data: dict[str, Any]

    def place(self, path: str) -> str:
        """`file:line:column` of an entry such as `milestones[2].date`, or of what stands nearest around it."""
        from states.document import read

        document, _ = read(self.text)  # JSON is YAML, and that reader knows where everything stands
        steps = tuple(int(step) if step.isdigit() else step for step in STEP.findall(path))
        place = document.place(steps)
        return f"{self.name}:{place.line}:{place.column}"


def read_data(source: str) -> DataFile:
    """The JSON object in a file, or on stdin for `-`. Raises BadInput with the place of what is wrong."""
    name = "stdin" if source == STDIN else source
    text = _text(source, name)
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"this is not JSON: {SAID.get(error.msg, error.msg)}.",
            f"{name}:{error.lineno}:{error.colno}",
            remedy="Look at the quotes, commas and brackets around here.",
        ) from None
    except ValueError as error:
        raise BadInput(str(error), name) from None
    except RecursionError:
        raise BadInput("this is nested too deeply.", name) from None
    if not isinstance(data, dict):
        raise BadInput("this is no JSON object.", f"{name}:1:1", remedy='Write {"title": "…"}.')
    return DataFile(name, text, data)


def _text(source: str, name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        raise BadInput(
            f"{name} cannot be read: {error.strerror}.", remedy="Name a JSON file, or - for stdin."
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadInput("this is not UTF-8 text.", f"{name}:{line}", remedy="Save the file as UTF-8.") from None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object. Keep one of them.")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number.")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"the number {text[:30]} is too large.")
    return number


class Day(click.ParamType[date]):
    """A calendar day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day. Write it as 2026-06-09.", param, ctx)


class Moment(click.ParamType[datetime | date]):
    """A moment in ISO 8601, or a whole day. Without an offset it is meant in the programme's zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | date:
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time. Write it as 2026-06-09T14:00+02:00, or 2026-06-09.", param, ctx)


def begins(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """The aware moment meant; of a day, its first."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def ends(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """The aware moment meant, exclusive; of a day, the first of the next one."""
    return begins(moment if isinstance(moment, datetime) else moment + timedelta(days=1), zone)


def narrowed(command: F) -> F:
    """The options that narrow items down by a key, as every list of them has them."""
    for name in ("funding", "provenance", "city", "field", "stage", "state"):
        about = "A field of action." if name == "field" else None
        command = click.option(f"--{name}", metavar="KEY", help=about)(command)
    return command


class OneOf(click.ParamType[str]):
    """One of a set of names; another one is told the nearest."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = [str(one) for one in known]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.known:
            from states.errors import nearest

            self.fail(f"There is no {self.name} {value!r}. {nearest(value, self.known)}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(one) for one in self.known if one.startswith(incomplete)]
