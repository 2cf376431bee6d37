"""Makes record kinds and their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from states.assembly.words import Data, both, label_of, names, text
from states.document import Document, Path
from states.errors import Place
from states.record_kinds import Column, Drawn, Field, Per, Picture, ReadRule, RecordKind, Section
from states.sentences import Text

SHEET = "sheet"
"""The record kind that Create fills where a file names none."""


def assemble_record(key: str, data: Data, document: Document, path: Path) -> RecordKind:
    """The record kind that `data` describes, at `path`."""
    write: list[str] = []
    only: dict[str, tuple[str, ...]] = {}
    writers = data.get("write", [])
    for one in [writers] if isinstance(writers, str) else writers:
        for role in names(one) if isinstance(one, str) else one:
            write.append(role)
            if not isinstance(one, str):
                only[role] = names(one[role])
    read: Data = data.get("read", {})
    fields: Data = data.get("fields", {})
    return RecordKind(
        key=key,
        label=label_of(data, key),
        fields={name: _field(name, one, document.place((*path, "fields", name))) for name, one in fields.items()},
        per=Per(data.get("per", "item")),
        visit=names(data.get("visit")),
        states=names(data.get("while")),
        write=tuple(dict.fromkeys(write)),
        write_only_in=only,
        read=ReadRule(read.get("public", False), names(read.get("roles")), read.get("blind_until_own", False)),
        section=Section(data.get("section", Section.FURTHER)),
        picture=_picture(data["picture"]) if "picture" in data else None,
        votes=names(data.get("votes")),
        place=document.place(path),
    )


def _picture(data: Data) -> Picture:
    shows = next((one for one in Drawn if one in data), Drawn.DATES)
    told: Any = data.get(shows, {})
    if shows is Drawn.PARTS:
        return Picture(shows, parts=names(told))
    return Picture(shows, {name: str(one) for name, one in told.items()})


def title_alone(write: tuple[str, ...], initial: str) -> RecordKind:
    """The sheet of a lifecycle that declares none."""
    title = Field(
        key="title",
        schema={"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
        label=Text("Titel", "Title"),
        required=True,
        public=True,
        sets=Column.TITLE,
    )
    return RecordKind(
        SHEET,
        Text("Steckbrief", "Project sheet"),
        {"title": title},
        states=(initial,),
        write=write,
        read=ReadRule(public=True),
    )


def titled(kind: RecordKind) -> RecordKind:
    """The kind that items begin with: its title is the item's, and always there."""
    title = kind.fields.get("title")
    if title is None or any(field.sets is Column.TITLE for field in kind.fields.values()):
        return kind
    return replace(kind, fields={**kind.fields, "title": replace(title, required=True, sets=Column.TITLE)})


def _field(key: str, data: Data, place: Place) -> Field:
    sets = data.get("sets")
    return Field(
        key=key,
        schema=json_schema(data),
        label=label_of(data, key),
        required=data.get("required", False),
        personal=data.get("personal", False),
        public=data.get("public", False),
        sets=Column(sets) if sets else None,
        hint=text(data["description"]) if "description" in data else None,
        happened=data.get("happened", False),
        place=place,
    )


_NOT_SCHEMA = frozenset({"label", "description", "required", "personal", "public", "sets", "happened"})


def json_schema(data: Data) -> dict[str, Any]:
    """The JSON Schema of a field or of a value inside it; every object is closed.

    Labels of values become `x-labels`, those of inner values `x-label` and `x-description`, as {"de": …, "en": …}.
    """
    schema = {key: value for key, value in data.items() if key not in _NOT_SCHEMA}
    enum = schema.get("enum")
    if isinstance(enum, Mapping):
        schema["enum"] = list(enum)
        schema["x-labels"] = {value: both(label) for value, label in enum.items()}
    if "items" in schema:
        schema["items"] = _inner(schema["items"])
    if "properties" in schema:
        schema["properties"] = {key: _inner(inner) for key, inner in schema["properties"].items()}
        schema["additionalProperties"] = False
    return schema


def _inner(data: Data) -> dict[str, Any]:
    schema = json_schema(data)
    if "required" in data:
        schema["required"] = list(data["required"])
    for key in ("label", "description"):
        if key in data:
            schema[f"x-{key}"] = both(data[key])
    return schema
