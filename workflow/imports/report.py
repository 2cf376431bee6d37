"""What an import did, would do, or could not do: told by line, so that nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from states.sentences import Sentence, in_locale, said
from workflow.errors import BadInput

PARTS = ("problems", "misfits", "skipped", "remarks")
"""What a report says by line."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken in, and what to do about it."""

    line: int
    message: str
    remedy: str = ""
    column: str | None = None

    def in_locale(self, locale: str) -> str:
        """The line, and what is to be said about it."""
        where = f"{self.line}: {self.column}: " if self.column else f"{self.line}: "
        return f"{where}{in_locale(self.message, locale)} {in_locale(self.remedy, locale)}".rstrip()

    def __str__(self) -> str:
        return self.in_locale("en")


@dataclass(frozen=True, slots=True)
class Remark:
    """What the mapping decided about a row, as it was told to: a title made up, a row left out."""

    line: int
    message: str
    column: str | None = None

    def __str__(self) -> str:
        return f"{self.line}: {self.column}: {self.message}" if self.column else f"{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A step of another tool's log that the lifecycle would not have allowed. `codes` are those of the blockers."""

    line: int
    case: str
    step: str
    codes: tuple[str, ...]
    message: str

    def in_locale(self, locale: str) -> str:
        """The line, and why its step does not fit."""
        return f"{self.line}: {self.case}, {self.step}: {in_locale(self.message, locale)}"

    def __str__(self) -> str:
        return self.in_locale("en")


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one import, or of its dry run.

    rows: of the table. items: those that were made (dry run: would be); with a log, of so many `steps`, and
    `people` who were not known before.
    known: rows (with a log: cases) that an earlier import has brought in. changed: the lines of those among them that
    say something else by now; they are not imported again. skipped: left out by the mapping, with the reason.
    states: how many items are in each state; facets: how many have each city, field, …
    """

    file: str
    form: str
    source: str
    lifecycle: str
    version: int
    dry_run: bool
    rows: int
    blank: int = 0
    items: int = 0
    steps: int = 0
    people: int = 0
    known: int = 0
    changed: tuple[int, ...] = ()
    skipped: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    problems: tuple[Problem, ...] = ()
    unmapped: tuple[str, ...] = ()
    states: Mapping[str, int] = field(default_factory=dict)
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    numbers: tuple[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values; what it says by line in both languages, `de` beside the English."""
        told = asdict(self)
        for part in PARTS:
            for row in told[part]:
                row["de"] = {name: in_locale(row[name], "de") for name in ("message", "remedy") if name in row}
        return told


class BadRows(BadInput):
    """Rows that cannot be taken in, so nothing was; `report` has every one of them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        bad = len({problem.line for problem in report.problems}) + len({misfit.line for misfit in report.misfits})
        super().__init__(
            said(
                "{bad} von {rows} Zeilen können nicht übernommen werden; übernommen wurde deshalb nichts.",
                "{bad} of {rows} rows cannot be taken in, so nothing was.",
                bad=bad,
                rows=report.rows,
            ),
            report.file,
            remedy=Sentence(
                "Berichtigen Sie sie, oder sagen Sie in der Zuordnung, was aus ihnen werden soll.",
                "Correct them, or say in the mapping file what shall become of them.",
            ),
        )
