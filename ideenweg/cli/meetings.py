"""`ideenweg import sessions`: the dates of a body, from its calendar or a table."""

from __future__ import annotations

from pathlib import Path

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Progress, Session, pass_session
from workflow.errors import BadInput
from workflow.imports.sessions import Taken, import_sessions


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--body", metavar="KEY", help="Whose sessions they are, where the file does not say.")
@click.option("--as", "actor", required=True, metavar="EMAIL", help="In whose name.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and change nothing.")
@pass_session
def sessions(session: Session, file: Path, body: str | None, actor: str, dry_run: bool) -> None:
    """Take in the sessions of a body from FILE: a calendar (ICS), or a table (CSV) with the columns date and title,
    and if wanted body, papers_by, place and link, in German or in English.

    Each session comes in once, however often it is imported; a changed date or place becomes a new version of its
    sheet. What cannot be taken in is told with its line and keeps nothing else out (exit code 1).

    \b
    Examples:
      ideenweg import sessions rat.ics --body council-dortmund --as ratsbuero@dortmund.example --dry-run
      ideenweg import sessions sitzungen.csv --as ratsbuero@dortmund.example
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    with session.app() as app:
        taken = import_sessions(
            app.engine, raw, file.name, body=body, actor=actor, now=session.now, dry_run=dry_run
        )  # fmt: skip
        session.progress = Progress.NOTHING if dry_run else Progress.DONE
    if session.as_json:
        emit({"import": taken.as_json()})
    else:
        _show(session, taken)
    if taken.faults:
        click.get_current_context().exit(1)


def _show(session: Session, taken: Taken) -> None:
    say = session.say
    for heading, found in (
        (say("Neu:", "New:"), taken.made),
        (say("Geändert:", "Changed:"), taken.changed),
        (say("Abgesagt, hier nicht geändert:", "Called off, not changed here:"), taken.cancelled),
    ):
        if found:
            line(heading)
        for one in found:
            line(f"  {one.line}: {one.name}{f' ({one.number})' if one.number else ''}")
    if taken.faults:
        line(say("Nicht übernommen:", "Not taken in:"))
    for fault in taken.faults:
        line(f"  {fault.line}: {fault.text[session.locale]}", style="yellow")
    done = say(
        f"{len(taken.made)} neu, {len(taken.changed)} geändert, {taken.same} unverändert, "
        f"{len(taken.cancelled)} abgesagt, {len(taken.faults)} nicht übernommen.",
        f"{len(taken.made)} new, {len(taken.changed)} changed, {taken.same} unchanged, "
        f"{len(taken.cancelled)} called off, {len(taken.faults)} not taken in.",
    )
    line(done if not taken.dry_run else say(f"Nichts wurde geändert. {done}", f"Nothing was changed. {done}"))
