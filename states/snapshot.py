"""The facts about one item that guards may look at, and what a person asks for. Pure data, read once per command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from states.lifecycle import Fire
from states.programme import Programme

SYSTEM = "system"
"""The actor of automatic transitions, expiries and follow-ups: no person, holds no role."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person holds on the day asked about. `scope`: a city, body, unit or item; None: everywhere."""

    role: str
    scope_kind: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known, by pseudonymous id, with the grants in force today (item roles included)."""

    id: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordFact:
    """The latest version of one record. `key` is the person, body, unit, city or free key; "" where one an item.

    `author`: whose word it is. `writer`: who wrote it down, where that was a deputy.
    """

    kind: str
    key: str
    visit: int
    version: int
    author: str
    data: Mapping[str, Any]
    at: datetime
    writer: str | None = None


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A link from (`outgoing`) or to this item, with what guards may know of the other one."""

    kind: str
    outgoing: bool
    other: str
    lifecycle: str
    state: str
    tags: frozenset[str]
    records: tuple[RecordFact, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignmentFact:
    """A person who has a role on this item; `unit` is the office they hold it for, if the role is a unit's."""

    role: str
    person: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class StepFact:
    """One earlier move of the item. `imported` and `corrected` moves have no trigger a guard could have judged."""

    kind: str  # advanced, imported, corrected, created
    transition: str | None
    source: str | None
    target: str
    actor: str
    on_behalf_of: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One item as it stands inside the transaction, and who is asking."""

    number: str
    state: str
    visit: int
    revision: int
    entered_at: datetime
    actor: Person
    represented: Person | None = None
    deputy: bool = False  # the actor is a deputy of `represented` today
    deputy_for: frozenset[str] = frozenset()  # the roles the deputyship is limited to; empty: all of them
    cities: tuple[str, ...] = ()  # as recorded; empty: concerns all
    origin: str | None = None  # the state a pausing state was entered from
    origin_visit: int | None = None
    records: tuple[RecordFact, ...] = ()
    links: tuple[LinkFact, ...] = ()
    assignments: tuple[AssignmentFact, ...] = ()
    steps: tuple[StepFact, ...] = ()
    supports: tuple[datetime, ...] = ()
    programme: Programme = field(default_factory=Programme)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a transition with its reason and the data of its form. `fire` tells a person from the clock."""

    transition: str
    reason: str | None = None
    data: Mapping[str, Any] | None = None
    key: str = ""  # the key of the form's record, where its kind has one
    fire: Fire = Fire.PERSON


@dataclass(frozen=True, slots=True)
class Needs:
    """Which facts a guard reads, so that only these are loaded. `links`: link kind -> the record kinds read there."""

    records: frozenset[str] = frozenset()
    links: Mapping[str, frozenset[str]] = field(default_factory=dict)
    assignments: bool = False
    steps: bool = False
    support: bool = False

    def __or__(self, other: Needs) -> Needs:
        links = dict(self.links)
        for kind, records in other.links.items():
            links[kind] = links.get(kind, frozenset()) | records
        return Needs(
            self.records | other.records,
            links,
            self.assignments or other.assignments,
            self.steps or other.steps,
            self.support or other.support,
        )


def local_day(moment: datetime, programme: Programme) -> date:
    """The calendar day of an aware `moment` where the programme is."""
    return moment.astimezone(programme.zone).date()
