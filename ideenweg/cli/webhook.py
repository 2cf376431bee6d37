"""`ideenweg webhook`: other programs that are called when there is something to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import Moment, begins
from ideenweg.cli.output import emit, iso, line, minute, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.outgoing import no_key
from ideenweg.wiring import App
from notifications import webhooks
from notifications.webhooks import OVERLAP, Hook
from workflow.errors import NotFound

T = TypeVar("T")


@click.group(cls=Group)
def webhook() -> None:
    """Other programs that are called with each notice: set up, list, rotate, switch off, play again."""


@webhook.command()
@click.argument("url")
@click.option("--private", is_flag=True, help="It may lie in a private network, and go without TLS.")
@pass_session
def add(session: Session, url: str, private: bool) -> None:
    """Set up a webhook that gets every notice from now on. Its secret is shown once.

    Each call is a CloudEvent that names no person, signed as Standard Webhooks has it.

    \b
    Examples:
      ideenweg webhook add https://portal.dortmund.example/ideenweg
      ideenweg webhook add http://127.0.0.1:9000/in --private
    """
    with session.app() as app:
        keys, now = _keys(app), session.now
        made = app.database.attempt(lambda connection: webhooks.add(connection, url, keys, now, private=private))
        session.progress = Progress.DONE
        zone = app.rules.programme.zone
    if session.as_json:
        emit({"webhook": {**_told(made, zone), "secret": made.secret}})
        return
    line(session.say(f"{made.url} wird aufgerufen [{made.id}].", f"{made.url} is called [{made.id}]."))
    _show_secret(session, made)


@webhook.command("list")
@pass_session
def list_command(session: Session) -> None:
    """List the webhooks, the oldest first. Their secrets are not shown.

    \b
    Examples:
      ideenweg webhook list
    """
    with session.app() as app, app.database.reading() as connection:
        found = webhooks.listed(connection, app.outgoing.keys)
        zone = app.rules.programme.zone
    if session.as_json:
        emit({"webhooks": [_told(one, zone) for one in found]})
        return
    if not found:
        line(session.say("Keine Webhooks.", "No webhooks."))
        return
    on, off, private = session.say("an", "on"), session.say("aus seit", "off since"), session.say("privat", "private")
    table(
        ("ID", "URL", session.say("Seit", "Since"), session.say("Stand", "State")),
        [
            (
                one.id,
                one.url,
                minute(one.made_at, zone),
                (f"{off} {minute(one.disabled_at, zone)}: {one.disabled_why}" if one.disabled_at else on)
                + (f", {private}" if one.private else ""),
            )
            for one in found
        ],
    )


@webhook.command()
@click.argument("key", metavar="ID")
@pass_session
def rotate(session: Session, key: str) -> None:
    """Give a webhook a new secret, shown once. For another day calls are signed with the one before, too.

    \b
    Examples:
      ideenweg webhook rotate w-5f1c09a7d2e84b36
    """
    with session.app() as app:
        keys, now = _keys(app), session.now
        made = _change(session, app, key, lambda connection: webhooks.rotate(connection, key, keys, now))
        zone = app.rules.programme.zone
    until = now + OVERLAP
    if session.as_json:
        emit({"webhook": {**_told(made, zone), "secret": made.secret}, "old_secret_until": iso(until, zone)})
        return
    _show_secret(session, made)
    line(
        session.say(
            f"Bis {minute(until, zone)} gilt auch das vorige.",
            f"Until {minute(until, zone)} the one before counts too.",
        )
    )


@webhook.command()
@click.argument("key", metavar="ID")
@pass_session
def enable(session: Session, key: str) -> None:
    """Switch a webhook on again. It gets what is told from now on.

    \b
    Examples:
      ideenweg webhook enable w-5f1c09a7d2e84b36
    """
    with session.app() as app:
        _change(session, app, key, lambda connection: webhooks.enable(connection, key))
    if session.as_json:
        emit({"id": key, "enabled": True})
        return
    line(session.say(f"{key} ist an.", f"{key} is on."))


@webhook.command()
@click.argument("key", metavar="ID")
@pass_session
def disable(session: Session, key: str) -> None:
    """Switch a webhook off. What still waits for it is not sent.

    \b
    Examples:
      ideenweg webhook disable w-5f1c09a7d2e84b36
    """
    with session.app() as app:
        why, now = f"switched off by {session.account}", session.now
        _change(session, app, key, lambda connection: webhooks.disable(connection, key, now, why))
    if session.as_json:
        emit({"id": key, "enabled": False})
        return
    line(session.say(f"{key} ist aus.", f"{key} is off."))


@webhook.command()
@click.argument("key", metavar="ID")
@click.option("--since", type=Moment(), required=True, help="What was made since then, at most 30 days ago.")
@pass_session
def replay(session: Session, key: str, since: datetime | date) -> None:
    """Call a webhook again, at the next dispatch, with what was sent to it or failed: its receiver has lost something.

    The calls are the same to the byte and carry the same webhook-id, by which a receiver knows what it has.

    \b
    Examples:
      ideenweg webhook replay w-5f1c09a7d2e84b36 --since 2026-06-01
    """
    with session.app() as app:
        now, begin = session.now, begins(since, app.rules.programme.zone)
        again = _change(session, app, key, lambda connection: webhooks.replay(connection, key, begin, now))
    if session.as_json:
        emit({"again": again})
        return
    line(session.say(f"Wird erneut gesendet: {again}.", f"To be sent again: {again}."))


def _keys(app: App) -> tuple[bytes, ...]:
    """What secrets are derived from. Raises BadInput where there is nothing."""
    if not app.outgoing.keys:
        raise no_key()
    return app.outgoing.keys


def _change(session: Session, app: App, key: str, change: Callable[[Connection], T]) -> T:
    """What `change` gives, in one transaction. Raises NotFound that names the nearest webhooks."""
    try:
        changed = app.database.attempt(change)
    except NotFound as error:
        with app.database.reading() as connection:
            ids = [one.id for one in webhooks.listed(connection, app.outgoing.keys)]
        if close := get_close_matches(key, ids):
            either = session.say(" oder ", " or ").join(close)
            error.add_note(session.say(f"Meinten Sie {either}?", f"Did you mean {either}?"))
        raise
    session.progress = Progress.DONE
    return changed


def _show_secret(session: Session, hook: Hook) -> None:
    line(session.say(f"Geheimnis (nur jetzt zu sehen): {hook.secret}", f"Secret (shown only now): {hook.secret}"))
    line(
        session.say(
            "So prüft der Empfänger jeden Aufruf (Standard Webhooks): Eine Signatur v1 in webhook-signature ist das "
            "Base64 von HMAC-SHA256 über ID.ZEIT.INHALT (webhook-id, webhook-timestamp, Inhalt des Aufrufs), der "
            "Schlüssel das Base64 hinter whsec_.",
            "How the receiver verifies each call (Standard Webhooks): a v1 signature in webhook-signature is the "
            "base64 of HMAC-SHA256 over ID.TIME.BODY (webhook-id, webhook-timestamp, the body of the call), the key "
            "is the base64 behind whsec_.",
        )
    )


def _told(one: Hook, zone: ZoneInfo) -> dict[str, Any]:
    """A webhook as JSON, without its secret."""
    return {
        "id": one.id,
        "url": one.url,
        "private": one.private,
        "made_at": iso(one.made_at, zone),
        "disabled_at": iso(one.disabled_at, zone) if one.disabled_at else None,
        "disabled_why": one.disabled_why,
    }
