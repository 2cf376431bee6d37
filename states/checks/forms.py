"""Can every record kind be written, by somebody, somewhere, and can its fields be filled in?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from states.checks.subject import Subject, fault, value_fault
from states.document import Path
from states.errors import nearest
from states.faults import Fault
from states.lifecycle import ANYONE, Scope
from states.record_kinds import Column, Per, RecordKind
from states.sentences import Sentence, in_locale

_FITS = {
    "string": {"format", "pattern", "minLength", "maxLength"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "boolean": set(),
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties"},
}
_LIMITS = (
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
)
_COLUMNS = {
    Column.TITLE: ({"type": "string"}, "`type: string`"),
    Column.RELEASED: ({"type": "boolean"}, "`type: boolean`"),
    Column.CITIES: (
        {"type": "array"},
        Sentence(
            "eine Liste: `type: array`, `items: {type: string, format: city}`",
            "a list: `type: array`, `items: {type: string, format: city}`",
        ),
    ),
    Column.FIELDS: (
        {"type": "array"},
        Sentence(
            "eine Liste: `type: array`, `items: {type: string, format: field}`",
            "a list: `type: array`, `items: {type: string, format: field}`",
        ),
    ),
    Column.PROVENANCE: (
        {"type": "array"},
        Sentence(
            "eine Liste: `type: array`, `items: {type: string, format: provenance}`",
            "a list: `type: array`, `items: {type: string, format: provenance}`",
        ),
    ),
    Column.FUNDING: (
        {"type": "array"},
        Sentence(
            "eine Liste: `type: array`, `items: {type: string, format: funding}`",
            "a list: `type: array`, `items: {type: string, format: funding}`",
        ),
    ),
}


def forms(subject: Subject) -> Iterator[Fault]:
    """Record kinds that nobody can write, fields that nothing fits, a sheet without a title."""
    lifecycle = subject.lifecycle
    filled_by_moves = {move.form for move in lifecycle.transitions.values()} | {lifecycle.sheet}
    for kind in lifecycle.records.values():
        if subject.lost_in("records", kind.key):
            continue
        path: Path = ("records", kind.key)
        if not kind.write and kind.key not in filled_by_moves and not subject.lost("form"):
            message = Sentence(f"Niemand darf „{kind.key}“ schreiben.", f"Nobody may write record kind {kind.key!r}.")
            yield fault(
                "unwritable-record",
                path,
                message,
                Sentence(
                    f"Ergänzen Sie `write:` mit Rollen ({ANYONE} ist eine), oder streichen Sie die Art.",
                    f"Add `write:` with roles ({ANYONE} is one), or delete the kind.",
                ),
            )
        yield from _places(subject, kind, path)
        for field in kind.fields.values():
            yield from _schema(field.schema, (*path, "fields", field.key))
            yield from _column(field.sets, field.schema, (*path, "fields", field.key, "sets"))
    yield from _sheet(subject)
    yield from _creator(subject)


def _places(subject: Subject, kind: RecordKind, path: Path) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    for role in kind.write_only_in:
        at = kind.write.index(role)
        for position, state in enumerate(kind.write_only_in[role]):
            if kind.states and state not in kind.states and state in lifecycle.states:
                message = Sentence(
                    f"„{kind.key}“ lässt sich in „{state}“ nicht schreiben, also auch nicht durch die Rolle „{role}“.",
                    f"Record kind {kind.key!r} cannot be written in {state!r}, so role {role!r} cannot do it there.",
                )
                hint = Sentence(
                    "Ergänzen Sie den Zustand in `while:`, oder streichen Sie ihn bei der Rolle.",
                    "Add the state to `while:`, or take it from the role.",
                )
                yield value_fault("unwritable-record", (*path, "write", at, role, position), message, hint)
    if kind.visit and not subject.writable(kind.key):
        message = Sentence(
            f"„{kind.key}“ lässt sich nie schreiben: `while:` nennt keinen Zustand aus `visit:`.",
            f"Record kind {kind.key!r} can never be written: `while:` names no state of `visit:`.",
        )
        hint = Sentence(
            f"Ergänzen Sie {' oder '.join(kind.visit)} in `while:`, oder lassen Sie `visit:` weg: Es gilt dann weiter.",
            f"Add {' or '.join(kind.visit)} to `while:`, or leave `visit:` out: then a record holds for good.",
        )
        yield fault("unwritable-record", (*path, "visit"), message, hint)
    writers = [lifecycle.roles[role] for role in kind.write if role in lifecycle.roles]
    if writers and len(writers) == len(kind.write) and not any(role.key in subject.holdable for role in writers):
        message = Sentence(
            f"Niemand darf „{kind.key}“ schreiben: Niemand kann je {' oder '.join(kind.write)} sein.",
            f"Nobody may write record kind {kind.key!r}: nobody can ever be {' or '.join(kind.write)}.",
        )
        hint = Sentence(
            "Sagen Sie in `assign:` der Rolle, wer sie geben darf, oder nennen Sie eine andere Rolle.",
            "Say in `assign:` of the role who may give it to somebody, or name another role.",
        )
        yield value_fault("unwritable-record", (*path, "write"), message, hint)


def _schema(schema: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    kind = schema.get("type")
    if kind is None and "enum" not in schema:
        message = Sentence("Dieses Feld nennt keinen `type:`.", "This field says no `type:`.")
        hint = Sentence(
            "Schreiben Sie string, number, integer, boolean, array oder object.",
            "Write one of string, number, integer, boolean, array, object.",
        )
        yield fault("field-type", path, message, hint)
        return
    if kind is not None:
        for key in schema:
            if key in _KEYWORDS and key not in _FITS[kind]:
                owners = [one for one, keywords in _FITS.items() if key in keywords]
                message = Sentence(
                    f"`{key}` sagt nichts über einen Wert vom Typ {kind}.",
                    f"`{key}` says nothing about a value of type {kind}.",
                )
                yield fault(
                    "field-type",
                    (*path, key),
                    message,
                    Sentence(
                        f"Es gehört zu {' oder '.join(owners)}: Ändern Sie eins von beiden.",
                        f"It is for {' or '.join(owners)}: change one of the two.",
                    ),
                )
        fitting = _PYTHON[kind]
        for at, value in enumerate(schema.get("enum", ())):
            if not isinstance(value, fitting) or (isinstance(value, bool) and kind != "boolean"):
                message = Sentence(
                    f"Der Wert „{value}“ ist nicht vom Typ {kind}.", f"The value {value!r} is not of type {kind}."
                )
                place = (*path, "enum", value if "x-labels" in schema else at)
                yield value_fault(
                    "field-type",
                    place,
                    message,
                    Sentence(
                        "Ändern Sie Wert oder Typ; Text gehört in Anführungszeichen.",
                        "Change the value or the type; quote what is text.",
                    ),
                )
    for least, most in _LIMITS:
        if least in schema and most in schema and schema[least] > schema[most]:
            message = Sentence(
                f"Nichts passt: `{least}` {schema[least]} liegt über `{most}` {schema[most]}.",
                f"Nothing fits: `{least}` {schema[least]} is above `{most}` {schema[most]}.",
            )
            yield fault(
                "impossible-field",
                (*path, least),
                message,
                Sentence("Vertauschen oder berichtigen Sie sie.", "Swap or correct them."),
            )
    yield from _pattern(schema, path)
    if "items" in schema:
        yield from _schema(schema["items"], (*path, "items"))
    properties = schema.get("properties", {})
    for key, inner in properties.items():
        yield from _schema(inner, (*path, "properties", key))
    for at, key in enumerate(schema.get("required", ())):
        if key not in properties:
            place = (*path, "required", at)
            yield value_fault(
                "unknown-field",
                place,
                Sentence(f"Die Eigenschaft „{key}“ gibt es nicht.", f"There is no property {key!r}."),
                nearest(key, list(properties)),
            )


_KEYWORDS = set().union(*_FITS.values())
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _pattern(schema: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if "pattern" in schema:
        try:
            re.compile(schema["pattern"])
        except re.error as error:
            message = Sentence(
                f"Das ist kein regulärer Ausdruck: {error}.", f"This is not a regular expression: {error}."
            )
            yield value_fault(
                "impossible-field",
                (*path, "pattern"),
                message,
                Sentence(
                    "Berichtigen Sie ihn; vor ( [ . * + ? als Zeichen gehört ein Backslash.",
                    "Correct it; put a backslash before ( [ . * + ? meant as such.",
                ),
            )


def _column(column: Column | None, schema: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if column is None:
        return
    wanted, words = _COLUMNS[column]
    if any(schema.get(key) != value for key, value in wanted.items()):
        message = Sentence(
            f"Dieses Feld kann {column.value} des Vorgangs nicht halten: Der Typ passt nicht.",
            f"This field cannot keep the item's {column.value}: its type does not fit.",
        )
        yield value_fault(
            "field-type",
            path,
            message,
            Sentence(
                f"Machen Sie daraus {in_locale(words, 'de')}, oder streichen Sie `sets:`.",
                f"Make it {words}, or delete `sets:`.",
            ),
        )


def _sheet(subject: Subject) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    kind = lifecycle.records.get(lifecycle.sheet or "")
    if kind is None or subject.lost_in("records", kind.key):
        return
    title = kind.fields.get("title")
    if title is None or title.schema.get("type") != "string":
        message = Sentence(
            f"„{kind.key}“ wird beim Anlegen eines Vorgangs ausgefüllt, hat aber kein Textfeld `title`.",
            f"Record kind {kind.key!r} is filled when an item is created, but has no text field `title`.",
        )
        hint = Sentence(
            "Ergänzen Sie bei den Feldern `title: {type: string, required: true}`.",
            "Add `title: {type: string, required: true}` to its fields.",
        )
        yield fault("sheet-without-title", ("records", kind.key), message, hint)
    if kind.per is not Per.ITEM:
        message = Sentence(
            f"„{kind.key}“ wird beim Anlegen eines Vorgangs ausgefüllt, also einmal je Vorgang.",
            f"Record kind {kind.key!r} is filled when an item is created, so it is one an item.",
        )
        yield value_fault(
            "sheet-per-item",
            ("records", kind.key, "per"),
            message,
            Sentence("Schreiben Sie `per: item`.", "Write `per: item`."),
        )


def _creator(subject: Subject) -> Iterator[Fault]:
    creator = subject.lifecycle.roles.get(subject.lifecycle.created_by or "")
    if creator is not None and creator.scope is not Scope.ITEM:
        message = Sentence(
            f"Die Rolle „{creator.key}“ erhält, wer einen Vorgang anlegt; sie gilt also auf dem Vorgang.",
            f"Role {creator.key!r} is given to whoever creates an item, so it is one on the item.",
        )
        yield value_fault(
            "creator-scope",
            ("created_by",),
            message,
            Sentence(
                f"Geben Sie der Rolle „{creator.key}“ `scope: item`.", f"Give role {creator.key!r} `scope: item`."
            ),
        )
