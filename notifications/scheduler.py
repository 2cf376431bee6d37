"""The clock: calls each chore at its interval, one run of a chore at a time, and survives whatever a chore raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again. `do` gets the aware moment at which it was called.

    It has to do all that is due by then, however long ago: runs that were missed are not made up for.
    patience: how long beyond its interval it may come to no end before somebody has to look.
    """

    name: str
    every: timedelta
    do: Callable[[datetime], object]
    patience: timedelta = timedelta(hours=1)


class Clock:
    """Runs chores in threads of its own, the first time at once. Any number of processes may have one."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        # In memory: what is due stands in the database, and a clock that starts looks there first.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._chores, self._ended = tuple(chores), dict.fromkeys((chore.name for chore in chores), datetime.now(UTC))
        for chore in chores:
            self._scheduler.add_job(
                self._run, "interval", [chore], id=chore.name, seconds=chore.every.total_seconds(),
                next_run_time=datetime.now(UTC),
            )  # fmt: skip

    def start(self) -> None:
        """Begin. Returns at once."""
        # A chore that takes longer than its interval is no news at every interval.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        """End, after the runs under way. Waits for them, so not on an event loop."""
        self._scheduler.shutdown(wait=True)

    def hanging(self, now: datetime) -> tuple[str, ...]:
        """The chores that have come to no end, good or bad, for longer than they may at the aware moment `now`."""
        return tuple(one.name for one in self._chores if now - self._ended[one.name] > one.every + one.patience)

    def _run(self, chore: Chore) -> None:
        try:
            chore.do(datetime.now(UTC))
        except Exception:  # the next run is due whatever happened to this one
            log.exception("%s failed; it is tried again in %s", chore.name, chore.every)
        self._ended[chore.name] = datetime.now(UTC)
