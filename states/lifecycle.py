"""What a lifecycle file says, as frozen data: roles, stages, states, transitions, links, notices.

Its forms are in `record_kinds.py`, its deadlines in `deadline_rules.py`, how people hand in in `submission.py`.
`loader.py` makes all of these from YAML, `checks/` proves them sound, `machine.py` plans moves with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from states.deadline_rules import DeadlineRule, Duration, Relative
from states.errors import Place
from states.record_kinds import RecordKind
from states.sentences import Text
from states.submission import Submission

if TYPE_CHECKING:
    from states.agenda import Agenda
    from states.guards import Guard
    from states.ranking import Ranking
    from states.transfer import Transfer

ANYONE = "anyone"
"""In `roles:` of a transition: every known person may fire it."""

ORIGIN = "origin"
"""In `to:` of a transition: back to the state that a pausing state was entered from, in the same visit."""


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
