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

from states.sentences import Sentence, in_locale, said


class StatesError(Exception):
    """Any error of this room."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: 1-based line and column."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file: which check found it, where, what is wrong and what would be right."""

    check: str
    message: str
    hint: str
    place: Place
    path: str = ""  # states.in_review.deadline.due

    def __str__(self) -> str:
        return self.in_locale("en")

    def in_locale(self, locale: str) -> str:
        """The place, what is wrong and what would be right, as far as there is a text in `locale`."""
        said = f"{in_locale(self.message, locale)} {in_locale(self.hint, locale)}"
        return f"{self.place.line}:{self.place.column}: {said} [{self.check}]"


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
        self.sentence = said(
            "Die Arbeitstage von {year} lassen sich nicht zählen: Der Kalender „{calendar}“ kennt die Feiertage von "
            "{first} bis {last}. Geben Sie ein Datum in diesen Jahren.",
            "The working days of {year} cannot be counted: calendar {calendar!r} knows the holidays of {first} to "
            "{last}. Give a date in these years.",
            year=year,
            calendar=calendar,
            first=first,
            last=last,
        )
        super().__init__(str(self.sentence))


MOST_NAMES = 12
"""A message that lists what is known lists so many."""


def nearest(name: str, known: Sequence[str]) -> Sentence:
    """A sentence with the names that come close to `name`, or with all of them."""
    close = get_close_matches(name, known, n=3, cutoff=0.6)
    if close:
        best = SequenceMatcher(None, close[0], name).ratio()
        close = [one for one in close if SequenceMatcher(None, one, name).ratio() >= best - 0.1]
        return Sentence(f"Meinten Sie {' oder '.join(close)}?", f"Did you mean {' or '.join(close)}?")
    if not known:
        return Sentence("Hier gibt es noch keinen Namen.", "None are declared.")
    names, left = ", ".join(known[:MOST_NAMES]), len(known) - MOST_NAMES
    more = Sentence(f" und {left} weitere", f" and {left} more") if left > 0 else ""
    return said("Bekannt: {names}{more}.", "Known: {names}{more}.", names=names, more=more)
