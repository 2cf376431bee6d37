"""`ideenweg import`: take in tables of ideas, and the logs of earlier tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.meetings import sessions
from ideenweg.cli.output import complain, emit, line, progress, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.sheets import sheet
from ideenweg.wiring import read_text
from states.sentences import in_locale
from workflow.imports.mapping import MappingFile
from workflow.imports.parsing import parse_mapping

if TYPE_CHECKING:
    from ideenweg.wiring import App
    from workflow.imports.report import Remark, Report

Run = Callable[["App", MappingFile, Any], "Report"]

FILE = click.argument("file", type=click.Path(path_type=Path))
MAP = click.option(
    "--map", "mapping", type=click.Path(path_type=Path), required=True, help="The mapping file (docs/importing.md)."
)
ACTOR = click.option("--as", "actor", metavar="EMAIL", help="In whose name, instead of the mapping's `actor`.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")


@click.group("import", cls=Group)
def import_() -> None:
    """Take in tables of ideas, the logs of earlier tools and other cities' projects: all of it, or nothing."""


import_.add_command(sheet)
import_.add_command(sessions)


@import_.command()
@FILE
@MAP
@ACTOR
@DRY_RUN
@pass_session
def ideas(session: Session, file: Path, mapping: Path, actor: str | None, dry_run: bool) -> None:
    """Take in the rows of FILE (CSV or XLSX) as items. Rows that an earlier import brought in are left alone.

    Every row is checked first. One that cannot be taken in stops the import: all such rows are told, with line, column
    and reason, and nothing is changed (exit code 2).

    \b
    Examples:
      ideenweg import ideas measures.csv --map docs/examples/ulm.map.yaml --dry-run
      ideenweg import ideas projects.xlsx --map docs/examples/portfolio.map.yaml --as verwaltung@dortmund.example
    """
    from workflow.imports.ideas import import_ideas

    def run(app: App, parsed: MappingFile, move: Any) -> Report:
        return import_ideas(
            app.database, app.rules, file, parsed,
            now=session.now, actor=actor, account=session.account, dry_run=dry_run, progress=move,
        )  # fmt: skip

    _import(session, mapping, run, history=False)


@import_.command()
@FILE
@MAP
@ACTOR
@DRY_RUN
@click.option("--lenient", is_flag=True, help="Take in steps that the lifecycle does not allow, marked as such.")
@pass_session
def history(session: Session, file: Path, mapping: Path, actor: str | None, dry_run: bool, lenient: bool) -> None:
    """Take in another tool's log, FILE: its cases become items with dated events, marked as imported.

    Every step is held to the lifecycle. Steps that do not fit are told with line and reason; nothing is taken in then,
    but with --lenient. What can be read in no way (a time, a person) stops the import in any case.

    \b
    Examples:
      ideenweg import history log.csv --map log.map.yaml --dry-run
      ideenweg import history log.csv --map log.map.yaml --lenient
    """
    from workflow.imports.history import import_history

    def run(app: App, parsed: MappingFile, move: Any) -> Report:
        return import_history(
            app.database, app.rules, file, parsed,
            now=session.now, actor=actor, account=session.account, dry_run=dry_run, lenient=lenient, progress=move,
        )  # fmt: skip

    _import(session, mapping, run, history=True)


def _import(session: Session, mapping: Path, run: Run, *, history: bool) -> None:
    parsed = parse_mapping(read_text(mapping), str(mapping), history=history)
    with session.app() as app:
        with progress("Import:") as move:
            report = run(app, parsed, move)
        session.progress = Progress.NOTHING if report.dry_run else Progress.DONE
        if session.as_json:
            emit({"import": report.as_json()})
            return
        states = app.rules.newest_of(app.database, report.lifecycle).states
        labels = {key: state.label[session.locale] for key, state in states.items()}
    _tell(session, report, labels)


def _tell(session: Session, report: Report, labels: Mapping[str, str]) -> None:
    """What was done, and every decision that the mapping took on the way."""
    say = session.say
    for heading, remarks in (
        (say("Ausgelassen:", "Left out:"), report.skipped),
        (say("Vom Mapping entschieden:", "Decided by the mapping:"), report.remarks),
    ):
        if remarks:
            line(heading)
        for column, message, lines in _gathered(remarks, session.locale):
            line(f"  {report.file}:{lines}: {column}{message}")
    if report.misfits:
        line(say("Passt nicht zum Lebenszyklus:", "Does not fit the lifecycle:"))
    for misfit in report.misfits:
        line(f"  {report.file}:{misfit.in_locale(session.locale)}")
    if report.changed:
        lines = _ranges(report.changed)
        line(
            say(
                f"Seit dem letzten Import geändert, nicht noch einmal übernommen – Zeilen: {lines}",
                f"Changed since the last import, not imported again – lines: {lines}",
            )
        )
    if report.unmapped:
        columns = ", ".join(report.unmapped)
        complain(
            say("Hinweis: ", "Note: "),
            [
                say(
                    f"Diese Spalten nutzt das Mapping nicht: {columns}. Unter `unused` lassen sie sich ausnehmen.",
                    f"The mapping uses none of these columns: {columns}. Name them under `unused` to leave them out.",
                )
            ],
        )
    if report.states:
        line()
        table(
            [say("Zustand", "state"), say("Vorgänge", "items")],
            [[labels.get(key, key), str(number)] for key, number in report.states.items()],
        )
    for facet, counts in report.facets.items():
        line()
        table([facet, say("Vorgänge", "items")], [[key, str(number)] for key, number in counts.items()])
    if report.states:
        line()
    line(_summary(session, report))


def _gathered(remarks: Sequence[Remark], locale: str) -> list[tuple[str, str, str]]:
    """Column, message and lines of the remarks; those that say the same stand together."""
    lines: dict[tuple[str, str], list[int]] = {}
    for one in remarks:
        lines.setdefault((f"{one.column}: " if one.column else "", in_locale(one.message, locale)), []).append(one.line)
    return [(column, message, _ranges(found)) for (column, message), found in lines.items()]


def _ranges(lines: Sequence[int]) -> str:
    """`3, 7–9, 12`."""
    parts: list[list[int]] = []
    for one in sorted(lines):
        if parts and parts[-1][1] == one - 1:
            parts[-1][1] = one
        else:
            parts.append([one, one])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in parts)


def _summary(session: Session, report: Report) -> str:
    say = session.say
    made = report.items
    if report.dry_run:
        done = say(f"{made} Vorgänge würden angelegt", f"{made} items would be made")
    else:
        done = say(f"{made} Vorgänge angelegt", f"{made} items made")
    if report.numbers:
        done += f" ({report.numbers[0]} – {report.numbers[1]})"
    parts = [f"{report.file} ({report.form})", say(f"{report.rows} Zeilen", f"{report.rows} rows"), done]
    if report.steps:
        parts.append(say(f"{report.steps} Schritte", f"{report.steps} steps"))
    if report.people:
        parts.append(say(f"{report.people} neue Personen", f"{report.people} new people"))
    if report.known:
        parts.append(say(f"{report.known} schon da", f"{report.known} there already"))
    if report.skipped:
        parts.append(say(f"{len(report.skipped)} ausgelassen", f"{len(report.skipped)} left out"))
    return "; ".join(parts) + "."
