"""Reads another tool's log: its rows as steps of cases, each with a moment, a person and what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from states.lifecycle import Fire, Lifecycle
from states.record_kinds import RecordKind
from states.sentences import Sentence, said
from workflow.imports.fitting import key_schema
from workflow.imports.forms import fill_form
from workflow.imports.mapping import Activity, Log
from workflow.imports.people import address_fault
from workflow.imports.report import Problem, Remark
from workflow.imports.rules import Rule, Unfit
from workflow.imports.tables import Row
from workflow.imports.task import Task
from workflow.imports.values import either, fit

NO_CASE = Sentence("Die Zeile gehört zu keinem Fall.", "The row belongs to no case.")
NAME_ONE = Sentence("Nennen Sie einen.", "Name one.")
NOBODY = Sentence("Niemand ist genannt.", "Nobody is named.")
NAME_WHO = Sentence(
    "Nennen Sie, wer es getan hat, oder geben Sie `default` an.", "Name who did it, or give a `default`."
)
NO_TIME = Sentence("Der Zeitpunkt fehlt.", "There is no time.")
GIVE_ONE = Sentence("Geben Sie einen an.", "Give one.")
CORRECT = Sentence("Berichtigen Sie ihn.", "Correct it.")


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the log. `activity` None: the mapping does not know it. `who`: an e-mail address or a name.

    data, key: of the transition's form, or of the record.
    """

    row: Row
    said: str
    at: datetime
    who: str | None
    activity: Activity | None
    reason: str | None = None
    data: Mapping[str, Any] | None = None
    key: str = ""


@dataclass(slots=True)
class Case:
    """The steps of one case, in the order in which they are taken."""

    name: str
    rows: list[Row] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class LogReader:
    """Reads the rows of a log into cases, and gathers what is wrong with them."""

    def __init__(self, task: Task) -> None:
        assert task.mapping.log is not None
        self.task = task
        self.log: Log = task.mapping.log
        self.problems: list[Problem] = []
        self.remarks: list[Remark] = []
        self.skipped: list[Remark] = []

    def cases(self) -> list[Case]:
        """Every case of the log with its rows, in the order in which they begin in the file; no steps yet."""
        found: dict[str, Case] = {}
        for row in self.task.table.rows:
            name = row.cells[self.log.case]
            if because := self.task.skipped(row):
                self.skipped.append(Remark(row.line, because))
            elif not name:
                self.problems.append(Problem(row.line, NO_CASE, NAME_ONE, self.log.case))
            else:
                found.setdefault(name, Case(name)).rows.append(row)
        return list(found.values())

    def read(self, case: Case) -> None:
        """Put the steps of `case` in their order."""
        steps = [step for row in case.rows if (step := self._step(row)) is not None]
        if self.log.by_time:
            steps.sort(key=lambda step: step.at)
            for before, after in pairwise(steps):
                if before.at == after.at:
                    when = said(
                        "so spät wie Zeile {line}; genommen in der Reihenfolge der Datei",
                        "as late as line {line}; taken in the order of the file",
                        line=before.row.line,
                    )
                    self.remarks.append(Remark(after.row.line, when, self.log.time.column))
        case.steps = steps

    def _step(self, row: Row) -> Step | None:
        before = len(self.problems)
        doing = row.cells[self.log.activity]
        activity = self.log.activities.get(doing)
        if activity is not None and activity.ignore:
            self.skipped.append(Remark(row.line, activity.ignore, self.log.activity))
            return None
        at = self._time(row)
        who = self._text(self.log.person, row)
        if who is None and not _by_itself(activity, self.task.lifecycle):
            column = self.log.person.column
            self.problems.append(Problem(row.line, NOBODY, NAME_WHO, column))
        if who is not None and (fault := address_fault(who)):
            self.problems.append(Problem(row.line, str(fault), column=self.log.person.column))
        reason, data, key = None, None, ""
        if activity is not None:
            reason = self._text(activity.reason, row)
            data, key = self._form(activity, row)
        if at is None or len(self.problems) > before:
            return None
        return Step(row, doing, at, who, activity, reason, data, key)

    def _time(self, row: Row) -> datetime | None:
        text = self._text(self.log.time, row)
        column = self.log.time.column
        if text is None:
            if not any(problem.line == row.line for problem in self.problems):
                self.problems.append(Problem(row.line, NO_TIME, GIVE_ONE, column))
            return None
        at = as_moment(text, self.log.time.formats, self.task.programme.zone)
        if at is None:
            wanted = either(self.log.time.formats or ("2026-06-09T14:30",))
            wrong = said(
                "„{text}“ ist kein Zeitpunkt wie {wanted}.",
                "{text!r} is no time as {wanted}.",
                text=text,
                wanted=wanted,
            )
            self.problems.append(Problem(row.line, wrong, CORRECT, column))
        elif at > self.task.now:
            later = said("{text} liegt in der Zukunft.", "{text} is still to come.", text=text)
            self.problems.append(Problem(row.line, later, CORRECT, column))
        return at

    def _form(self, activity: Activity, row: Row) -> tuple[Mapping[str, Any] | None, str]:
        """The data and the key of the record that the step writes, or of its transition's form."""
        lifecycle = self.task.lifecycle
        if activity.form is not None:
            kind, rules, key = lifecycle.records[activity.form.record], activity.form.fields, activity.form.key
        elif activity.fields is not None and activity.transition is not None:
            form = lifecycle.transitions[activity.transition].form
            assert form is not None
            kind, rules, key = lifecycle.records[form], activity.fields, activity.key
        else:
            return None, ""
        filled = fill_form(rules, kind, row, self.task.programme)
        self.problems += filled.problems
        self.remarks += filled.remarks
        return filled.data, self._key(kind, key, row)

    def _key(self, kind: RecordKind, rule: Rule | None, row: Row) -> str:
        text = self._text(rule, row)
        if rule is None or text is None:
            return ""
        try:
            return str(fit(text, key_schema(kind), self.task.programme))
        except Unfit as error:
            self.problems.append(Problem(row.line, error.message, error.remedy, rule.column))
            return ""

    def _text(self, rule: Rule | None, row: Row) -> str | None:
        if rule is None:
            return None
        try:
            found = rule.look(row.cells)
        except Unfit as error:
            self.problems.append(Problem(row.line, error.message, error.remedy, error.column or rule.column))
            return None
        self.remarks += [Remark(row.line, one, rule.column) for one in found.remarks]
        return None if found.value is None else str(found.value)


def as_moment(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> datetime | None:
    """The aware moment in a text; one without an offset is on the clocks of `zone`. None: it is no time."""
    for one in formats or (None,):
        try:
            found = datetime.fromisoformat(text) if one is None else datetime.strptime(text, one)  # noqa: DTZ007
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=zone)
    return None


def _by_itself(activity: Activity | None, lifecycle: Lifecycle) -> bool:
    """Whether the step is one that no person takes."""
    if activity is None or activity.transition is None:
        return False
    return lifecycle.transitions[activity.transition].fire is not Fire.PERSON
