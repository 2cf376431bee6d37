"""What pydantic finds wrong in a request, as blockers in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from states.blockers import Blocker, blocker
from states.sentences import Text

SAID = {
    "missing": Text("Die Angabe fehlt.", "This is missing."),
    "extra_forbidden": Text("Diese Angabe gibt es hier nicht.", "There is no such thing here."),
    "string_type": Text("Erwartet wird ein Text.", "A text is wanted."),
    "int_type": Text("Erwartet wird eine ganze Zahl.", "A whole number is wanted."),
    "int_parsing": Text("Erwartet wird eine ganze Zahl.", "A whole number is wanted."),
    "bool_type": Text("Erwartet wird true oder false.", "True or false is wanted."),
    "bool_parsing": Text("Erwartet wird true oder false.", "True or false is wanted."),
    "dict_type": Text("Erwartet wird ein Objekt.", "An object is wanted."),
    "model_attributes_type": Text("Erwartet wird ein Objekt.", "An object is wanted."),
    "list_type": Text("Erwartet wird eine Liste.", "A list is wanted."),
    "string_too_short": Text("Der Text ist zu kurz.", "The text is too short."),
    "string_too_long": Text("Der Text ist zu lang.", "The text is too long."),
    "string_pattern_mismatch": Text("Der Text hat nicht die erwartete Form.", "The text is not of the wanted form."),
    "greater_than_equal": Text("Die Zahl ist zu klein.", "The number is too small."),
    "less_than_equal": Text("Die Zahl ist zu groß.", "The number is too large."),
    "enum": Text("Diesen Wert gibt es hier nicht.", "There is no such value here."),
    "day": Text("Erwartet wird ein Tag wie 2026-06-09.", "A day like 2026-06-09 is wanted."),
    "moment": Text(
        "Erwartet wird ein Zeitpunkt mit Zone wie 2026-06-09T14:00:00+02:00.",
        "A moment with its zone like 2026-06-09T14:00:00+02:00 is wanted.",
    ),
}
OTHER = Text("Die Angabe passt hier nicht.", "This does not fit here.")


def fault_of(error: Mapping[str, Any], known: Sequence[str]) -> Blocker:
    """The blocker for one error of pydantic. Its path leaves out whether it stands in the body or the query.

    known: the parameters that the query may have.
    """
    steps = [str(one) for one in error["loc"][1:]] or [str(error["loc"][0])]
    text = SAID.get(error["type"], OTHER)
    if error["type"] == "extra_forbidden" and error["loc"][0] == "query":
        return blocker(
            "unknown_parameter",
            "Diese Angabe gibt es hier nicht. Möglich: {known}.",
            "There is no such parameter. Possible: {known}.",
            known=list(known),
            path=".".join(steps),
        )
    return blocker(f"invalid_{error['type']}", text.de, text.en, path=".".join(steps))
