"""The clocks of an item: opened with a state, stopped and resumed around a pausing one, closed when it is left.

Here is said what becomes of them; workflow/clocks.py puts it down. Whether a step is due is the sweep's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from states.calendar import WorkingCalendar, add, base_date, due, next_working_day, remaining, resume, stops
from states.deadline_rules import Due, Duration, Relative
from states.errors import UnknownName
from states.lifecycle import Fire, Lifecycle, State
from states.record_kinds import Per
from states.snapshot import Needs, RecordFact, local_day
from workflow.clocks import CLOSED, RUNNING, STOPPED, WAITING, Clock, known, write
from workflow.events import Kind
from workflow.work import Work


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a state with what happens when it runs out; a recurring transition has one of its own."""

    key: str
    due: Due
    until: str | None = None
    responsible: str | None = None
    on_working_day: bool = False
    expires: tuple[str, ...] = ()
    from_previous: bool = False
    recurs: bool = False
    last: date | Relative | None = None  # the day after which a recurring one does not fire any more


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
    for clock in known(work).values():
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
    before = known(work)
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
            clocks[place] = replace(clock, status=CLOSED, left=None)
    if not keeps_visit:
        for rule in _rules(lifecycle, lifecycle.states[target]):
            clocks |= {(clock.rule, clock.key): clock for clock in _opened(work, rule, today, before)}
    return tuple(clock for place, clock in clocks.items() if clock != before.get(place))


def refresh(work: Work) -> None:
    """After a record was written: start the clocks that waited for its date, move and close those that hang on it."""
    lifecycle = work.lifecycle
    if work.item.state not in lifecycle.clocked:
        return
    before = known(work)
    clocks: list[Clock] = []
    today = local_day(work.snapshot.entered_at, work.programme)
    for rule in _rules(lifecycle, lifecycle.states[work.item.state]):
        if isinstance(rule.due, Relative):
            for clock in _opened(work, rule, today, before):
                old = before.get((clock.rule, clock.key))
                if old is None or (old.status != CLOSED and (old.day, old.status) != (clock.day, clock.status)):
                    if old and old.fixed and clock.status == RUNNING:
                        continue
                    clocks.append(clock)
        elif rule.until and _done(work, rule, ""):
            old = before.get((rule.key, ""))
            if old and old.status != CLOSED:
                clocks.append(replace(old, status=CLOSED))
    if clocks:
        work.event(Kind.DEADLINE, details={"deadlines": [clock.told for clock in clocks]}, system=True)
        write(work, clocks)


def running(work: Work, rule: str | None, key: str | None) -> Clock | None:
    """The clock that is meant, if it runs; with several and none named, the one that runs out first.

    Raises UnknownName for a rule the item has no deadline by.
    """
    clocks = known(work).values()
    if rule is not None and rule not in {clock.rule for clock in clocks}:
        raise UnknownName("deadline", rule, sorted({clock.rule for clock in clocks}))
    found = [
        clock
        for clock in clocks
        if clock.status == RUNNING and clock.day and rule in (None, clock.rule) and key in (None, clock.key)
    ]
    return min(found, key=lambda clock: (clock.day or date.max, clock.rule, clock.key), default=None)


def extend(work: Work, clock: Clock, to: date, reason: str) -> None:
    """Let a running clock run until `to`; its steps are counted anew from there."""
    rules = {rule.key: rule for rule in _rules(work.lifecycle, work.lifecycle.states[work.item.state])}
    expires = rules[clock.rule].expires if clock.rule in rules else ()
    longer = replace(clock, day=to, version=clock.version + 1, expires=expires, fixed=True)
    work.event(Kind.DEADLINE, details={"deadlines": [longer.told]}, texts={"reason": reason})
    write(work, [longer])


def recount(work: Work, days: Mapping[tuple[str, str], date]) -> None:
    """Give running deadlines, by rule and key, other last days: the calendar has changed."""
    rules = {rule.key: rule for rule in _rules(work.lifecycle, work.lifecycle.states[work.item.state])}
    clocks = [
        replace(clock, day=days[place], version=clock.version + 1, expires=rules[clock.rule].expires)
        for place, clock in known(work).items()
        if place in days and clock.status == RUNNING and clock.rule in rules
    ]
    work.event(Kind.DEADLINE, details={"deadlines": [clock.told for clock in clocks]}, system=True)
    write(work, clocks)


def carried(work: Work, target: str, origin: str | None, renamed: Mapping[str, str]) -> list[Clock]:
    """The clocks of an item that goes on in `target`, and for a pause `origin`, of another version: work.lifecycle.

    What is left of a clock is kept if a rule of its name, or of the name in `renamed`, goes on there; a rule named
    after its state takes its state's new name. Its steps are the new version's. Rules that are new begin today.
    """
    after = work.lifecycle
    kept = {work.item.state: target} | ({work.item.origin: origin} if work.item.origin and origin else {})
    rules = {rule.key: rule for state in kept.values() for rule in _rules(after, after.states[state])}
    clocks: dict[tuple[str, str], Clock] = {}
    for place, clock in (there := known(work)).items():
        if clock.status == CLOSED:
            continue
        name = renamed.get(clock.rule) or (clock.rule if clock.rule in rules else kept.get(clock.rule, ""))
        if rule := rules.get(name):
            if name != clock.rule:
                clocks[place] = replace(clock, status=CLOSED, left=None)
            version = there[name, clock.key].version if (name, clock.key) in there else 0
            clocks[name, clock.key] = replace(
                clock, rule=name, version=version + 1, known=(name, clock.key) in there, expires=rule.expires
            )
        else:
            clocks[place] = replace(clock, status=CLOSED, left=None)
    today = local_day(work.now, work.programme)
    going_on = {clock.rule for clock in clocks.values() if clock.status != CLOSED}
    for rule in _rules(after, after.states[target]):
        if rule.key not in going_on:
            clocks |= {(clock.rule, clock.key): clock for clock in _opened(work, rule, today, there)}
    return list(clocks.values())


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
    for move in lifecycle.transitions.values():
        if move.recurrence and isinstance(last := move.recurrence.until, Relative):
            found |= (
                Needs(links={last.of: frozenset({last.record})}) if last.of else Needs(records=frozenset({last.record}))
            )
    return found


def _rules(lifecycle: Lifecycle, state: State) -> Iterator[Rule]:
    """The state's rules. Its expiry transitions hang on the first; each recurring transition has a rule of its own."""
    moves = lifecycle.leaving[state.key]
    expiring = tuple(move.key for move in moves if move.fire is Fire.EXPIRY)
    for place, rule in enumerate(state.deadlines):
        yield Rule(rule.key, rule.due, rule.until, rule.responsible, rule.on_working_day, () if place else expiring)
    for move in moves:
        if move.recurrence:
            previous = move.recurrence.start == "previous_due"
            yield Rule(
                move.key, move.recurrence.every, expires=(move.key,), from_previous=previous, recurs=True,
                last=move.recurrence.until,
            )  # fmt: skip


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
            day = _shifted(rule, due(rule.due, today, calendar, base), calendar)
        ended = (rule.until and _done(work, rule, key)) or _past_the_last(work, rule, day)
        status = CLOSED if ended else RUNNING if day else WAITING
        yield Clock(rule.key, key, day, version, status, None, old is not None, rule.expires)


def _past_the_last(work: Work, rule: Rule, day: date | None) -> bool:
    """Whether a recurring rule has ended by `day`. One whose last day is not recorded yet goes on."""
    last = rule.last
    if isinstance(last, Relative):
        base = base_date(last, work.snapshot)
        last = add(base, last.add, work.rules.calendar_of(work.lifecycle)) if base else None
    return last is not None and day is not None and day > last


def _keys(work: Work, rule: Rule) -> tuple[str, ...]:
    """The keys that a relative rule without one of its own counts for: of every such record that is there."""
    if not isinstance(rule.due, Relative) or rule.due.key or rule.due.of:
        return ("",)
    if work.lifecycle.records[rule.due.record].per is Per.ITEM:
        return ("",)
    keys = sorted({fact.key for fact in work.snapshot.records if _holds(work, fact, rule.due.record)})
    return tuple(keys)


def _done(work: Work, rule: Rule, key: str) -> bool:
    """Whether the record that ends the rule is there: for `key`, where the rule counts per key.

    Where each person or unit writes one of its own, those of all who are assigned as responsible.
    """
    until = rule.until or ""
    keys = {fact.key for fact in work.snapshot.records if _holds(work, fact, until)}
    if key:
        return key in keys
    per = work.lifecycle.records[until].per
    assigned = [one for one in work.snapshot.assignments if one.role == rule.responsible]
    if per is Per.PERSON:
        return bool(keys) and keys >= {one.person for one in assigned}
    if per is Per.UNIT:
        return bool(keys) and keys >= {one.unit for one in assigned if one.unit}
    return bool(keys)


def _shifted(rule: Rule, day: date | None, calendar: WorkingCalendar | None) -> date | None:
    """The due day by BGB § 193, where the rule asks for that."""
    return next_working_day(day, calendar) if day and rule.on_working_day and calendar else day


def _holds(work: Work, fact: RecordFact, kind: str) -> bool:
    return fact.kind == kind and fact.visit in (0, work.snapshot.visit)


def _stopped(work: Work, clock: Clock, rule: Rule, today: date) -> Clock:
    if clock.status != RUNNING or clock.day is None or not stops(rule.due):
        return clock
    assert isinstance(rule.due, Duration)
    left = remaining(rule.due.unit, today, clock.day, work.rules.calendar_of(work.lifecycle))
    return replace(clock, status=STOPPED, left=left)


def _resumed(work: Work, clock: Clock, rule: Rule, today: date) -> Clock:
    assert isinstance(rule.due, Duration) and clock.left is not None
    calendar = work.rules.calendar_of(work.lifecycle)
    day = _shifted(rule, resume(rule.due.unit, clock.left, today, calendar), calendar)
    return Clock(clock.rule, clock.key, day, clock.version + 1, RUNNING, None, True, rule.expires)
