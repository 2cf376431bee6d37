"""The vocabulary of guards: named predicates over a snapshot, each giving the blockers that stand against a move.

A guard declares which facts it reads (`needs`) and what may make it change its mind (`wakes`). It is pure: the same
parameters, snapshot, request and moment give the same blockers. Packages add guards through the entry-point group
`ideenweg.guards`: each entry point is a `Guard`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from states.blockers import Blocker
from states.snapshot import Needs, Request, Snapshot

if TYPE_CHECKING:
    from states.lifecycle import Lifecycle


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

    params: Mapping[str, Any]
    snapshot: Snapshot
    request: Request
    now: datetime
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Guard:
    """A named predicate.

    schema: the JSON Schema of its parameters. A property with `"x-names"` names something in the lifecycle file or the
    programme ("record", "field", "role", "state", "transition", "link", "body", "office", …): the checks look it up.
    """

    name: str
    summary: str
    schema: Mapping[str, Any]
    needs: Callable[[Mapping[str, Any]], Needs]
    wakes: frozenset[Wake]
    judge: Callable[[Question], Iterable[Blocker]]
