"""The clocks of an item: opened with a state, stopped and resumed around a pausing one, closed when it is left.

`change` and `refresh` say what becomes of them; `write` puts it down. Whether a step is due is the sweep's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from states.calendar import add, base_date, due, due_at, remaining, resume, stops
from states.lifecycle import Due, Duration, Fire, Lifecycle, Per, Relative, State
from states.snapshot import Needs, RecordFact, local_day
from workflow.events import Kind, timestamp
from workflow.work import Work

RUNNING, STOPPED, WAITING, CLOSED = "running", "stopped", "waiting", "closed"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a state with what happens when it runs out; a recurring transition has one of its own."""

    key: str
    due: Due
    until: str | None = None
    expires: tuple[str, ...] = ()
    from_previous: bool = False
    recurs: bool = False


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

    @property
    def told(self) -> dict[str, Any]:
        """As the event tells it."""
        return {
            "rule": self.rule,
            "key": self.key,
            "date": self.day.isoformat() if self.day else None,
            "status": self.status,
            "version": self.version,
        }


def begin(work: Work) -> tuple[Clock, ...]:
    """The clocks of a new item. Where it enters a pausing state, those of the state it came from stand still."""
    clocks = change(work, None, work.item.state, keeps_visit=False, pauses=False)
    if not work.item.origin:
        return clocks
    today = local_day(work.at, work.programme)
    origin = work.lifecycle.states[work.item.origin]
    before = change(work, None, origin.key, keeps_visit=False, pauses=False)
    rules = {rule.key: rule for rule in _rules(work.lifecycle, origin)}
    stopped = (_stopped(work, clock, rules[clock.rule], today) for clock in before)
    return (*clocks, *(replace(clock, known=False) for clock in stopped))


def catch_up(work: Work) -> None:
    """Start anew what ran out before the item was imported: nobody missed a deadline that was not kept here.

    A recurring date goes on to the next one that is still to come. Fixed dates, and those counted from recorded ones,
    stay what they are.
    """
    today = local_day(work.now, work.programme)
    calendar = work.rules.calendar_of(work.lifecycle)
    rules = {rule.key: rule for rule in _rules(work.lifecycle, work.lifecycle.states[work.item.state])}
    clocks: list[Clock] = []
    for clock in _known(work).values():
        rule = rules.get(clock.rule)
        if rule is None or not isinstance(rule.due, Duration) or clock.status != RUNNING or clock.day is None:
            continue
        if clock.day < today:
            day = add(clock.day if rule.recurs else today, rule.due, calendar)
            while day < today:
                day = add(day, rule.due, calendar)
            clocks.append(replace(clock, day=day, version=clock.version + 1, expires=rule.expires))
    if clocks:
        work.at = work.now
        work.event(Kind.DEADLINE, details={"deadlines": [clock.told for clock in clocks]}, system=True)
        write(work, clocks)


def change(work: Work, source: str | None, target: str, *, keeps_visit: bool, pauses: bool) -> tuple[Clock, ...]:
    """What a move from `source` (None: the item is new) to `target` does to the item's clocks."""
    lifecycle = work.lifecycle
    if not lifecycle.clocked:
        return ()
    today = local_day(work.at, work.programme)
    before = _known(work)
    clocks: dict[tuple[str, str], Clock] = {}
    keep = lifecycle.states[source] if source and pauses else None
    back = lifecycle.states[target] if keeps_visit else None
    for place, clock in before.items():
        if clock.status == CLOSED:
            continue
        if keep and (rule := _rule(lifecycle, keep, clock.rule)):
            clocks[place] = _stopped(work, clock, rule, today)
        elif back and clock.status == STOPPED and (rule := _rule(lifecycle, back, clock.rule)):
            clocks[place] = _resumed(work, clock, rule, today)
        elif not (back and _rule(lifecycle, back, clock.rule)):
            clocks[place] = Clock(clock.rule, clock.key, clock.day, clock.version, CLOSED)
    if not keeps_visit:
        for rule in _rules(lifecycle, lifecycle.states[target]):
            clocks |= {(clock.rule, clock.key): clock for clock in _opened(work, rule, today, before)}
    return tuple(clock for place, clock in clocks.items() if clock != before.get(place))


def refresh(work: Work) -> None:
    """After a record was written: start the clocks that waited for its date, move and close those that hang on it."""
    lifecycle = work.lifecycle
    if work.item.state not in lifecycle.clocked:
        return
    before = _known(work)
    clocks: list[Clock] = []
    today = local_day(work.snapshot.entered_at, work.programme)
    for rule in _rules(lifecycle, lifecycle.states[work.item.state]):
        if isinstance(rule.due, Relative):
            for clock in _opened(work, rule, today, before):
                old = before.get((clock.rule, clock.key))
                if old is None or (old.status != CLOSED and (old.day, old.status) != (clock.day, clock.status)):
                    clocks.append(clock)
        elif rule.until and _done(work, rule, ""):
            old = before.get((rule.key, ""))
            if old and old.status != CLOSED:
                clocks.append(Clock(rule.key, "", old.day, old.version, CLOSED))
    if clocks:
        work.event(Kind.DEADLINE, details={"deadlines": [clock.told for clock in clocks]}, system=True)
        write(work, clocks)


def write(work: Work, clocks: tuple[Clock, ...] | list[Clock]) -> None:
    """Put the clocks down: their rows, and the steps that a running one still has before it."""
    sql, number, zone = work.tx.sql, work.item.number, work.programme.zone
    for clock in clocks:
        day = clock.day.isoformat() if clock.day else None
        ends = timestamp(due_at(clock.day, zone)) if clock.day and clock.status == RUNNING else None
        if clock.known:
            work.write(sql.void_steps, number, clock.rule, clock.key)
            work.write(
                sql.set_deadline,
                day, ends, clock.version, clock.status, clock.left, work.stamp, number, clock.rule, clock.key,
            )  # fmt: skip
        else:
            work.write(
                sql.insert_deadline,
                number, clock.rule, clock.key, day, zone.key, ends, clock.version, clock.status, clock.left, work.stamp,
            )  # fmt: skip
        for transition in clock.expires if ends else ():
            step = f"expire:{transition}"
            work.write(sql.insert_due_step, number, clock.rule, clock.key, clock.version, step, ends, "open")
    rows = {(row[0], row[1]): row for row in work.deadlines}
    for clock in clocks:
        day = clock.day.isoformat() if clock.day else None
        rows[clock.rule, clock.key] = (clock.rule, clock.key, day, clock.version, clock.status, clock.left)
    work.deadlines = list(rows.values())


def needs(lifecycle: Lifecycle) -> Needs:
    """The facts that the relative deadlines of a lifecycle count from, and the records that end one."""
    found = Needs()
    for state in lifecycle.states.values():
        for rule in state.deadlines:
            if rule.until:
                found |= Needs(records=frozenset({rule.until}))
            if isinstance(rule.due, Relative):
                record = frozenset({rule.due.record})
                found |= Needs(links={rule.due.of: record}) if rule.due.of else Needs(records=record)
    return found


def _known(work: Work) -> dict[tuple[str, str], Clock]:
    return {
        (rule, key): Clock(rule, key, date.fromisoformat(day) if day else None, version, status, left)
        for rule, key, day, version, status, left in work.deadlines
    }


def _rules(lifecycle: Lifecycle, state: State) -> Iterator[Rule]:
    """The state's rules. Its expiry transitions hang on the first; each recurring transition has a rule of its own."""
    moves = lifecycle.leaving[state.key]
    expiring = tuple(move.key for move in moves if move.fire is Fire.EXPIRY)
    for place, rule in enumerate(state.deadlines):
        yield Rule(rule.key, rule.due, rule.until, () if place else expiring)
    for move in moves:
        if move.recurrence:
            previous = move.recurrence.start == "previous_due"
            yield Rule(move.key, move.recurrence.every, None, (move.key,), previous, recurs=True)


def _rule(lifecycle: Lifecycle, state: State, key: str) -> Rule | None:
    return next((rule for rule in _rules(lifecycle, state) if rule.key == key), None)


def _opened(work: Work, rule: Rule, today: date, before: Mapping[tuple[str, str], Clock]) -> Iterator[Clock]:
    """The clocks of `rule`, freshly started: one, or one for every key of the record it counts from."""
    calendar = work.rules.calendar_of(work.lifecycle)
    for key in _keys(work, rule):
        old = before.get((rule.key, key))
        version = old.version + 1 if old else 1
        if rule.from_previous and old and old.day and isinstance(rule.due, Duration):
            day: date | None = add(old.day, rule.due, calendar)
        else:
            base = None
            if isinstance(rule.due, Relative):
                base = base_date(rule.due if rule.due.key else replace(rule.due, key=key), work.snapshot)
            day = due(rule.due, today, calendar, base)
        status = CLOSED if rule.until and _done(work, rule, key) else RUNNING if day else WAITING
        yield Clock(rule.key, key, day, version, status, None, old is not None, rule.expires)


def _keys(work: Work, rule: Rule) -> tuple[str, ...]:
    """The keys that a relative rule without one of its own counts for: of every such record that is there."""
    if not isinstance(rule.due, Relative) or rule.due.key or rule.due.of:
        return ("",)
    if work.lifecycle.records[rule.due.record].per is Per.ITEM:
        return ("",)
    keys = sorted({fact.key for fact in work.snapshot.records if _holds(work, fact, rule.due.record)})
    return tuple(keys)


def _done(work: Work, rule: Rule, key: str) -> bool:
    """Whether the record that ends the rule is there: for `key`, where the rule counts per key."""
    facts = [fact for fact in work.snapshot.records if _holds(work, fact, rule.until or "")]
    return any(not key or fact.key == key for fact in facts)


def _holds(work: Work, fact: RecordFact, kind: str) -> bool:
    return fact.kind == kind and fact.visit in (0, work.snapshot.visit)


def _stopped(work: Work, clock: Clock, rule: Rule, today: date) -> Clock:
    if clock.status != RUNNING or clock.day is None or not stops(rule.due):
        return clock
    assert isinstance(rule.due, Duration)
    left = remaining(rule.due.unit, today, clock.day, work.rules.calendar_of(work.lifecycle))
    return Clock(clock.rule, clock.key, clock.day, clock.version, STOPPED, left)


def _resumed(work: Work, clock: Clock, rule: Rule, today: date) -> Clock:
    assert isinstance(rule.due, Duration) and clock.left is not None
    day = resume(rule.due.unit, clock.left, today, work.rules.calendar_of(work.lifecycle))
    return Clock(clock.rule, clock.key, day, clock.version + 1, RUNNING, None, True, rule.expires)
