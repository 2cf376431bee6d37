"""`ideenweg person notices` and `zone`: what a person wants to be told, and when."""

from __future__ import annotations

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from notifications import preferences
from notifications.preferences import EVERY, Mode
from workflow import access

PROGRAMME = "programme"
"""On the command line: the time zone of the programme."""

ALL, USUAL = "all", "usual"
"""On the command line: every notice that is not chosen by name; as if nothing was chosen."""

MODES = {
    Mode.AT_ONCE: ("sofort", "at once"),
    Mode.DIGEST: ("in der Übersicht", "in the digest"),
    Mode.OFF: ("gar nicht", "not at all"),
}


@click.command(cls=Command)
@click.argument("email")
@click.argument("notice", required=False)
@click.argument("mode", type=click.Choice([*(one.value for one in Mode), USUAL]), required=False)
@pass_session
def notices(session: Session, email: str, notice: str | None, mode: str | None) -> None:
    """Show what a person is told and when, or set it for one NOTICE.

    NOTICE `all` stands for those that are not chosen by name; `usual` takes a choice back. Some notices are obligatory:
    who handed in an idea learns its decision.

    \b
    Examples:
      ideenweg person notices buergerin@dortmund.example
      ideenweg person notices buergerin@dortmund.example step off
      ideenweg person notices koordination@dortmund.example all at_once
    """
    if notice is not None and mode is None:
        raise click.UsageError(f"Say how: {', '.join([*Mode, USUAL])}.")
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        if notice is not None:
            chosen, now = (None if mode == USUAL else Mode(str(mode))), session.now
            name = EVERY if notice == ALL else notice
            app.database.attempt(
                lambda connection: preferences.choose(connection, app.templates, who.id, name, chosen, now)
            )
            session.progress = Progress.DONE
        with app.database.reading() as connection:
            wanted = preferences.wishes(connection, [who.id])
        found = preferences.choosable(app.templates)
        manners = {name: app.templates.manner(name) for name in found}
        told = {
            name: [
                preferences.mode(wanted, app.templates, who.id, name, handed_in=handed_in)
                for handed_in in (True, False)
            ]
            for name in found
        }
    own = wanted.get(who.id, {})
    if session.as_json:
        emit(
            {
                "person": {"id": who.id, "email": who.email},
                "all": own.get(EVERY),
                "notices": [
                    {
                        "notice": name,
                        "chosen": own.get(name),
                        "handed_in": told[name][0],
                        "otherwise": told[name][1],
                        "optional": manners[name].optional,
                        "at_once": manners[name].at_once,
                    }
                    for name in found
                ],
            }
        )
        return
    optional, always = session.say("abbestellbar", "optional"), session.say("immer sofort", "always at once")
    table(
        (
            session.say("Nachricht", "Notice"),
            session.say("Zu Eigenem", "Of what they handed in"),
            session.say("Zu anderem", "Of all else"),
            session.say("Gewählt", "Chosen"),
            "",
        ),
        [
            (
                name,
                *(session.say(*MODES[one]) for one in told[name]),
                session.say(*MODES[own[name]]) if name in own else "",
                ", ".join([optional] * manners[name].optional + [always] * manners[name].at_once),
            )
            for name in found
        ],
    )
    if EVERY in own:
        for_all = session.say(*MODES[own[EVERY]])
        line(session.say(f"Für alle nicht einzeln gewählten: {for_all}.", f"For all not chosen by name: {for_all}."))


@click.command(cls=Command)
@click.argument("email")
@click.argument("name", required=False, metavar="ZONE")
@pass_session
def zone(session: Session, email: str, name: str | None) -> None:
    """Show by which clocks mails to a person go, or set it; `programme` takes that back.

    The daily digest and the clock's reminders come at seven in the morning of their day.

    \b
    Examples:
      ideenweg person zone foerderung@dortmund.example Europe/Lisbon
      ideenweg person zone foerderung@dortmund.example programme
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        if name is not None:
            chosen = None if name == PROGRAMME else name
            app.database.attempt(lambda connection: access.keep_time(connection, who.id, chosen))
            session.progress = Progress.DONE
            with app.database.reading() as connection:
                who = access.find(connection, who.id)
        own = app.rules.programme.zone.key
    if session.as_json:
        emit({"person": {"id": who.id, "email": who.email}, "zone": who.zone or own, "chosen": who.zone})
        return
    like = session.say("wie das Programm", "as the programme")
    line(f"{who.email}: {who.zone}" if who.zone else f"{who.email}: {own} ({like})")
