"""The errors of this room.

StatesError
├── FileFault          a lifecycle or programme file with faults: all of them, each with line and column
├── UnknownName        a name that a caller asked for and the lifecycle does not have
├── GuardClash         a plug-in's guard whose name is taken
└── OutsideCalendar    a working day of a year whose holidays are not known
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from states.lifecycle import Place


class StatesError(Exception):
    """Any error of this room."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file: which check found it, where, what is wrong and what would be right."""

    check: str
    message: str
    hint: str
    place: Place
    path: str = ""  # states.in_review.deadline.due

    def __str__(self) -> str:
        return f"{self.place.line}:{self.place.column}: {self.message} {self.hint} [{self.check}]"


class FileFault(StatesError):
    """The file does not get in: its findings say where, what is wrong and what would be right."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.name = name
        self.findings = tuple(sorted(findings, key=lambda one: (one.place.line, one.place.column, one.check)))
        super().__init__("\n".join(f"{name}:{finding}" for finding in self.findings))


class UnknownName(StatesError):
    """There is no such name; the message lists the nearest ones."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        self.what, self.name, self.known = what, name, tuple(known)
        super().__init__(f"There is no {what} {name!r}. {nearest(name, known)}")


class GuardClash(StatesError):
    """Two guards of one name: lifecycles could not tell which one they mean."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is a guard {name!r} already. Give the plug-in's guard a name of its own.")


class OutsideCalendar(StatesError):
    """The holidays of that year are not known, so its working days cannot be counted."""

    def __init__(self, calendar: str, year: int, first: int, last: int) -> None:
        self.calendar, self.year, self.first, self.last = calendar, year, first, last
        super().__init__(
            f"The working days of {year} cannot be counted: calendar {calendar!r} knows the holidays of {first} "
            f"to {last}. Give a date in these years."
        )


MOST_NAMES = 12
"""A message that lists what is known lists so many."""


def nearest(name: str, known: Sequence[str]) -> str:
    """A sentence with the names that come close to `name`, or with all of them."""
    close = get_close_matches(name, known, n=3, cutoff=0.6)
    if close:
        best = SequenceMatcher(None, close[0], name).ratio()
        close = [one for one in close if SequenceMatcher(None, one, name).ratio() >= best - 0.1]
        return f"Did you mean {' or '.join(close)}?"
    if not known:
        return "None are declared."
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return f"Known: {', '.join(known[:MOST_NAMES])}{more}."
