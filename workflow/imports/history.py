"""Takes in another tool's log: each case becomes an item with its dated events.

Every step is held to the lifecycle, with the facts as they were at that time. Steps that do not fit are reported with
their lines; nothing is taken in then, or (lenient) everything is, the misfits marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from states.errors import OutsideCalendar
from states.permissions import plan_create
from states.records import RecordPlan
from states.snapshot import local_day
from workflow.db import Database
from workflow.imports.forms import fill_sheet, problems_of
from workflow.imports.keys import digest_of, key_of
from workflow.imports.log import Case, LogReader
from workflow.imports.mapping import MappingFile
from workflow.imports.people import People
from workflow.imports.report import BadRows, Misfit, Problem, Remark, Report
from workflow.imports.retelling import Retelling
from workflow.imports.staging import Arrival, Numbers, Staging, reserved
from workflow.imports.task import Actor, Task, open_task
from workflow.numbers import numbered
from workflow.progress import Progress, silent
from workflow.rules import Rules
from workflow.transaction import Transaction

EVERY = 50
"""Cases after which whoever waits is told."""


@dataclass(frozen=True, slots=True)
class Tale:
    """A case that is ready to be told, with the sheet of its item."""

    case: Case
    key: str
    sheet: RecordPlan


@dataclass(slots=True)
class Findings:
    """What there is to say about the cases, and how many items will be where."""

    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)


def import_history(
    database: Database,
    rules: Rules,
    path: Path,
    mapping: MappingFile,
    *,
    now: datetime,
    actor: str | None = None,
    account: str | None = None,
    dry_run: bool = False,
    lenient: bool = False,
    progress: Progress = silent,
) -> Report:
    """Take in the cases of the log at `path` that are not there yet: all of them or none.

    lenient: also steps that the lifecycle does not allow, marked as such. The rest is as in `import_ideas`.
    Raises BadRows for a row that cannot be taken in, or (not lenient) a step that does not fit; FileFault, BadInput,
    Conflict.
    """
    with database.reading() as connection:
        task = open_task(connection, rules, path, mapping, actor=actor, account=account, now=now, dry_run=dry_run)
        reader = LogReader(task)
        fresh, report = _sorted_out(task, reader)
        people = People(task)
        findings = Findings(task.flaws())
        tales = _judged(task, reader, fresh, people, findings, progress)
        findings.problems += reader.problems
        report = replace(
            report,
            items=len(tales),
            steps=sum(len(tale.case.steps) for tale in tales),
            people=people.unknown,
            skipped=tuple(reader.skipped),
            remarks=tuple(sorted((*reader.remarks, *findings.remarks), key=lambda one: one.line)),
            misfits=tuple(sorted(findings.misfits, key=lambda one: one.line)),
            problems=tuple(sorted(findings.problems, key=lambda one: one.line)),
            states={key: findings.states[key] for key in task.lifecycle.states if findings.states[key]},
        )
    if report.problems or (report.misfits and not lenient):
        raise BadRows(report)
    if dry_run or not tales:
        return report
    return _write(database, task, tales, people, report, progress)


def _sorted_out(task: Task, reader: LogReader) -> tuple[list[tuple[Case, str]], Report]:
    """The cases that are new, each with its key; and the report of those that are not."""
    fresh: list[tuple[Case, str]] = []
    changed: list[int] = []
    known = 0
    for case in reader.cases():
        key = key_of([case.name])
        if there := task.known.get(key):
            known += 1
            changed += [case.rows[-1].line] if there.digest != digest_of(case.rows) else []
        else:
            fresh.append((case, key))
    return fresh, replace(task.report(), known=known, changed=tuple(changed))


def _judged(
    task: Task,
    reader: LogReader,
    fresh: list[tuple[Case, str]],
    people: People,
    findings: Findings,
    progress: Progress,
) -> list[Tale]:
    """Every case read and told once, to see what does not fit; nothing is written."""
    tales: list[Tale] = []
    number = (numbered(local_day(task.now, task.programme).year, 0), 0)
    for done, (case, key) in enumerate(fresh, start=1):
        before = len(reader.problems)
        reader.read(case)
        sheet = _sheet(task, case, findings)
        if sheet is not None and case.steps and len(reader.problems) == before:
            tale = Tale(case, key, sheet)
            try:
                told = Retelling.of(task, task.tx, case, people, sheet, number, key)
            except OutsideCalendar as error:
                findings.problems.append(Problem(case.rows[0].line, error.sentence))
                continue
            findings.misfits += told.misfits
            findings.states[told.work.item.state] += 1
            tales.append(tale)
        if done % EVERY == 0 or done == len(fresh):
            progress("checked", done, len(fresh))
    return tales


def _sheet(task: Task, case: Case, findings: Findings) -> RecordPlan | None:
    """The sheet of the case's item, filled from its first row; None where something is wrong with it."""
    first = case.steps[0].row if case.steps else case.rows[0]
    filled = fill_sheet(task.mapping, task.lifecycle, first, task.programme)
    findings.problems += filled.problems
    findings.remarks += filled.remarks
    plan = plan_create(task.lifecycle, task.programme, task.actor.person, None, filled.data, task.now)
    faults = [one for one in plan.blockers if one.code.startswith("invalid_")]
    findings.problems += problems_of(faults, task.mapping.fields, task.mapping.title, first.line)
    return None if filled.problems or faults else replace(plan, blockers=())


def _write(
    database: Database, task: Task, tales: list[Tale], people: People, report: Report, progress: Progress
) -> Report:
    year = local_day(task.now, task.programme).year
    with reserved(database, year, len(tales)) as numbers, Staging.opened(database) as staging:
        with staging.filling() as tx:
            actor = task.enlist(tx.connection, task.actor)
            origin = task.origin(actor)
            people.enlist(tx.connection, actor, origin)
            task = replace(task, actor=Actor(task.actor.asked, actor, known=True))
            staging.take(_arrivals(task, tx, people, tales, numbers), task.source, len(tales), progress)
        details = {"source": task.source, "sha256": task.table.sha256, "items": len(tales)}
        staging.commit(origin, task.now, details)
    return replace(report, numbers=numbers.ends)


def _arrivals(task: Task, tx: Transaction, people: People, tales: list[Tale], numbers: Numbers) -> Iterator[Arrival]:
    for tale, number in zip(tales, numbers, strict=True):
        told = Retelling.of(task, tx, tale.case, people, tale.sheet, number, tale.key)
        yield Arrival(tale.key, digest_of(tale.case.rows), told.work)
