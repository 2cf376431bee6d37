"""Makes the frozen `Lifecycle` and `Programme` out of data that keeps to the schema, names not yet looked up.

What the schema demands and a faulty file lacks is filled in here, so that the checks see the rest of such a file too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from states.document import Document, Path
from states.durations import parse_duration, parse_moment, parse_reminder, parse_zone
from states.lifecycle import (
    ANYONE,
    Column,
    DeadlineRule,
    Due,
    Duration,
    Effect,
    Escalation,
    Field,
    Fire,
    GuardUse,
    Lifecycle,
    LinkKind,
    Notice,
    Per,
    Place,
    ReadRule,
    Reason,
    RecordKind,
    Recurrence,
    Relative,
    Role,
    Scope,
    Stage,
    State,
    Text,
    Transition,
    Unit,
    Way,
)
from states.programme import Body, City, Office, Programme, Term

Data = Mapping[str, Any]
T = TypeVar("T")

GuardReader = Callable[[Any, Path], "tuple[GuardUse, ...]"]
"""Reads a list of guards that stands at a path."""

SHEET = "sheet"
"""The record kind that Create fills where a file names none."""


def assemble_lifecycle(data: Data, document: Document, guards: GuardReader, source: str, sha256: str) -> Lifecycle:
    """The lifecycle in `data`; a sheet of a title alone is supplied where the file declares none."""
    make = _Assembly(data, document, guards)
    states = make.entries(data, "states", make.state)
    created_by, initial = data.get("created_by"), str(data.get("initial", ""))
    records = make.entries(data, "records", make.record)
    sheet = data.get("sheet", SHEET)
    if "sheet" not in data and SHEET not in records:
        records[SHEET] = _title_alone((created_by,) if created_by else (), initial)
    elif sheet in records:
        records[sheet] = _titled(records[sheet])
    return Lifecycle(
        key=str(data.get("lifecycle", "")),
        version=int(data.get("version", 0)),
        label=_label(data, str(data.get("lifecycle", ""))),
        initial=initial,
        states=states,
        transitions=make.entries(data, "transitions", make.transition),
        stages=make.entries(data, "stages", make.stage),
        roles=make.entries(data, "roles", make.role),
        records=records,
        links=make.entries(data, "links", make.link),
        calendar=data.get("calendar"),
        created_by=created_by,
        create=names(data.get("create", ANYONE)),
        correct=names(data.get("correct")),
        sheet=sheet,
        support=data.get("support", False),
        source=source,
        sha256=sha256,
    )


def assemble_programme(data: Data, document: Document, source: str, sha256: str) -> Programme:
    """The programme in `data`."""

    def entries(section: str, make: Callable[[str, Data, Place], T]) -> dict[str, T]:
        found: Data = data.get(section, {})
        return {key: make(key, entry, document.place((section, key))) for key, entry in found.items()}

    def term(key: str, entry: Data, place: Place) -> Term:
        return Term(key, _label(entry, key), place)

    return Programme(
        key=str(data.get("programme", "")),
        version=int(data.get("version", 0)),
        label=_label(data, str(data.get("programme", ""))),
        zone=parse_zone(data.get("zone", "Europe/Berlin")),
        cities=entries("cities", lambda key, entry, place: City(key, _label(entry, key), place)),
        fields=entries("fields", term),
        bodies=entries(
            "bodies",
            lambda key, entry, place: Body(key, _label(entry, key), entry.get("city"), entry.get("size"), place),
        ),
        offices=entries(
            "offices",
            lambda key, entry, place: Office(key, _label(entry, key), entry.get("city"), entry.get("email"), place),
        ),
        provenance=entries("provenance", term),
        funding=entries("funding", term),
        vision=text(data.get("vision", "")),
        values=entries("values", term),
        lifecycle=data.get("lifecycle"),
        source=source,
        sha256=sha256,
    )


def names(value: Any) -> tuple[str, ...]:
    """One name or a list of them; nothing: none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def text(value: Any) -> Text:
    """A text in both languages, or one for both."""
    if isinstance(value, Mapping):
        said = [str(one) for one in value.values()] or [""]
        return Text(str(value.get("de", said[0])), str(value.get("en", said[0])))
    return Text(str(value), str(value))


def json_schema(data: Data) -> dict[str, Any]:
    """The JSON Schema of a field or of a value inside it; every object is closed.

    Labels of values become `x-labels`, those of inner values `x-label` and `x-description`, as {"de": …, "en": …}.
    """
    schema = {key: value for key, value in data.items() if key not in _NOT_SCHEMA}
    enum = schema.get("enum")
    if isinstance(enum, Mapping):
        schema["enum"] = list(enum)
        schema["x-labels"] = {value: _both(label) for value, label in enum.items()}
    if "items" in schema:
        schema["items"] = _inner(schema["items"])
    if "properties" in schema:
        schema["properties"] = {key: _inner(inner) for key, inner in schema["properties"].items()}
        schema["additionalProperties"] = False
    return schema


_NOT_SCHEMA = frozenset({"label", "description", "required", "personal", "public", "sets"})


def _inner(data: Data) -> dict[str, Any]:
    schema = json_schema(data)
    if "required" in data:
        schema["required"] = list(data["required"])
    for key in ("label", "description"):
        if key in data:
            schema[f"x-{key}"] = _both(data[key])
    return schema


def _both(value: Any) -> dict[str, str]:
    said = text(value)
    return {"de": said.de, "en": said.en}


def _label(entry: Data, key: str) -> Text:
    """The label, or the key in words."""
    return text(entry.get("label", key.replace("_", " ").replace("-", " ").capitalize()))


def _title_alone(write: tuple[str, ...], initial: str) -> RecordKind:
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


def _titled(kind: RecordKind) -> RecordKind:
    """The kind that items begin with: its title is the item's, and always there."""
    title = kind.fields.get("title")
    if title is None or any(field.sets is Column.TITLE for field in kind.fields.values()):
        return kind
    return replace(kind, fields={**kind.fields, "title": replace(title, required=True, sets=Column.TITLE)})


class _Assembly:
    """Makes each kind of entry of a lifecycle file, with its place."""

    def __init__(self, data: Data, document: Document, guards: GuardReader) -> None:
        self._granted = tuple(key for key, role in data.get("roles", {}).items() if role.get("scope") != Scope.ITEM)
        self._place = document.place
        self._guards = guards

    def entries(self, data: Data, section: str, make: Callable[[str, Data, Path], T]) -> dict[str, T]:
        found: Data = data.get(section, {})
        return {key: make(key, entry, (section, key)) for key, entry in found.items()}

    def role(self, key: str, data: Data, path: Path) -> Role:
        scope = Scope(data["scope"]) if "scope" in data else None
        assign = names(data["assign"]) if "assign" in data else self._granted if scope is Scope.ITEM else ()
        return Role(key, _label(data, key), scope, assign, self._place(path))

    def stage(self, key: str, data: Data, path: Path) -> Stage:
        return Stage(key, _label(data, key), self._place(path))

    def state(self, key: str, data: Data, path: Path) -> State:
        deadlines = data.get("deadline", [])
        if isinstance(deadlines, Mapping):
            rules: Iterable[DeadlineRule] = [self._deadline(key, deadlines, (*path, "deadline"))]
        else:
            rules = [self._deadline(key, one, (*path, "deadline", at)) for at, one in enumerate(deadlines)]
        return State(
            key=key,
            stage=data.get("stage"),
            label=_label(data, key),
            public=text(data["public"]) if "public" in data else None,
            tags=frozenset(names(data.get("tags"))),
            pauses=data.get("pauses", False),
            deadlines=tuple(rules),
            place=self._place(path),
        )

    def _deadline(self, state: str, data: Data, path: Path) -> DeadlineRule:
        return DeadlineRule(
            key=data.get("key", state),
            due=_due(data["due"]) if "due" in data else Duration(1, Unit.DAYS),
            responsible=data.get("responsible"),
            until=data.get("until"),
            remind=tuple(parse_reminder(one) for one in data.get("remind", [])),
            escalate=tuple(
                Escalation(parse_duration(one.get("after", "0 days")), one["to"])
                for one in data.get("escalate", [])
                if "to" in one
            ),
            place=self._place(path),
        )

    def transition(self, key: str, data: Data, path: Path) -> Transition:
        fire = data.get("fire", "person")
        recurs = isinstance(fire, Mapping)
        return Transition(
            key=key,
            label=_label(data, key),
            sources=names(data.get("from")),
            ways=self._ways(data.get("to"), (*path, "to")),
            fire=Fire.RECURRING if recurs else Fire(fire),
            recurrence=_recurrence(fire) if recurs else None,
            roles=names(data.get("roles")),
            reason=Reason(data.get("reason", "optional")),
            form=data.get("form"),
            guards=self._guards(data.get("guards", []), (*path, "guards")),
            notify=tuple(
                Notice(str(one.get("notice", "")), names(one.get("to")), self._place((*path, "notify", at)))
                for at, one in enumerate(data.get("notify", []))
            ),
            effects=tuple(self._effect(one, (*path, "then", at)) for at, one in enumerate(data.get("then", []))),
            place=self._place(path),
        )

    def _ways(self, data: Any, path: Path) -> tuple[Way, ...]:
        if data is None or isinstance(data, str):
            return (Way(data, place=self._place(path)),) if data else ()
        return tuple(
            Way(
                str(one.get("state", "")),
                self._guards(one.get("when", []), (*path, at, "when")),
                self._place((*path, at)),
            )
            for at, one in enumerate(data)
        )

    def _effect(self, data: Data, path: Path) -> Effect:
        return Effect(
            link=str(data.get("link", "")),
            transition=str(data.get("transition", "")),
            incoming=data.get("incoming", True),
            states=names(data.get("states")),
            reason=text(data["reason"]) if "reason" in data else None,
            place=self._place(path),
        )

    def record(self, key: str, data: Data, path: Path) -> RecordKind:
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
            label=_label(data, key),
            fields={name: self._field(name, one, (*path, "fields", name)) for name, one in fields.items()},
            per=Per(data.get("per", "item")),
            visit=names(data.get("visit")),
            states=names(data.get("while")),
            write=tuple(dict.fromkeys(write)),
            write_only_in=only,
            read=ReadRule(read.get("public", False), names(read.get("roles")), read.get("blind_until_own", False)),
            place=self._place(path),
        )

    def _field(self, key: str, data: Data, path: Path) -> Field:
        sets = data.get("sets")
        return Field(
            key=key,
            schema=json_schema(data),
            label=_label(data, key),
            required=data.get("required", False),
            personal=data.get("personal", False),
            public=data.get("public", False),
            sets=Column(sets) if sets else None,
            place=self._place(path),
        )

    def link(self, key: str, data: Data, path: Path) -> LinkKind:
        label = _label(data, key)
        inverse = text(data["inverse"]) if "inverse" in data else label
        return LinkKind(key, label, inverse, names(data.get("to")), names(data.get("write")), self._place(path))


def _due(data: Any) -> Due:
    if isinstance(data, str):
        return parse_moment(data)
    record, _, field = str(data.get("after", "")).partition(".")
    add = parse_duration(data["add"]) if "add" in data else Duration(0, Unit.DAYS)
    return Relative(add, record, field, data.get("key", ""), data.get("of"))


def _recurrence(data: Data) -> Recurrence:
    every = parse_duration(data["every"]) if "every" in data else Duration(1, Unit.YEARS)
    return Recurrence(every, data.get("from", "entered"))
