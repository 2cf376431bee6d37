"""Holds data to a JSON Schema: what keeps to it, and in words what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from states.document import Path
from states.durations import parse_day, parse_duration, parse_moment, parse_reminder, parse_zone
from states.errors import nearest
from states.faults import Fault, capitalised, place_words, shown
from states.schema.parts import NAME
from states.sentences import Sentence, in_locale, said

_PARSERS: Mapping[str, Callable[[str], object]] = {
    "day": parse_day,
    "duration": parse_duration,
    "moment": parse_moment,
    "reminder": parse_reminder,
    "zone": parse_zone,
}
_TYPES = {
    "string": Sentence("einen Text", "a text"),
    "number": Sentence("eine Zahl", "a number"),
    "integer": Sentence("eine ganze Zahl", "a whole number"),
    "boolean": Sentence("true oder false", "true or false"),
    "array": Sentence("eine Liste (`[…]`, oder Zeilen mit `- `)", "a list (`[…]`, or lines with `- `)"),
    "object": Sentence("Schlüssel mit Werten (`key: value`)", "a mapping (`key: value`)"),
}
_SMALL, _LARGE = Sentence("klein", "small"), Sentence("groß", "large")
_BOUNDS = {
    "minimum": (_SMALL, Sentence("mindestens", "at least")),
    "exclusiveMinimum": (_SMALL, Sentence("mehr als", "more than")),
    "maximum": (_LARGE, Sentence("höchstens", "at most")),
    "exclusiveMaximum": (_LARGE, Sentence("weniger als", "less than")),
}
_YES_AND_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _parses(_validator: Any, kind: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        try:
            _PARSERS[kind](instance)
        except ValueError as error:
            yield ValidationError(str(error), cause=error)  # which says it in both languages


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
                message = said(
                    "Unbekannter Schlüssel „{key}“ in {where}.",
                    "Unknown key {key!r} in {where}.",
                    key=key,
                    where=place_words(path),
                )
                close = get_close_matches(str(key), free, n=1, cutoff=0.75)
                yield Fault("unknown-key", (*path, key), message, nearest(key, free), meant=close[0] if close else None)
    elif error.validator == "required":
        for key in schema["required"]:
            if key not in error.instance:
                wanted = schema.get("properties", {}).get(key, {})
                about = wanted.get("description", "")
                hint = Sentence(f"Ergänzen Sie `{key}:`.", f"Add `{key}:`. {about}".rstrip())
                message = said(
                    "In {where} fehlt der Schlüssel „{key}“.",
                    "The key {key!r} is missing in {where}.",
                    key=key,
                    where=place_words(path),
                )
                yield Fault("missing-key", path, message, hint)
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

_NAME_HINT = Sentence(
    "Nehmen Sie bis zu 64 Buchstaben, Ziffern, _ und -, ohne Umlaute und Leerzeichen.",
    "Use up to 64 letters, digits, _ and -, without umlauts and blanks.",
)


def _bad_name(name: Any) -> Sentence:
    return said("{name} ist kein Name.", "{name} is not a name.", name=shown(name))


def _choice(error: Any, path: Path, schema: Mapping[str, Any], root: Path) -> Iterator[Fault]:
    """The faults of the form that was meant: the one of the value's type. None such: all forms are named."""
    if all(option.keys() == {"required"} for option in schema["anyOf"]):
        options = Sentence(
            " oder ".join(" und ".join(option["required"]) for option in schema["anyOf"]),
            " or ".join(" and ".join(option["required"]) for option in schema["anyOf"]),
        )
        message = said("{where} sagt zu wenig.", "{where} says too little.", where=capitalised(place_words(path)))
        hint = said("Geben Sie {options} an.", "Give {options}.", options=options)
        yield Fault("missing-key", path, message, hint)
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
    yield Fault("value", path, message, _write(schema.get("x-expects", _ELSE)), value=True, broken=True)


_ELSE = Sentence("etwas anderes", "something else")


def _write(wanted: Any) -> Sentence:
    return said("Schreiben Sie {wanted}.", "Write {wanted}.", wanted=wanted)


def _wrong(error: Any, path: Path, schema: Mapping[str, Any]) -> tuple[Sentence, Sentence]:
    """What is wrong with a value, and what would be right."""
    value, limit = error.instance, error.validator_value
    what, where = shown(value), place_words(path)
    impossible = said(
        "{what} ist in {where} nicht möglich.",
        "{what} is not possible in {where}.",
        what=capitalised(what),
        where=where,
    )
    match error.validator:
        case "type":
            types = [limit] if isinstance(limit, str) else list(limit)
            wanted = Sentence(" oder ".join(_TYPES[one].de for one in types), " or ".join(_TYPES[one] for one in types))
            if "boolean" in types and isinstance(value, str) and value.lower() in _YES_AND_NO:
                message = said(
                    "{what} ist hier, in {where}, ein Text.",
                    "{what} is a text here, in {where}.",
                    what=what,
                    where=where,
                )
                return message, _write(_YES_AND_NO[value.lower()])
            if types == ["string"] and isinstance(value, (int, float)):
                message = said(
                    "{what} in {where} ist kein Text.",
                    "{what} in {where} is no text.",
                    what=capitalised(what),
                    where=where,
                )
                return message, Sentence(f'Setzen Sie Anführungszeichen: "{what}".', f'Put it in quotes: "{what}".')
            return _misplaced(value, where), _write(wanted)
        case "enum":
            return impossible, nearest(str(value), [str(one) for one in limit])
        case "const":
            hint = said(
                "Schreiben Sie {limit}, oder lassen Sie es weg.", "Write {limit}, or leave it out.", limit=shown(limit)
            )
            return impossible, hint
        case "x-parse":
            whole = error.cause.args[0]
            (message, _, hint), (german, _, besser) = whole.partition(". "), in_locale(whole, "de").partition(". ")
            return Sentence(f"{german}.", f"{message}."), Sentence(besser, hint)
        case "pattern":
            if limit == NAME:
                return _bad_name(value), _NAME_HINT
            if limit == r"\S":
                return (
                    said("Der Text in {where} ist leer.", "The text in {where} is empty.", where=where),
                    Sentence(
                        "Schreiben Sie einen, oder lassen Sie den Schlüssel weg.", "Write one, or leave the key out."
                    ),
                )
            like = Sentence(f"einen Text wie {limit}", f"a text like {limit}")
            return impossible, _write(schema.get("x-expects", like))
        case "minItems" | "minProperties":
            of = _of(schema.get("properties"))
            return (
                said("In {where} stehen zu wenige Einträge.", "There are too few entries in {where}.", where=where),
                said("Nötig sind {n} oder mehr{of}.", "It needs {n} or more{of}.", n=limit, of=of),
            )
        case "maxItems" | "maxProperties":
            return (
                said("In {where} stehen zu viele Einträge.", "There are too many entries in {where}.", where=where),
                said("Möglich sind höchstens {n}.", "It takes {n} at most.", n=limit),
            )
        case "uniqueItems":
            return (
                said("In {where} steht ein Eintrag zweimal.", "An entry stands twice in {where}.", where=where),
                Sentence("Behalten Sie einen davon.", "Keep one of them."),
            )
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            far, than = _BOUNDS[error.validator]
            message = said(
                "{what} ist in {where} zu {far}.",
                "{what} is too {far} in {where}.",
                what=capitalised(what),
                far=far,
                where=where,
            )
            return message, said("Schreiben Sie {than} {n}.", "Write {than} {n}.", than=than, n=limit)
    rule = f"{error.validator}: {limit}"
    return impossible, Sentence(f"Die Regel ist {rule}.", f"The rule is {rule}.")


def _of(known: Mapping[str, Any] | None) -> Sentence:
    names = ", ".join(known or ())
    return Sentence(f" von {names}", f" of {names}") if known else Sentence("", "")


def _misplaced(value: Any, where: Sentence) -> Sentence:
    if value is None:
        return said("In {where} fehlt der Wert.", "There is no value in {where}.", where=where)
    return said(
        "{what} kann nicht in {where} stehen.",
        "{what} cannot stand in {where}.",
        what=capitalised(shown(value)),
        where=where,
    )
