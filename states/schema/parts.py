"""The parts that the schemas of all files are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.durations import DURATION
from states.sentences import Sentence

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$(?!\\n)"
"""A name in a file. The last part is for Python, where `$` also matches before a line's end."""
RECORD_FIELD = r"^[A-Za-z0-9][A-Za-z0-9_-]*\.[A-Za-z0-9][A-Za-z0-9_-]*$"
"""`decision.date`"""


def text_or_both() -> Schema:
    return {
        "description": "The same text in both languages, or one for each.",
        "x-expects": Sentence("einen Text, oder {de: …, en: …}", "a text, or {de: …, en: …}"),
        "anyOf": [
            {"type": "string", "pattern": r"\S"},
            closed(
                {"de": {"type": "string", "pattern": r"\S"}, "en": {"type": "string", "pattern": r"\S"}}, ("de", "en")
            ),
        ],
    }


def label(description: str) -> Schema:
    return {"$ref": "#/$defs/text", "description": description}


def name(description: str) -> Schema:
    return {"type": "string", "pattern": NAME, "description": description}


def names(description: str, what: str, *, least: int = 0) -> Schema:
    """One name or a list of them."""
    return {
        "description": description,
        "x-expects": Sentence("einen Namen oder eine Liste davon", f"a {what} or a list of them"),
        "anyOf": [
            {"type": "string", "pattern": NAME},
            {"type": "array", "minItems": least, "uniqueItems": True, "items": {"type": "string", "pattern": NAME}},
        ],
    }


def entries(description: str, entry: Schema, *, least: int = 0) -> Schema:
    """A mapping from name to entry."""
    return {
        "type": "object",
        "description": description,
        "minProperties": least,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": entry,
    }


def some(description: str, entry: Schema) -> Schema:
    return {"type": "array", "description": description, "items": entry}


def duration(description: str) -> Schema:
    return {"type": "string", "pattern": f"^{DURATION}$", "x-parse": "duration", "description": description}


def closed(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema
