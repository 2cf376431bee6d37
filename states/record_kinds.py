"""The forms that a lifecycle file declares: record kinds with their fields, who reads them, how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from states.errors import Place
from states.sentences import Text


class Per(StrEnum):
    """How many records of a kind an item has: one in all, or one for each person, body, unit, city or free key."""

    ITEM = "item"
    PERSON = "person"
    BODY = "body"
    UNIT = "unit"
    CITY = "city"
    KEY = "key"


class Column(StrEnum):
    """What lists filter items by; a record field with `sets:` keeps it in the same transaction."""

    TITLE = "title"
    CITIES = "cities"
    FIELDS = "fields"
    PROVENANCE = "provenance"
    FUNDING = "funding"
    RELEASED = "released"


class Section(StrEnum):
    """Where the page of an item shows the records of a kind; the sections stand there in this order."""

    SUMMARY = "summary"
    REVIEWS = "reviews"
    DECISIONS = "decisions"
    DELIVERY = "delivery"
    RESULTS = "results"
    FURTHER = "further"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record kind: its JSON Schema, and what the schema has no word for.

    In the schema `enum` is a list and objects are closed. The labels of an enum's values are in `x-labels` (value ->
    {"de": …, "en": …}), those of what `items` and `properties` describe in `x-label` and `x-description`.
    `happened`: the day of something that has been, so that one which lies ahead is odd.
    """

    key: str
    schema: Mapping[str, Any]
    label: Text
    required: bool = False
    personal: bool = False
    public: bool = False
    sets: Column | None = None
    hint: Text | None = None
    happened: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class ReadRule:
    """Who reads a record kind: `public` everybody once released; `roles` (empty: every role of the lifecycle);
    `blind_until_own`: other people's only after one's own is in."""

    public: bool = False
    roles: tuple[str, ...] = ()
    blind_until_own: bool = False


class Drawn(StrEnum):
    """What a picture shows: how far a measured value has come, when something was planned and reached, what makes up a
    whole."""

    MEASURE = "measure"
    DATES = "dates"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Picture:
    """How the records of a kind are drawn, beside their table; the names are those of its fields.

    measure: from `baseline` to `target` in `unit`, with the field `value` of the records of `by` under the same key.
    dates: `planned` and `reached`. parts: of a whole, in the unit `unit` names itself.
    """

    shows: Drawn
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A form that somebody fills about an item.

    `visit`: states of which a new visit asks for a new record; empty: a record holds for the item's whole life.
    `states` (`while:` in the file): where it may be written; empty: everywhere but in final states.
    `write`: the roles that may write it; `write_only_in`: for some of these, the states outside which they may not.
    `section`: where the item's page shows it; the sheet stands in the summary, whatever it says.
    `votes`: of a kind that each body has, its fields with votes: together no more than the body has members.
    """

    key: str
    label: Text
    fields: Mapping[str, Field]
    per: Per = Per.ITEM
    visit: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    write_only_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read: ReadRule = field(default_factory=ReadRule)
    section: Section = Section.FURTHER
    picture: Picture | None = None
    votes: tuple[str, ...] = ()
    place: Place | None = None

    def writers(self, state: str) -> tuple[str, ...]:
        """The roles that may write the kind while its item is in `state`, where `states` lets it be written at all."""
        return tuple(role for role in self.write if state in self.write_only_in.get(role, (state,)))
