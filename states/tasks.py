"""Who has to do what on an item now: worked out of its lifecycle, its facts and its clocks alone.

What is somebody's to do in a state:

- records that each person, unit, body or city writes of its own in this visit, until theirs is there; those that end a
  deadline counted from a recorded date, as a consent that is asked for, only while it runs;
- other records that end a deadline (`until:`), while it runs, by the role responsible for it;
- a role that is needed here and given on single items, while nobody has it: to be given by those who may;
- the move onwards, by the roles that may fire it, once none of the above is open.

Whoever may move the item otherwise waits for those whose turn it is. A move leads onwards to a later state of the file
that neither pauses nor ends; to an end only where nothing else leads on. Where no move leads onwards, nothing is open
and the clock moves nothing, those who may move the item decide on how to go on. While an item pauses without a
deadline, and where the clock alone goes on, it is nobody's turn. What an office does for a body is asked of all offices
of the item's cities, but of a session (`agenda:`) of its own body's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from states.deadline_rules import Relative
from states.guards.bodies import voices_needed
from states.holders import VOICES, Holder, holders, unheard
from states.lifecycle import ANYONE, ORIGIN, Fire, Lifecycle, Transition
from states.record_kinds import RecordKind
from states.snapshot import Needs, Snapshot

Clocks = Mapping[tuple[str, str], date]
"""Rule and key of each deadline that runs -> its last day."""


class Act(StrEnum):
    """What is to be done: fire a transition, write a record, give somebody a role, decide on how to go on."""

    MOVE = "move"
    RECORD = "record"
    ASSIGN = "assign"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that `role` has to do, or (`waiting`) waits for: that `by` fires, writes or assigns `what`.

    what: a transition, a record kind, a role; "" where it is to be decided.

    key: of a record, the body, unit, city or person it is about. rule, due: the deadline it is to be done by.
    """

    role: str
    holder: Holder
    act: Act
    what: str
    key: str
    by: str
    rule: str = ""
    due: date | None = None
    waiting: bool = False

    @property
    def urgency(self) -> tuple[date, str, str]:
        return (self.due or date.max, self.what, self.key)


@dataclass(frozen=True, slots=True)
class _Duties:
    """What a state asks for, whatever its item is: worked out once a lifecycle.

    voices: record kinds that each writes of its own. moves: role -> the transition onwards. movers: roles that may
    move the item by hand. given: roles needed here that are given on single items. due: a role and what
    ends its deadline ("": that the item moves on) -> that deadline. clocked: time moves the item.
    """

    voices: tuple[RecordKind, ...]
    moves: Mapping[str, str]
    movers: tuple[str, ...]
    given: tuple[str, ...]
    due: Mapping[tuple[str, str], str]
    clocked: bool


def tasks(lifecycle: Lifecycle, snapshot: Snapshot, clocks: Clocks) -> frozenset[Task]:
    """The tasks of an item, and who waits for them. The snapshot holds what `needs` says."""
    state = lifecycle.states[snapshot.state]
    if state.final or (state.pauses and not any((rule.key, "") in clocks for rule in state.deadlines)):
        return frozenset()
    duties = _duties(lifecycle, state.key)
    open_now = [
        *_records(lifecycle, snapshot, duties, clocks),
        *_ended_by(lifecycle, snapshot, duties, clocks),
        *_to_assign(lifecycle, snapshot, duties),
    ]
    if not open_now:
        open_now = list(_onwards(lifecycle, snapshot, duties, clocks))
    busy = {(one.role, one.holder.scope_kind, one.holder.scope) for one in open_now}
    first = min(open_now, key=lambda one: one.urgency, default=None)
    waiting = () if first is None else _waiting(lifecycle, snapshot, duties, first, busy)
    return frozenset((*open_now, *waiting))


def needs(lifecycle: Lifecycle) -> Needs:
    """The facts that `tasks` reads of an item of this lifecycle."""
    found: Needs | None = lifecycle.memo.get("task needs")
    if found is None:
        kinds = {kind.key for state in lifecycle.states for kind in _duties(lifecycle, state).voices}
        kinds |= {rule.until for state in lifecycle.states.values() for rule in state.deadlines if rule.until}
        if lifecycle.agenda and lifecycle.sheet:
            kinds.add(lifecycle.sheet)
        found = Needs(records=frozenset(kinds), assignments=True)
        for move in lifecycle.transitions.values():
            found |= voices_needed(move.guards)
        lifecycle.memo["task needs"] = found
    return found


# --- what a state asks for --------------------------------------------------------------------------------------------


def _duties(lifecycle: Lifecycle, state: str) -> _Duties:
    known: dict[str, _Duties] = lifecycle.memo.setdefault("duties", {})
    found = known.get(state)
    if found is None:
        leaving = lifecycle.leaving[state]
        by_hand = [move for move in leaving if move.fire is Fire.PERSON or move.roles]
        moves = {role: move.key for move in reversed(onward(lifecycle, state)) for role in _turn(lifecycle, move)}
        asked_for = {
            rule.until for one in lifecycle.states.values() for rule in one.deadlines if isinstance(rule.due, Relative)
        }
        forms = {move.form for move in leaving}
        voices = tuple(
            kind
            for kind in lifecycle.records.values()
            if kind.per in VOICES and state in kind.visit and (not kind.states or state in kind.states)
            if kind.key not in asked_for | forms
        )
        rules = lifecycle.states[state].deadlines
        due = {(rule.responsible or "", rule.until or ""): rule.key for rule in reversed(rules)}
        responsible = [rule.responsible for rule in rules if rule.responsible]
        needed = dict.fromkeys((*responsible, *moves, *(role for kind in voices for role in kind.writers(state))))
        found = known[state] = _Duties(
            voices,
            moves,
            tuple(dict.fromkeys(role for move in by_hand for role in move.roles if role != ANYONE)),
            tuple(
                role
                for role in needed
                if role in lifecycle.roles and lifecycle.roles[role].assign and role != lifecycle.created_by
            ),
            due,
            any(move.fire in (Fire.EXPIRY, Fire.RECURRING) for move in leaving),
        )
    return found


def onward(lifecycle: Lifecycle, state: str) -> list[Transition]:
    """The moves by hand that lead onwards, in the order of the file."""
    order = {key: place for place, key in enumerate(lifecycle.states)}
    leaving = lifecycle.leaving[state]

    def leads_on(move: Transition) -> bool:
        targets = [way.state for way in move.ways if way.state != ORIGIN]
        later = (lifecycle.states[key] for key in targets if order[key] > order[state])
        return len(targets) < len(move.ways) or any(not (one.pauses or one.final) for one in later)

    onward = [move for move in leaving if leads_on(move)]
    if not onward and all(move.fire is Fire.PERSON for move in leaving):
        ends = [
            move
            for move in leaving
            if any(one.state in lifecycle.states and lifecycle.states[one.state].final for one in move.ways)
        ]
        onward = ends or list(leaving)
    return [move for move in onward if move.fire is Fire.PERSON]


def _turn(lifecycle: Lifecycle, move: Transition) -> Iterable[str]:
    """Whose turn a move is: of those who may make it, whoever handed the item in comes before others."""
    if lifecycle.created_by in move.roles:
        return (lifecycle.created_by,)
    return [role for role in move.roles if role != ANYONE]


# --- what is open on an item ------------------------------------------------------------------------------------------


def _records(lifecycle: Lifecycle, snapshot: Snapshot, duties: _Duties, clocks: Clocks) -> Iterator[Task]:
    for kind in duties.voices:
        for role in kind.writers(snapshot.state):
            rule = duties.due.get((role, kind.key)) or duties.due.get((role, ""), "")
            for holder, key in unheard(lifecycle, snapshot, kind, role, None):
                due = clocks.get((rule, key)) or clocks.get((rule, ""))
                yield Task(role, holder, Act.RECORD, kind.key, key, role, rule, due)


def _ended_by(lifecycle: Lifecycle, snapshot: Snapshot, duties: _Duties, clocks: Clocks) -> Iterator[Task]:
    for rule in lifecycle.states[snapshot.state].deadlines:
        if rule.until is None or rule.responsible is None:
            continue
        kind, role = lifecycle.records[rule.until], rule.responsible
        if kind in duties.voices:
            continue
        for key in (key for known, key in clocks if known == rule.key):
            due = clocks[rule.key, key]
            if kind.per in VOICES:
                found = unheard(lifecycle, snapshot, kind, role, key or None)
            else:
                found = ((holder, key) for holder in holders(lifecycle, snapshot, role))
            for holder, about in found:
                yield Task(role, holder, Act.RECORD, kind.key, about, role, rule.key, due)


def _to_assign(lifecycle: Lifecycle, snapshot: Snapshot, duties: _Duties) -> Iterator[Task]:
    there = {one.role for one in snapshot.assignments}
    for role in duties.given:
        if role not in there:
            for giver in lifecycle.roles[role].assign:
                for holder in holders(lifecycle, snapshot, giver):
                    yield Task(giver, holder, Act.ASSIGN, role, "", giver)


def _onwards(lifecycle: Lifecycle, snapshot: Snapshot, duties: _Duties, clocks: Clocks) -> Iterator[Task]:
    for role, move in duties.moves.items():
        rule = duties.due.get((role, ""), "")
        for holder in holders(lifecycle, snapshot, role):
            yield Task(role, holder, Act.MOVE, move, "", role, rule, clocks.get((rule, "")))
    if not duties.moves and not duties.clocked:
        for role in duties.movers:
            if role != lifecycle.created_by:
                for holder in holders(lifecycle, snapshot, role):
                    yield Task(role, holder, Act.DECIDE, "", "", role)


def _waiting(
    lifecycle: Lifecycle, snapshot: Snapshot, duties: _Duties, first: Task, busy: set[tuple[str, str, str]]
) -> Iterator[Task]:
    for role in duties.movers:
        for holder in holders(lifecycle, snapshot, role):
            if (role, holder.scope_kind, holder.scope) not in busy:
                yield replace(first, role=role, holder=holder, key="", waiting=True)
