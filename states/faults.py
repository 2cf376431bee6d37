"""What is wrong with a file, by path; and the words in which a break of its JSON Schema is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, ValidationError, validators

from states.document import Document, Path
from states.durations import parse_day, parse_duration, parse_moment, parse_reminder, parse_zone
from states.errors import Finding, nearest
from states.schema.parts import NAME

_SECTIONS = {
    "roles": "role",
    "stages": "stage",
    "states": "state",
    "transitions": "transition",
    "records": "record kind",
    "links": "link",
    "fields": "field",
    "cities": "city",
    "bodies": "body",
    "offices": "office",
    "provenance": "kind of provenance",
    "funding": "source of funding",
    "values": "value",
}
_PARSERS: Mapping[str, Callable[[str], object]] = {
    "day": parse_day,
    "duration": parse_duration,
    "moment": parse_moment,
    "reminder": parse_reminder,
    "zone": parse_zone,
}
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list (`[…]`, or lines with `- `)",
    "object": "a mapping (`key: value`)",
}
_YES_AND_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}


class Fault(NamedTuple):
    """One fault: the check that found it, the path of the entry, what is wrong, what would be right.

    value: the place is the value's, not its key's.
    broken: the entry cannot be read, so it is left out when the rest of the file is checked.
    meant: the key that an unknown one is most likely a misspelling of; the rest is checked as if it stood there.
    """

    check: str
    path: Path
    message: str
    hint: str
    value: bool = False
    broken: bool = False
    meant: str | None = None

    def finding(self, document: Document) -> Finding:
        """The fault with its place in the file."""
        place = document.value_place(self.path) if self.value else document.place(self.path)
        return Finding(self.check, self.message, self.hint, place, ".".join(map(str, self.path)))


def _parses(_validator: Any, kind: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        try:
            _PARSERS[kind](instance)
        except ValueError as error:
            yield ValidationError(str(error))


def _unreadable(schema: Mapping[str, Any], text: str) -> bool:
    return "x-parse" in schema and any(_parses(None, schema["x-parse"], text, schema))


Validator: Any = validators.extend(Draft202012Validator, {"x-parse": _parses})  # type: ignore[no-untyped-call]
"""Draft 2020-12 with `x-parse`: a text that `durations.py` reads."""


def held_to(validator: Any, data: Any, root: Path = ()) -> tuple[Any, list[Fault]]:
    """The part of `data` that keeps to the validator's schema, and the faults of the rest.

    root: the path of `data` in the file. Misspelt keys are put right; what is broken is left out, all of it at worst
    (then None); keys that are missing stay missing.
    """
    faults = _faults(validator, data, root)
    misspelt = {fault.path: fault.meant for fault in faults if fault.meant is not None}
    if misspelt:
        data = _without(data, root, frozenset(), misspelt)
        faults = [*(fault for fault in faults if fault.meant is not None), *_faults(validator, data, root)]
    broken = frozenset(fault.path for fault in faults if fault.broken)
    return _without(data, root, broken, {}) if broken else data, faults


def _faults(validator: Any, data: Any, root: Path) -> list[Fault]:
    faults = (fault for error in validator.iter_errors(data) for fault in _explained(error, root))
    return list(dict.fromkeys(faults))


def _without(data: Any, path: Path, broken: frozenset[Path], misspelt: Mapping[Path, str]) -> Any:
    if path in broken:
        return None
    if isinstance(data, dict):
        inner = ((key, (*path, key)) for key in data)
        return {
            misspelt.get(at, key): _without(data[key], at, broken, misspelt) for key, at in inner if at not in broken
        }
    if isinstance(data, list):
        entries = (((*path, index), entry) for index, entry in enumerate(data))
        return [_without(entry, at, broken, misspelt) for at, entry in entries if at not in broken]
    return data


def place_words(path: Sequence[str | int]) -> str:
    """A path in words: `field 'cost' of record kind 'sheet'`."""
    words: list[str] = []
    rest = list(path)
    while rest:
        match rest:
            case [section, str(name), *inner] if section in _SECTIONS:
                words.append(f"{_SECTIONS[str(section)]} {name!r}")
            case ["guards" | "when", int(), str(name), *inner]:
                words.append(f"guard {name!r}")
            case [key, int(at), *inner]:
                words.append(f"{key} {at + 1}")  # people count from one
            case [key, *inner]:
                words.append(f"{key}")
        rest = inner
    return " of ".join(reversed(words)) or "the file"


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…'"


def _explained(error: Any, root: Path) -> Iterator[Fault]:
    path: Path = (*root, *error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if "propertyNames" in error.absolute_schema_path:
        yield Fault("name", (*path, error.instance), _bad_name(error.instance), _NAME_HINT, broken=True)
    elif error.validator == "anyOf":
        yield from _choice(error, path, schema, root)
    elif error.validator == "additionalProperties" and schema["additionalProperties"] is False:
        known = schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                free = [name for name in known if name not in error.instance]
                message = f"Unknown key {key!r} in {place_words(path)}."
                close = get_close_matches(str(key), free, n=1, cutoff=0.75)
                yield Fault("unknown-key", (*path, key), message, nearest(key, free), meant=close[0] if close else None)
    elif error.validator == "required":
        for key in schema["required"]:
            if key not in error.instance:
                wanted = schema.get("properties", {}).get(key, {})
                hint = f"Add `{key}:`. {wanted.get('description', '')}".rstrip()
                yield Fault("missing-key", path, f"The key {key!r} is missing in {place_words(path)}.", hint)
    elif error.validator == "pattern" and _unreadable(schema, error.instance):
        return  # x-parse says it better
    else:
        message, hint = _wrong(error, path, schema)
        check = _check(error, schema)
        yield Fault(check, path, message, hint, value=True, broken=error.validator not in _HARMLESS)


def _check(error: Any, schema: Mapping[str, Any]) -> str:
    if "x-parse" in schema:
        return "unknown-zone" if schema["x-parse"] == "zone" else "bad-duration"
    return "name" if error.validator == "pattern" and error.validator_value == NAME else "value"


_HARMLESS = frozenset({"uniqueItems", "maxProperties"})
"""Keywords whose break leaves an entry that the rest of the checks can read."""

_NAME_HINT = "Use up to 64 letters, digits, _ and -, without umlauts and blanks."


def _bad_name(name: Any) -> str:
    return f"{shown(name)} is not a name."


def _choice(error: Any, path: Path, schema: Mapping[str, Any], root: Path) -> Iterator[Fault]:
    """The faults of the form that was meant: the one of the value's type. None such: all forms are named."""
    if all(option.keys() == {"required"} for option in schema["anyOf"]):
        options = " or ".join(" and ".join(option["required"]) for option in schema["anyOf"])
        yield Fault("missing-key", path, f"{_capital(place_words(path))} says too little.", f"Give {options}.")
        return
    forms: dict[int, list[Any]] = {}
    for inner in error.context or ():
        forms.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    for faults in forms.values():
        if not any(inner.validator == "type" and not inner.relative_path for inner in faults):
            for inner in faults:
                yield from _explained(inner, root)
            return
    message = _misplaced(error.instance, place_words(path))
    yield Fault("value", path, message, f"Write {schema.get('x-expects', 'something else')}.", value=True, broken=True)


def _wrong(error: Any, path: Path, schema: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a value, and what would be right."""
    value, limit = error.instance, error.validator_value
    said, where = shown(value), place_words(path)
    match error.validator:
        case "type":
            types = [limit] if isinstance(limit, str) else list(limit)
            wanted = " or ".join(_TYPES[one] for one in types)
            if "boolean" in types and isinstance(value, str) and value.lower() in _YES_AND_NO:
                return f"{said} is a text here, in {where}.", f"Write {_YES_AND_NO[value.lower()]}."
            if types == ["string"] and isinstance(value, (int, float)):
                return f"{_capital(said)} in {where} is no text.", f'Put it in quotes: "{said}".'
            return _misplaced(value, where), f"Write {wanted}."
        case "enum":
            return f"{_capital(said)} is not possible in {where}.", nearest(str(value), [str(one) for one in limit])
        case "const":
            return f"{_capital(said)} is not possible in {where}.", f"Write {shown(limit)}, or leave it out."
        case "x-parse":
            sentence, _, hint = error.message.partition(". ")
            return f"{sentence}.", hint
        case "pattern":
            if limit == NAME:
                return _bad_name(value), _NAME_HINT
            if limit == r"\S":
                return f"The text in {where} is empty.", "Write one, or leave the key out."
            return (
                f"{_capital(said)} is not possible in {where}.",
                f"Write {schema.get('x-expects', f'a text like {limit}')}.",
            )
        case "minItems" | "minProperties":
            known = schema.get("properties")
            return f"There are too few entries in {where}.", f"It needs {limit} or more{_of(known)}."
        case "maxItems" | "maxProperties":
            return f"There are too many entries in {where}.", f"It takes {limit} at most."
        case "uniqueItems":
            return f"An entry stands twice in {where}.", "Keep one of them."
        case "minimum" | "exclusiveMinimum":
            return (
                f"{_capital(said)} is too small in {where}.",
                f"Write {'at least' if error.validator == 'minimum' else 'more than'} {limit}.",
            )
        case "maximum" | "exclusiveMaximum":
            return (
                f"{_capital(said)} is too large in {where}.",
                f"Write {'at most' if error.validator == 'maximum' else 'less than'} {limit}.",
            )
    return f"{_capital(said)} is not possible in {where}.", f"The rule is {error.validator}: {limit}."


def _of(known: Mapping[str, Any] | None) -> str:
    return f" of {', '.join(known)}" if known else ""


def _misplaced(value: Any, where: str) -> str:
    return f"There is no value in {where}." if value is None else _capital(f"{shown(value)} cannot stand in {where}.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
