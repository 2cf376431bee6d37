"""`ideenweg outbox`: what was sent, what was not, and why."""

from __future__ import annotations

from dataclasses import asdict

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, line, minute, table
from ideenweg.cli.session import Session, pass_session
from notifications.outbox import LARGEST_PAGE, STATES, Line, OutboxFilter, found, listed
from notifications.outbox import retry as send_again

WORDS = {
    "no_mail_server": ("nicht gesendet: kein Mailserver eingestellt", "not sent: no mail server is set"),
    "nobody_has_the_role": ("niemand hat diese Rolle", "nobody has this role"),
    "own_doing": ("hat es selbst veranlasst", "did it themselves"),
    "away_deputy_told": ("abwesend, Vertretung unterrichtet", "away, the deputy is told"),
    "switched_off": ("abbestellt", "switched off"),
    "item_moved_on": ("der Vorgang ist schon weiter", "the item has moved on"),
    "deadline_settled": ("die Frist läuft nicht mehr", "the deadline runs no longer"),
    "own_part_done": ("hat den eigenen Teil erledigt", "has done their part"),
    "no_address": ("keine Adresse", "no address"),
    "person_erased": ("die Person ist gelöscht", "the person was erased"),
    "nothing_left_to_do": ("nichts mehr zu tun", "nothing left to do"),
}
"""Results that are a word -> the sentences."""


@click.group(cls=Group)
def outbox() -> None:
    """See what was sent and what was not, and send it again."""


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", help="Go on behind a page: its `next`.")
@pass_session
def list_command(session: Session, state: str | None, limit: int, cursor: str | None) -> None:
    """List what is to be sent and what was, the newest first.

    \b
    Examples:
      ideenweg outbox list --state failed
    """
    with session.app() as app, app.database.reading() as connection:
        lines, following = listed(connection, OutboxFilter(state=state), limit=limit, cursor=cursor)
        zone = app.rules.programme.zone
    if session.as_json:
        emit({"outbox": [asdict(one) for one in lines], "next": following})
        return
    if not lines:
        line(session.say("Nichts im Ausgang.", "Nothing in the outbox."))
        return
    table(
        ("ID", session.say("Von", "Made"), session.say("An", "To"), session.say("Stand", "State"), ""),
        [(one.id, minute(one.made_at, zone), one.recipient, one.status, _result(session, one)) for one in lines],
    )
    if following:
        line(session.say(f"Weiter: --cursor '{following}'", f"More: --cursor '{following}'"))


@outbox.command()
@click.argument("key", metavar="ID")
@pass_session
def show(session: Session, key: str) -> None:
    """Show a delivery, or all of a notice.

    \b
    Examples:
      ideenweg outbox show 'item:2026-0147#12/received'
    """
    with session.app() as app, app.database.reading() as connection:
        lines = found(connection, key)
    if session.as_json:
        emit({"outbox": [asdict(one) for one in lines]})
        return
    for one in lines:
        table(("", ""), [(name, str(value)) for name, value in asdict(one).items() if value is not None])
        if one.result in WORDS:
            line(_result(session, one))


@outbox.command()
@click.argument("key", metavar="ID")
@pass_session
def retry(session: Session, key: str) -> None:
    """Send again what failed, at the next dispatch; let go what is held after a restore.

    \b
    Examples:
      ideenweg outbox retry 'item:2026-0147#12/received'
    """
    with session.app() as app:
        again = app.database.attempt(lambda connection: send_again(connection, key, session.now))
    if session.as_json:
        emit({"again": again})
        return
    line(session.say(f"Wird erneut gesendet: {again}.", f"To be sent again: {again}."))


def _result(session: Session, one: Line) -> str:
    said = WORDS.get(one.result or "")
    return session.say(*said) if said else one.result or ""
