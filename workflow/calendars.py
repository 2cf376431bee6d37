"""The calendars that deadlines are counted by: stored as computed, and changed only when an operator says so.

A new release of the `holidays` library, or another line in a calendar file, moves no open deadline by itself: `compare`
shows what would become of it, `adopt` does it, and both the new calendar and every moved deadline are in the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from states import calendar_versions, tasks
from states.calendar import WorkingCalendar, next_working_day, remaining, resume
from states.calendar_versions import Difference
from states.deadline_rules import DeadlineRule, Duration, Relative, Unit
from states.snapshot import SYSTEM, local_day
from states.steps import steps
from workflow import deadlines
from workflow.clocks import RUNNING, declared
from workflow.db import Database
from workflow.errors import BadInput
from workflow.events import Kind, moment, timestamp
from workflow.facts import load
from workflow.models import calendar_version, deadline, item
from workflow.rules import Rules
from workflow.streams import Origin, append
from workflow.transaction import Transaction
from workflow.work import Work

YEARS_BACK, YEARS_AHEAD = 1, 10
"""Which years are stored; what lies beyond is computed when it is needed, and stored by the next adoption."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A running deadline that another calendar moves, or whose reminders it moves (`before` is `after` then)."""

    number: str
    rule: str
    key: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Change:
    """What the calendar of the configuration would change: `version` is the one stored now, None for none."""

    key: str
    version: int | None
    days: Difference
    moved: tuple[Moved, ...]


def keep(connection: Connection, calendar: WorkingCalendar, origin: Origin, now: datetime) -> WorkingCalendar:
    """The stored calendar of that key; where there is none yet, this one becomes its first version."""
    stored = _stored(connection, calendar.key)
    return stored[1] if stored else _store(connection, _computed(calendar, now), 1, origin, now)


def compare(connection: Connection, rules: Rules, key: str, now: datetime) -> Change:
    """What adopting the calendar `key` of the configuration would change. Raises BadInput for an unknown calendar."""
    new = _computed(_configured(rules, key), now)
    stored = _stored(connection, key)
    if stored is None:
        return Change(key, None, Difference({}, {}), ())
    version, old = stored
    days = calendar_versions.difference(old, new)
    return Change(key, version, days, tuple(_moved(connection, rules, old, new)) if days else ())


def adopt(database: Database, rules: Rules, key: str, origin: Origin, now: datetime) -> Change:
    """Go by the calendar of the configuration from now on, and count every open deadline anew; all or nothing.

    A deadline keeps as many working days as it had; days that somebody set stay. Raises BadInput and StorageError.
    """
    try:
        return database.attempt(lambda connection: _adopt(connection, rules, key, origin, now))
    finally:
        with database.reading() as connection:
            rules.read_calendars(connection)


def _adopt(connection: Connection, rules: Rules, key: str, origin: Origin, now: datetime) -> Change:
    change = compare(connection, rules, key, now)
    if not change.days:
        return change
    assert change.version is not None
    _store(connection, _computed(_configured(rules, key), now), change.version + 1, origin, now)
    rules.read_calendars(connection)
    by_item: dict[str, dict[tuple[str, str], date]] = {}
    for one in change.moved:
        by_item.setdefault(one.number, {})[one.rule, one.key] = one.after
    for number, days in by_item.items():
        tx = Transaction(connection)
        facts = load(
            tx,
            rules,
            number=number,
            actor=SYSTEM,
            on_behalf_of=None,
            command_id=None,
            needs_of=lambda lifecycle, state: tasks.needs(lifecycle),
            now=now,
            lock=True,
        )
        work = Work.on(tx, rules, facts, origin, now)
        deadlines.recount(work, days)
        work.finish()
        tx.flush()
    return change


def _moved(connection: Connection, rules: Rules, old: WorkingCalendar, new: WorkingCalendar) -> Iterator[Moved]:
    tx = Transaction(connection)
    running = connection.execute(
        select(
            deadline.c.item, deadline.c.rule, deadline.c.key, deadline.c.local_date, deadline.c.opened_at,
            item.c.lifecycle, item.c.version, item.c.programme, item.c.programme_version,
        )
        .join(item, item.c.number == deadline.c.item)
        .where(deadline.c.status == RUNNING, deadline.c.local_date.is_not(None), ~deadline.c.fixed)
        .order_by(item.c.ordinal, deadline.c.rule, deadline.c.key)
    ).all()  # fmt: skip
    for row in running:
        lifecycle = rules.lifecycle(tx, row.lifecycle, row.version)
        rule = declared(lifecycle).get(row.rule)
        if lifecycle.calendar != new.key or rule is None:
            continue
        before = date.fromisoformat(row.local_date)
        programme = rules.programme_of(tx, row.programme, row.programme_version)
        after = _recounted(rule, before, local_day(moment(row.opened_at), programme), old, new)
        if after != before or steps(rule, before, old) != steps(rule, after, new):
            yield Moved(row.item, row.rule, row.key, before, after)


def _recounted(rule: DeadlineRule, day: date, opened: date, old: WorkingCalendar, new: WorkingCalendar) -> date:
    """The due day in `new` of a deadline that was opened on `opened` and is due on `day` by `old`."""
    due = rule.due.add if isinstance(rule.due, Relative) else rule.due
    if isinstance(due, Duration) and due.unit is Unit.WORKING_DAYS and day >= opened:
        day = resume(due.unit, remaining(due.unit, opened, day, old), opened, new)
    return next_working_day(day, new) if rule.on_working_day else day


def _configured(rules: Rules, key: str) -> WorkingCalendar:
    if key not in rules.calendars:
        known = ", ".join(sorted(rules.calendars)) or "none"
        raise BadInput(f"There is no calendar {key!r} in the configuration.", remedy=f"There are: {known}.")
    return rules.calendars[key]


def _computed(calendar: WorkingCalendar, now: datetime) -> WorkingCalendar:
    return calendar_versions.computed(calendar, now.year - YEARS_BACK, now.year + YEARS_AHEAD)


def _stored(connection: Connection, key: str) -> tuple[int, WorkingCalendar] | None:
    newest = select(func.max(calendar_version.c.version)).where(calendar_version.c.key == key).scalar_subquery()
    row = connection.execute(
        select(calendar_version.c.version, calendar_version.c.source).where(
            calendar_version.c.key == key, calendar_version.c.version == newest
        )
    ).first()
    return (row.version, calendar_versions.read(row.source)) if row else None


def _store(
    connection: Connection, calendar: WorkingCalendar, version: int, origin: Origin, now: datetime
) -> WorkingCalendar:
    source = calendar_versions.written(calendar)
    digest = sha256(source.encode()).hexdigest()
    connection.execute(
        insert(calendar_version).values(
            key=calendar.key, version=version, sha256=digest, source=source, loaded_at=timestamp(now)
        )
    )
    details = {"key": calendar.key, "version": version, "sha256": digest}
    append(connection, "system", Kind.CALENDAR_ADOPTED, origin, now, details=details)
    return calendar
