"""Documents of items: attached, shown, removed, each an event that holds the file's checksum.

What nobody may look at any more is taken from the folder: at once where a person is erased, by housekeeping where a
document was removed. The checksum stays in the history.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, select, union

from states.attachments import named_badly, plan_attach, plan_remove, plan_show
from states.blockers import Blocker
from states.programme import DocumentLimits
from workflow.commands import AttachDocument, RemoveDocument, ShowDocument
from workflow.db import Database
from workflow.errors import NotFound
from workflow.events import Kind, timestamp
from workflow.files import KEPT, Files
from workflow.models import assignment, document, draft_document, item
from workflow.rules import Rules
from workflow.transaction import Transaction
from workflow.uploads import checked
from workflow.work import Work

INSERT = f"INSERT INTO document ({', '.join(document.columns.keys())}) VALUES ({', '.join('?' * 14)})"
OF_ITEM = "SELECT seq, id, sha256, author, public FROM document WHERE item = ? AND ended_seq IS NULL ORDER BY seq"
END = "UPDATE document SET ended_seq = ?, removed_at = ? WHERE item = ? AND seq = ?"
SHOW = "UPDATE document SET public = ? WHERE item = ? AND seq = ?"

BATCH = 500


class Open(NamedTuple):
    """A document of an item that is not removed, as OF_ITEM gives it."""

    seq: int
    id: str
    sha256: str
    author: str
    public: bool


class HandedIn(NamedTuple):
    """A document that somebody attached to what they handed in."""

    item: str
    seq: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the folder that is named nowhere yet."""

    name: str
    media_type: str
    size: int
    sha256: str


def keep(files: Files, name: str, content: bytes, limits: DocumentLimits) -> Kept:
    """Look into a file and put it into the folder; what `AttachDocument` takes. Raises Invalid and OSError.

    Its checksum is that of what is kept: of a picture, the picture alone.
    """
    upload = checked(name, content, limits)
    return Kept(upload.name, upload.media_type, len(upload.content), files.put(upload.content))


def plan_of_attaching(work: Work, command: AttachDocument) -> tuple[tuple[Blocker, ...], None]:
    there = len(_open(work))
    blockers = plan_attach(work.lifecycle, work.snapshot, command.record, command.media_type, command.size, there)
    return (*blockers, *named_badly(command.name)), None


def attach(work: Work, command: AttachDocument, planned: None) -> None:
    key = f"d-{secrets.token_hex(8)}"
    told = {
        "document": key,
        "sha256": command.sha256,
        "media_type": command.media_type,
        "size": command.size,
        "record": command.record,
        "public": command.public,
    }
    seq = work.event(Kind.ATTACHED, details=told, held={"name": command.name})
    work.write(
        _sql(work, INSERT),
        work.item.number, seq, key, command.name, command.media_type, command.size, command.sha256, command.record,
        work.author, work.writer, work.stamp, command.public, None, None,
    )  # fmt: skip


def plan_of_removing(work: Work, command: RemoveDocument) -> tuple[tuple[Blocker, ...], Open]:
    one = _found(work, command.document)
    return plan_remove(work.lifecycle, work.snapshot, one.author), one


def remove(work: Work, command: RemoveDocument, one: Open) -> None:
    seq = work.event(Kind.REMOVED, details={"document": one.id, "sha256": one.sha256})
    work.write(_sql(work, END), seq, work.stamp, work.item.number, one.seq)


def plan_of_showing(work: Work, command: ShowDocument) -> tuple[tuple[Blocker, ...], Open]:
    one = _found(work, command.document)
    return plan_show(work.lifecycle, work.snapshot), one


def show(work: Work, command: ShowDocument, one: Open) -> None:
    if bool(one.public) == command.public:
        return
    work.event(Kind.SHOWN, details={"document": one.id, "sha256": one.sha256, "public": command.public})
    work.write(_sql(work, SHOW), command.public, work.item.number, one.seq)


def live(connection: Connection, digests: Iterable[str] | None = None) -> set[str]:
    """The SHA-256 of the files that a document or a draft needs; of those in `digests`, where these are given."""
    there = document.c.ended_seq.is_(None) & document.c.name.is_not(None)
    of_items = select(document.c.sha256).where(there)
    of_drafts = select(draft_document.c.sha256)
    if digests is not None:
        asked = list(digests)
        of_items = of_items.where(document.c.sha256.in_(asked))
        of_drafts = of_drafts.where(draft_document.c.sha256.in_(asked))
    return set(connection.scalars(union(of_items, of_drafts)))


def sweep(database: Database, files: Files, now: datetime) -> int:
    """Take away the files that nothing needs any more: removed a day ago, or put in then and never named. How many.

    Younger ones stay: a backup or a verification under way may still read them.
    """
    gone = 0
    old = files.old(now)
    while batch := list(islice(old, BATCH)):
        names = {path.name for path in batch}
        with database.reading() as connection:
            needed = live(connection, names) | _just_removed(connection, names, now)
        for path in batch:
            if path.name not in needed:
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def discard(database: Database, files: Files, digests: Iterable[str]) -> None:
    """Take away these files at once, as far as nothing else needs them."""
    asked = set(digests)
    with database.reading() as connection:
        needed = live(connection, asked)
    for digest in asked - needed:
        files.remove(digest)


def damaged(database: Database, files: Files, found: Callable[[str, int, str, str | None], None]) -> None:
    """Look at the file of every document; `found` is called with item, seq, the checksum it should have, and the one it
    has (None: it is not there)."""
    columns = (document.c.item, document.c.seq, document.c.sha256)
    there = document.c.ended_seq.is_(None) & document.c.name.is_not(None)
    with database.reading() as connection:
        rows = connection.execute(select(*columns).where(there).order_by(*columns[:2])).all()
    seen: dict[str, str | None] = {}
    for number, seq, digest in rows:
        if digest not in seen:
            seen[digest] = files.state(digest)
        if seen[digest] != digest:
            found(number, seq, digest, seen[digest])


def handed_in(connection: Connection, rules: Rules, who: str) -> list[HandedIn]:
    """The documents that somebody attached to what they handed in, as far as not erased.

    What people attach in the course of their work is the administration's and stays.
    """
    tx = Transaction(connection)
    rows = connection.execute(
        select(document.c.item, document.c.seq, document.c.sha256, assignment.c.role, item.c.lifecycle, item.c.version)
        .join(item, item.c.number == document.c.item)
        .join(assignment, (assignment.c.item == document.c.item) & (assignment.c.person == document.c.author))
        .where(document.c.author == who, document.c.name.is_not(None))
        .order_by(document.c.item, document.c.seq)
    )
    return [
        HandedIn(row.item, row.seq, row.sha256)
        for row in rows
        if row.role == rules.lifecycle(tx, row.lifecycle, row.version).created_by
    ]


def _just_removed(connection: Connection, digests: Iterable[str], now: datetime) -> set[str]:
    since = timestamp(now - KEPT)
    rows = select(document.c.sha256).where(document.c.sha256.in_(list(digests)), document.c.removed_at >= since)
    return set(connection.scalars(rows))


def _open(work: Work) -> list[Open]:
    return [Open(*row) for row in work.tx.read((_sql(work, OF_ITEM), (work.item.number,)))[0]]


def _found(work: Work, key: str) -> Open:
    one = next((one for one in _open(work) if one.id == key), None)
    if one is None:
        raise NotFound("document", key)
    return one


def _sql(work: Work, statement: str) -> str:
    return statement.replace("?", "%s") if work.tx.dialect == "postgresql" else statement
