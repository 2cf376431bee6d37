"""What differs between two lifecycles: entries added, removed and changed, each change by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from states.lifecycle import GuardUse, Lifecycle

SECTIONS = ("roles", "stages", "states", "transitions", "records", "links")
SINGLE = (
    "label", "calendar", "initial", "create", "created_by", "correct", "extend", "sheet", "support", "documents",
    "submission", "ranking", "agenda", "transfer",
)  # fmt: skip
LEFT_OUT = frozenset({"key", "place", "guard"})
"""What says where an entry stands, and nothing of what it means."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. `path` is within the entry; `before` or `after` is None where there is none."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry of a section (or, with the section "lifecycle", a top-level key) that is not the same in both.

    what: added, removed or changed. `changes` tells what, of a changed one.
    """

    section: str
    key: str
    what: str
    changes: tuple[Change, ...] = ()


def differences(before: Lifecycle, after: Lifecycle) -> tuple[Difference, ...]:
    """Everything that was added, removed or changed on the way from `before` to `after`, in the order of a file."""
    return (*_single(before, after), *(one for section in SECTIONS for one in _section(section, before, after)))


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs between two versions of a record's data, by the path of each value."""
    return tuple(_changes("", before, after))


def _single(before: Lifecycle, after: Lifecycle) -> Iterator[Difference]:
    for key in SINGLE:
        if changes := tuple(_changes("", _plain(getattr(before, key)), _plain(getattr(after, key)))):
            yield Difference("lifecycle", key, "changed", changes)


def _section(section: str, before: Lifecycle, after: Lifecycle) -> Iterator[Difference]:
    old, new = getattr(before, section), getattr(after, section)
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            yield Difference(section, key, "removed")
        elif key not in old:
            yield Difference(section, key, "added")
        elif changes := tuple(_changes("", _plain(old[key]), _plain(new[key]))):
            yield Difference(section, key, "changed", changes)


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key))
    elif before != after:
        yield Change(path, before, after)


def _plain(value: Any) -> Any:
    """The value as JSON: of a list of entries with keys, a mapping by key, so that a new order is no change."""
    if isinstance(value, GuardUse):
        return {value.name: _plain(value.params)}
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {name: one for name, one in named.items() if name not in LEFT_OUT}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if isinstance(value, (list, tuple)):
        if value and all(is_dataclass(one) and hasattr(one, "key") for one in value):
            return {one.key: _plain(one) for one in value}
        return [_plain(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
