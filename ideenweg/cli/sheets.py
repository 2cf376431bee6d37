"""`ideenweg import sheet`: a project of another city is taken in as an idea."""

from __future__ import annotations

from pathlib import Path

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.wiring import read_text
from workflow.transfer import Sheet, take_in


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "actor", required=True, metavar="EMAIL", help="In whose name.")
@click.option("--lifecycle", metavar="KEY", help="Absent: the one that new items take.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and change nothing.")
@pass_session
def sheet(session: Session, file: Path, actor: str, lifecycle: str | None, dry_run: bool) -> None:
    """Take in the project sheet FILE of another city as an idea, with its provenance and a link back.

    What means something at the other city alone, and what is not known here, is told and left aside; the whole sheet is
    attached to the item, so that nothing of it is lost.

    \b
    Examples:
      ideenweg import sheet sensoren.json --as koordination@dortmund.example --dry-run
    """
    text = read_text(file)
    with session.app() as app:
        session.progress = Progress.NOTHING if dry_run else Progress.STEPS
        read, number = take_in(
            app.engine, app.files, text, actor, session.now, lifecycle=lifecycle, dry_run=dry_run
        )  # fmt: skip
        session.progress = Progress.NOTHING if dry_run else Progress.DONE
    _show(session, read, number)


def _show(session: Session, read: Sheet, number: str | None) -> None:
    if session.as_json:
        left = {path: why[session.locale] for path, why in read.taken.left.items()}
        emit({"number": number, "data": dict(read.taken.data), "left": left, "newer": read.newer})
        return
    if read.newer:
        line(
            session.say(
                "Das Blatt hat ein neueres Format; übernommen wird, was bekannt ist.",
                "The sheet has a newer format; what is known of it is taken in.",
            )
        )
    for path, why in read.taken.left.items():
        line(f"  {path}: {why[session.locale]}")
    said = number or session.say("Nichts wurde geändert.", "Nothing was changed.")
    line(session.say(f"Übernommen: {said}" if number else said, f"Taken in: {said}" if number else said))
