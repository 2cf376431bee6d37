"""Two towns, North and South, with the lifecycle `guarded`; and snapshots of its items from a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from states.lifecycle import Lifecycle
from states.loader import load_lifecycle
from states.programme import Body, City, Office, Programme
from states.sentences import Text
from states.snapshot import (
    SYSTEM,
    AssignmentFact,
    Grant,
    LinkFact,
    Person,
    RecordFact,
    Snapshot,
    StepFact,
)

GUARDED = Path(__file__).parents[1] / "lifecycles" / "guarded.yaml"
NOW = datetime(2026, 6, 9, 10, tzinfo=UTC)
ENTERED = datetime(2026, 6, 1, 10, tzinfo=UTC)


def _named(name: str) -> Text:
    return Text(name, name)


TOWNS = Programme(
    key="towns",
    version=1,
    cities={"north": City("north", _named("Nord")), "south": City("south", _named("Süd"))},
    bodies={
        "council-north": Body("council-north", _named("Rat Nord"), "north"),
        "committee-north": Body("committee-north", _named("Ausschuss Nord"), "north"),
        "council-south": Body("council-south", _named("Rat Süd"), "south"),
        "funder": Body("funder", _named("Fördergeber")),
    },
    offices={
        "roads-north": Office("roads-north", _named("Tiefbau Nord"), "north"),
        "treasury-north": Office("treasury-north", _named("Kämmerei Nord"), "north"),
        "treasury-south": Office("treasury-south", _named("Kämmerei Süd"), "south"),
    },
)

ROLES = {
    "anna": [("coordinator", "city", "north")],
    "bert": [("coordinator", "city", "south")],
    "both": [("coordinator", "city", "north"), ("coordinator", "city", "south")],
    "dora": [("department", "unit", "roads-north")],
    "carl": [("department", "unit", "roads-north")],
    "kim": [("cosigner", "unit", "treasury-north")],
    "nora": [("session_office", "body", "council-north")],
    "nele": [("session_office", "body", "council-north"), ("session_office", "body", "committee-north")],
    "sven": [("session_office", "body", "council-south")],
    "fred": [("session_office", "body", "funder")],
    "adam": [("administrator", None, None)],
}
"""The grants of those who have any; anybody else is known and holds nothing."""


def person(name: str) -> Person:
    return Person(name, tuple(Grant(*grant) for grant in ROLES.get(name, ())))


def record(kind: str, data: Mapping[str, Any], **more: Any) -> RecordFact:
    return RecordFact(
        kind,
        more.get("key", ""),
        more.get("visit", 0),
        more.get("version", 1),
        more.get("author", "somebody"),
        data,
        more.get("at", ENTERED),
        more.get("writer"),
    )


def link(
    kind: str, other: str, *, outgoing: bool = True, state: str = "", tags: Any = (), records: Any = ()
) -> LinkFact:
    facts = tuple(record(**one) for one in records)
    return LinkFact(kind, outgoing, other, "strategy", state, frozenset(tags), facts)


def step(kind: str = "advanced", transition: str | None = None, target: str = "review", **by: Any) -> StepFact:
    return StepFact(kind, transition, None, target, by["actor"], by.get("on_behalf_of"), ENTERED)


def snapshot(**facts: Any) -> Snapshot:
    """An item as its facts say: records, links, steps as mappings, people by name, assigned as [role, person, unit]."""
    given = {
        "number": "2026-0001",
        "state": "review",
        "visit": 5,
        "revision": 9,
        "entered_at": ENTERED,
        "actor": "anna",
        "programme": TOWNS,
        **facts,
    }
    assigned = given.pop("assigned", ())
    given["actor"] = Person(SYSTEM) if given["actor"] == SYSTEM else person(given["actor"])
    if given.get("represented"):
        given["represented"] = person(given["represented"])
    given["cities"] = tuple(given.get("cities", ()))
    given["records"] = tuple(record(**one) for one in given.get("records", ()))
    given["links"] = tuple(link(**one) for one in given.get("links", ()))
    given["steps"] = tuple(step(**one) for one in given.get("steps", ()))
    given["supports"] = tuple(given.get("supports", ()))
    given["assignments"] = tuple(AssignmentFact(*one) for one in assigned)
    return Snapshot(**given)


@pytest.fixture(scope="session")
def guarded() -> Lifecycle:
    return load_lifecycle(GUARDED.read_text(encoding="utf-8"), "guarded.yaml")


@pytest.fixture(scope="session")
def item() -> Callable[..., Snapshot]:
    """Makes a snapshot of an item of `guarded` in the two towns: see `snapshot`."""
    return snapshot


@pytest.fixture
def now() -> datetime:
    return NOW
