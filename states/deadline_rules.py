"""The deadlines that a lifecycle file declares: by when a state is to be left, who is reminded, who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from states.errors import Place
from states.sentences import Text


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
