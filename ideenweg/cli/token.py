"""`ideenweg token`: other programs that use the API in somebody's name."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import Day, OneOf, ends
from ideenweg.cli.output import emit, iso, line, minute, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from workflow.accounts import tokens
from workflow.accounts.tokens import Scope, Token


@click.group(cls=Group)
def token() -> None:
    """Let other programs use the API in somebody's name: make, list and revoke tokens."""


@token.command()
@click.argument("email")
@click.option(
    "--scope", "scopes", type=OneOf("scope", list(Scope)), multiple=True, required=True, help=", ".join(Scope) + "."
)
@click.option("--expires", "last", type=Day(), help="The last day it is good. Absent: a year from now.")
@click.option("--label", default="", help="What it is for.")
@pass_session
def add(session: Session, email: str, scopes: tuple[str, ...], last: date | None, label: str) -> None:
    """Make a token with which a program acts in a person's name. It is shown once.

    read: what the person may see. write: that, and what the person may do with items. audit: the whole history; admin:
    people, roles and webhooks; both where the person administers. metrics: the figures at /metrics and nothing else.

    \b
    Examples:
      ideenweg token add koordination@dortmund.example --scope read --label "Open-Data-Portal"
      ideenweg token add verwaltung@dortmund.example --scope write --scope admin --expires 2027-03-31
    """
    now = session.now
    with session.app() as app:
        zone = app.rules.programme.zone
        with app.database.reading() as connection:
            who = known(session, connection, email)
        end = ends(last, zone) if last else None
        value, made = app.database.attempt(
            lambda connection: tokens.issue(
                connection, who.id, [Scope(one) for one in scopes], now, label=label, ends_at=end
            )
        )
        session.progress = Progress.DONE
    if session.as_json:
        emit({"token": {**_told(made, zone), "value": value}})
        return
    line(session.say(f"Token (nur jetzt zu sehen): {value}", f"Token (shown only now): {value}"))
    until = minute(made.ends_at, zone)
    line(
        session.say(
            f"{made.id} gilt bis {until}. Zurücknehmen: ideenweg token revoke {made.id}",
            f"{made.id} is good until {until}. To take it back: ideenweg token revoke {made.id}",
        )
    )


@token.command("list")
@click.argument("email", required=False)
@pass_session
def list_command(session: Session, email: str | None) -> None:
    """List the tokens of a person, or of everybody, the newest first; also those that are good no more.

    \b
    Examples:
      ideenweg token list
      ideenweg token list koordination@dortmund.example --json
    """
    with session.app() as app, app.database.reading() as connection:
        found = tokens.listed(connection, known(session, connection, email).id if email else None)
        zone = app.rules.programme.zone
    if session.as_json:
        emit({"tokens": [_told(one, zone) for one in found]})
        return
    if not found:
        line(session.say("Keine Token.", "No tokens."))
        return
    never, revoked = session.say("nie", "never"), session.say("zurückgenommen", "revoked")
    table(
        (
            "ID",
            session.say("Person", "Person"),
            session.say("Wofür", "What for"),
            session.say("Darf", "May"),
            session.say("Bis", "Until"),
            session.say("Zuletzt", "Last used"),
        ),
        [
            (
                one.id,
                one.email,
                one.label,
                ", ".join(sorted(one.scopes)),
                revoked if one.revoked_at else minute(one.ends_at, zone),
                minute(one.used_at, zone) if one.used_at else never,
            )
            for one in found
        ],
    )


@token.command()
@click.argument("key", metavar="ID")
@pass_session
def revoke(session: Session, key: str) -> None:
    """Take a token back now. It opens nothing any more.

    \b
    Examples:
      ideenweg token revoke t-5f1c09a7d2e84b36
    """
    with session.app() as app:
        app.database.attempt(lambda connection: tokens.revoke(connection, key, session.now))
        session.progress = Progress.DONE
    if session.as_json:
        emit({"revoked": key})
        return
    line(session.say(f"{key} ist zurückgenommen.", f"{key} is revoked."))


def _told(one: Token, zone: ZoneInfo) -> dict[str, Any]:
    """A token as JSON, without its value."""
    return {
        "id": one.id,
        "email": one.email,
        "label": one.label,
        "scopes": sorted(one.scopes),
        "made_at": iso(one.made_at, zone),
        "ends_at": iso(one.ends_at, zone),
        "used_at": iso(one.used_at, zone) if one.used_at else None,
        "revoked_at": iso(one.revoked_at, zone) if one.revoked_at else None,
    }
