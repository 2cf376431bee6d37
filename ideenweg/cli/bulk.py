"""`ideenweg item advance-all`: one transition on many items, with every refusal before anything is done."""

from __future__ import annotations

from typing import Any

import click

from ideenweg.answers import find, reasons
from ideenweg.cli.advancing import DATA
from ideenweg.cli.changing import check_people, read
from ideenweg.cli.errors import blocker_json
from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, progress
from ideenweg.cli.session import Progress, Session, pass_session
from workflow.bulk import Bulk, Held, carry_out, preview
from workflow.commands import Advance
from workflow.errors import Refused

SHOWN = 20
"""Items that cannot be moved, as people are shown them; --json has all."""


@click.command("advance-all", cls=Command)
@click.argument("transition")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--as", "actor", required=True, metavar="EMAIL", help="Who does it.")
@click.option("--for", "on_behalf_of", metavar="EMAIL", help="In whose place.")
@click.option("--reason", help="Why; some transitions demand one.")
@click.option("--answer", metavar="NAME", help="In place of --reason: an answer written beforehand.")
@DATA
@click.option("--all-or-nothing", "whole", is_flag=True, help="Move none where one cannot be moved.")
@click.option("--batch", metavar="ID", help="Of a call that was cut off: what it did is not done twice.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@pass_session
def advance_all(
    session: Session, /, transition: str, numbers: tuple[str, ...], actor: str, on_behalf_of: str | None,
    reason: str | None, answer: str | None, data: str | None, whole: bool, batch: str | None, dry_run: bool,
) -> None:  # fmt: skip
    """Fire a transition on many items. Those that cannot be moved stay, each with every reason.

    With --all-or-nothing either all of them move or none; refused (exit code 1) then if one cannot. Answers are the
    files answers/de/*.txt and answers/en/*.txt of the configuration folder; a name without a language is a German one.

    \b
    Examples:
      ideenweg item advance-all shortlist 2026-0147 2026-0148 --as koordination@dortmund.example --dry-run
      ideenweg item advance-all shortlist 2026-0147 2026-0148 --as koordination@dortmund.example --all-or-nothing
      ideenweg item advance-all merge 2026-0149 --as koordination@dortmund.example --answer de/already-there
    """
    if reason and answer:
        raise click.UsageError("--reason and --answer are two ways to say why: choose one.")
    found = read(session, data) if data else None
    with session.app() as app:
        why: dict[str, str] = {}
        if answer:
            with app.database.reading() as connection:
                why = reasons(connection, app.rules, find(app.answers, answer), numbers)
        commands = [
            Advance(
                item=number, transition=transition, reason=why.get(number, reason), data=found, actor=actor,
                on_behalf_of=on_behalf_of,
            )
            for number in numbers
        ]  # fmt: skip
        check_people(session, app, commands[0])
        if dry_run:
            done = preview(app.engine, commands, session.now)
        else:
            session.progress = Progress.NOTHING if whole else Progress.STEPS
            with progress(session.say("Vorgänge:", "Items:")) as move:
                done = carry_out(app.engine, commands, session.now, whole=whole, batch=batch, progress=move)
            session.progress = Progress.DONE
    if whole and done.held and not session.as_json:
        raise Refused([one for held in done.held for one in held.blockers])
    if session.as_json:
        emit(_json(done, dry_run, session))
    else:
        _show(session, done, dry_run)


def _show(session: Session, done: Bulk, dry_run: bool) -> None:
    moved, held = len(done.allowed), len(done.held)
    if dry_run:
        line(session.say(f"{moved} gehen, {held} gehen nicht. Nichts wurde geändert.",
                         f"{moved} can be moved, {held} cannot. Nothing was changed."))  # fmt: skip
    else:
        line(session.say(f"{moved} erledigt, {held} nicht. Kennung: {done.batch}",
                         f"{moved} done, {held} not. Batch: {done.batch}"))  # fmt: skip
    for one in done.held[:SHOWN]:
        line(f"{one.item}: {_why(session, one)}")
    if held > SHOWN:
        line(
            session.say(
                f"… und {held - SHOWN} weitere; --json nennt alle.", f"… and {held - SHOWN} more; --json has all."
            )
        )


def _why(session: Session, one: Held) -> str:
    return str(one.error) if one.error else " ".join(two.in_locale(session.locale) for two in one.blockers)


def _json(done: Bulk, dry_run: bool, session: Session) -> dict[str, Any]:
    return {
        "batch": done.batch or None,
        "dry_run": dry_run,
        "allowed": list(done.allowed),
        "held": [
            {
                "number": one.item,
                "error": str(one.error) if one.error else None,
                "blockers": [blocker_json(two, session) for two in one.blockers],
            }
            for one in done.held
        ],
    }
