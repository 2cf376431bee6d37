"""`ideenweg sweep`: what time brings about, once."""

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
def sweep(session: Session, moment: datetime | date | None) -> None:
    """Carry out what is due, once: reminders, steps that a deadline sets off, follow-ups of other items.

    Any number of calls may run at once, beside the clock of `ideenweg run`: each step happens once.

    \b
    Examples:
      ideenweg sweep
      ideenweg sweep --now 2026-06-09T06:00+02:00
    """
    with session.app() as app:
        zone = app.rules.programme.zone
        now = begins(moment, zone) if moment else session.now
        session.progress = Progress.STEPS
        swept = app.sweep(now=now)
        session.progress = Progress.DONE
    if session.as_json:
        emit({"now": iso(now, zone), **asdict(swept)})
        return
    line(
        session.say(
            f"Erinnert: {swept.reminded}, ausgelöst: {swept.fired}, Folgeschritte: {swept.followed_up}, "
            f"hinfällig: {swept.void}, übersprungen: {swept.skipped}.",
            f"Reminded: {swept.reminded}, fired: {swept.fired}, followed up: {swept.followed_up}, "
            f"void: {swept.void}, skipped: {swept.skipped}.",
        )
    )
    if swept.failed:
        label = session.say("Nicht ausgeführt, wird wieder versucht:", "Not carried out, tried again next time:")
        complain(label, swept.failed)
