"""`ideenweg reminder`: Wiedervorlage. What somebody asks to be reminded of, seen by nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import Day
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from states.snapshot import local_day
from workflow.reminders import Reminder, add, open_reminders

AS = click.option("--as", "actor", metavar="EMAIL", required=True, help="Who asks.")


@click.group(cls=Group)
def reminder() -> None:
    """Be reminded of an item on a day, with a note of your own."""


@reminder.command("add")
@click.argument("number")
@click.option("--on", "day", type=Day(), metavar="D", required=True, help="The day, as 2026-06-09.")
@click.option("--note", metavar="T", default="", help="What for. Nobody else reads it but a deputy in your absence.")
@AS
@click.option("--for", "on_behalf_of", metavar="EMAIL", help="In whose place; the reminder is then theirs.")
@pass_session
def add_command(session: Session, number: str, day: date, note: str, actor: str, on_behalf_of: str | None) -> None:
    """Ask to be reminded of an item on a day.

    \b
    Examples:
      ideenweg reminder add 2026-0147 --on 2026-06-09 --note "Angebot nachfragen" --as koordination@dortmund.example
    """
    with session.app() as app:
        with app.database.reading() as connection:
            for one in filter(None, (actor, on_behalf_of)):
                known(session, connection, one)
        made = add(
            app.database, app.rules, actor=actor, on_behalf_of=on_behalf_of, item=number, on=day, note=note,
            now=session.now,
        )  # fmt: skip
        session.progress = Progress.DONE
    if session.as_json:
        emit(_told(made))
        return
    line(session.say(f"{made.number} wird am {made.on} vorgelegt.", f"{made.number} will come up on {made.on}."))


@reminder.command("list")
@AS
@pass_session
def list_command(session: Session, actor: str) -> None:
    """List the reminders still to come: one's own, and those of whom one is the deputy today.

    \b
    Examples:
      ideenweg reminder list --as koordination@dortmund.example
    """
    with session.app() as app, app.database.reading() as connection:
        who = known(session, connection, actor)
        found = open_reminders(connection, who.id, local_day(session.now, app.rules.programme))
    if session.as_json:
        emit({"reminders": [_told(one) for one in found]})
    elif not found:
        line(session.say("Nichts liegt zur Wiedervorlage.", "There are no reminders."))
    else:
        table(
            (
                session.say("Am", "On"),
                session.say("Nummer", "Number"),
                session.say("Titel", "Title"),
                session.say("Notiz", "Note"),
                session.say("Von", "Of"),
            ),
            [(one.on.isoformat(), one.number, one.title, one.note, one.person) for one in found],
        )


def _told(one: Reminder) -> dict[str, Any]:
    return {
        "id": one.id,
        "person": one.person,
        "number": one.number,
        "title": one.title,
        "on": one.on.isoformat(),
        "note": one.note,
    }
