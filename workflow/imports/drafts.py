"""Judges the rows of a table of ideas one by one: what each would become, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar

from states.blockers import Blocker
from states.permissions import plan_create
from states.record_keys import FREE_KEY
from states.record_kinds import Per, RecordKind
from states.records import RecordPlan, planned
from states.sentences import Sentence, said
from states.snapshot import Person
from states.validation import checked
from workflow.imports.fitting import key_schema
from workflow.imports.forms import Filled, fill_form, fill_sheet, problems_of
from workflow.imports.mapping import Form
from workflow.imports.report import Problem, Remark
from workflow.imports.rules import Rule, Unfit
from workflow.imports.tables import Row
from workflow.imports.task import Task
from workflow.imports.values import as_date, entry, fit
from workflow.progress import Progress

T = TypeVar("T")

EVERY = 200
"""Rows after which whoever waits is told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a row becomes. `since` is the date it entered its state as exact as it is known, `at` the moment for it.

    origin: the state that a pausing one interrupts. people: who gets which role on it.
    """

    row: Row
    state: str
    at: datetime
    sheet: RecordPlan
    since: str | None = None
    origin: str | None = None
    forms: tuple[RecordPlan, ...] = ()
    people: tuple[tuple[str, Person], ...] = ()


@dataclass(slots=True)
class Judged:
    """What became of the rows. `barred`: why the person may bring in none of them, whatever they say."""

    drafts: list[Draft] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Remark, ...] = ()
    barred: tuple[Blocker, ...] = ()


def judge(task: Task, rows: Sequence[Row], progress: Progress) -> Judged:
    """A draft of each of `rows`, and the problems of those that cannot be taken in."""
    judged = Judged()
    problems: list[Problem] = []
    remarks: list[Remark] = []
    barred: list[tuple[Row, list[Blocker]]] = []
    for done, row in enumerate(rows, start=1):
        one = _Row(task, row)
        draft = one.draft()
        problems += one.problems
        remarks += one.remarks
        if one.barred:
            barred.append((row, one.barred))
        elif draft is not None:
            judged.drafts.append(draft)
        if done % EVERY == 0 or done == len(rows):
            progress("checked", done, len(rows))
    if rows and len(barred) == len(rows):
        judged.barred = tuple({blocker.text: blocker for _, found in barred for blocker in found}.values())
    else:
        problems += [Problem(row.line, Sentence(one.text.de, one.text.en)) for row, found in barred for one in found]
    judged.problems, judged.remarks = tuple(problems), tuple(remarks)
    return judged


class _Row:
    """One row on its way to becoming an item."""

    def __init__(self, task: Task, row: Row) -> None:
        self.task = task
        self.row = row
        self.problems: list[Problem] = []
        self.remarks: list[Remark] = []
        self.barred: list[Blocker] = []

    def draft(self) -> Draft | None:
        task = self.task
        state, at, since, origin = self._entry()
        sheet = self._sheet()
        forms = tuple(plan for form in task.mapping.records for plan in self._records(form))
        people = tuple((role, one) for role, rule in task.mapping.people.items() for one in self._people(rule))
        if self.problems or self.barred:
            return None
        return Draft(self.row, state, at, sheet, since, origin, forms, people)

    def _sheet(self) -> RecordPlan:
        task, mapping = self.task, self.task.mapping
        filled = fill_sheet(mapping, task.lifecycle, self.row, task.programme)
        self._take(filled)
        plan = plan_create(task.lifecycle, task.programme, task.actor.person, None, filled.data, task.now)
        faults = [one for one in plan.blockers if one.code.startswith("invalid_")]
        self.barred = [one for one in plan.blockers if one not in faults]
        if not filled.problems:
            self.problems += problems_of(faults, mapping.fields, mapping.title, self.row.line)
        return plan

    def _entry(self) -> tuple[str, datetime, str | None, str | None]:
        """The state the row enters at, the moment and the date it did so, and the state that this interrupts."""
        task, rules = self.task, self.task.mapping.entry
        state, at, since, origin = task.lifecycle.initial, task.now, None, None
        if rules is None:
            return state, at, since, origin
        found = self._value(rules.to, self._state)
        if found is not None:
            state = found
        elif not self.problems:
            self._problem(
                rules.to,
                Sentence("Der Zustand fehlt.", "There is no state."),
                Sentence("Geben Sie der Regel `default` oder `map`.", "Give the rule a `default`, or a `map`."),
            )
        since = self._value(rules.since, lambda text, formats: as_date(str(text), formats, partial=True))
        if since is not None:
            at = datetime.combine(first_day(since), time(), task.programme.zone)
        if at > task.now:
            self._problem(
                rules.since,
                said("{since} liegt in der Zukunft.", "{since} is still to come.", since=since),
                Sentence(
                    "Geben Sie den Tag an, an dem der Zustand begann.", "Give the day on which the state was entered."
                ),
            )
        if task.lifecycle.states[state].pauses:
            origin = self._origin(state, rules.origin)
        return state, at, since, origin

    def _origin(self, state: str, rule: Rule | None) -> str | None:
        """The state that a pausing one interrupts: the one that is named, or the only one that leads there."""
        found = self._value(rule, self._state)
        lifecycle = self.task.lifecycle
        before = {
            source
            for move in lifecycle.transitions.values()
            for source in move.sources
            if any(way.state == state for way in move.ways)
        }
        if found is None and rule is None and len(before) == 1:
            return before.pop()
        if found not in before:
            known = ", ".join(sorted(before))
            self._problem(
                rule,
                said(
                    "{state} unterbricht einen anderen Zustand, und welchen, ist nicht bekannt.",
                    "{state} interrupts another state, and which is not known.",
                    state=state,
                ),
                said("Einer von {known}.", "One of {known}.", known=known),
            )
        return found

    def _records(self, form: Form) -> Iterator[RecordPlan]:
        """The records that the row fills of one kind; none where its columns say nothing."""
        task, row = self.task, self.row
        kind = task.lifecycle.records[form.record]
        filled = fill_form(form.fields, kind, row, task.programme)
        if not filled.told and any(rule.reads for rule in form.fields.values()):
            return
        self._take(filled)
        right, faults = checked(task.lifecycle, task.programme, kind, filled.data)
        if not filled.problems:
            self.problems += problems_of(faults, form.fields, None, row.line)
        for key in self._keys(kind, form.key):
            yield planned(kind, (), key, 1 if kind.visit else 0, right)

    def _keys(self, kind: RecordKind, rule: Rule | None) -> list[str]:
        """The keys of the records of a kind: several where the cell names several bodies, units or cities."""
        if kind.per is Per.ITEM or rule is None:
            return [""]
        programme = self.task.programme

        def fitted(value: Any, formats: Sequence[str]) -> list[str]:
            return [fit(one, key_schema(kind), programme) for one in (value if isinstance(value, list) else [value])]

        before = len(self.problems)
        keys = self._value(rule, fitted) or []
        if not keys and len(self.problems) == before:
            self._problem(
                rule,
                said(
                    "Für wen „{kind}“ ist, steht hier nicht.",
                    "For whom the {kind} is does not stand here.",
                    kind=kind.label,
                ),
                Sentence("Nennen Sie es, oder lassen Sie alles leer.", "Name it, or leave it empty."),
            )
        for key in keys if kind.per is Per.KEY else ():
            if not FREE_KEY.fullmatch(key):
                self._problem(
                    rule,
                    said("„{key}“ kann kein Schlüssel sein.", "{key!r} cannot be a key.", key=key),
                    Sentence(
                        "Nehmen Sie bis zu 64 Buchstaben, Ziffern, Punkte, _ und -.",
                        "Use up to 64 letters, digits, dots, _ and -.",
                    ),
                )
        return list(dict.fromkeys(keys))

    def _people(self, rule: Rule) -> list[Person]:
        """The people whom a cell names by their addresses."""

        def known(value: Any, formats: Sequence[str]) -> list[Person]:
            found = {one: self.task.person(one) for one in (value if isinstance(value, list) else [value])}
            for asked, person in found.items():
                if person is None:
                    raise Unfit(
                        said("Die Person „{asked}“ gibt es nicht.", "There is no person {asked!r}.", asked=asked),
                        Sentence("Legen Sie sie an: `ideenweg person add`.", "Add them with `ideenweg person add`."),
                    )
            return [person for person in found.values() if person is not None]

        return self._value(rule, known) or []

    def _state(self, text: Any, formats: Sequence[str]) -> str:
        states = self.task.lifecycle.states.items()
        return entry(str(text), {key: (state.label.de, state.label.en) for key, state in states}, "state")

    def _value(self, rule: Rule | None, make: Callable[[Any, Sequence[str]], T]) -> T | None:
        """What `make` makes of the rule's value and its date formats; None where there is nothing, or nothing good."""
        if rule is None:
            return None
        try:
            found = rule.look(self.row.cells)
            if found.value is None:
                return None
            made = make(found.value, () if found.own else rule.formats)
        except Unfit as error:
            self.problems.append(Problem(self.row.line, error.message, error.remedy, error.column or rule.column))
            return None
        self.remarks += [Remark(self.row.line, one, rule.column) for one in found.remarks]
        return made

    def _take(self, filled: Filled) -> None:
        self.problems += filled.problems
        self.remarks += filled.remarks

    def _problem(self, rule: Rule | None, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.row.line, message, remedy, rule.column if rule else None))


def first_day(text: str) -> date:
    """The day on which a date begins that may be known to the month or the year alone."""
    return date.fromisoformat(f"{text}-01-01"[:10])
