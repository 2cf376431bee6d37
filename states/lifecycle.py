"""What a lifecycle file says, as frozen data: roles, stages, states, transitions, record kinds, deadlines, notices.

`loader.py` makes these from YAML, `checks.py` proves them sound, `machine.py` plans moves with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from states.agenda import Agenda
    from states.guards import Guard
    from states.ranking import Ranking
    from states.transfer import Transfer

ANYONE = "anyone"
"""In `roles:` of a transition: every known person may fire it."""

ORIGIN = "origin"
"""In `to:` of a transition: back to the state that a pausing state was entered from, in the same visit."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, by locale; `label: Eingang` in a file is the same text in every locale."""

    de: str
    en: str

    def __getitem__(self, locale: str) -> str:
        """The text in `locale` ("de", "de-DE", "en", …); any other locale reads English."""
        return self.de if locale.startswith("de") else self.en


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: 1-based line and column."""

    line: int
    column: int


class Scope(StrEnum):
    """What a role is granted for. A role without a scope holds for the whole programme."""

    CITY = "city"
    BODY = "body"
    UNIT = "unit"
    ITEM = "item"


class Fire(StrEnum):
    """Who sets a transition off: a person, its guards becoming true, the end of the state's deadline, a recurring date.

    `FOLLOW_UP` is of requests alone: a transition of another item set this one off (`then:`).
    """

    PERSON = "person"
    AUTOMATIC = "automatic"
    EXPIRY = "expiry"
    RECURRING = "recurring"
    FOLLOW_UP = "follow_up"


class Reason(StrEnum):
    """Whether a transition takes a reason; a public one is shown to everybody once the item is released."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"
    PUBLIC = "public"


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


class Unit(StrEnum):
    """Units of a duration (BGB §§ 187, 188 for weeks, months and years)."""

    WORKING_DAYS = "working days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as people write it: `10 working days`, `6 weeks`, `54 months`."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        unit = self.unit.value
        return f"{self.amount} {unit[:-1] if self.amount == 1 else unit}"


@dataclass(frozen=True, slots=True)
class Relative:
    """A date counted from a recorded one: `{add: 54 months, after: decision.date, key: funder, of: part_of}`."""

    add: Duration
    record: str
    field: str
    key: str = ""
    of: str | None = None  # a link kind: the record is the linked item's


Due = Duration | date | Relative


@dataclass(frozen=True, slots=True)
class Reminder:
    """A step before (or, with `before` absent, on) the due day."""

    before: Duration | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step after the due day, to the people of another role."""

    after: Duration
    to: str


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """By when a state is to be left, who sees to it, who is reminded and who is told when it is late.

    `until` names a record kind: the deadline is met as soon as that record is there (of the same key, where the due
    date was counted from a record with a key), not only when the state is left. Where each of several people or units
    writes a record of that kind, it is met when all who are assigned as `responsible` have.
    `on_working_day`: a due day on which nobody works becomes the next one on which people do (BGB § 193).
    `public`: what the day is called in the calendar for everybody, once the item is released; None: it is not shown.
    """

    key: str  # unique in its lifecycle; the state's name where the file gives none
    due: Due
    responsible: str | None
    until: str | None = None
    on_working_day: bool = False
    public: Text | None = None
    remind: tuple[Reminder, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """What people are for an item. `assign`: the roles that may give it to somebody on an item (empty: nobody does)."""

    key: str
    label: Text
    scope: Scope | None
    assign: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    key: str
    label: Text
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The exact place of an item. In a pausing state the clock of the state before stops and `origin` leads back."""

    key: str
    stage: str | None
    label: Text
    public: Text | None = None
    tags: frozenset[str] = frozenset()
    pauses: bool = False
    deadlines: tuple[DeadlineRule, ...] = ()
    place: Place | None = None

    @property
    def final(self) -> bool:
        return "final" in self.tags


@dataclass(frozen=True, slots=True)
class GuardUse:
    """A guard of the vocabulary with the parameters a file gives it; lists of guards among them are GuardUses too."""

    name: str
    params: Mapping[str, Any]
    guard: Guard
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One target of a transition: a state or `origin`; the first way whose guards hold is taken."""

    state: str
    when: tuple[GuardUse, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A yearly clock: `fire: {every: 1 year, from: previous_due}`; `start` is `entered` or `previous_due`.

    until: the last day on which it may fire; None: it goes on for as long as the item is in the state.
    """

    every: Duration
    start: str = "entered"
    until: date | Relative | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that a transition sends, and the roles (relative to the item) that get it."""

    name: str
    to: tuple[str, ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a transition does to linked items: `then: [{link: candidate_of, transition: …}]`.

    `transition`: set off there, as a follow-up of its own; None: no move.
    `followers`: who follows this item follows those as well from then on.
    `incoming`: the items whose link points here (else those this item points to).
    `states`: only items in one of these states; empty: in any.
    """

    link: str
    transition: str | None
    incoming: bool = True
    states: tuple[str, ...] = ()
    reason: Text | None = None
    followers: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A named move. `sources` are the states in `from:`, `ways` those in `to:`."""

    key: str
    label: Text
    sources: tuple[str, ...]
    ways: tuple[Way, ...]
    fire: Fire = Fire.PERSON
    recurrence: Recurrence | None = None
    roles: tuple[str, ...] = ()
    reason: Reason = Reason.OPTIONAL
    form: str | None = None
    guards: tuple[GuardUse, ...] = ()
    notify: tuple[Notice, ...] = ()
    effects: tuple[Effect, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record kind: its JSON Schema, and what the schema has no word for.

    In the schema `enum` is a list and objects are closed. The labels of an enum's values are in `x-labels` (value ->
    {"de": …, "en": …}), those of what `items` and `properties` describe in `x-label` and `x-description`.
    """

    key: str
    schema: Mapping[str, Any]
    label: Text
    required: bool = False
    personal: bool = False
    public: bool = False
    sets: Column | None = None
    hint: Text | None = None
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
    place: Place | None = None

    def writers(self, state: str) -> tuple[str, ...]:
        """The roles that may write the kind while its item is in `state`, where `states` lets it be written at all."""
        return tuple(role for role in self.write if state in self.write_only_in.get(role, (state,)))


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A named relation to another item. `to`: the lifecycles it may lead to (empty: any); `write`: who may set it.

    `portfolio`: the portfolio tells how many items are linked so, and how many were made since the other item was last
    in this state of its own.
    """

    key: str
    label: Text
    inverse: Text
    to: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    place: Place | None = None
    portfolio: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentRights:
    """Who attaches documents to an item (None: whoever has a role on it), and who decides that everybody may see one.

    Who attached a document may remove it, and so may those who publish.
    """

    attach: tuple[str, ...] | None = None
    publish: tuple[str, ...] = ()


class Part(StrEnum):
    """What a step of the submission form asks for beside fields: files, how to be reached, consent to the terms."""

    DOCUMENTS = "documents"
    CONTACT = "contact"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class SubmissionStep:
    """A page of the submission form. fields: of the sheet; record: another kind, filled in here as well."""

    key: str
    label: Text
    hint: Text | None = None
    fields: tuple[str, ...] = ()
    record: str | None = None
    asks: Part | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """How an item is handed in on the pages, step by step. `submit`: the transition that is fired at the end."""

    steps: tuple[SubmissionStep, ...]
    submit: str | None = None


@dataclass(frozen=True)
class Lifecycle:
    """One version of a lifecycle file. Frozen; an item is pinned to the version it was created under."""

    key: str
    version: int
    label: Text
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    stages: Mapping[str, Stage] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    records: Mapping[str, RecordKind] = field(default_factory=dict)
    links: Mapping[str, LinkKind] = field(default_factory=dict)
    calendar: str | None = None
    created_by: str | None = None
    create: tuple[str, ...] = (ANYONE,)
    correct: tuple[str, ...] = ()
    extend: tuple[str, ...] | None = None  # who may extend a deadline; None: see `extenders`
    sheet: str | None = None  # the record kind that Create fills; the loader supplies one with a title where absent
    support: bool = False  # residents may support an item
    ranking: Ranking | None = None  # of a round: how its candidates are compared
    agenda: Agenda | None = None  # of a session: what one form records on every item of its agenda
    transfer: Transfer | None = None  # how a project sheet of another city is taken in
    documents: DocumentRights = field(default_factory=DocumentRights)
    submission: Submission | None = None  # absent: one step with the whole sheet
    source: str = ""
    sha256: str = ""

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What other modules work out of this lifecycle once, each under a name of its own."""
        return {}

    @cached_property
    def leaving(self) -> Mapping[str, tuple[Transition, ...]]:
        """State -> the transitions that leave it, in file order."""
        return {key: tuple(move for move in self.transitions.values() if key in move.sources) for key in self.states}

    @cached_property
    def automatic(self) -> Mapping[str, tuple[Transition, ...]]:
        """State -> its automatic transitions, in file order."""
        return {
            key: tuple(move for move in moves if move.fire is Fire.AUTOMATIC) for key, moves in self.leaving.items()
        }

    def extenders(self, state: str) -> tuple[str, ...]:
        """Who may extend the deadlines of `state`: absent a word in the file, the granted roles that may move it on."""
        if self.extend is not None:
            return self.extend
        moving = dict.fromkeys(role for move in self.leaving[state] for role in move.roles)
        return tuple(role for role in moving if role in self.roles and self.roles[role].scope is not Scope.ITEM)

    @cached_property
    def clocked(self) -> frozenset[str]:
        """The states in which a clock runs: those with a deadline, and those a recurring transition leaves."""
        return frozenset(
            key
            for key, state in self.states.items()
            if state.deadlines or any(move.recurrence for move in self.leaving[key])
        )
