"""The schema of states with their deadlines, and of the moves between them."""

from __future__ import annotations

from states.durations import DATE, DURATION, ON_THE_DAY
from states.lifecycle import Reason
from states.schema.parts import RECORD_FIELD, Schema, closed, duration, label, name, names, some
from states.sentences import Sentence


def state() -> Schema:
    """A state, and by when it is to be left."""
    deadline = _deadline()
    return closed(
        {
            "stage": name("The stage it belongs to."),
            "label": label("What it is called."),
            "public": label("A plain sentence on where the item is, shown to everybody once it is released."),
            "tags": names("`final`: the way ends here. Other tags are for lists and guards.", "tag"),
            "pauses": {
                "type": "boolean",
                "description": "The clock of the state before stops while an item is here; `to: origin` leads back.",
            },
            "deadline": {
                "description": "By when the state is to be left. Several: each with a key.",
                "x-expects": Sentence(
                    "eine Frist `{due: …, responsible: …}`, oder eine Liste davon",
                    "a deadline `{due: …, responsible: …}`, or a list of them",
                ),
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
    escalation = closed(
        {"after": duration("How long after the due day."), "to": name("The role that is told.")},
        required=("after", "to"),
    )
    return closed(
        {
            "key": name("Its name, unique in the lifecycle. Absent: the name of the state."),
            "due": {
                "description": "How long from the entry into the state, a fixed date, or counted from a recorded date.",
                "x-expects": Sentence(
                    "eine Dauer wie 10 working days, ein Datum, oder {add: 6 weeks, after: record.field}",
                    "a duration like 10 working days, a date, or {add: 6 weeks, after: record.field}",
                ),
                "anyOf": [_moment(), _relative()],
            },
            "responsible": name("The role that sees to it and is reminded."),
            "until": name("The record kind that meets the deadline as soon as it is there."),
            "on_working_day": {
                "type": "boolean",
                "description": "A due day on which nobody works becomes the next working day (BGB § 193).",
            },
            "public": label(
                "What everybody reads in the calendar, once the item is released. Absent: it is not there."
            ),
            "remind": some("Steps before the due day, or on it.", reminder),
            "escalate": some("Steps after the due day, to the people of another role.", escalation),
        },
        required=("due",),
    )


def _moment() -> Schema:
    return {"type": "string", "pattern": f"^({DURATION}|{DATE})$", "x-parse": "moment", "examples": ["10 working days"]}


def _relative() -> Schema:
    return closed(
        {
            "add": duration("How long after the recorded date."),
            "after": {
                "type": "string",
                "pattern": RECORD_FIELD,
                "x-expects": Sentence("record.field", "record.field"),
                "description": "The record kind and its date field, as `decision.date`.",
            },
            "key": name("Which of several records: the key of a body, an office, a city."),
            "of": name("A kind of link: the record is the linked item's."),
        },
        required=("add", "after"),
    )


def transition() -> Schema:
    """A named move: what leads where, who sets it off, and what it asks for and does."""
    way = closed(
        {
            "state": name("A state, or `origin`."),
            "when": _guards("The way is taken if all of these hold."),
        },
        required=("state",),
    )
    recurrence = closed(
        {
            "every": duration("How often."),
            "from": {
                "enum": ["entered", "previous_due"],
                "description": "Counted from the entry into the state, or from the previous time. Absent: entered.",
            },
            "until": {
                "description": "The last day on which it may fire: a fixed date, or counted from a recorded one.",
                "x-expects": Sentence(
                    "ein Datum, oder {add: 5 years, after: record.field}",
                    "a date, or {add: 5 years, after: record.field}",
                ),
                "anyOf": [{"type": "string", "pattern": f"^{DATE}$", "x-parse": "moment"}, _relative()],
            },
        },
        required=("every",),
    )
    notice = closed(
        {
            "notice": name("The name of its templates."),
            "to": names("The roles, on this item, that get it.", "role"),
        },
        required=("notice", "to"),
    )
    effect = closed(
        {
            "link": name("The kind of link to the other items."),
            "transition": name("The transition of theirs that is set off."),
            "incoming": {
                "type": "boolean",
                "description": "Items whose link points here (true, also where absent), or to which this one points.",
            },
            "states": names("Only items in one of these states. Absent: in any.", "state"),
            "reason": label("The reason that is recorded there."),
            "followers": {
                "const": True,
                "description": "Who follows this item follows those as well from then on.",
            },
        },
        required=("link",),
    ) | {"anyOf": [{"required": ["transition"]}, {"required": ["followers"]}]}
    return closed(
        {
            "label": label("What the button says."),
            "from": names("The states it leaves.", "state", least=1),
            "to": {
                "description": "The state it leads to, `origin`, or ways: the first whose guards hold is taken.",
                "x-expects": Sentence(
                    "einen Zustand, `origin`, oder eine Liste von Wegen `{state: …, when: […]}`",
                    "a state, `origin`, or a list of ways `{state: …, when: […]}`",
                ),
                "anyOf": [name("A state, or `origin`."), {"type": "array", "minItems": 1, "items": way}],
            },
            "fire": {
                "description": "Who sets it off: a person (the default), its guards, the end of the deadline, a date.",
                "x-expects": Sentence(
                    "person, automatic, expiry oder `{every: 1 year, from: previous_due}`",
                    "person, automatic, expiry or `{every: 1 year, from: previous_due}`",
                ),
                "anyOf": [{"type": "string", "enum": ["person", "automatic", "expiry"]}, recurrence],
            },
            "roles": names("The roles that may fire it; `anyone`: every known person.", "role"),
            "reason": {
                "enum": [reason.value for reason in Reason],
                "description": "Whether it takes a reason; a public one is shown to everybody. Absent: optional.",
            },
            "form": name("The record kind that is filled with it."),
            "guards": _guards("All must hold."),
            "notify": some("The messages it sends.", notice),
            "then": some(
                "What it does to linked items: a transition that it sets off, followers that move along.", effect
            ),
        },
        required=("from", "to"),
    )


def _guards(description: str) -> Schema:
    return some(description, {"$ref": "#/$defs/guard"})
