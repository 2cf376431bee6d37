"""`ideenweg deadline`: what is due, what is late, and how it is extended."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from ideenweg.cli.changing import carry_out, on_item
from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import Day
from ideenweg.cli.output import emit, iso, line, table
from ideenweg.cli.session import Session, pass_session
from states.lifecycle import Lifecycle
from workflow import commands
from workflow.queries.deadlines import LARGEST_PAGE, DeadlineLine, list_deadlines
from workflow.transaction import Transaction


@click.group(cls=Group)
def deadline() -> None:
    """See what is due and what is late, and extend it."""


@deadline.command("list")
@click.option("--overdue", is_flag=True, help="Only those that have run out.")
@click.option("--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", help="Go on behind a page: its `next`.")
@pass_session
def list_command(session: Session, overdue: bool, limit: int, cursor: str | None) -> None:
    """List the deadlines that run, the earliest first.

    \b
    Examples:
      ideenweg deadline list
      ideenweg deadline list --overdue --json
    """
    now = session.now
    with session.app() as app:
        zone = app.rules.programme.zone
        with app.database.reading() as connection:
            page = list_deadlines(connection, until=now if overdue else None, limit=limit, cursor=cursor)
            tx = Transaction(connection)
            rules = {
                (one.lifecycle, one.version): app.rules.lifecycle(tx, one.lifecycle, one.version)
                for one in page.deadlines
            }
    lines = [(one, rules[one.lifecycle, one.version]) for one in page.deadlines]
    if session.as_json:
        emit(
            {
                "deadlines": [
                    {
                        "number": one.number,
                        "title": one.title,
                        "lifecycle": one.lifecycle,
                        "state": one.state,
                        "rule": one.rule,
                        "key": one.key,
                        "due": one.due.isoformat(),
                        "ends_at": iso(one.due_at, zone),
                        "overdue": one.due_at <= now,
                        "responsible": _responsible(one, found),
                    }
                    for one, found in lines
                ],
                "next": page.next,
            }
        )
        return
    if not lines:
        line(
            session.say("Nichts ist überfällig.", "Nothing is late.")
            if overdue
            else session.say("Keine Frist läuft.", "No deadline runs.")
        )
        return
    table(
        (
            session.say("Bis", "Due"),
            session.say("Nummer", "Number"),
            session.say("Frist", "Deadline"),
            session.say("Zuständig", "Responsible"),
            session.say("Titel", "Title"),
        ),
        [
            (
                one.due.isoformat() + (" !" if one.due_at <= now else ""),
                one.number,
                f"{one.rule} {one.key}".rstrip(),
                _role(found, _responsible(one, found), session),
                one.title,
            )
            for one, found in lines
        ],
    )
    if page.next:
        line(session.say(f"Weiter: --cursor {page.next}", f"More: --cursor {page.next}"))


@deadline.command()
@on_item
@click.option("--to", type=Day(), metavar="D", required=True, help="The new last day, as 2026-06-30.")
@click.option("--reason", metavar="T", required=True, help="Why. It stands in the history.")
@click.option("--rule", metavar="NAME", help="Which deadline: its name in the list. Absent: the first to run out.")
@click.option("--key", help="Whose, where there is one for each body, office or other key.")
@pass_session
def extend(session: Session, /, number: str, to: date, **more: Any) -> None:
    """Give a deadline until a later day, for a reason.

    \b
    Examples:
      ideenweg deadline extend 2026-0147 --to 2026-06-30 --reason "Das Gutachten kommt später." \\
          --as koordination@dortmund.example
    """
    carry_out(session, commands.Extend(item=number, to=to, **more))


def _responsible(one: DeadlineLine, found: Lifecycle) -> str | None:
    return next(
        (rule.responsible for state in found.states.values() for rule in state.deadlines if rule.key == one.rule), None
    )


def _role(found: Lifecycle, role: str | None, session: Session) -> str:
    return found.roles[role].label[session.locale] if role and role in found.roles else ""
