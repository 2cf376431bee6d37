"""What the clock of this process does again and again, and how often."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from ideenweg.wiring import App
from notifications import webhooks
from notifications.scheduler import Chore, Clock
from states.snapshot import SYSTEM, local_day
from workflow import followers, jobs, slots
from workflow.accounts import keeping
from workflow.events import Kind
from workflow.streams import Origin, append

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=30)
HOUSEKEEP_EVERY = timedelta(hours=6)
VERIFY_EVERY = timedelta(minutes=10)
"""How often it is looked whether the day's verification is still to be done."""

NIGHT = 3
"""The hour, where the programme is, from which on the history is verified: few people are there."""

VERIFICATION = "verification"
"""The task whose slots are the days on which a worker has taken on the verification."""


def clock_of(app: App) -> Clock:
    """The clock of a process on `app`; not started yet."""
    return Clock(
        [
            Chore("sweep", SWEEP_EVERY, partial(_sweep, app), patience=timedelta(minutes=3)),
            Chore("dispatch", SWEEP_EVERY, lambda now: app.dispatch(now=now)),
            Chore("verification", VERIFY_EVERY, partial(verify_daily, app), patience=timedelta(hours=6)),
            Chore("housekeeping", HOUSEKEEP_EVERY, partial(_housekeep, app)),
        ]
    )


def verify_daily(app: App, now: datetime) -> None:
    """Verify the whole history once a day, in whichever process, and note in it what that came to.

    A verification that breaks off gives the day back.
    """
    zone = app.rules.programme.zone
    day = local_day(now, app.rules.programme).isoformat()
    if now.astimezone(zone).hour < NIGHT or not slots.take(app.database, VERIFICATION, day, now):
        return
    try:
        found = app.audit.verify()
    except BaseException:
        app.database.attempt(partial(slots.give_back, task=VERIFICATION, slot=day))
        raise
    details = {"ok": found.ok, "events": found.events, "findings": len(found.findings) + found.left_out}
    origin = Origin(SYSTEM, "clock")
    app.database.attempt(lambda connection: append(connection, "system", Kind.VERIFIED, origin, now, details=details))
    if not found.ok:
        log.error("The history is not as it was written: %s", "; ".join(str(one) for one in found.findings[:3]))


def _sweep(app: App, now: datetime) -> None:
    """Sweep, and note that the clock runs: only a sweep that came to its end counts."""
    app.sweep(now=now)
    slots.beat(app.database, now)


def _housekeep(app: App, now: datetime) -> None:
    for forget in (slots.forget, jobs.forget, keeping.housekeep, webhooks.forget, followers.purge):
        app.database.attempt(partial(forget, now=now))
    app.housekeep(now=now)
