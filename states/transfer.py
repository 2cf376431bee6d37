"""A project sheet for other cities: open JSON that says what a project is and what came of it, and how one is taken in.

Pure. The schema is published in docs/project-sheet.schema.json; `ideenweg export schema` prints it. A sheet with more
than this version knows is taken in as far as it is understood: the reader is told what was left aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Column, RecordKind
from states.schema.parts import DRAFT, NAME, Schema, closed
from states.sentences import Text
from states.validation import VOCABULARIES, checked

VERSION = 1
FORMAT = "ideenweg-project-sheet"
LICENCE = "CC-BY-4.0"
"""The licence that whoever hands in agrees to (SPDX): open data carries it, and a sheet where nobody says another."""

LOCAL = frozenset({*VOCABULARIES, "city_or_unknown", "item", "transition"}) - {"field"}
"""Formats of values that mean something in one programme only."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the `transfer:` of a lifecycle file says: fields of the sheet for where a sheet came from, and a provenance.

    address, number: text fields for the address and number at the other city. provenance: the key of the programme.
    """

    address: str
    number: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a sheet becomes the data of a new item, and the paths of what is left aside, each with why."""

    data: Mapping[str, Any]
    left: Mapping[str, Text]


NO_FIELD = Text("dieses Feld gibt es hier nicht", "there is no such field here")
ELSEWHERE = Text("das bedeutet nur in der anderen Stadt etwas", "it means something at the other city alone")
NO_FIT = Text("der Wert passt hier nicht", "its value does not fit")
UNKNOWN = Text("diese Fassung des Programms kennt es nicht", "this version of the program does not know it")


def sheet_schema() -> Schema:
    """The JSON Schema of a project sheet. It is open: what a later version adds is no fault."""
    text = {
        "description": "The same text in German and English.",
        **closed({"de": {"type": "string"}, "en": {"type": "string"}}, ("de", "en")),
    }
    form = {
        "type": "object",
        "required": ["kind", "label", "labels", "data"],
        "properties": {
            "kind": {"type": "string", "pattern": NAME, "description": "The record kind at the other city."},
            "key": {"type": "string", "description": "Which of several: an indicator, a body; empty for one in all."},
            "label": {"$ref": "#/$defs/text"},
            "labels": {
                "type": "object",
                "description": "Field -> its label.",
                "additionalProperties": {"$ref": "#/$defs/text"},
            },
            "data": {"type": "object", "description": "Field -> value, as far as it is public."},
            "on": {"type": "string", "format": "date", "description": "The day on which it was recorded."},
        },
    }
    return {
        "$schema": DRAFT,
        "title": "Project sheet",
        "description": "A project of one city, for others to take up.",
        "type": "object",
        "required": ["format", "version", "licence", "from", "title", "state", "sheet", "records"],
        "properties": {
            "format": {"const": FORMAT},
            "version": {"type": "integer", "minimum": 1, "description": "Of this format."},
            "licence": {"type": "string", "description": "Under which the texts may be reused (SPDX)."},
            "from": {
                "type": "object",
                "required": ["programme", "number", "address"],
                "properties": {
                    "programme": {"$ref": "#/$defs/text"},
                    "number": {"type": "string", "description": "Of the item there."},
                    "address": {"type": "string", "format": "uri", "description": "Of its page there."},
                    "contact": {
                        "type": "array",
                        "description": "The offices to ask.",
                        "items": {
                            "type": "object",
                            "required": ["office"],
                            "properties": {
                                "office": {"$ref": "#/$defs/text"},
                                "email": {"type": "string", "format": "email"},
                            },
                        },
                    },
                },
            },
            "title": {"type": "string", "minLength": 1},
            "state": {
                "type": "object",
                "required": ["key", "label"],
                "properties": {
                    "key": {"type": "string", "pattern": NAME},
                    "label": {"$ref": "#/$defs/text"},
                    "since": {"type": "string", "format": "date"},
                },
            },
            "sheet": form,
            "records": {
                "type": "array",
                "description": "Decisions, milestones, measurements, lessons, costs.",
                "items": form,
            },
        },
        "$defs": {"text": text},
    }


def taken(lifecycle: Lifecycle, programme: Programme, kind: RecordKind, sheet: Mapping[str, Any]) -> Taken:
    """What of a partner's sheet fits the record kind that a new item begins with.

    The lifecycle has `transfer`. A field is taken where it has the same name here, does not name something of the other
    programme alone, and its value fits. The rest is left aside, and said.
    """
    assert lifecycle.transfer is not None
    given: Mapping[str, Any] = sheet["sheet"]["data"]
    data: dict[str, Any] = {}
    left: dict[str, Text] = {}
    for key, value in {**given, _titled(kind): sheet["title"]}.items():
        field = kind.fields.get(key)
        if field is None:
            left[f"sheet.data.{key}"] = NO_FIELD
        elif field.sets is Column.RELEASED or field.personal or _local(field.schema):
            left[f"sheet.data.{key}"] = ELSEWHERE
        else:
            right, faults = checked(lifecycle, programme, kind, {key: value})
            wrong = [one for one in faults if str(one.params.get("path", "")).split(".")[0] == key]
            if key in right and not wrong:
                data[key] = value
            else:
                left[f"sheet.data.{key}"] = wrong[0].text if wrong else NO_FIT
    for key in sheet:
        if key not in sheet_schema()["properties"]:
            left[key] = UNKNOWN
    return Taken({**data, **_from(lifecycle.transfer, kind, programme, sheet)}, left)


def _titled(kind: RecordKind) -> str:
    return next((key for key, field in kind.fields.items() if field.sets is Column.TITLE), "title")


def _local(schema: Mapping[str, Any]) -> bool:
    inner = [schema.get("items", {}), *schema.get("items", {}).get("properties", {}).values()]
    return any(one.get("format") in LOCAL for one in (schema, *inner))


def _from(transfer: Transfer, kind: RecordKind, programme: Programme, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Where it came from: the address and number there, and the provenance."""
    told: dict[str, Any] = {transfer.address: sheet["from"]["address"]}
    if transfer.number:
        told[transfer.number] = sheet["from"]["number"]
    provenance = next((key for key, field in kind.fields.items() if field.sets is Column.PROVENANCE), None)
    if provenance and transfer.provenance in programme.provenance:
        told[provenance] = [transfer.provenance]
    return told
