"""From an intent to its deliveries: who is told by which way is decided now, once, in one transaction an intent."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Table, select, update

from notifications.matter import Intent, Matter, read_matter
from notifications.message import message_id
from notifications.preferences import Mode
from notifications.recipients import LeftOut, told
from notifications.render import Templates
from states.programme import Programme
from workflow.db import Database, upsert
from workflow.errors import StorageError
from workflow.events import moment, timestamp
from workflow.models import contact, delivery, inbox, outbox, webhook
from workflow.rules import Rules
from workflow.work import FOLLOWERS

log = logging.getLogger(__name__)

BATCH = 200
EMAIL, WEBHOOK = "email", "webhook"
NO_SERVER = "no_mail_server"
"""The result of a mail that waits for a server to be set."""

SETTLES = timedelta(minutes=2)
"""For how long what was done as one act may still grow before whoever it concerns is told of all of it."""

MORNING = 7
"""The hour, where the recipient is, at which the clock's mails and digests go out."""


@dataclass(frozen=True, slots=True)
class Post:
    """How this installation makes deliveries. domain: of Message-IDs. channels: those that are set up."""

    rules: Rules
    templates: Templates
    domain: str
    channels: Collection[str]


def expand(database: Database, post: Post, now: datetime) -> int:
    """Make the deliveries of every open intent of before the aware moment `now`; how many intents.

    One that cannot be expanded is logged, stays open, and stops no other.
    """
    done, last = 0, ("", "")
    while intents := _open(database, timestamp(now), last):
        for intent in intents:
            try:
                done += database.attempt(partial(_expand, post=post, intent=intent, now=now))
            except StorageError:
                raise
            except Exception:  # the others do not wait for it
                log.exception("The notice %s cannot be expanded; it stays in the outbox", intent.id)
        last = (intents[-1].at, intents[-1].id)
    return done


def _open(database: Database, stamp: str, last: tuple[str, str]) -> list[Intent]:
    behind = (outbox.c.at > last[0]) | ((outbox.c.at == last[0]) & (outbox.c.id > last[1]))
    with database.reading() as connection:
        rows = connection.execute(
            select(outbox)
            .where(outbox.c.status == "open", outbox.c.at <= stamp, behind)
            .order_by(outbox.c.at, outbox.c.id)
            .limit(BATCH)
        )
        return [Intent.of(row) for row in rows]


def _expand(connection: Connection, post: Post, intent: Intent, now: datetime) -> bool:
    taken = connection.execute(
        update(outbox).where(outbox.c.id == intent.id, outbox.c.status == "open").values(status="expanded")
    )
    if taken.rowcount != 1:  # another worker was faster
        return False
    matter = read_matter(connection, post.rules, intent, now)
    rows = [*_mails(connection, post, matter, now), *_calls(connection, post, intent, now)]
    _add(connection, delivery, [row for row, _ in rows])
    people = _not_erased(connection, [row["recipient"] for row, known in rows if known])
    stamp = timestamp(now)
    _add(connection, inbox, [{"person": one, "outbox": intent.id, "at": stamp, "read_at": None} for one in people])
    return True


def _not_erased(connection: Connection, people: Collection[str]) -> list[str]:
    """Those of whom there is still a contact, which is held: nobody is erased before their entry is there."""
    held = select(contact.c.person).where(contact.c.person.in_(people)).with_for_update(read=True, key_share=True)
    return sorted(connection.scalars(held))


Row = tuple[dict[str, Any], bool]
"""A delivery, and whether its recipient finds it in their inbox."""


def _mails(connection: Connection, post: Post, matter: Matter, now: datetime) -> Iterator[Row]:
    for one in told(connection, matter, post.templates, now):
        status, result = "waiting", None if EMAIL in post.channels else NO_SERVER
        ready = timestamp(_morning(matter, one.zone, now))
        if one.left_out:
            status, result = "left_out", one.left_out.value
        elif one.mode is Mode.DIGEST:
            status, result = "for_digest", None
        elif batch := matter.intent.batch:
            status, result = "for_batch", batch
            ready = max(ready, timestamp(moment(matter.intent.at) + SETTLES))
        row = delivery_row(
            f"{matter.intent.id}>{one.person}", matter.intent.id, one.person, EMAIL, post, now,
            role=one.role, stands_for=one.stands_for, status=status, result=result, next_at=ready,
        )  # fmt: skip
        yield row, one.left_out not in (LeftOut.NOBODY, LeftOut.SETTLED)


def _calls(connection: Connection, post: Post, intent: Intent, now: datetime) -> Iterator[Row]:
    for key in connection.scalars(select(webhook.c.id).where(webhook.c.disabled_at.is_(None)).order_by(webhook.c.id)):
        # What somebody noted for themselves concerns nobody else, and calls have the step from its own notices.
        if "person" not in intent.params and intent.roles != (FOLLOWERS,):
            yield delivery_row(f"{intent.id}>{key}", intent.id, key, WEBHOOK, post, now), False


def delivery_row(
    key: str, intent: str | None, recipient: str, channel: str, post: Post, now: datetime, **more: Any
) -> dict[str, Any]:
    """A row of `delivery` as it is made."""
    stamp = timestamp(now)
    usual = {
        "id": key, "outbox": intent, "recipient": recipient, "channel": channel, "role": None, "stands_for": None,
        "message_id": message_id(f"{key}/{channel}", post.domain), "status": "waiting", "result": None, "attempts": 0,
        "next_at": stamp, "lease_until": None, "epoch": 0, "message": None, "made_at": stamp, "done_at": None,
    }  # fmt: skip
    return usual | more


def zone_of(person: str | None, programme: Programme) -> ZoneInfo:
    """The time zone of a person who has set `person`, or none, or one that this machine does not know."""
    try:
        return ZoneInfo(person) if person else programme.zone
    except (ZoneInfoNotFoundError, ValueError):
        return programme.zone


def seven(now: datetime, zone: ZoneInfo) -> datetime:
    """Seven in the morning of the day that it is in `zone`, whatever the clocks did in the night."""
    day = now.astimezone(zone).date()
    return datetime(day.year, day.month, day.day, MORNING, tzinfo=zone)


def _morning(matter: Matter, zone: str | None, now: datetime) -> datetime:
    """When a mail may go: at once; one of the clock, which is decided at midnight, in the reader's morning."""
    if not matter.intent.params or "follow" in matter.intent.params:
        return now
    return max(now, seven(now, zone_of(zone, matter.programme)), key=timestamp)


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(upsert(connection, table).on_conflict_do_nothing(), rows)
