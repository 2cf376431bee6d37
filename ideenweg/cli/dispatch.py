"""`ideenweg dispatch`: what is to be told is sent, once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.inputs import Moment, begins
from ideenweg.cli.output import complain, emit, iso, line
from ideenweg.cli.session import Progress, Session, pass_session


@click.command(cls=Command)
@click.option("--now", "moment", type=Moment(), help="As if it were this moment; absent, the present one.")
@pass_session
def dispatch(session: Session, moment: datetime | date | None) -> None:
    """Make deliveries of what is to be told, and send what may be sent, once.

    Any number of calls may run at once, beside the clock of `ideenweg run`.

    \b
    Examples:
      ideenweg dispatch
      ideenweg dispatch --now 2026-06-09T07:00+02:00
    """
    with session.app() as app:
        zone = app.rules.programme.zone
        now = begins(moment, zone) if moment else session.now
        session.progress = Progress.STEPS
        done = app.dispatch(now=now)
        session.progress = Progress.DONE
        server = app.outgoing.mail is not None
    if session.as_json:
        emit({"now": iso(now, zone), **asdict(done), "mail_server": server})
        return
    line(
        session.say(
            f"Gesendet: {done.sent}, später wieder: {done.put_off}, gescheitert: {done.failed}, "
            f"hinfällig: {done.left_out}.",
            f"Sent: {done.sent}, put off: {done.put_off}, failed: {done.failed}, left out: {done.left_out}.",
        )
    )
    if not server:
        line(
            session.say(
                "E-Mails bleiben im Ausgang: Es ist kein Mailserver eingestellt (IDEENWEG_SMTP_URL).",
                "Mails stay in the outbox: no mail server is set (IDEENWEG_SMTP_URL).",
            )
        )
    complain(session.say("Gestört: ", "Down: "), [f"{name}: {why}" for name, why in done.down.items()])
