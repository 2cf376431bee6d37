"""Days that concern somebody: those that everybody may know of, and those of one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, literal, select, union

from states.deadline_rules import DeadlineRule
from states.lifecycle import Lifecycle
from states.sentences import Text
from workflow.clocks import CLOSED, RUNNING
from workflow.events import moment, timestamp
from workflow.models import deadline, due_step, event, item, lifecycle_version
from workflow.rules import Rules
from workflow.transaction import Transaction

MOST = 500
ENDED_FOR = timedelta(days=60)
"""How long a day that does not hold any more is told as taken back, so that calendars learn of it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A deadline of an item as calendars show it. `version` rises whenever it is moved; `over`: it is no more.

    rule: of the lifecycle's version that the item has; key: the body, unit, city or record it is of.
    alarms: the moments at which somebody is reminded of it.
    """

    number: str
    title: str
    lifecycle: Lifecycle
    rule: DeadlineRule
    key: str
    on: date
    version: int
    opened_at: datetime
    over: bool
    alarms: tuple[datetime, ...] = ()

    @property
    def label(self) -> Text:
        """What is to be there by that day: the record that ends the deadline, else the state it stands in."""
        until = self.lifecycle.records.get(self.rule.until or "")
        states = self.lifecycle.states.values()
        return until.label if until else next(one.label for one in states if self.rule in one.deadlines)


def public_days(
    connection: Connection, rules: Rules, since: date, *, over: bool = False, limit: int = MOST
) -> list[Day]:
    """Up to `limit` days of released items from `since` on that their lifecycles make public, the earliest first.

    over: with those that do not hold any more.
    """
    known = _rules(connection, rules)
    public = sorted({rule.key for named in known.values() for rule in named.values() if rule.public})
    found = _days((RUNNING, CLOSED) if over else (RUNNING,), since).where(deadline.c.rule.in_(public), item.c.released)
    return [day for day in _read(connection, rules, known, found.limit(limit)) if day.rule.public]


def days_of(
    connection: Connection, rules: Rules, who: str, open_rules: Iterable[tuple[str, str]], now: datetime
) -> list[Day]:
    """The days of a person: those of `open_rules` (item, rule), which are theirs to keep, and what has ended of late of
    the items that they have acted on."""
    today = now.date()
    held = sorted(set(open_rules))
    known = _rules(connection, rules)
    numbers, keys = sorted({number for number, _ in held}), set(held)
    running = _days((RUNNING,), today - ENDED_FOR).where(deadline.c.item.in_(numbers)).limit(MOST)
    found = [day for day in _read(connection, rules, known, running) if (day.number, day.rule.key) in keys]
    alarms = _alarms(connection, numbers)
    found = [replace(day, alarms=alarms.get((day.number, day.rule.key, day.key, day.version), ())) for day in found]
    lately = select(event.c.stream).where(
        event.c.recorded_at >= timestamp(now - ENDED_FOR), event.c.stream.like("item:%")
    )
    # Two branches, each with an index of its own: an OR over two columns would have none.
    acted = union(lately.where(event.c.actor == who), lately.where(event.c.on_behalf_of == who)).limit(MOST)
    worked_on = [row[0].removeprefix("item:") for row in connection.execute(acted)]
    ended = _days((CLOSED,), today).where(deadline.c.item.in_(worked_on)).limit(MOST)
    return [*found, *_read(connection, rules, known, ended)]


def _alarms(connection: Connection, numbers: Sequence[str]) -> dict[tuple[str, str, str, int], tuple[datetime, ...]]:
    """Item, rule, key and version of a deadline -> when its reminders are due."""
    found: dict[tuple[str, str, str, int], tuple[datetime, ...]] = {}
    steps = select(due_step).where(due_step.c.item.in_(numbers), due_step.c.step.like("remind:%"))
    for row in connection.execute(steps.order_by(due_step.c.at)):
        place = (row.item, row.rule, row.key, row.version)
        found[place] = (*found.get(place, ()), moment(row.at))
    return found


def _days(status: Sequence[str], since: date) -> Select[tuple[object, ...]]:
    written = [literal(one, literal_execute=True) for one in status]  # the partial index has to be seen
    holds: ColumnElement[bool] = deadline.c.status == written[0] if len(written) == 1 else deadline.c.status.in_(status)
    return (
        select(
            item.c.number, item.c.title, item.c.lifecycle, item.c.version.label("pinned"), deadline.c.rule,
            deadline.c.key, deadline.c.local_date, deadline.c.version, deadline.c.opened_at, deadline.c.status,
        )
        .join(item, item.c.number == deadline.c.item)
        .where(and_(holds, deadline.c.local_date >= since.isoformat()))
        .order_by(deadline.c.local_date, item.c.ordinal, deadline.c.rule, deadline.c.key)
    )  # fmt: skip


Known = dict[tuple[str, int], dict[str, DeadlineRule]]
"""Lifecycle and version -> its deadline rules by key."""


def _rules(connection: Connection, rules: Rules) -> Known:
    tx = Transaction(connection)
    stored = connection.execute(select(lifecycle_version.c.key, lifecycle_version.c.version)).all()
    return {
        (key, version): {
            rule.key: rule for state in rules.lifecycle(tx, key, version).states.values() for rule in state.deadlines
        }
        for key, version in stored
    }


def _read(connection: Connection, rules: Rules, known: Known, found: Select[tuple[object, ...]]) -> list[Day]:
    tx = Transaction(connection)

    def day(row: Row[tuple[object, ...]]) -> Day:
        return Day(
            row.number,
            row.title,
            rules.lifecycle(tx, row.lifecycle, row.pinned),
            known[row.lifecycle, row.pinned][row.rule],
            row.key,
            date.fromisoformat(row.local_date),
            row.version,
            moment(row.opened_at),
            row.status != RUNNING,
        )

    rows = connection.execute(found).all()
    return [day(row) for row in rows if row.rule in known.get((row.lifecycle, row.pinned), {})]
