"""What an import did, would do, or could not do: told by line, so that nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workflow.errors import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken in, and what to do about it."""

    line: int
    message: str
    remedy: str = ""
    column: str | None = None

    def __str__(self) -> str:
        where = f"{self.line}: {self.column}: " if self.column else f"{self.line}: "
        return f"{where}{self.message} {self.remedy}".rstrip()


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

    def __str__(self) -> str:
        return f"{self.line}: {self.case}, {self.step}: {self.message}"


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
        """The report as plain JSON values."""
        return asdict(self)


class BadRows(BadInput):
    """Rows that cannot be taken in, so nothing was; `report` has every one of them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        bad = len({problem.line for problem in report.problems}) + len({misfit.line for misfit in report.misfits})
        super().__init__(
            f"{bad} of {report.rows} rows cannot be taken in, so nothing was.",
            report.file,
            remedy="Correct them, or say in the mapping file what shall become of them.",
        )
