"""The JSON Schemas (2020-12) of a lifecycle file and of a programme file, for editors and for the loader.

Every part says in `description` what it is for and, where it has a choice of forms, in `x-expects` what may stand
there; editors show the one, messages quote the other. `x-parse` names the text that `durations.py` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from states.durations import DATE, DURATION, ON_THE_DAY
from states.lifecycle import Column, Per, Reason, Scope

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$(?!\\n)"
"""A name in a file. The last part is for Python, where `$` also matches before a line's end."""

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


@cache
def lifecycle_schema() -> Schema:
    """The JSON Schema of a lifecycle file. The same object at every call: copy it before changing it."""
    return {
        "$schema": DRAFT,
        "title": "Lifecycle",
        "description": "The way of a kind of item: its states, the moves between them, and the forms that people fill.",
        **_closed(
            {
                "lifecycle": _name("The key of the lifecycle. It never changes."),
                "version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Raise it with every change: a stored version stays as it is.",
                },
                "label": _label("What the kind of item is called."),
                "calendar": _name(
                    "The working-day calendar (config/calendars). Needed where working days are counted."
                ),
                "initial": _name("The state that a new item is in."),
                "create": _names("The roles that may create an item. Absent: anyone.", "role"),
                "created_by": _name("The role, of scope item, that the person who hands in gets on the item."),
                "correct": _names("The roles that may correct an item against the rules, with a reason.", "role"),
                "sheet": _name("The record kind that is filled when an item is created; it has a field `title`."),
                "support": {"type": "boolean", "description": "Whether residents may support an item."},
                "roles": _entries("What people are for an item.", _role()),
                "stages": _entries("The lanes of the diagram; each state may belong to one.", _stage()),
                "states": _entries("The exact places of an item.", _state(), least=1),
                "transitions": _entries("The named moves between states.", _transition()),
                "records": _entries("The forms that people fill about an item.", _record()),
                "links": _entries("The named relations to other items.", _link()),
            },
            required=("lifecycle", "version", "initial", "states"),
        ),
        "$defs": {"text": _text(), "guard": _guard(), "value": _nested()},
    }


@cache
def programme_schema() -> Schema:
    """The JSON Schema of a programme file. The same object at every call: copy it before changing it."""
    term = {"label": _label("Its name. It may contain commas.")}
    city = _name("The city it belongs to. Absent: it stands outside the cities.")
    size = {"type": "integer", "minimum": 1, "description": "How many members have a vote."}
    email = {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$", "description": "Where its mail goes."}
    return {
        "$schema": DRAFT,
        "title": "Programme",
        "description": "The programme that an installation serves, with the names its records may use.",
        **_closed(
            {
                "programme": _name("The key of the programme. It never changes."),
                "version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Raise it with every change: a stored version stays as it is.",
                },
                "label": _label("What the programme is called."),
                "zone": {
                    "type": "string",
                    "x-parse": "zone",
                    "description": "The time zone in which days begin and end, as Europe/Berlin. Absent: that one.",
                },
                "lifecycle": _name("The lifecycle that new items take where nobody names one."),
                "cities": _entries("The cities of the programme.", _closed(term)),
                "fields": _entries("The fields of action.", _closed(term)),
                "bodies": _entries("Who decides or advises.", _closed({**term, "city": city, "size": size})),
                "offices": _entries("Units of the administrations.", _closed({**term, "city": city, "email": email})),
                "provenance": _entries("Where ideas come from.", _closed(term)),
                "funding": _entries("Where money comes from.", _closed(term)),
                "vision": _label("What the programme wants, in a sentence or two."),
                "values": _entries("What it goes by.", _closed(term)),
            },
            required=("programme", "version"),
        ),
        "$defs": {"text": _text()},
    }


def _role() -> Schema:
    return _closed(
        {
            "label": _label("What it is called."),
            "scope": {
                "enum": [scope.value for scope in Scope],
                "description": "What it is granted for. Absent: it holds for the whole programme.",
            },
            "assign": _names(
                "The roles that may give it to somebody on an item. Absent: for an item's role those that are granted.",
                "role",
            ),
        }
    )


def _stage() -> Schema:
    return _closed({"label": _label("What it is called.")})


def _state() -> Schema:
    deadline = _deadline()
    return _closed(
        {
            "stage": _name("The stage it belongs to."),
            "label": _label("What it is called."),
            "public": _label("A plain sentence on where the item is, shown to everybody once it is released."),
            "tags": _names("`final`: the way ends here. Other tags are for lists and guards.", "tag"),
            "pauses": {
                "type": "boolean",
                "description": "The clock of the state before stops while an item is here; `to: origin` leads back.",
            },
            "deadline": {
                "description": "By when the state is to be left. Several: each with a key.",
                "x-expects": "a deadline `{due: …, responsible: …}`, or a list of them",
                "anyOf": [deadline, {"type": "array", "items": deadline}],
            },
        }
    )


def _deadline() -> Schema:
    reminder = {
        "type": "string",
        "pattern": f"^({DURATION} before|{ON_THE_DAY})$",
        "x-parse": "reminder",
        "examples": ["3 working days before", ON_THE_DAY],
    }
    escalation = _closed(
        {"after": _duration("How long after the due day."), "to": _name("The role that is told.")},
        required=("after", "to"),
    )
    return _closed(
        {
            "key": _name("Its name, unique in the lifecycle. Absent: the name of the state."),
            "due": {
                "description": "How long from the entry into the state, a fixed date, or counted from a recorded date.",
                "x-expects": "a duration like 10 working days, a date, or {add: 6 weeks, after: record.field}",
                "anyOf": [_moment(), _relative()],
            },
            "responsible": _name("The role that sees to it and is reminded."),
            "until": _name("The record kind that meets the deadline as soon as it is there."),
            "remind": _some("Steps before the due day, or on it.", reminder),
            "escalate": _some("Steps after the due day, to the people of another role.", escalation),
        },
        required=("due",),
    )


def _transition() -> Schema:
    way = _closed(
        {
            "state": _name("A state, or `origin`."),
            "when": _guards("The way is taken if all of these hold."),
        },
        required=("state",),
    )
    recurrence = _closed(
        {
            "every": _duration("How often."),
            "from": {
                "enum": ["entered", "previous_due"],
                "description": "Counted from the entry into the state, or from the previous time. Absent: entered.",
            },
        },
        required=("every",),
    )
    notice = _closed(
        {
            "notice": _name("The name of its templates."),
            "to": _names("The roles, on this item, that get it.", "role"),
        },
        required=("notice", "to"),
    )
    effect = _closed(
        {
            "link": _name("The kind of link to the other items."),
            "transition": _name("The transition of theirs that is set off."),
            "incoming": {
                "type": "boolean",
                "description": "Items whose link points here (true, also where absent), or to which this one points.",
            },
            "states": _names("Only items in one of these states. Absent: in any.", "state"),
            "reason": _label("The reason that is recorded there."),
        },
        required=("link", "transition"),
    )
    return _closed(
        {
            "label": _label("What the button says."),
            "from": _names("The states it leaves.", "state", least=1),
            "to": {
                "description": "The state it leads to, `origin`, or ways: the first whose guards hold is taken.",
                "x-expects": "a state, `origin`, or a list of ways `{state: …, when: […]}`",
                "anyOf": [_name("A state, or `origin`."), {"type": "array", "minItems": 1, "items": way}],
            },
            "fire": {
                "description": "Who sets it off: a person (the default), its guards, the end of the deadline, a date.",
                "x-expects": "person, automatic, expiry or `{every: 1 year, from: previous_due}`",
                "anyOf": [{"type": "string", "enum": ["person", "automatic", "expiry"]}, recurrence],
            },
            "roles": _names("The roles that may fire it; `anyone`: every known person.", "role"),
            "reason": {
                "enum": [reason.value for reason in Reason],
                "description": "Whether it takes a reason; a public one is shown to everybody. Absent: optional.",
            },
            "form": _name("The record kind that is filled with it."),
            "guards": _guards("All must hold."),
            "notify": _some("The messages it sends.", notice),
            "then": _some("The transitions it sets off on linked items.", effect),
        },
        required=("from", "to"),
    )


def _record() -> Schema:
    limited = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": _names("The states in which this role may write it.", "state", least=1),
    }
    writer = {"x-expects": "a role, or `role: [states]`", "anyOf": [_name("A role."), limited]}
    return _closed(
        {
            "label": _label("What the form is called."),
            "per": {
                "enum": [per.value for per in Per],
                "description": "How many an item has: one in all (where absent), or one for each of these.",
            },
            "visit": _names("A new visit of these states asks for a new record.", "state"),
            "while": _names("The states in which it may be written. Absent: all but the final ones.", "state"),
            "write": {
                "description": "The roles that may write it; `role: [states]` limits one to some of the states.",
                "x-expects": "a role or a list of roles",
                "anyOf": [_name("A role."), {"type": "array", "items": writer}],
            },
            "read": {
                **_closed(
                    {
                        "public": {
                            "type": "boolean",
                            "description": "Everybody reads its public fields once the item is released.",
                        },
                        "roles": _names("The roles that read it. Absent: every role of the lifecycle.", "role"),
                        "blind_until_own": {
                            "type": "boolean",
                            "description": "The records of others are read only after one's own is in.",
                        },
                    }
                ),
                "description": "Who reads it, and when.",
            },
            "fields": _entries("What is filled in.", _field(), least=1),
        },
        required=("fields",),
    )


def _link() -> Schema:
    return _closed(
        {
            "label": _label("What it is called, read from this item."),
            "inverse": _label("What it is called, read from the other item. Absent: the label."),
            "to": _names("The lifecycles it may lead to. Absent: any.", "lifecycle"),
            "write": _names("The roles that may set it.", "role"),
        }
    )


def _field() -> Schema:
    return _closed(
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
        }
    )


def _nested() -> Schema:
    """A value inside a field: what `items` and `properties` describe."""
    return _closed(
        {
            **_keywords(),
            "required": _some("The properties that must be there.", _name("A property.")),
            "additionalProperties": {"const": False, "description": "Other properties are refused, said or not."},
        }
    )


def _keywords() -> Schema:
    """The keywords of JSON Schema that a field may use."""
    count = {"type": "integer", "minimum": 0}
    number = {"type": "number"}
    return {
        "label": _label("What it is called."),
        "description": _label("A line of help beneath it."),
        "type": {
            "enum": ["string", "number", "integer", "boolean", "array", "object"],
            "description": "What kind of value it takes.",
        },
        "enum": {
            "description": "The values it may take: a list, or a mapping from value to label.",
            "x-expects": "a list of values, or a mapping from value to label",
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


def _guard() -> Schema:
    return {
        "description": "A guard of the vocabulary: its name, or `name: {parameters}`.",
        "x-expects": "a guard's name, or `name: {parameters}`",
        "anyOf": [
            {"type": "string"},
            {"type": "object", "minProperties": 1, "maxProperties": 1},
        ],
    }


def _text() -> Schema:
    return {
        "description": "The same text in both languages, or one for each.",
        "x-expects": "a text, or {de: …, en: …}",
        "anyOf": [
            {"type": "string", "pattern": r"\S"},
            _closed(
                {"de": {"type": "string", "pattern": r"\S"}, "en": {"type": "string", "pattern": r"\S"}}, ("de", "en")
            ),
        ],
    }


def _label(description: str) -> Schema:
    return {"$ref": "#/$defs/text", "description": description}


def _name(description: str) -> Schema:
    return {"type": "string", "pattern": NAME, "description": description}


def _names(description: str, what: str, *, least: int = 0) -> Schema:
    """One name or a list of them."""
    return {
        "description": description,
        "x-expects": f"a {what} or a list of them",
        "anyOf": [
            {"type": "string", "pattern": NAME},
            {"type": "array", "minItems": least, "uniqueItems": True, "items": {"type": "string", "pattern": NAME}},
        ],
    }


def _entries(description: str, entry: Schema, *, least: int = 0) -> Schema:
    """A mapping from name to entry."""
    return {
        "type": "object",
        "description": description,
        "minProperties": least,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": entry,
    }


def _some(description: str, entry: Schema) -> Schema:
    return {"type": "array", "description": description, "items": entry}


def _guards(description: str) -> Schema:
    return _some(description, {"$ref": "#/$defs/guard"})


def _duration(description: str) -> Schema:
    return {"type": "string", "pattern": f"^{DURATION}$", "x-parse": "duration", "description": description}


def _moment() -> Schema:
    return {"type": "string", "pattern": f"^({DURATION}|{DATE})$", "x-parse": "moment", "examples": ["10 working days"]}


def _relative() -> Schema:
    name = "[A-Za-z0-9][A-Za-z0-9_-]*"
    return _closed(
        {
            "add": _duration("How long after the recorded date."),
            "after": {
                "type": "string",
                "pattern": rf"^{name}\.{name}$",
                "x-expects": "record.field",
                "description": "The record kind and its date field, as `decision.date`.",
            },
            "key": _name("Which of several records: the key of a body, an office, a city."),
            "of": _name("A kind of link: the record is the linked item's."),
        },
        required=("add", "after"),
    )


def _closed(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema
