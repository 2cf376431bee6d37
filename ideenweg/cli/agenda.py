"""`ideenweg item agenda | results`: a session's agenda, and one form for what was decided on all of it."""

from __future__ import annotations

from typing import Any

import click

from ideenweg.cli.changing import read
from ideenweg.cli.errors import blocker_json
from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Progress, Session, pass_session
from workflow.agenda import Recorded, record_results, session_of
from workflow.agenda import Session as Sitting
from workflow.errors import BadInput, Refused


@click.command(cls=Command)
@click.argument("number")
@click.option("--as", "actor", metavar="EMAIL", help="Whose view it is. Absent: the operator's.")
@pass_session
def agenda(session: Session, number: str, actor: str | None) -> None:
    """Show the agenda of the session NUMBER, with the results recorded so far.

    \b
    Examples:
      ideenweg item agenda 2026-0031
    """
    with session.app() as app, app.database.reading() as connection:
        found = session_of(connection, app.rules, number, actor, session.now)
    if session.as_json:
        emit(_json(found, session))
        return
    line(f"{found.title} – {found.body.label[session.locale]}")
    if not found.entries:
        line(session.say("Die Tagesordnung ist leer.", "The agenda is empty."))
        return
    table(
        (
            session.say("Nummer", "Number"),
            session.say("Titel", "Title"),
            session.say("Zustand", "State"),
            session.say("Eingetragen", "Recorded"),
        ),
        [
            (
                one.number,
                one.title,
                one.lifecycle.states[one.state].label[session.locale],
                ", ".join(f"{key}: {value}" for key, value in one.data.items()) or "–",
            )
            for one in found.entries
        ],
    )


@click.command(cls=Command)
@click.argument("number")
@click.option("--as", "actor", required=True, metavar="EMAIL", help="Who hands the form in.")
@click.option("--for", "on_behalf_of", metavar="EMAIL", help="In whose place.")
@click.option("--data", required=True, metavar="FILE", help="A JSON object, number of an item -> its result; or -.")
@click.option("--batch", metavar="ID", help="Of a call that was cut off: what it did is not done twice.")
@pass_session
def results(session: Session, number: str, actor: str, on_behalf_of: str | None, data: str, batch: str | None) -> None:
    """Record what the session NUMBER decided on the items of its agenda: all of the form, or nothing.

    What the session itself knows (its date) need not be repeated. Oddities, as more votes than members, are told and
    refuse nothing. A result is corrected by handing in the form again: a new version, nothing is overwritten.

    \b
    Examples:
      ideenweg item results 2026-0031 --as ratsbuero@dortmund.example --data results.json
      {"2026-0147": {"paper": "DS 12/2026", "outcome": "approved", "vote": "unanimous"}}
    """
    given = read(session, data)
    wrong = next((key for key, value in given.items() if not isinstance(value, dict)), None)
    if wrong is not None:
        raise BadInput(f"What is given for {wrong} is no JSON object.", remedy='Write {"2026-0147": {"outcome": "…"}}.')
    with session.app() as app:
        done = record_results(app.engine, number, given, actor, session.now, on_behalf_of=on_behalf_of, batch=batch)
        session.progress = Progress.DONE
    if done.bulk.held and not session.as_json:
        raise Refused([one for held in done.bulk.held for one in held.blockers])
    _show(session, done)


def _show(session: Session, done: Recorded) -> None:
    if session.as_json:
        emit(
            {
                "batch": done.bulk.batch or None,
                "recorded": list(done.bulk.allowed),
                "held": [
                    {"number": one.item, "blockers": [blocker_json(two, session) for two in one.blockers]}
                    for one in done.bulk.held
                ],
                "warnings": {number: [blocker_json(one, session) for one in odd] for number, odd in done.odd.items()},
            }
        )
        return
    line(session.say(f"Eingetragen: {', '.join(done.bulk.allowed)}", f"Recorded: {', '.join(done.bulk.allowed)}"))
    for number, odd in done.odd.items():
        for one in odd:
            line(f"{number}: {one.in_locale(session.locale)}", style="yellow")


def _json(found: Sitting, session: Session) -> dict[str, Any]:
    return {
        "session": found.number,
        "title": found.title,
        "state": found.state,
        "body": found.body.key,
        "sheet": dict(found.sheet),
        "entries": [
            {
                "number": one.number,
                "title": one.title,
                "state": one.state,
                "label": one.lifecycle.states[one.state].label[session.locale],
                "result": dict(one.data),
                "version": one.version,
            }
            for one in found.entries
        ],
    }
