"""Takes in a table of ideas: each row becomes an item, at the beginning of its way or at the state it has elsewhere.

First every row is read and judged, by the rules that hold for anybody who creates an item; only if none is bad are they
written, all together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from states.errors import OutsideCalendar
from states.sentences import said
from states.snapshot import Person, local_day
from workflow import creation, deadlines
from workflow.access import refused
from workflow.db import Database
from workflow.errors import Refused
from workflow.events import Kind
from workflow.forms import write_record
from workflow.handlers import refusal
from workflow.imports.drafts import Draft, Judged, judge
from workflow.imports.keys import digest_of, row_keys
from workflow.imports.mapping import MappingFile
from workflow.imports.report import BadRows, Problem, Remark, Report
from workflow.imports.staging import Arrival, Numbers, Staging, reserved
from workflow.imports.tables import Row
from workflow.imports.task import VIA, Task, open_task
from workflow.moves import settle
from workflow.numbers import numbered
from workflow.progress import Progress, silent
from workflow.relations import assign
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.transaction import Transaction
from workflow.work import Work

FACETS = ("cities", "fields", "provenance", "funding")
"""What a report counts items by, beside their states."""


def import_ideas(
    database: Database,
    rules: Rules,
    path: Path,
    mapping: MappingFile,
    *,
    now: datetime,
    actor: str | None = None,
    account: str | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Report:
    """Take in the rows of the table at `path` that are not there yet: all of them or none.

    actor: instead of the person that the mapping names. account: the operating system's, for the history.
    dry_run: change nothing, say what would be done. progress: called with "checked" and "prepared".
    Raises BadRows where a row cannot be taken in, Refused where the person may not create such items at all, FileFault
    for a mapping that does not fit, BadInput for a table that cannot be read, Conflict where somebody was faster.
    """
    with database.reading() as connection:
        task = open_task(connection, rules, path, mapping, actor=actor, account=account, now=now, dry_run=dry_run)
        fresh, report = _sorted_out(task)
        judged = judge(task, [row for row, _ in fresh], progress)
        report = replace(report, remarks=judged.remarks, problems=(*task.flaws(), *judged.problems))
        if not report.problems and not judged.barred:
            report = _counted(task, judged, report)
        if report.problems:
            raise BadRows(replace(report, problems=tuple(sorted(report.problems, key=lambda one: one.line))))
    if judged.barred:
        raise _refused(database, task, judged, dry_run)
    if dry_run or not fresh:
        return report
    keys = [key for _, key in fresh]
    return _write(database, task, judged, keys, report, progress)


def _refused(database: Database, task: Task, judged: Judged, dry_run: bool) -> Refused:
    """The error for somebody who may not create such items; it is noted in their stream, as every refusal is."""
    if not dry_run:
        codes = [one.code for one in judged.barred]
        about = {"command": "import", "item": None, "transition": None, "blockers": codes}
        origin = Origin("", VIA, task.account)
        database.attempt(lambda connection: refused(connection, task.actor.asked, about, origin, task.now))
    return refusal(judged.barred)


def _sorted_out(task: Task) -> tuple[list[tuple[Row, str]], Report]:
    """The rows that are new, each with its key; and the report of those that are not, or that the mapping skips."""
    fresh: list[tuple[Row, str]] = []
    changed: list[int] = []
    skipped: list[Remark] = []
    known = 0
    for row, key in zip(task.table.rows, row_keys(task.table, task.mapping.source.key), strict=True):
        if because := task.skipped(row):
            skipped.append(Remark(row.line, because))
        elif there := task.known.get(key):
            known += 1
            changed += [row.line] if there.digest != digest_of([row]) else []
        else:
            fresh.append((row, key))
    return fresh, replace(task.report(), known=known, changed=tuple(changed), skipped=tuple(skipped))


def _counted(task: Task, judged: Judged, report: Report) -> Report:
    """The report with what the items will be, as the rules move them on at once; nothing is written."""
    year = local_day(task.now, task.programme).year
    states: Counter[str] = Counter()
    facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    moved: list[Remark] = []
    problems: list[Problem] = []
    for draft in judged.drafts:
        try:
            work = _build(task, task.tx, task.actor.person, draft, "", (numbered(year, 0), 0))
        except OutsideCalendar as error:
            problems.append(Problem(draft.row.line, error.sentence))
            continue
        states[work.item.state] += 1
        for name, counter in facets.items():
            counter.update(work.facets.get(name, ()))
        if work.item.state != draft.state:
            moved.append(_moved(draft, work.item.state))
    return replace(
        report,
        items=len(judged.drafts),
        problems=tuple(problems),
        remarks=tuple(sorted((*report.remarks, *moved), key=lambda one: one.line)),
        states={key: states[key] for key in task.lifecycle.states if states[key]},
        facets={name: dict(sorted(counter.items())) for name, counter in facets.items() if counter},
    )


def _moved(draft: Draft, state: str) -> Remark:
    return Remark(
        draft.row.line,
        said(
            "von selbst weiter von {before} nach {after}",
            "moved on by itself from {before} to {after}",
            before=draft.state,
            after=state,
        ),
    )


def _write(
    database: Database, task: Task, judged: Judged, keys: list[str], report: Report, progress: Progress
) -> Report:
    drafts = judged.drafts
    year = local_day(task.now, task.programme).year
    with reserved(database, year, len(drafts)) as numbers, Staging.opened(database) as staging:
        with staging.filling() as tx:
            actor = task.enlist(tx.connection, task.actor)
            staging.take(_arrivals(task, tx, actor, drafts, keys, numbers), task.source, len(drafts), progress)
        details = {"source": task.source, "sha256": task.table.sha256, "items": len(drafts)}
        staging.commit(task.origin(actor), task.now, details)
    return replace(report, numbers=numbers.ends)


def _arrivals(
    task: Task, tx: Transaction, actor: Person, drafts: list[Draft], keys: list[str], numbers: Numbers
) -> Iterator[Arrival]:
    for draft, key, number in zip(drafts, keys, numbers, strict=True):
        yield Arrival(key, digest_of([draft.row]), _build(task, tx, actor, draft, key, number))


def _build(task: Task, tx: Transaction, actor: Person, draft: Draft, key: str, number: tuple[str, int]) -> Work:
    """The item of a row with all its events, not yet written anywhere."""
    origin = task.origin(actor)
    work = creation.blank(task.rules, tx, task.lifecycle, *number, draft.state, actor, None, origin, task.now, draft.at)
    work.quiet = True
    if draft.origin:
        work.enter(draft.state, visit=1, origin=(draft.origin, 1))
    # Who brings in an item past its beginning counts as having done every step on the way: guards treat it so.
    kind = Kind.CREATED if draft.state == task.lifecycle.initial else Kind.IMPORTED
    told = {"source": task.source, "row": key, **({"since": draft.since} if draft.since else {})}
    submitter = next((one for role, one in draft.people if role == task.lifecycle.created_by), actor)
    creation.create(work, draft.sheet, submitter, kind, **told)
    for role, person in draft.people:
        if not any((one.role, one.person) == (role, person.id) for one in work.snapshot.assignments):
            assign(work, role, person)
    for form in draft.forms:
        write_record(work, form)
    if draft.forms:
        deadlines.refresh(work)
    deadlines.catch_up(work)
    settle(work)
    return work
