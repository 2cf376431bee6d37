"""The webhooks of an installation: set up, rotated, switched off. Their secrets are derived and stand in no table."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from notifications.channels.webhook import Endpoint, parts_of, public
from notifications.errors import Permanent
from workflow.errors import BadInput, Conflict, NotFound
from workflow.events import moment, timestamp
from workflow.models import delivery, webhook

OVERLAP = timedelta(days=1)
"""How long a rotated secret is still signed with."""

KEPT = timedelta(days=30)
"""How long calls can be played again."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as an administrator sees it. secret: in the form of Standard Webhooks (`whsec_…`); None where there are
    no keys to derive it from."""

    id: str
    url: str
    private: bool
    secret: str | None
    made_at: str
    disabled_at: str | None
    disabled_why: str | None


def add(connection: Connection, url: str, keys: Sequence[bytes], now: datetime, *, private: bool = False) -> Hook:
    """Set up a webhook that gets every notice from now on. Raises BadInput for a URL that cannot be one."""
    try:
        host, *_, tls = parts_of(url)
    except Permanent as error:
        raise BadInput(f"{url} cannot be a webhook.", remedy=str(error)) from None
    if not private and (host == "localhost" or (_is_address(host) and not public(host))):
        raise BadInput(f"{host} is no public address.", remedy="Give --private if it is meant to be called.")
    if not tls and not private:
        raise BadInput(f"{url} is not encrypted.", remedy="Give https://…, or --private for a program close by.")
    key = f"w-{secrets.token_hex(8)}"
    connection.execute(insert(webhook).values(id=key, url=url, private=private, generation=1, made_at=timestamp(now)))
    return show(connection, key, keys)


def show(connection: Connection, key: str, keys: Sequence[bytes]) -> Hook:
    """The webhook. Raises NotFound."""
    row = connection.execute(select(webhook).where(webhook.c.id == key)).one_or_none()
    if row is None:
        raise NotFound("webhook", key)
    return _hook(row, keys)


def listed(connection: Connection, keys: Sequence[bytes]) -> tuple[Hook, ...]:
    """All of them, the oldest first."""
    return tuple(
        _hook(row, keys) for row in connection.execute(select(webhook).order_by(webhook.c.made_at, webhook.c.id))
    )


def rotate(connection: Connection, key: str, keys: Sequence[bytes], now: datetime) -> Hook:
    """Give it a new secret; the one before is signed with for another day. Raises NotFound."""
    values = {"generation": webhook.c.generation + 1, "rotated_at": timestamp(now)}
    connection.execute(update(webhook).where(webhook.c.id == key).values(values))
    return show(connection, key, keys)


def enable(connection: Connection, key: str) -> None:
    """Switch it on again. Raises NotFound."""
    values = {"disabled_at": None, "disabled_why": None}
    if connection.execute(update(webhook).where(webhook.c.id == key).values(values)).rowcount != 1:
        raise NotFound("webhook", key)


def disable(connection: Connection, key: str, now: datetime, why: str = "410 Gone") -> None:
    """Switch it off; what still waits for it is not sent. Raises NotFound."""
    values = {"disabled_at": timestamp(now), "disabled_why": why}
    if connection.execute(update(webhook).where(webhook.c.id == key).values(values)).rowcount != 1:
        raise NotFound("webhook", key)
    connection.execute(
        update(delivery)
        .where(delivery.c.recipient == key, delivery.c.status == "waiting", delivery.c.lease_until.is_(None))
        .values(status="failed", result=why, done_at=timestamp(now))
    )


def replay(connection: Connection, key: str, since: datetime, now: datetime) -> int:
    """Call it again, at the next dispatch, with everything that was sent to it or failed since the moment `since`; how
    many calls. They are the same to the byte and carry the same webhook-id, so that a receiver can tell.

    Raises NotFound, BadInput for more than KEPT ago, and Conflict for one that is switched off.
    """
    if now - since > KEPT:
        raise BadInput(
            f"Calls are kept for {KEPT.days} days.", remedy=f"Give --since {(now - KEPT).date().isoformat()} or later."
        )
    if show(connection, key, ()).disabled_at:
        raise Conflict(f"{key} is switched off. Switch it on first: ideenweg webhook enable {key}")
    again = {"status": "waiting", "attempts": 0, "next_at": timestamp(now), "done_at": None}
    return connection.execute(
        update(delivery)
        .where(
            delivery.c.recipient == key,
            delivery.c.status.in_(("sent", "failed")),
            delivery.c.made_at >= timestamp(since),
        )
        .values(again)
    ).rowcount


def forget(connection: Connection, now: datetime) -> int:
    """Let go the bytes of calls of more than KEPT ago; how many."""
    old = delivery.c.recipient.in_(select(webhook.c.id)) & (delivery.c.done_at < timestamp(now - KEPT))
    return connection.execute(
        update(delivery).where(old, delivery.c.message.is_not(None)).values(message=None)
    ).rowcount


def endpoint(connection: Connection, key: str, keys: Sequence[bytes], now: datetime) -> Endpoint | None:
    """Where it goes, and what its calls are signed with at the aware moment `now`; None while it is switched off."""
    row = connection.execute(select(webhook).where(webhook.c.id == key, webhook.c.disabled_at.is_(None))).one_or_none()
    if row is None:
        return None
    generations = [row.generation]
    if row.rotated_at and now - moment(row.rotated_at) < OVERLAP:
        generations.append(row.generation - 1)
    return Endpoint(row.id, row.url, row.private, tuple(_secret(keys[0], row.id, one) for one in generations))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _hook(row: Row[Any], keys: Sequence[bytes]) -> Hook:
    derived = _secret(keys[0], row.id, row.generation) if keys else None
    secret = "whsec_" + base64.b64encode(derived).decode() if derived else None
    return Hook(row.id, row.url, row.private, secret, row.made_at, row.disabled_at, row.disabled_why)


def _secret(key: bytes, name: str, generation: int) -> bytes:
    return hmac.new(key, f"ideenweg webhook v1\n{name}\n{generation}".encode(), sha256).digest()
