"""Holds the data of a record to its kind's JSON Schema, and says in both languages what is wrong where.

Only what every JSON reader and both databases keep exactly gets in: no NUL, no lone surrogate, no number that RFC 8785
cannot write (RFC 8785 § 3.2.2.3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from states import wording
from states.blockers import Blocker, blocker
from states.durations import parse_date
from states.guards.dates import last_day
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import RecordKind
from states.sentences import Text

LONGEST_TEXT = 20_000
"""Characters of a reason or a comment; the texts of records have limits of their own."""

DEEPEST = 16
EXACT = 2**53 - 1
QUOTED = 60  # characters of a wrong value that a message repeats

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URI = re.compile(r"https?://[^\s/]+(/\S*)?", re.IGNORECASE)
_ITEM = re.compile(r"[0-9]{4}-[0-9]{4,}")
_KEPT_BY_NO_DATABASE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> bool:
    """Whether a text can be kept exactly: no NUL, no half of a character."""
    return _KEPT_BY_NO_DATABASE.search(text) is None


def checked(
    lifecycle: Lifecycle, programme: Programme, kind: RecordKind, data: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Blocker]]:
    """The fields of `data` that are right, without those that say nothing, and a blocker for each fault.

    An empty text, an empty list and null say nothing: they are as if they were not there.
    """
    given = {key: value for key, value in data.items() if value is not None and value not in ("", [])}
    faults = [fault for key, value in given.items() for fault in _unstorable(kind, value, (key,))]
    if not faults:
        validator = _validator(lifecycle, programme, kind)
        faults = [fault for error in validator.iter_errors(given) for fault in _explained(programme, kind, error)]
    wrong = {fault.params["path"].split(".")[0] for fault in faults}
    return {key: value for key, value in given.items() if key in kind.fields and key not in wrong}, faults


def _validator(lifecycle: Lifecycle, programme: Programme, kind: RecordKind) -> Draft202012Validator:
    """The kind's validator, made once for a lifecycle and programme."""
    known: dict[tuple[str, int], tuple[Programme, Draft202012Validator]]
    known = lifecycle.memo.setdefault("validators", {})
    found = known.get((kind.key, id(programme)))
    if found is None:
        schema = {
            "type": "object",
            "properties": {key: field.schema for key, field in kind.fields.items()},
            "required": [key for key, field in kind.fields.items() if field.required],
            "additionalProperties": False,
        }
        found = programme, Draft202012Validator(schema, format_checker=_formats(lifecycle, programme))
        known[kind.key, id(programme)] = found  # with the programme, so that its id stays its own
    return found[1]


def _formats(lifecycle: Lifecycle, programme: Programme) -> FormatChecker:
    checker = FormatChecker(formats=())
    tests: dict[str, Callable[[str], bool]] = {
        "date": _is_date,
        "partial_date": lambda value: last_day(value) is not None,
        "email": lambda value: len(value) <= 254 and _EMAIL.fullmatch(value) is not None,
        "uri": lambda value: _URI.fullmatch(value) is not None,
        "item": lambda value: _ITEM.fullmatch(value) is not None,
        "transition": lambda value: value in lifecycle.transitions,
        "city_or_unknown": lambda value: value == "unknown" or value in programme.cities,
    }
    tests |= {name: programme.vocabulary(name).__contains__ for name in VOCABULARIES}
    for name, test in tests.items():
        checker.checks(name)(partial(_holds, test))
    return checker


def _holds(test: Callable[[str], bool], value: object) -> bool:
    return not isinstance(value, str) or test(value)


def _is_date(value: str) -> bool:
    try:
        parse_date(value)
    except ValueError:
        return False
    return True


VOCABULARIES = ("city", "field", "body", "office", "provenance", "funding")

_FORMATS = {
    "date": Text("ein Datum wie 2026-06-09", "a date like 2026-06-09"),
    "partial_date": Text("ein Datum, so genau wie bekannt: 2026-06-09, 2026-06 oder 2026", "a date as exact as known: "
                         "2026-06-09, 2026-06 or 2026"),
    "email": Text("eine E-Mail-Adresse", "an e-mail address"),
    "uri": Text("eine Adresse, die mit https:// oder http:// beginnt", "an address that begins with https:// or http://"),
    "item": Text("eine Nummer wie 2026-0147", "a number like 2026-0147"),
    "transition": Text("ein Schritt dieses Ablaufs", "a transition of this lifecycle"),
}  # fmt: skip

_TYPES = {
    "string": Text("ein Text", "a text"),
    "number": Text("eine Zahl", "a number"),
    "integer": Text("eine ganze Zahl", "a whole number"),
    "boolean": Text("ja oder nein (true oder false)", "true or false"),
    "array": Text("eine Liste", "a list"),
    "object": Text("eine Gruppe von Angaben", "a group of values"),
}

_LIMITS = {
    "minimum": Text("mindestens {limit}", "at least {limit}"),
    "maximum": Text("höchstens {limit}", "at most {limit}"),
    "exclusiveMinimum": Text("mehr als {limit}", "more than {limit}"),
    "exclusiveMaximum": Text("weniger als {limit}", "less than {limit}"),
    "multipleOf": Text("ein Vielfaches von {limit}", "a multiple of {limit}"),
    "minLength": Text("mindestens {limit} Zeichen", "at least {limit} characters"),
    "maxLength": Text("höchstens {limit} Zeichen", "at most {limit} characters"),
    "minItems": Text("mindestens {limit} Einträge", "at least {limit} entries"),
    "maxItems": Text("höchstens {limit} Einträge", "at most {limit} entries"),
    "pattern": Text("ein Text nach dem Muster {limit}", "a text of the form {limit}"),
    "uniqueItems": Text("kein Eintrag doppelt", "no entry twice"),
}


def _explained(programme: Programme, kind: RecordKind, error: Any) -> Iterator[Blocker]:
    path = tuple(error.absolute_path)
    if error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield invalid(kind, (*path, key), Text(" fehlt.", " is missing."))
    elif error.validator == "additionalProperties":
        for key in error.instance:
            if key not in error.schema.get("properties", {}):
                known = wording.closest(key, [one for one in error.schema["properties"] if one not in error.instance])
                yield invalid(
                    kind,
                    (*path, key),
                    Text(
                        f" kennt das Formular nicht. Bekannt: {', '.join(known)}.",
                        f" is unknown to the form. Known: {', '.join(known)}.",
                    ),
                )
    else:
        wanted, said = _wanted(programme, kind, error), _shown(error.instance)
        yield invalid(
            kind,
            path,
            Text(
                f": „{said}“ ist nicht möglich. Erwartet: {wanted.de}.",
                f": “{said}” is not possible. Expected: {wanted.en}.",
            ),
        )


def _wanted(programme: Programme, kind: RecordKind, error: Any) -> Text:
    """What would be right in place of a wrong value."""
    limit = error.validator_value
    if error.validator == "type":
        types = [_TYPES[one] for one in ([limit] if isinstance(limit, str) else limit)]
        return Text(" oder ".join(one.de for one in types), " or ".join(one.en for one in types))
    if error.validator == "enum":
        return wording.choice([str(one) for one in limit], str(error.instance))
    if error.validator == "format":
        if limit in VOCABULARIES:
            return wording.choice(list(programme.vocabulary(limit)), error.instance)
        if limit == "city_or_unknown":
            return wording.choice([*programme.cities, "unknown"], error.instance)
        return _FORMATS[limit]
    words = _LIMITS.get(error.validator)
    if words is None:
        return Text(f"{error.validator} {limit}", f"{error.validator} {limit}")
    return Text(words.de.format(limit=limit), words.en.format(limit=limit))


def _shown(value: Any) -> str:
    """A wrong value as a message repeats it."""
    if isinstance(value, (list, Mapping)):
        return "[…]" if isinstance(value, list) else "{…}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


def invalid(kind: RecordKind, path: tuple[str | int, ...], fault: Text) -> Blocker:
    """The blocker for a fault in the data, with its path: `stations.0.body`."""
    name = _name(kind, path)
    return blocker(
        "invalid_data",
        "„{name}“{fault}",
        "“{name}”{fault}",
        name=name,
        fault=fault,
        record=kind.key,
        path=".".join(map(str, path)),
    )


def _name(kind: RecordKind, path: tuple[str | int, ...]) -> Text:
    """What the place in the form is called: the field, the place in its list, the property there."""
    if not path:
        return kind.label
    declared = kind.fields.get(str(path[0]))
    if declared is None:
        return Text(str(path[0]), str(path[0]))
    name, schema = declared.label, declared.schema
    for part in path[1:]:
        if isinstance(part, int):
            schema, label = schema.get("items", {}), Text(str(part + 1), str(part + 1))  # people count from one
        else:
            schema = schema.get("properties", {}).get(part, {})
            label = Text(**schema["x-label"]) if "x-label" in schema else Text(part, part)
        name = Text(f"{name.de} {label.de}", f"{name.en} {label.en}")
    return name


def _unstorable(kind: RecordKind, value: Any, path: tuple[str | int, ...]) -> Iterator[Blocker]:
    if len(path) > DEEPEST:
        yield invalid(kind, path, Text(" ist zu tief verschachtelt.", " is nested too deeply."))
    elif isinstance(value, str):
        if not storable(value):
            yield invalid(
                kind, path, Text(" enthält ein Zeichen, das kein Text ist.", " has a character that is no text.")
            )
    elif isinstance(value, (bool, type(None))):
        return
    elif isinstance(value, (int, float)):
        if abs(value) > EXACT if isinstance(value, int) else not math.isfinite(value):
            yield invalid(
                kind,
                path,
                Text(
                    " ist eine Zahl, die sich nicht genau speichern lässt.",
                    " is a number that cannot be kept exactly.",
                ),
            )
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _unstorable(kind, one, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from _unstorable(kind, one, (*path, index))
    else:
        yield invalid(kind, path, Text(" ist kein JSON-Wert.", " is not a JSON value."))
