"""Appends to the streams that are no item's: `person:…` and `system`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, literal_column, update

from workflow.db import upsert
from workflow.events import COLUMNS, GENESIS, Event, Kind, commitment, new_salt, seal, timestamp
from workflow.models import disclosure, event, stream_head


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes an event and by which door. `account`: the operating system's, for the command line."""

    actor: str
    via: str
    account: str | None = None
    on_behalf_of: str | None = None
    command_id: str | None = None


def append(
    connection: Connection,
    stream: str,
    kind: Kind,
    origin: Origin,
    now: datetime,
    *,
    details: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> int:
    """Append an event to `stream` inside the caller's writing transaction; its seq.

    texts: part -> text that the event commits to and `disclosure` holds.
    """
    # An upsert that changes nothing: on PostgreSQL it locks the head until the commit, so a stream cannot fork.
    seq, head = connection.execute(
        upsert(connection, stream_head)
        .values(stream=stream, seq=0, hash=GENESIS)
        .on_conflict_do_update(index_elements=["stream"], set_={"seq": literal_column("stream_head.seq")})
        .returning(stream_head.c.seq, stream_head.c.hash)
    ).one()
    salts = {part: new_salt() for part in texts or {}}
    committed = {part: commitment(salts[part], text) for part, text in (texts or {}).items()}
    stamp = timestamp(now)
    row = seal(
        Event(
            stream=stream,
            seq=seq + 1,
            kind=kind,
            actor=origin.actor,
            on_behalf_of=origin.on_behalf_of,
            via=origin.via,
            account=origin.account,
            command_id=origin.command_id,
            at=stamp,
            recorded_at=stamp,
            details={**(details or {}), **committed},
        ),
        head,
    )
    connection.execute(insert(event).values(dict(zip(COLUMNS, row, strict=True))))
    for part, text in (texts or {}).items():
        connection.execute(
            insert(disclosure).values(stream=stream, seq=seq + 1, part=part, salt=salts[part], text=text)
        )
    connection.execute(update(stream_head).where(stream_head.c.stream == stream).values(seq=seq + 1, hash=row[-1]))
    return int(seq) + 1
