"""What the clock of this process does again and again, and how often."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from ideenweg.wiring import App
from notifications import webhooks
from notifications.scheduler import Chore, Clock
from states.snapshot import SYSTEM, local_day
from workflow import followers, jobs, slots
from workflow.accounts import keeping
from workflow.events import Kind
from workflow.streams import Origin, append

log = logging.getLogger(__name__)

T = TypeVar("T")

SWEEP_EVERY = timedelta(seconds=30)
HOUSEKEEP_EVERY = timedelta(hours=6)
VERIFY_EVERY = timedelta(minutes=10)
"""How often it is looked whether the day's verification is still to be done."""

NIGHT = 3
"""The hour, where the programme is, from which on the history is verified: few people are there."""

VERIFICATION = "verification"
"""The task whose slots are the days on which a worker has taken on the verification."""

CHECKPOINT = "checkpoint"
"""The same of the checkpoint that is made after it."""


def clock_of(app: App) -> Clock:
    """The clock of a process on `app`; not started yet."""
    return Clock(
        [
            Chore("sweep", SWEEP_EVERY, partial(_sweep, app), patience=timedelta(minutes=3)),
            Chore("dispatch", SWEEP_EVERY, lambda now: app.dispatch(now=now)),
            Chore("verification", VERIFY_EVERY, partial(_prove_daily, app), patience=timedelta(hours=6)),
            Chore("housekeeping", HOUSEKEEP_EVERY, partial(_housekeep, app)),
        ]
    )


def verify_daily(app: App, now: datetime) -> None:
    """Verify the whole history once a day, in whichever process, and note in it what that came to.

    A verification that breaks off gives the day back.
    """
    found = _once_a_night(app, VERIFICATION, now, app.audit.verify)
    if found is None:
        return
    details = {"ok": found.ok, "events": found.events, "findings": len(found.findings) + found.left_out}
    origin = Origin(SYSTEM, "clock")
    app.database.attempt(lambda connection: append(connection, "system", Kind.VERIFIED, origin, now, details=details))
    if not found.ok:
        log.error("The history is not as it was written: %s", "; ".join(str(one) for one in found.findings[:3]))


def seal_daily(app: App, now: datetime) -> None:
    """Make a checkpoint once a day, in whichever process: also of a history that was changed, since what comes after
    is to be proved all the same."""
    _once_a_night(app, CHECKPOINT, now, lambda: app.audit.checkpoint(now))


def _prove_daily(app: App, now: datetime) -> None:
    verify_daily(app, now)
    seal_daily(app, now)


def _once_a_night(app: App, task: str, now: datetime, work: Callable[[], T]) -> T | None:
    """What `work` gives, if it is night where the programme is and nobody has taken on the task for this day yet."""
    day = local_day(now, app.rules.programme).isoformat()
    if now.astimezone(app.rules.programme.zone).hour < NIGHT or not slots.take(app.database, task, day, now):
        return None
    try:
        return work()
    except BaseException:
        app.database.attempt(partial(slots.give_back, task=task, slot=day))
        raise


def _sweep(app: App, now: datetime) -> None:
    """Sweep, and note that the clock runs: only a sweep that came to its end counts."""
    app.sweep(now=now)
    slots.beat(app.database, now)


def _housekeep(app: App, now: datetime) -> None:
    for forget in (slots.forget, jobs.forget, keeping.housekeep, webhooks.forget, followers.purge):
        app.database.attempt(partial(forget, now=now))
    app.housekeep(now=now)
