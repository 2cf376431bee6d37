"""The JSON Schemas (2020-12) of the mapping files: one for tables of ideas, one for logs of another tool.

docs/importing.md tells the grammar with examples. As in `states/schema.py`, `x-expects` is what messages quote.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from states.sentences import Sentence

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
COLUMN: Schema = {"type": "string", "minLength": 1, "description": "A column of the table."}
COLUMNS: Schema = {**TEXTS, "description": "Columns of the table."}

ORIGINS = ("constant", "column", "columns", "template")
"""Where a rule's value comes from; a rule has exactly one of these."""


def _closed(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _value(what: str) -> Schema:
    """A value as records hold it; an object or list in it is the business of the field it goes to."""
    kinds = ["string", "number", "boolean", "array", "object"]
    return {"type": kinds, "description": what}


def _rule() -> Schema:
    return {
        "x-expects": Sentence("eine Regel wie {column: …}", "a rule such as {column: …}"),
        **_closed(
            {
                "constant": _value("The same for every row."),
                "column": COLUMN,
                "columns": COLUMNS,
                "join": {"type": "string", "description": "What stands between the texts of several columns."},
                "template": {**TEXT, "description": "A text with column names in braces."},
                "empty": {**TEXTS, "description": "Texts that count as nothing."},
                "default": _value("Where there is nothing."),
                "split": {**TEXT, "description": "What stands between several values in one cell."},
                "map": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": _value("What the text becomes."),
                    "description": "By text; a value may be {value: …, note: …}.",
                },
                "otherwise": _value("For a text that the map does not know."),
                "format": {
                    "description": "How dates are written, in the words of strptime.",
                    "x-expects": Sentence(
                        "ein Format wie %d.%m.%Y, oder eine Liste davon", "a format such as %d.%m.%Y, or a list of them"
                    ),
                    "anyOf": [TEXT, TEXTS],
                },
                "decimal": {"enum": [",", "."], "description": "Which of the two stands before the fraction."},
            }
        ),
    }


def _rules(what: str) -> Schema:
    return {"type": "object", "additionalProperties": _rule(), "description": what}


def _source(key: bool) -> Schema:
    properties: Schema = {
        "name": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\\n)",
            "x-expects": Sentence(
                "einen Namen aus Buchstaben, Ziffern, Punkten, _ und -", "a name of letters, digits, dots, _ and -"
            ),
            "description": "Names the table for good: its rows are imported once.",
        },
        "encoding": {**TEXT, "description": "Of a CSV file: a name such as cp1252; auto where it is absent."},
        "delimiter": {"type": "string", "minLength": 1, "description": "Of a CSV file: a character, or auto."},
        "worksheet": {**TEXT, "description": "Of an XLSX file; absent: the first one."},
    }
    if key:
        properties["key"] = {**COLUMNS, "description": "The columns that tell the rows apart. Absent: all."}
    return _closed(properties, ("name",))


def _title() -> Schema:
    return _closed(
        {
            "columns": {**COLUMNS, "description": "The first with a usable text is taken."},
            "empty": {**TEXTS, "description": "Texts that are no title."},
            "fallback": {**TEXT, "description": "Where no column has one: a text with column names in braces."},
            "max": {"type": "integer", "minimum": 20, "description": "A longer title is cut at a word."},
        },
        ("columns",),
    )


def _skip() -> Schema:
    cells = {"type": "object", "minProperties": 1, "additionalProperties": TEXTS}
    return {
        "type": "array",
        "items": _closed({"when": cells, "because": TEXT}, ("when", "because")),
        "description": "Rows that are left out, each with its reason.",
    }


def _common(key: bool) -> Schema:
    return {
        "source": _source(key),
        "lifecycle": {**TEXT, "description": "The key of the lifecycle."},
        "actor": {**TEXT, "description": "The e-mail address of the person in whose name the rows come in."},
        "title": _title(),
        "fields": _rules("The fields of the sheet, each with a rule."),
        "notes": {**TEXT, "description": "The field of the sheet that takes the notes of value maps."},
        "skip": _skip(),
        "unused": {"type": "array", "items": COLUMN, "description": "Columns that are left out on purpose."},
    }


@cache
def ideas_schema() -> Schema:
    """The JSON Schema of a mapping file for `import ideas`."""
    state = _closed({"to": _rule(), "since": _rule(), "origin": _rule()}, ("to",))
    record = _closed({"record": TEXT, "key": _rule(), "fields": _rules("Its fields.")}, ("record", "fields"))
    return _closed(
        {
            **_common(key=True),
            "state": state,
            "records": {"type": "array", "items": record, "description": "What the state rests on."},
            "people": _rules("Who has which role on the item, by e-mail address."),
        },
        ("source", "lifecycle", "title"),
    )


@cache
def history_schema() -> Schema:
    """The JSON Schema of a mapping file for `import history`."""
    fields = _rules("The fields of the record, or of the transition's form.")
    activity = _closed(
        {
            "begin": {"const": True, "description": "It begins the case."},
            "transition": TEXT,
            "record": TEXT,
            "assign": {**TEXT, "description": "The role that the row's person gets on the item."},
            "ignore": {**TEXT, "description": "Why it is left out."},
            "reason": _rule(),
            "key": _rule(),
            "fields": fields,
        }
    )
    return _closed(
        {
            **_common(key=False),
            "case": COLUMN,
            "activity": COLUMN,
            "time": _rule(),
            "person": _rule(),
            "order": {"enum": ["file", "time"], "description": "The order of the steps of a case. Absent: file."},
            "activities": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "x-expects": Sentence(
                        "einen Übergang, {transition: …}, {record: …}, {assign: …}, {begin: true} oder {ignore: …}",
                        "a transition, or {transition: …}, {record: …}, {assign: …}, {begin: true} or {ignore: …}",
                    ),
                    "anyOf": [TEXT, activity],
                },
            },
        },
        ("source", "lifecycle", "title", "case", "activity", "time", "person", "activities"),
    )
