"""The schema of a programme file."""

from __future__ import annotations

from functools import cache

from states.programme import DOCUMENT_TYPES
from states.schema.parts import DRAFT, Schema, closed, entries, label, name, text_or_both


@cache
def programme_schema() -> Schema:
    """The JSON Schema of a programme file. The same object at every call: copy it before changing it."""
    term = {"label": label("Its name. It may contain commas.")}
    city = name("The city it belongs to. Absent: it stands outside the cities.")
    office = name("The office that coordinates in the city: it answers questions, and mails name it.")
    municipality = {
        "type": "string",
        "pattern": r"^\d{8}$",
        "description": "Its official key (Amtlicher Gemeindeschlüssel), in quotes: open data names places by it.",
    }
    size = {"type": "integer", "minimum": 1, "description": "How many members have a vote."}
    email = {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$", "description": "Where its mail goes."}
    return {
        "$schema": DRAFT,
        "title": "Programme",
        "description": "The programme that an installation serves, with the names its records may use.",
        **closed(
            {
                "programme": name("The key of the programme. It never changes."),
                "version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Raise it with every change: a stored version stays as it is.",
                },
                "label": label("What the programme is called."),
                "zone": {
                    "type": "string",
                    "x-parse": "zone",
                    "description": "The time zone in which days begin and end, as Europe/Berlin. Absent: that one.",
                },
                "lifecycle": name("The lifecycle that new items take where nobody names one."),
                "administration": {
                    "type": "array",
                    "items": name("A role that some lifecycle declares."),
                    "minItems": 1,
                    "description": "The roles that may see the pages for administrators. Absent: administrator.",
                },
                "terms": entries("What whoever hands in has to know, in this order.", _notice()),
                "documents": _documents(),
                "contributor": {
                    "type": "string",
                    "pattern": r"^https?://\S+$",
                    "description": "By which address GovData knows whoever delivers open data to it.",
                },
                "cities": entries(
                    "The cities of the programme.", closed({**term, "office": office, "municipality": municipality})
                ),
                "fields": entries("The fields of action.", closed(term)),
                "bodies": entries("Who decides or advises.", closed({**term, "city": city, "size": size})),
                "offices": entries("Units of the administrations.", closed({**term, "city": city, "email": email})),
                "provenance": entries("Where ideas come from.", closed(term)),
                "funding": entries("Where money comes from.", closed(term)),
                "vision": label("What the programme wants, in a sentence or two."),
                "values": entries("What it goes by.", closed(term)),
            },
            required=("programme", "version"),
        ),
        "$defs": {"text": text_or_both()},
    }


def _notice() -> Schema:
    address = {"type": "string", "pattern": r"^(https?://|/)\S+$", "description": "Where it leads."}
    return closed(
        {
            "label": label("What is said."),
            "consent": {"type": "boolean", "description": "Whether it has to be agreed to."},
            "link": {
                **closed({"label": label("What it is called."), "address": address}, required=("label", "address")),
                "description": "Where more can be read.",
            },
        }
    )


def _documents() -> Schema:
    most = {"type": "integer", "minimum": 1}
    return {
        **closed(
            {
                "types": {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {"enum": list(DOCUMENT_TYPES)},
                    "description": "The kinds of file that are taken. Absent: all of these.",
                },
                "megabytes": {**most, "maximum": 100, "description": "How large one may be. Absent: 10."},
                "number": {**most, "description": "How many an item may have. Absent: 20."},
            }
        ),
        "description": "What may be attached to items.",
    }
