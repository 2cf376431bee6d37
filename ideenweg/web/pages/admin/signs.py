"""The condition of an installation in sentences, the worst first: what the overview and the health page say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

from ideenweg.wiring import App
from workflow.migrations import Status
from workflow.queries.installation import Condition, Slot
from workflow.slots import BROKEN, CLOCK, SAVED, VERIFIED

STANDS_STILL = timedelta(minutes=3)
VERIFIED_EVERY, SAVED_EVERY = timedelta(days=7), timedelta(days=2)
TIGHT = 0.1
"""The part of a disk that should stay free."""


class Level(IntEnum):
    """How bad it is."""

    DANGER = 0
    WARNING = 1
    GOOD = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """One sentence (`sign_key`, with `params`; moments among them), and the page where something can be done."""

    level: Level
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that an SQLite file lies on, and the file; bytes."""

    free: int
    total: int
    file: int


def signs(app: App, condition: Condition, slots: Mapping[str, Slot], tables: Status, now: datetime) -> list[Sign]:
    """Everything there is to say, the worst first."""
    found = [
        *_tables(tables),
        _clock(slots.get(CLOCK), now),
        _verified(slots.get(VERIFIED), slots.get(BROKEN), now),
        _saved(slots.get(SAVED), now),
        *_waiting(condition),
        *_mail(app, condition),
        *_disk(app),
    ]
    return sorted(found, key=lambda one: one.level)


def by_task(connection_slots: tuple[Slot, ...]) -> dict[str, Slot]:
    """Task -> its newest slot."""
    return {one.task: one for one in connection_slots}


def disk_of(app: App) -> Disk | None:
    """The disk under an SQLite file; None for PostgreSQL, which is somebody else's to watch."""
    path = app.database.path
    if path is None:
        return None
    usage = shutil.disk_usage(Path(path).parent)
    return Disk(usage.free, usage.total, Path(path).stat().st_size)


def _tables(tables: Status) -> Iterator[Sign]:
    if tables.unguarded:
        yield Sign(Level.DANGER, "unguarded", {"n": len(tables.unguarded)}, "/verwaltung/protokoll/pruefung")
    else:
        yield Sign(Level.GOOD, "tables", {"revision": tables.current or ""})


def _clock(beat: Slot | None, now: datetime) -> Sign:
    if beat is None:
        return Sign(Level.DANGER, "clock_never", address="/verwaltung/zustand")
    if now - beat.at > STANDS_STILL:
        return Sign(Level.DANGER, "clock_still", {"at": beat.at}, "/verwaltung/zustand")
    return Sign(Level.GOOD, "clock", {"at": beat.at})


def _verified(whole: Slot | None, broken: Slot | None, now: datetime) -> Sign:
    address = "/verwaltung/protokoll/pruefung"
    if broken and (whole is None or broken.at > whole.at):
        return Sign(Level.DANGER, "broken", {"at": broken.at}, address)
    if whole is None:
        return Sign(Level.WARNING, "never_verified", address=address)
    if now - whole.at > VERIFIED_EVERY:
        return Sign(Level.WARNING, "verified_long_ago", {"at": whole.at}, address)
    return Sign(Level.GOOD, "verified", {"at": whole.at}, address)


def _saved(last: Slot | None, now: datetime) -> Sign:
    if last is None:
        return Sign(Level.WARNING, "never_saved", address="/verwaltung/zustand")
    level = Level.WARNING if now - last.at > SAVED_EVERY else Level.GOOD
    return Sign(level, "saved", {"at": last.at}, "/verwaltung/zustand")


def _waiting(found: Condition) -> Iterator[Sign]:
    if found.late.number and found.late.since:
        yield Sign(Level.DANGER, "late", {"n": found.late.number, "at": found.late.since}, "/verwaltung/zustand")
    if found.refused:
        yield Sign(Level.WARNING, "refused", {"n": found.refused}, "/verwaltung/zustand")
    if found.failed:
        yield Sign(Level.DANGER, "failed", {"n": found.failed}, "/verwaltung/ausgang?state=failed")
    if found.held:
        yield Sign(Level.WARNING, "held", {"n": found.held}, "/verwaltung/ausgang?state=held")


def _mail(app: App, found: Condition) -> Iterator[Sign]:
    address = "/verwaltung/ausgang?state=waiting"
    if app.outgoing.mail is None:
        yield Sign(Level.WARNING, "no_mail_server", {"n": found.unsent.number}, address)
    elif found.unsent.number and found.unsent.since:
        yield Sign(Level.WARNING, "unsent", {"n": found.unsent.number, "at": found.unsent.since}, address)
    else:
        yield Sign(Level.GOOD, "sent", address="/verwaltung/ausgang")


def _disk(app: App) -> Iterator[Sign]:
    disk = disk_of(app)
    if disk is not None:
        tight = disk.free < disk.total * TIGHT
        yield Sign(Level.WARNING if tight else Level.GOOD, "tight" if tight else "disk", {"free": disk.free})
