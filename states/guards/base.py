"""What a guard is, and the words that the guards of the vocabulary share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from states.blockers import Blocker
from states.snapshot import Needs, Request, Snapshot

if TYPE_CHECKING:
    from states.lifecycle import Lifecycle

Params = Mapping[str, Any]


class Wake(StrEnum):
    """What may turn a guard from no to yes, so that automatic transitions are looked at again."""

    RECORD = "record"
    LINK = "link"
    LINKED_ITEM = "linked item"
    ASSIGNMENT = "assignment"
    SUPPORT = "support"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Question:
    """What a guard is asked: its parameters, the facts, the request, when, and the lifecycle for its labels."""

    params: Params
    snapshot: Snapshot
    request: Request
    now: datetime
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Guard:
    """A named predicate: `judge` gives the blockers that stand against a move, none if it holds.

    schema: the JSON Schema of its parameters, in which these keywords tell the checks and the loader more:

    - `x-names`: the text, or each key of the object (in `propertyNames`), names something that has to exist: a `record`
      kind, a `field` of the record kind that the property `record` beside it names, an `entry` (a property of the
      entries of the list that the property `field` beside it names), `record.field` (both in one text), a `role`,
      `state`, `transition`, `link` kind, `body` or `unit`. A `linked state` or `linked tag` is one of the lifecycles
      that the link leads to; so are records and fields where the parameters have `of`, but for those with `x-here`.
    - `x-type`: the JSON type that the field named here must have, or the guard could never hold.
    - `x-values`: the list holds values of the field that the property of this name names; `key`: that its key names.
    - `x-guards`: a list of guards, as under `guards:`; the loader puts a tuple of GuardUse in its place.

    needs, wakes: the facts it reads and what may make it change its mind, given its parameters.
    person: it looks at who acts, so it never holds on a transition that fires by itself.
    """

    name: str
    summary: str
    schema: Mapping[str, Any]
    needs: Callable[[Params], Needs]
    wakes: Callable[[Params], frozenset[Wake]]
    judge: Callable[[Question], Iterable[Blocker]]
    person: bool = False


def parameters(required: Sequence[str] = (), **properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with these properties and no others. A trailing underscore keeps Python's words free."""
    return {
        "type": "object",
        "properties": {name.rstrip("_"): schema for name, schema in properties.items()},
        "required": list(required),
        "additionalProperties": False,
    }


def name_of(what: str, **more: Any) -> dict[str, Any]:
    """The schema of a text that names a record kind, a field, a role, …"""
    return {"type": "string", "x-names": what, **more}


def names_of(what: str, **more: Any) -> dict[str, Any]:
    """The schema of a list of such names, at least one."""
    return {"type": "array", "items": name_of(what, **more), "minItems": 1, "uniqueItems": True}


BOOLEAN = {"x-type": "boolean"}
"""Of a field that is a box to tick."""


def values_of(field: str) -> dict[str, Any]:
    """The schema of a list of values that the field named by the property `field` may have."""
    scalar = {"type": ["string", "number", "boolean"]}
    return {"type": "array", "items": scalar, "minItems": 1, "uniqueItems": True, "x-values": field}


VALUES = {
    "type": "object",
    "propertyNames": {"x-names": "field"},
    "additionalProperties": values_of("key"),
    "minProperties": 1,
}
"""The schema of `{field: [values]}`."""

NUMBER = {"type": "integer", "minimum": 1}


def wakes(*these: Wake) -> Callable[[Params], frozenset[Wake]]:
    """For guards that the same things wake whatever their parameters."""
    always = frozenset(these)
    return lambda params: always
