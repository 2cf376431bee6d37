"""From what was typed to the data of a record, and back.

What cannot be read stays as it was typed: the schema then says what is wrong with it, at its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ideenweg.web.record_forms.numbers import day, day_shown, number, shown
from states.record_kinds import RecordKind

PREFIX = "f"

Typed = Mapping[str, Sequence[str]]
"""Name of a box -> what was typed or ticked there."""

Schema = Mapping[str, Any]

CHOSEN = ("city", "city_or_unknown", "field", "body", "office", "provenance", "funding", "transition")
"""The formats that are chosen from a list."""


def name_of(*parts: object) -> str:
    """The name of the box at a path: `f.stations.0.body`."""
    return ".".join(map(str, (PREFIX, *parts)))


def is_choice(schema: Schema) -> bool:
    """Whether one of a few known values is meant."""
    return "enum" in schema or schema.get("type") == "boolean" or schema.get("format") in CHOSEN


def ticked(schema: Schema) -> bool:
    """Whether a list is a set of boxes to tick, and no rows."""
    return schema.get("type") == "array" and is_choice(schema.get("items", {}))


def data_of(kind: RecordKind, typed: Typed, locale: str) -> dict[str, Any]:
    """The data that was typed, without what was left empty."""
    tidy = without_gaps(kind, typed)
    found = {key: _read(field.schema, name_of(key), tidy, locale) for key, field in kind.fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def typed_of(kind: RecordKind, data: Mapping[str, Any], locale: str) -> dict[str, list[str]]:
    """What would have been typed for `data`; fields that the kind does not have are left out."""
    found: dict[str, list[str]] = {}
    for key, field in kind.fields.items():
        if key in data:
            _write(field.schema, name_of(key), data[key], locale, found)
    return found


def without_gaps(kind: RecordKind, typed: Typed, *, drop: str = "") -> dict[str, list[str]]:
    """What was typed, its rows numbered from 0 without the empty ones and the row `drop`.

    So the rows have the numbers that blockers name.
    """
    kept = {
        name: list(values)
        for name, values in typed.items()
        if name.startswith(f"{PREFIX}.") and not (drop and _within(name, drop)) and any(values)
    }
    for key, field in kind.fields.items():
        kept = _closed_up(field.schema, name_of(key), kept)
    return kept


def word(value: object) -> str:
    """The value of a choice as a form sends it."""
    return value if isinstance(value, str) else json.dumps(value)


# --- one value --------------------------------------------------------------------------------------------------------


def _read(schema: Schema, name: str, typed: Typed, locale: str) -> Any:
    match schema.get("type"):
        case "object":
            parts = {
                key: _read(inner, f"{name}.{key}", typed, locale) for key, inner in schema.get("properties", {}).items()
            }
            return {key: value for key, value in parts.items() if value is not None} or None
        case "array" if ticked(schema):
            return [_value(schema["items"], one, locale) for one in typed.get(name, ()) if one] or None
        case "array":
            rows = [_read(schema.get("items", {}), f"{name}.{row}", typed, locale) for row in rows_of(name, typed)]
            return [row for row in rows if row is not None] or None
        case _:
            text = next(iter(typed.get(name, ())), "").strip()
            return _value(schema, text, locale) if text else None


def _value(schema: Schema, text: str, locale: str) -> Any:
    if "enum" in schema:
        return next((one for one in schema["enum"] if word(one) == text), text)
    match schema.get("type"), schema.get("format"):
        case "boolean", _:
            return {"true": True, "false": False}.get(text, text)
        case (("number" | "integer"), _):
            return number(text, locale)
        case _, ("date" | "partial_date"):
            return day(text)
        case _:
            return text


def _write(schema: Schema, name: str, value: Any, locale: str, found: dict[str, list[str]]) -> None:
    if ticked(schema) and isinstance(value, list):
        found[name] = [word(one) for one in value]
    elif isinstance(value, list):
        for row, one in enumerate(value):
            _write(schema.get("items", {}), f"{name}.{row}", one, locale, found)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _write(schema.get("properties", {}).get(key, {}), f"{name}.{key}", one, locale, found)
    elif isinstance(value, str) and schema.get("format") == "partial_date":
        found[name] = [day_shown(value, locale)]
    elif value is not None:
        plain = isinstance(value, (int, float)) and not isinstance(value, bool) and "enum" not in schema
        found[name] = [shown(value, locale) if plain else word(value)]


# --- rows -------------------------------------------------------------------------------------------------------------


def rows_of(name: str, typed: Typed) -> list[int]:
    """The numbers of the rows of a list in which something was typed."""
    return sorted(set(_numbers(name, typed)))


def _numbers(name: str, typed: Typed) -> Iterator[int]:
    for one in typed:
        if one.startswith(f"{name}."):
            row = one[len(name) + 1 :].split(".")[0]
            if row.isascii() and row.isdigit():
                yield int(row)


def _closed_up(schema: Schema, name: str, typed: dict[str, list[str]]) -> dict[str, list[str]]:
    if schema.get("type") == "object":
        for key, inner in schema.get("properties", {}).items():
            typed = _closed_up(inner, f"{name}.{key}", typed)
    elif schema.get("type") == "array" and not ticked(schema):
        places = {str(row): str(place) for place, row in enumerate(rows_of(name, typed))}
        typed = dict(_renumbered(name, places, typed))
        for place in places.values():
            typed = _closed_up(schema.get("items", {}), f"{name}.{place}", typed)
    return typed


def _renumbered(name: str, places: Mapping[str, str], typed: Typed) -> Iterator[tuple[str, list[str]]]:
    for one, values in typed.items():
        if one.startswith(f"{name}."):
            row, *rest = one[len(name) + 1 :].split(".")
            one = ".".join((name, places.get(row.lstrip("0") or "0", row), *rest))
        yield one, list(values)


def _within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")
