"""Submissions that are not handed in yet: kept for whoever holds the secret of their cookie, for thirty days.

A draft belongs to nobody who is known. What it holds is read through its secret alone, of which the database knows the
SHA-256.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from workflow.documents import Kept
from workflow.errors import NotFound
from workflow.events import moment, timestamp
from workflow.models import contact, draft, draft_document

KEPT = timedelta(days=30)
"""How long a draft is kept after its last change."""

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a draft."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is kept. data: what was typed, by field."""

    digest: str
    lifecycle: str
    data: Mapping[str, Any]
    made_at: datetime
    changed_at: datetime
    documents: tuple[Attached, ...]


def begin(connection: Connection, lifecycle: str, now: datetime) -> tuple[str, str]:
    """A new, empty draft: its secret, and the digest by which everything else knows it."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    stamp = timestamp(now)
    row = {"digest": digest_of(secret), "lifecycle": lifecycle, "data": "{}", "made_at": stamp, "changed_at": stamp}
    connection.execute(insert(draft).values(row))
    return secret, row["digest"]


def digest_of(secret: str) -> str:
    """What the database knows of a draft's secret."""
    return sha256(f"ideenweg draft v1\n{secret}".encode()).hexdigest()


def find(connection: Connection, secret: str, now: datetime) -> Draft | None:
    """The draft of that secret; None for another text, and for a draft that was kept long enough."""
    since = timestamp(now - KEPT)
    row = connection.execute(
        select(draft).where(draft.c.digest == digest_of(secret), draft.c.changed_at >= since)
    ).one_or_none()
    if row is None:
        return None
    columns = [draft_document.c[name] for name in ("id", "name", "media_type", "size", "sha256")]
    files = connection.execute(
        select(*columns).where(draft_document.c.draft == row.digest).order_by(draft_document.c.at, draft_document.c.id)
    )
    return Draft(
        row.digest,
        row.lifecycle,
        json.loads(row.data),
        moment(row.made_at),
        moment(row.changed_at),
        tuple(Attached(*one) for one in files),
    )


def keep(connection: Connection, digest: str, data: Mapping[str, Any], email: str | None, now: datetime) -> None:
    """Keep what was typed. email: by which it goes when that person is erased."""
    values = {"data": json.dumps(data, ensure_ascii=False), "email": email and email.lower()}
    connection.execute(update(draft).where(draft.c.digest == digest).values(**values, changed_at=timestamp(now)))


def author(connection: Connection, digest: str, make: Callable[[], str]) -> str:
    """Who hands the draft in: the person that `make` gives the first time; the same one when it is sent again.

    Raises NotFound for a draft that is handed in already.
    """
    row = connection.execute(select(draft.c.author).where(draft.c.digest == digest).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("draft", digest)
    if row.author is None:
        who = make()
        connection.execute(update(draft).where(draft.c.digest == digest).values(author=who))
        return who
    return str(row.author)


def attach(connection: Connection, digest: str, kept: Kept, now: datetime) -> None:
    """Name a file of the folder as one of the draft's."""
    row = {"id": f"f-{secrets.token_hex(8)}", "name": kept.name, "media_type": kept.media_type, "size": kept.size}
    connection.execute(insert(draft_document).values(draft=digest, **row, sha256=kept.sha256, at=timestamp(now)))


def detach(connection: Connection, digest: str, key: str) -> None:
    """Take a file from the draft; the bytes go with the next housekeeping."""
    connection.execute(delete(draft_document).where(draft_document.c.draft == digest, draft_document.c.id == key))


def throw_away(connection: Connection, digest: str) -> None:
    """Delete a draft and name its files no more."""
    connection.execute(delete(draft_document).where(draft_document.c.draft == digest))
    connection.execute(delete(draft).where(draft.c.digest == digest))


def purge(connection: Connection, now: datetime) -> int:
    """Delete the drafts that were kept long enough; how many."""
    old = connection.scalars(select(draft.c.digest).where(draft.c.changed_at < timestamp(now - KEPT))).all()
    for digest in old:
        throw_away(connection, digest)
    return len(old)


def forget(connection: Connection, person: str) -> None:
    """Delete the drafts under a person's address, which is still known."""
    address = select(contact.c.email).where(contact.c.person == person).scalar_subquery()
    for digest in connection.scalars(select(draft.c.digest).where(draft.c.email == address)).all():
        throw_away(connection, digest)


def told(connection: Connection, email: str) -> list[dict[str, Any]]:
    """The drafts under an address, as plain JSON."""
    rows = connection.execute(select(draft).where(draft.c.email == email).order_by(draft.c.made_at, draft.c.digest))
    return [{"data": json.loads(row.data), "made_at": row.made_at, "changed_at": row.changed_at} for row in rows]
