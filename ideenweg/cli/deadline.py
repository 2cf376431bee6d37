"""`ideenweg deadline`: what is due, and what is late."""

from __future__ import annotations

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, iso, line, table
from ideenweg.cli.session import Session, pass_session
from states.lifecycle import Lifecycle
from workflow.queries.deadlines import LARGEST_PAGE, DeadlineLine, list_deadlines
from workflow.transaction import Transaction


@click.group(cls=Group)
def deadline() -> None:
    """See what is due and what is late."""


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


def _responsible(one: DeadlineLine, found: Lifecycle) -> str | None:
    return next(
        (rule.responsible for state in found.states.values() for rule in state.deadlines if rule.key == one.rule), None
    )


def _role(found: Lifecycle, role: str | None, session: Session) -> str:
    return found.roles[role].label[session.locale] if role and role in found.roles else ""
