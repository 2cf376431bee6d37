"""`ideenweg item advance | why | correct`: from one state to the next, or why not."""

from __future__ import annotations

from typing import Any

import click

from ideenweg.cli.changing import carry_out, check_people, on_item, read
from ideenweg.cli.errors import blocker_json
from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Session, pass_session
from ideenweg.wiring import App
from workflow import commands
from workflow.engine import Judgement
from workflow.errors import Conflict, Invalid, Refused
from workflow.handlers import refusal

DATA = click.option("--data", metavar="FILE", help="A JSON object: a file, or - for stdin.")


@click.command(cls=Command)
@on_item
@click.argument("transition")
@click.option("--reason", help="Why; some transitions demand one.")
@DATA
@click.option("--key", help="Of the form's record, where its kind has keys.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@pass_session
def advance(
    session: Session, /, number: str, transition: str, reason: str | None, data: str | None, key: str | None,
    dry_run: bool, **who: Any,
) -> None:  # fmt: skip
    """Fire a transition. --data fills the form that the transition names.

    Refused (exit code 1), every reason is told, and who can remove it.

    \b
    Examples:
      ideenweg item advance 2026-0147 submit --as buergerin@dortmund.example
      ideenweg item advance 2026-0147 start_review --as koordination@dortmund.example --data precheck.json
      ideenweg item advance 2026-0147 reject --as koordination@dortmund.example --reason "…" --dry-run
    """
    found = read(session, data) if data else None
    command = commands.Advance(item=number, transition=transition, reason=reason, data=found, key=key, **who)
    if not dry_run:
        carry_out(session, command)
        return
    with session.app() as app:
        judged = _judge(session, app, command)
    if judged.blockers:
        raise refusal(judged.blockers)
    _tell_judged(session, command, judged)


@click.command(cls=Command)
@on_item
@click.argument("transition")
@click.option("--reason", help="As if it were given.")
@DATA
@click.option("--key", help="Of the form's record, where its kind has keys.")
@pass_session
def why(
    session: Session, /, number: str, transition: str, reason: str | None, data: str | None, key: str | None,
    **who: Any,
) -> None:  # fmt: skip
    """Say whether a person may fire a transition now, or every reason why not, and who can remove it.

    The answer is no error: exit code 0 also where the transition is not possible. Nothing is changed.

    \b
    Examples:
      ideenweg item why 2026-0147 pool --as koordination@dortmund.example
    """
    found = read(session, data) if data else None
    command = commands.Advance(item=number, transition=transition, reason=reason, data=found, key=key, **who)
    with session.app() as app:
        judged = _judge(session, app, command)
    _tell_judged(session, command, judged)


@click.command(cls=Command)
@on_item
@click.argument("state")
@click.option("--reason", required=True, help="Why the rules are left aside.")
@pass_session
def correct(session: Session, /, number: str, state: str, reason: str, **who: Any) -> None:
    """Put an item into STATE against the rules, as those may whom its lifecycle names under `correct`.

    It is appended to the history; nothing is rewritten.

    \b
    Examples:
      ideenweg item correct 2026-0147 in_review --reason "Versehentlich abgelehnt." --as verwaltung@dortmund.example
    """
    carry_out(session, commands.Correct(item=number, to=state, reason=reason, **who))


ADVANCING = (advance, why, correct)


def _judge(session: Session, app: App, command: commands.Advance) -> Judgement:
    check_people(session, app, command)
    judged = app.engine.plan(command, now=session.now)
    if stale := next((one for one in judged.blockers if one.code == "stale"), None):
        raise Conflict(stale.in_locale(session.locale))
    error = refusal(judged.blockers) if judged.blockers else Refused(())
    if isinstance(error, Invalid):
        raise error
    return judged


def _tell_judged(session: Session, command: commands.Advance, judged: Judgement) -> None:
    if session.as_json:
        emit(
            {
                "item": command.item,
                "transition": command.transition,
                "allowed": judged.allowed,
                "target": judged.target,
                "blockers": [blocker_json(one, session) for one in judged.blockers],
            }
        )
        return
    if judged.allowed:
        line(
            session.say(
                f"Möglich: {command.item} käme durch {command.transition} nach {judged.target}.",
                f"Possible: {command.transition} would bring {command.item} to {judged.target}.",
            )
        )
        return
    line(session.say("Das geht noch nicht:", "This is not possible yet:"))
    for one in judged.blockers:
        line(f"  - {one.in_locale(session.locale)} [{one.code}]")
