"""Work that takes longer than an answer may: its file, how far it is and what came of it, for every process to see.

A job is prepared (an import whose columns are being mapped), running, and then checked (a dry run found nothing
wrong), done, refused (what it was given cannot be taken in) or failed. One that has not been heard of for LOST was
broken off with its process; whatever it did was one transaction, so nothing is half done.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from workflow.db import Database
from workflow.errors import Busy, Conflict, NotFound
from workflow.events import moment, timestamp
from workflow.models import job

PREPARED, RUNNING, CHECKED, DONE, REFUSED, FAILED = "prepared", "running", "checked", "done", "refused", "failed"
STARTABLE = (PREPARED, CHECKED, REFUSED, FAILED)

LOST = timedelta(minutes=2)
FILES_KEPT = timedelta(days=1)
KEPT = timedelta(days=30)

EVERY_SECONDS = 1.0
"""How often a running job says how far it is."""

SHORT_WAIT = 0.05
"""Seconds that such a word waits for other writers; what could not be said is said the next time."""

LISTED = 20

LINE: list[Any] = [column for column in job.columns if column.name != "content"]


@dataclass(frozen=True, slots=True)
class Job:
    """A job without its file; `has_file` says whether that is still there. `result` is what the kind of job says."""

    id: str
    kind: str
    person: str
    status: str
    name: str | None
    notes: str | None
    phase: str | None
    reached: int
    total: int
    result: Mapping[str, Any] | None
    made_at: datetime
    beat_at: datetime | None
    ended_at: datetime | None
    has_file: bool

    def lost(self, now: datetime) -> bool:
        """Whether whoever ran it has fallen silent."""
        return self.status == RUNNING and self.beat_at is not None and now - self.beat_at > LOST


def prepare(
    connection: Connection,
    kind: str,
    person: str,
    now: datetime,
    *,
    name: str | None = None,
    content: bytes | None = None,
    notes: str | None = None,
) -> str:
    """A new job that waits to be started; its id."""
    key = f"j-{secrets.token_hex(8)}"
    values = {"id": key, "kind": kind, "person": person, "status": PREPARED, "name": name, "content": content}
    connection.execute(
        insert(job).values(values | {"notes": notes, "reached": 0, "total": 0, "made_at": timestamp(now)})
    )
    return key


def find(connection: Connection, key: str) -> Job:
    """The job. Raises NotFound."""
    row = connection.execute(select(*LINE, job.c.content.is_not(None).label("has_file")).where(job.c.id == key)).first()
    if row is None:
        raise NotFound("job", key)
    return _job(row)


def file_of(connection: Connection, key: str) -> bytes:
    """The file of a job. Raises NotFound where it is gone."""
    content = connection.scalar(select(job.c.content).where(job.c.id == key))
    if content is None:
        raise NotFound("file of the job", key)
    return bytes(content)


def listed(connection: Connection, kinds: Sequence[str], limit: int = LISTED) -> tuple[Job, ...]:
    """The newest jobs of these kinds."""
    rows = connection.execute(
        select(*LINE, job.c.content.is_not(None).label("has_file"))
        .where(job.c.kind.in_(kinds))
        .order_by(job.c.made_at.desc(), job.c.id)
        .limit(limit)
    )
    return tuple(_job(row) for row in rows)


def note(connection: Connection, key: str, notes: str, now: datetime) -> None:
    """Keep this beside the file of a job that does not run; what an earlier run found no longer counts."""
    values = {"notes": notes, "status": PREPARED, "result": None}
    _change(connection, key, values, now)


def start(connection: Connection, key: str, now: datetime) -> None:
    """Mark it as running. Raises Conflict where it runs or is done already."""
    stamp = timestamp(now)
    values = {"status": RUNNING, "phase": None, "reached": 0, "total": 0, "result": None}
    _change(connection, key, {**values, "beat_at": stamp, "ended_at": None}, now)


def end(
    connection: Connection, key: str, status: str, result: Mapping[str, Any], now: datetime, *, keep_file: bool
) -> None:
    """Say what came of it."""
    values: dict[str, Any] = {"status": status, "result": json.dumps(result, ensure_ascii=False)}
    if not keep_file:
        values["content"] = None
    connection.execute(update(job).where(job.c.id == key).values({**values, "ended_at": timestamp(now)}))


def discard(connection: Connection, key: str, now: datetime) -> None:
    """Delete a job that does not run, with its file. Raises Conflict, or NotFound."""
    _change(connection, key, {"status": PREPARED}, now)
    connection.execute(delete(job).where(job.c.id == key))


def forget(connection: Connection, now: datetime) -> int:
    """Delete files after a day, and jobs after a month; how many jobs."""
    old_file = job.c.content.is_not(None) & (job.c.made_at < timestamp(now - FILES_KEPT)) & (job.c.status != RUNNING)
    connection.execute(update(job).where(old_file).values(content=None, notes=None))
    return connection.execute(delete(job).where(job.c.made_at < timestamp(now - KEPT))).rowcount


@dataclass(slots=True)
class Telling:
    """A progress (workflow/progress.py) that other processes see."""

    database: Database
    key: str
    said: float = field(default=0.0)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Note it, at most once in EVERY_SECONDS."""
        if time.monotonic() - self.said < EVERY_SECONDS:
            return
        values = {"phase": what, "reached": done, "total": total, "beat_at": timestamp(datetime.now(UTC))}
        try:
            with self.database.writing(patience=SHORT_WAIT) as connection:
                connection.execute(update(job).where(job.c.id == self.key).values(values))
        except Busy:
            return
        self.said = time.monotonic()


def _change(connection: Connection, key: str, values: Mapping[str, Any], now: datetime) -> None:
    silent = timestamp(now - LOST)
    idle = or_(job.c.status.in_(STARTABLE), (job.c.status == RUNNING) & (job.c.beat_at < silent))
    if connection.execute(update(job).where(job.c.id == key, idle).values(values)).rowcount != 1:
        find(connection, key)
        raise Conflict("This job runs already, or is done.")


def _job(row: Any) -> Job:
    def at(stamp: str | None) -> datetime | None:
        return moment(stamp) if stamp else None

    return Job(
        row.id, row.kind, row.person, row.status, row.name, row.notes, row.phase, row.reached, row.total,
        json.loads(row.result) if row.result else None, moment(row.made_at), at(row.beat_at), at(row.ended_at),
        bool(row.has_file),
    )  # fmt: skip
