"""The schema of a lifecycle file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from states.guards import GUARDS, Guard
from states.lifecycle import Scope
from states.schema.moves import state, transition
from states.schema.parts import DRAFT, RECORD_FIELD, Schema, closed, entries, label, name, names, text_or_both
from states.schema.records import nested_value, record
from states.sentences import Sentence
from states.submission import Part


def lifecycle_schema(vocabulary: Mapping[str, Guard] = GUARDS) -> Schema:
    """The JSON Schema of a lifecycle file for editors: with the guards of `vocabulary` and their parameters."""
    structure = lifecycle_structure()
    return {**structure, "$defs": {**structure["$defs"], "guard": _guard_of(vocabulary)}}


@cache
def lifecycle_structure() -> Schema:
    """The JSON Schema of a lifecycle file without what single guards ask for: the loader has better words for that.

    The same object at every call: copy it before changing it.
    """
    return {
        "$schema": DRAFT,
        "title": "Lifecycle",
        "description": "The way of a kind of item: its states, the moves between them, and the forms that people fill.",
        **closed(
            {
                "lifecycle": name("The key of the lifecycle. It never changes."),
                "version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Raise it with every change: a stored version stays as it is.",
                },
                "label": label("What the kind of item is called."),
                "calendar": name("The working-day calendar (config/calendars). Needed where working days are counted."),
                "initial": name("The state that a new item is in."),
                "create": names("The roles that may create an item. Absent: anyone.", "role"),
                "created_by": name("The role, of scope item, that the person who hands in gets on the item."),
                "correct": names("The roles that may correct an item against the rules, with a reason.", "role"),
                "extend": names(
                    "The roles that may extend a deadline. Absent: the granted roles that move the item on.",
                    "role",
                ),
                "sheet": name("The record kind that is filled when an item is created; it has a field `title`."),
                "support": {"type": "boolean", "description": "Whether residents may support an item."},
                "ranking": _ranking(),
                "agenda": _agenda(),
                "transfer": _transfer(),
                "documents": {
                    **closed(
                        {
                            "attach": names("The roles that may attach one. Absent: every role on the item.", "role"),
                            "publish": names(
                                "The roles that decide what everybody may see of them. Absent: nobody.", "role"
                            ),
                        }
                    ),
                    "description": "Who may do what with documents of an item.",
                },
                "submission": _submission(),
                "roles": entries("What people are for an item.", _role()),
                "stages": entries("The lanes of the diagram; each state may belong to one.", _stage()),
                "states": entries("The exact places of an item.", state(), least=1),
                "transitions": entries("The named moves between states.", transition()),
                "records": entries("The forms that people fill about an item.", record()),
                "links": entries("The named relations to other items.", _link()),
            },
            required=("lifecycle", "version", "initial", "states"),
        ),
        "$defs": {"text": text_or_both(), "guard": _guard(), "value": nested_value()},
    }


def _submission() -> Schema:
    step = closed(
        {
            "label": label("What it is called."),
            "hint": label("What helps to fill it in."),
            "fields": names("The fields of the sheet that it asks for.", "field"),
            "record": name("A record kind that is filled in here as well."),
            "asks": {
                "enum": [part.value for part in Part],
                "description": "What it asks for beside fields: files, how to be reached, consent to the terms.",
            },
        }
    )
    return {
        **closed(
            {
                "submit": name("The transition that is fired at the end. Absent: the item stays in its first state."),
                "steps": entries("The pages of the form, in this order.", step, least=1),
            },
            required=("steps",),
        ),
        "description": "How an item is handed in on the pages. Absent: one step with the whole sheet.",
    }


def _agenda() -> Schema:
    return {
        **closed(
            {
                "link": name("The kind of link by which items point to this one."),
                "record": name("The record kind, one of each body, that is written on every one of them."),
                "key": name("The field of the sheet that names the body."),
                "fill": entries("Fields of that record that are filled from the sheet.", name("The sheet's field.")),
                "done": {
                    "type": "string",
                    "pattern": RECORD_FIELD,
                    "x-expects": Sentence("record.field", "record.field"),
                    "description": "The record kind of this item, and its date field, that say the form was handed in.",
                },
                "roles": names("The roles that hand the form in.", "role", least=1),
            },
            required=("link", "record", "key", "roles"),
        ),
        "description": "What one form records on all items that are linked to this one: the results of a session.",
    }


def _transfer() -> Schema:
    return {
        **closed(
            {
                "address": name("The field of the sheet that gets the address at the other city."),
                "number": name("The field of the sheet that gets the number there."),
                "provenance": name("The provenance that such an item gets."),
            },
            required=("address",),
        ),
        "description": "How a project sheet of another city is taken in as an item.",
    }


def _ranking() -> Schema:
    weight = {"type": "number", "exclusiveMinimum": 0, "description": "How much a criterion counts."}
    return {
        **closed(
            {
                "link": name("The kind of link by which candidates point to the round."),
                "record": name("The record kind of the candidates that holds their reviews."),
                "knockout": names("Its fields that have to be true in every review.", "field"),
                "weights": entries("Its fields with 0 to 5 points, and what each counts.", weight, least=1),
                "apart": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "description": "Points by which two reviews may differ before a third one is asked for.",
                },
                "of": {
                    **closed(
                        {
                            "record": name("The record kind of the candidates that says so. Absent: sheet."),
                            "cost": name("Its field with the cost in euros."),
                            "staff": name("Its field with the staff in person-months."),
                            "starts": name("Its date field with the first day."),
                            "ends": name("Its date field with the last day."),
                        }
                    ),
                    "description": "Where a candidate says what it costs, and when.",
                },
                "budget": name("The field of the round's sheet with the money: a list of {city, euros}."),
                "capacity": name(
                    "The field of the round's sheet with the staff: a list of {city, year, person_months}."
                ),
                "open": names("The states of candidates that are compared.", "state", least=1),
                "chosen": names("The states of candidates that have been chosen.", "state"),
                "roles": names("The roles on the round that see the ranking.", "role", least=1),
            },
            required=("link", "record", "weights", "open", "roles"),
        ),
        "description": "How the items that are linked to this one are compared: a selection round.",
    }


def _role() -> Schema:
    return closed(
        {
            "label": label("What it is called."),
            "scope": {
                "enum": [scope.value for scope in Scope],
                "description": "What it is granted for. Absent: it holds for the whole programme.",
            },
            "assign": names(
                "The roles that may give it to somebody on an item. Absent: all granted ones where it is an item's "
                "role, or one that a guard wants assigned; else nobody.",
                "role",
            ),
        }
    )


def _stage() -> Schema:
    return closed({"label": label("What it is called.")})


def _link() -> Schema:
    return closed(
        {
            "label": label("What it is called, read from this item."),
            "inverse": label("What it is called, read from the other item. Absent: the label."),
            "to": names("The lifecycles it may lead to. Absent: any.", "lifecycle"),
            "write": names("The roles that may set it.", "role"),
            "portfolio": name(
                "A state of the other item, as the adoption of a strategy: the portfolio tells how many items are "
                "linked so, and how many were made since it was last entered."
            ),
        }
    )


def _guard() -> Schema:
    return {
        "description": "A guard of the vocabulary: its name, or `name: {parameters}`.",
        "x-expects": Sentence(
            "den Namen eines Guards, oder `name: {Parameter}`", "a guard's name, or `name: {parameters}`"
        ),
        "anyOf": [
            {"type": "string"},
            {"type": "object", "minProperties": 1, "maxProperties": 1},
        ],
    }


def _guard_of(vocabulary: Mapping[str, Guard]) -> Schema:
    named = {key: {**guard.schema, "description": guard.summary} for key, guard in sorted(vocabulary.items())}
    parameters = {**closed(named), "minProperties": 1, "maxProperties": 1}
    return {**_guard(), "anyOf": [{"type": "string", "enum": list(named)}, parameters]}
