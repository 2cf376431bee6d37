"""The schema of a record kind and its fields: keywords of JSON Schema, and what that has no word for."""

from __future__ import annotations

from states.record_kinds import Column, Per, Section
from states.schema.parts import NAME, Schema, closed, entries, label, name, names, some
from states.sentences import Sentence

FORMATS = {
    "text": "a text of several lines",
    "date": "a calendar day, 2026-06-09",
    "partial_date": "a day, month or year as exact as it is known, 2026-06-09, 2026-06 or 2026",
    "email": "an e-mail address",
    "uri": "a web address",
    "city": "a city of the programme",
    "city_or_unknown": "a city of the programme, or unknown",
    "field": "a field of action of the programme",
    "body": "a body of the programme",
    "office": "an office of the programme",
    "provenance": "a kind of provenance of the programme",
    "funding": "a source of funding of the programme",
    "transition": "a transition of this lifecycle",
    "item": "the number of an item",
}
"""What `format:` of a text field may be."""


def record() -> Schema:
    limited = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": names("The states in which this role may write it.", "state", least=1),
    }
    writer = {
        "x-expects": Sentence("eine Rolle, oder `role: [states]`", "a role, or `role: [states]`"),
        "anyOf": [name("A role."), limited],
    }
    return closed(
        {
            "label": label("What the form is called."),
            "per": {
                "enum": [per.value for per in Per],
                "description": "How many an item has: one in all (where absent), or one for each of these.",
            },
            "visit": names("A new visit of these states asks for a new record.", "state"),
            "while": names("The states in which it may be written. Absent: all but the final ones.", "state"),
            "write": {
                "description": "The roles that may write it; `role: [states]` limits one to some of the states.",
                "x-expects": Sentence("eine Rolle oder eine Liste von Rollen", "a role or a list of roles"),
                "anyOf": [name("A role."), {"type": "array", "items": writer}],
            },
            "read": {
                **closed(
                    {
                        "public": {
                            "type": "boolean",
                            "description": "Everybody reads its public fields once the item is released.",
                        },
                        "roles": names("The roles that read it. Absent: every role of the lifecycle.", "role"),
                        "blind_until_own": {
                            "type": "boolean",
                            "description": "The records of others are read only after one's own is in.",
                        },
                    }
                ),
                "description": "Who reads it, and when.",
            },
            "section": {
                "enum": [section.value for section in Section],
                "description": "Where the page of an item shows it. Absent: under further particulars.",
            },
            "picture": _picture(),
            "votes": names("With `per: body`: its fields with votes; more than the body has members are odd.", "field"),
            "fields": entries("What is filled in.", _field(), least=1),
        },
        required=("fields",),
    )


def _picture() -> Schema:
    measure = closed(
        {
            "baseline": name("The field with the value at the beginning."),
            "target": name("The field with the value aimed at."),
            "unit": name("The field with the unit."),
            "by": name("The record kind that holds what was measured, under the same key."),
            "value": name("Its field with the value."),
            "on": name("Its field with the day."),
        },
        required=("baseline", "target", "by", "value", "on"),
    )
    dates = closed(
        {"planned": name("The field with the planned day."), "reached": name("The field with the day it was reached.")},
        required=("planned", "reached"),
    )
    parts = names("The fields that make up a whole.", "field", least=2)
    return {
        **closed(
            {
                "measure": {**measure, "description": "How far a measured value has come."},
                "dates": {**dates, "description": "When something was planned and reached."},
                "parts": parts,
            }
        ),
        "minProperties": 1,
        "maxProperties": 1,
        "description": "How its records are drawn, beside their table.",
    }


def _field() -> Schema:
    return closed(
        {
            **_keywords(),
            "required": {"type": "boolean", "description": "Whether it must be filled in."},
            "personal": {
                "type": "boolean",
                "description": "It names people: kept apart, erasable, never exported openly.",
            },
            "public": {"type": "boolean", "description": "Everybody reads it once the item is released."},
            "sets": {
                "enum": [column.value for column in Column],
                "description": "What of the item, by which lists filter, it keeps.",
            },
            "happened": {
                "type": "boolean",
                "description": "Of a date: the day of something that has been. One that lies ahead is odd.",
            },
        }
    )


def nested_value() -> Schema:
    """A value inside a field: what `items` and `properties` describe."""
    return closed(
        {
            **_keywords(),
            "required": some("The properties that must be there.", name("A property.")),
            "additionalProperties": {"const": False, "description": "Other properties are refused, said or not."},
        }
    )


def _keywords() -> Schema:
    """The keywords of JSON Schema that a field may use."""
    count = {"type": "integer", "minimum": 0}
    number = {"type": "number"}
    return {
        "label": label("What it is called."),
        "description": label("A line of help beneath it."),
        "type": {
            "enum": ["string", "number", "integer", "boolean", "array", "object"],
            "description": "What kind of value it takes.",
        },
        "enum": {
            "description": "The values it may take: a list, or a mapping from value to label.",
            "x-expects": Sentence(
                "eine Liste von Werten, oder Werte mit Beschriftungen",
                "a list of values, or a mapping from value to label",
            ),
            "anyOf": [
                {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {"type": ["string", "number", "boolean"]},
                },
                {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/text"}},
            ],
        },
        "format": {
            "enum": list(FORMATS),
            "description": "Of a text: " + "; ".join(f"`{name}` {what}" for name, what in FORMATS.items()) + ".",
        },
        "pattern": {"type": "string", "format": "regex", "description": "A regular expression that a text must match."},
        "minLength": count,
        "maxLength": count,
        "minimum": number,
        "maximum": number,
        "exclusiveMinimum": number,
        "exclusiveMaximum": number,
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        "minItems": count,
        "maxItems": count,
        "uniqueItems": {"type": "boolean"},
        "items": {"$ref": "#/$defs/value", "description": "What each entry of a list is."},
        "properties": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"$ref": "#/$defs/value"},
            "description": "What an object consists of.",
        },
    }
