"""The rows of an item's deadlines, and the steps that lie before each that runs: read and written as clocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from states.calendar import due_at
from states.deadline_rules import DeadlineRule
from states.lifecycle import Lifecycle
from states.snapshot import local_day
from states.steps import ahead
from workflow.events import timestamp
from workflow.work import Work

RUNNING, STOPPED, WAITING, CLOSED = "running", "stopped", "waiting", "closed"


@dataclass(frozen=True, slots=True)
class Clock:
    """What one deadline becomes. `left`: whole days, in the rule's own unit, while it is stopped."""

    rule: str
    key: str
    day: date | None
    version: int
    status: str
    left: int | None = None
    known: bool = True  # there is a row already
    expires: tuple[str, ...] = ()
    fixed: bool = False  # somebody set the day: no record moves it any more

    @property
    def told(self) -> dict[str, Any]:
        """As the event tells it."""
        return {
            "rule": self.rule,
            "key": self.key,
            "date": self.day.isoformat() if self.day else None,
            "status": self.status,
            "version": self.version,
            "fixed": self.fixed,
        }


def known(work: Work) -> dict[tuple[str, str], Clock]:
    """The clocks of the item as they stand, by rule and key."""
    return {
        (rule, key): Clock(
            rule, key, date.fromisoformat(day) if day else None, version, status, left, fixed=bool(fixed)
        )
        for rule, key, day, version, status, left, fixed in work.deadlines
    }


def write(work: Work, clocks: Sequence[Clock]) -> None:
    """Put the clocks down: their rows, and the steps that a running one still has before it."""
    sql, number, zone = work.tx.sql, work.item.number, work.programme.zone
    for clock in clocks:
        day = clock.day.isoformat() if clock.day else None
        ends = timestamp(due_at(clock.day, zone)) if clock.day and clock.status == RUNNING else None
        if clock.known:
            work.write(sql.void_steps, number, clock.rule, clock.key)
            work.write(
                sql.set_deadline,
                day, ends, clock.version, clock.status, clock.left, work.stamp, clock.fixed,
                number, clock.rule, clock.key,
            )  # fmt: skip
        else:
            work.write(
                sql.insert_deadline,
                number, clock.rule, clock.key, day, zone.key, ends, clock.version, clock.status, clock.left, work.stamp,
                clock.fixed,
            )  # fmt: skip
        if ends:
            _arm(work, clock, ends)
    rows = {(row[0], row[1]): row for row in work.deadlines}
    for clock in clocks:
        day = clock.day.isoformat() if clock.day else None
        rows[clock.rule, clock.key] = (clock.rule, clock.key, day, clock.version, clock.status, clock.left, clock.fixed)
    work.deadlines = list(rows.values())


def declared(lifecycle: Lifecycle) -> Mapping[str, DeadlineRule]:
    """The deadline rules of a lifecycle, by key."""
    found: dict[str, DeadlineRule] | None = lifecycle.memo.get("deadline rules")
    if found is None:
        found = {rule.key: rule for state in lifecycle.states.values() for rule in state.deadlines}
        lifecycle.memo["deadline rules"] = found
    return found


def _arm(work: Work, clock: Clock, ends: str) -> None:
    """Write down the steps that a running clock has before it; an import's past is nobody's to be told of."""
    place = (work.item.number, clock.rule, clock.key, clock.version)
    for transition in clock.expires:
        work.write(work.tx.sql.insert_due_step, *place, f"expire:{transition}", ends, "open", None)
    rule = declared(work.lifecycle).get(clock.rule)
    if rule is None or clock.day is None:
        return
    zone, today = work.programme.zone, local_day(work.now, work.programme)
    for step in ahead(rule, clock.day, today, work.rules.calendar_of(work.lifecycle)):
        if work.quiet and step.day < today:
            continue
        # At the beginning of its day: the instant at which the day before ends.
        at = timestamp(due_at(step.day - timedelta(days=1), zone))
        roles = json.dumps(step.roles, separators=(",", ":"))
        work.write(work.tx.sql.insert_due_step, *place, step.name, at, "open", roles)
