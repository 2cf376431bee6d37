"""`ideenweg person worklist`: what somebody has to do, and what they wait for."""

from __future__ import annotations

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Session, pass_session
from ideenweg.cli.who import known
from states.lifecycle import Lifecycle
from states.tasks import Act
from workflow.queries.worklist import LARGEST_PAGE, Section, View, WorkRow, worklist
from workflow.transaction import Transaction


@click.command("worklist", cls=Command)
@click.argument("email")
@click.option("--section", type=click.Choice([one.value for one in Section]), help="Of this section alone.")
@click.option(
    "--view", type=click.Choice([one.value for one in View]), default=View.TODO.value, show_default=True,
    help="Whose: theirs and what nobody has taken up; theirs; all of their places; what nobody has taken up.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", metavar="TEXT", help="Go on behind a page: its `next`.")
@pass_session
def worklist_command(
    session: Session, email: str, section: str | None, view: str, limit: int, cursor: str | None
) -> None:
    """List what a person has to do, the most urgent first, and last what they wait for; also as somebody's deputy.

    \b
    Examples:
      ideenweg person worklist umweltamt@dortmund.example
      ideenweg person worklist umweltamt@dortmund.example --section overdue --json
    """
    with session.app() as app, app.database.reading() as connection:
        who = known(session, connection, email)
        page = worklist(
            connection, app.rules, who.id, session.now, section=Section(section) if section else None,
            view=View(view), limit=limit, cursor=cursor,
        )  # fmt: skip
        tx = Transaction(connection)
        rows = [(one, app.rules.lifecycle(tx, one.lifecycle, one.version)) for one in page.rows]
    if session.as_json:
        emit(
            {
                "tasks": [
                    {
                        "section": one.section,
                        "number": one.number,
                        "title": one.title,
                        "state": one.state,
                        "act": one.act,
                        "what": one.what,
                        "key": one.key,
                        "role": one.role,
                        "by": one.by,
                        "due": one.due.isoformat() if one.due else None,
                        "claimed_by": one.claimed_by,
                        "in_place_of": one.in_place_of,
                    }
                    for one, _ in rows
                ],
                "next": page.next,
            }
        )
        return
    if not rows:
        line(session.say("Nichts zu tun.", "Nothing to do."))
        return
    table(
        (
            session.say("Bis", "By"),
            session.say("Nummer", "Number"),
            session.say("Titel", "Title"),
            session.say("Was", "What"),
        ),
        [
            (one.due.isoformat() if one.due else "–", one.number, one.title, _what(one, lifecycle, session))
            for one, lifecycle in rows
        ],
    )
    if page.next:
        line(session.say(f"Weiter mit --cursor {page.next}", f"Go on with --cursor {page.next}"))


def _what(one: WorkRow, lifecycle: Lifecycle, session: Session) -> str:
    """What is to be done, and of what is waited for: by whom."""
    match one.act:
        case Act.MOVE if move := lifecycle.transitions.get(one.what):
            said = move.label[session.locale]
        case Act.RECORD if kind := lifecycle.records.get(one.what):
            said = kind.label[session.locale]
        case Act.ASSIGN if role := lifecycle.roles.get(one.what):
            said = session.say(f"Zuweisen: {role.label.de}", f"Assign: {role.label.en}")
        case _:
            said = session.say("Entscheiden, wie es weitergeht", "Decide how to go on")
    if one.section is Section.WAITING and one.by in lifecycle.roles:
        by = lifecycle.roles[one.by].label[session.locale]
        return session.say(f"{said} (wartet auf: {by})", f"{said} (waits for: {by})")
    return said
