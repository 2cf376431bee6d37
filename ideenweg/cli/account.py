"""`ideenweg person invite | forget-factor` and `ideenweg session`: who may sign in to the pages, and who is."""

from __future__ import annotations

import click

from ideenweg.cli.framework import Command, Group
from ideenweg.cli.output import emit, iso, line, minute, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from ideenweg.outgoing import no_key
from workflow.accounts import factors, log, sessions
from workflow.accounts.links import LASTS, Purpose
from workflow.accounts.log import What
from workflow.errors import NotFound


@click.command(cls=Command)
@click.argument("email")
@pass_session
def invite(session: Session, email: str) -> None:
    """Send a person the link by which they set their password and sign in to the pages. It works once, for a week.

    The mail leaves at the next dispatch. Without a mail server it stays in the outbox.

    \b
    Examples:
      ideenweg person invite koordination@dortmund.example
    """
    from notifications.apart import send_link  # brings all of the notices with it

    now = session.now
    with session.app() as app:
        if not app.outgoing.keys:
            raise no_key()
        with app.database.reading() as connection:
            who = known(session, connection, email)
        with app.database.writing() as connection:
            send_link(connection, app.post, Purpose.INVITE, who.id, now)
            log.note(connection, What.LINK_SENT, now, who.id, None)
        session.progress = Progress.DONE
        zone = app.rules.programme.zone
    until, served = now + LASTS[Purpose.INVITE], app.outgoing.mail is not None
    if session.as_json:
        emit({"invited": {"email": who.email, "until": iso(until, zone), "mail_server": served}})
        return
    line(session.say(f"{who.email} ist eingeladen.", f"{who.email} is invited."))
    if not served:
        line(
            session.say(
                "Es ist kein Mailserver eingestellt: Die Nachricht bleibt im Postausgang.",
                "No mail server is set: the message stays in the outbox.",
            )
        )


@click.command("forget-factor", cls=Command)
@click.argument("email")
@pass_session
def forget_factor(session: Session, email: str) -> None:
    """Let a person who lost their phone and their recovery codes sign in without a second factor; their sessions end.

    \b
    Examples:
      ideenweg person forget-factor verwaltung@dortmund.example
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        with app.database.writing() as connection:
            factors.turn_off(connection, who.id)
            ended = sessions.revoke_all(connection, who.id)
            log.note(connection, What.FACTOR_REMOVED, session.now, who.id, None)
        session.progress = Progress.DONE
    if session.as_json:
        emit({"email": who.email, "sessions_ended": ended})
        return
    line(session.say(f"{who.email} hat keinen zweiten Faktor mehr.", f"{who.email} has no second factor any more."))


@click.group(cls=Group)
def session() -> None:
    """Who is signed in to the pages, and ending that."""


@session.command("list")
@click.argument("email")
@pass_session
def list_command(session: Session, email: str) -> None:
    """List where a person is signed in, the session used last first.

    \b
    Examples:
      ideenweg session list koordination@dortmund.example
    """
    with session.app() as app, app.database.reading() as connection:
        who = known(session, connection, email)
        found = sessions.of_person(connection, who.id, session.now)
        zone = app.rules.programme.zone
    if session.as_json:
        told = [
            {
                "id": one.id,
                "way": one.way.value,
                "second_factor": one.factor_at is not None,
                "opened_at": iso(one.opened_at, zone),
                "seen_at": iso(one.seen_at, zone),
                "ends_at": iso(one.end, zone),
                "agent": one.agent,
            }
            for one in found
        ]
        emit({"sessions": told})
        return
    if not found:
        line(session.say("Nirgends angemeldet.", "Signed in nowhere."))
        return
    headings = ("Id", session.say("seit", "since"), session.say("zuletzt", "last"), "Browser")
    table(
        headings, [(one.id, minute(one.opened_at, zone), minute(one.seen_at, zone), one.agent or "") for one in found]
    )


@session.command()
@click.argument("email")
@click.argument("session_id", metavar="[ID]", required=False)
@pass_session
def revoke(session: Session, email: str, session_id: str | None) -> None:
    """End one session of a person, or all of them.

    \b
    Examples:
      ideenweg session revoke koordination@dortmund.example
      ideenweg session revoke koordination@dortmund.example s-0123456789abcdef
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        with app.database.writing() as connection:
            if session_id is None:
                ended = sessions.revoke_all(connection, who.id)
            elif not (ended := int(sessions.revoke(connection, who.id, session_id))):
                raise NotFound("session", session_id)
            log.note(connection, What.SESSION_ENDED, session.now, who.id, None)
        session.progress = Progress.DONE
    if session.as_json:
        emit({"ended": ended})
        return
    line(session.say(f"Beendet: {ended}.", f"Ended: {ended}."))
