"""`ideenweg person calendar`: the secret address of somebody's calendar, made or taken back."""

from __future__ import annotations

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from workflow import feeds


@click.command("calendar", cls=Command)
@click.argument("email")
@click.option("--revoke", is_flag=True, help="Take the address back; it opens nothing any more.")
@pass_session
def calendar(session: Session, email: str, revoke: bool) -> None:
    """Make the address of a person's calendar, told here and never again; an older one stops working.

    \b
    Examples:
      ideenweg person calendar koordination@dortmund.example
      ideenweg person calendar koordination@dortmund.example --revoke
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        if revoke:
            gone = app.database.attempt(lambda connection: feeds.revoke(connection, who.id))
            url = None
        else:
            token = app.database.attempt(lambda connection: feeds.make(connection, who.id, session.now))
            url = f"{app.outgoing.base_url}/kalender/{token}.ics"
        session.progress = Progress.DONE
    if session.as_json:
        emit({"calendar": {"email": who.email, "url": url}})
    elif url:
        line(url)
    elif gone:
        line(session.say("Die Adresse gilt nicht mehr.", "The address has stopped working."))
    else:
        line(session.say(f"{email} hat keine Adresse für den Kalender.", f"{email} has no address for a calendar."))
