"""`ideenweg notice`: the words of mails, checked, shown on a real item, sent to try them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Session, pass_session

if TYPE_CHECKING:
    from ideenweg.wiring import App
    from notifications.render import Rendered


@click.group(cls=Group)
def notice() -> None:
    """The words of mails: list, check, preview, send one to try."""


@notice.command("list")
@pass_session
def list_command(session: Session) -> None:
    """List the notices and how they behave.

    \b
    Examples:
      ideenweg notice list
    """
    from ideenweg.wiring import templates

    found = templates(session.settings().config_dir)
    manners = [(name, found.manner(name)) for name in found.notices]
    if session.as_json:
        emit({"notices": [{"notice": name, "optional": how.optional, "at_once": how.at_once} for name, how in manners]})
        return
    optional, at_once = session.say("abbestellbar", "optional"), session.say("immer sofort", "always at once")
    table(
        (session.say("Nachricht", "Notice"), ""),
        [(name, ", ".join([optional] * how.optional + [at_once] * how.at_once)) for name, how in manners],
    )


@notice.command()
@pass_session
def check(session: Session) -> None:
    """Check every template, the shipped ones and those of the configuration folder. Needs no database.

    \b
    Examples:
      IDEENWEG_CONFIG_DIR=/etc/ideenweg ideenweg notice check
    """
    from ideenweg.wiring import check_templates, templates

    found = templates(session.settings().config_dir)
    check_templates(found)
    count = len(found.notices)
    if session.as_json:
        emit({"ok": True, "notices": count})
        return
    line(session.say(f"{count} Nachrichten, kein Fehler.", f"{count} notices, no fault."))


@notice.command()
@click.argument("name")
@click.option("--item", "number", required=True, metavar="NUMBER", help="The item it speaks of.")
@click.option("--html", is_flag=True, help="The HTML in place of the text.")
@pass_session
def preview(session: Session, name: str, number: str, html: bool) -> None:
    """Show a notice on a real item, as who handed it in would get it. `--locale` is the language of the mail.

    \b
    Examples:
      ideenweg notice preview received --item 2026-0147 --locale de
    """
    with session.app() as app:
        made = _rendered(app, session, name, number, session.now)
    if session.as_json:
        emit({"subject": made.subject, "text": made.text, "html": made.html})
        return
    line(made.html if html else f"{made.subject}\n\n{made.text}")


@notice.command("send-test")
@click.argument("name")
@click.option("--to", "address", required=True, metavar="EMAIL", help="Who gets it.")
@click.option("--item", "number", metavar="NUMBER", help="The item it speaks of; absent, an invented one.")
@pass_session
def send_test(session: Session, name: str, address: str, number: str | None) -> None:
    """Send a notice to try it: templates, mail server and all. Nothing of it is kept.

    \b
    Examples:
      ideenweg notice send-test received --to verwaltung@dortmund.example
    """
    from notifications import trial
    from workflow.access import checked_email

    to, now = checked_email(address), session.now
    with session.app() as app:
        made = _rendered(app, session, name, number, now)
        answer = trial.send(app.outgoing.mail, name, to, session.locale, made, app.outgoing.domain, now)
    if session.as_json:
        emit({"sent": True, "to": to, "answer": answer})
        return
    line(session.say(f"Gesendet an {to}: {answer}", f"Sent to {to}: {answer}"))


def _rendered(app: App, session: Session, name: str, number: str | None, now: datetime) -> Rendered:
    from notifications.trial import shown

    desk = app.outgoing.desk(app.rules, app.templates)
    with app.database.reading() as connection:
        return shown(connection, desk, name, number, session.locale, now)
