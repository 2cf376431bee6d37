"""Carries out planned moves: the event, the state, the clocks, the notices, and what follows by itself."""

from __future__ import annotations

from states.guards import Wake
from states.lifecycle import Fire, Transition
from states.machine import Plan, automatic, wakes
from states.snapshot import Request
from workflow import deadlines
from workflow.clocks import write
from workflow.errors import TooManySteps
from workflow.events import Kind
from workflow.forms import marked, write_record
from workflow.work import Work

MOST_STEPS = 20
"""Automatic transitions in one command. The checks refuse cycles; this holds where a plug-in guard makes one."""


def move(work: Work, plan: Plan, request: Request, *, system: bool = False, misfit: tuple[str, ...] = ()) -> int:
    """Carry out an allowed plan; the seq of its event.

    misfit: codes of the blockers that stood against it, where a lenient import takes it in all the same.
    """
    transition, target = plan.transition, plan.target
    assert transition is not None and target is not None
    if plan.form is not None:
        write_record(work, plan.form)
    seq = work.item.revision + 1
    snapshot = work.snapshot
    source = snapshot.state
    if plan.keeps_visit and snapshot.origin_visit is not None:
        visit, origin = snapshot.origin_visit, None
    else:
        visit, origin = seq, (source, snapshot.visit) if plan.pauses else None
    clocks = deadlines.change(work, source, target, keeps_visit=plan.keeps_visit, pauses=plan.pauses)
    details: dict[str, object] = {"visit": visit, **marked(misfit)}
    if origin:
        details |= {"origin": origin[0], "origin_visit": origin[1]}
    if clocks:
        details["deadlines"] = [clock.told for clock in clocks]
    if request.reason:
        details["public"] = transition.reason == "public"
    work.event(
        Kind.ADVANCED,
        trigger=transition.key,
        source=source,
        target=target,
        guards=plan.guards,
        details=details,
        texts={"reason": request.reason} if request.reason else None,
        system=system,
    )
    work.enter(target, visit=visit, origin=origin)
    write(work, clocks)
    work.notify(transition, seq)
    _effects(work, transition, seq)
    return seq


def correct(work: Work, target: str, reason: str) -> int:
    """Put the item into `target` by an administrator's word; the seq of the event. Clocks start as on any entry."""
    seq = work.item.revision + 1
    source = work.item.state
    clocks = deadlines.change(work, source, target, keeps_visit=False, pauses=False)
    work.event(
        Kind.CORRECTED,
        source=source,
        target=target,
        details={"visit": seq, "deadlines": [clock.told for clock in clocks]},
        texts={"reason": reason},
    )
    work.enter(target, visit=seq, origin=None)
    write(work, clocks)
    return seq


def settle(work: Work) -> None:
    """Fire the automatic transitions that are due now, one after the other, as the system's own."""
    for _ in range(MOST_STEPS):
        plan = automatic(work.lifecycle, work.snapshot, work.at) if work.lifecycle.automatic[work.item.state] else None
        if plan is None:
            return
        assert plan.transition is not None
        move(work, plan, Request(plan.transition.key, fire=Fire.AUTOMATIC), system=True)
    raise TooManySteps(work.item.number, MOST_STEPS)


def wake_neighbours(work: Work) -> None:
    """Ask the sweep to look again at linked items whose automatic transitions may hang on this one."""
    for neighbour in work.neighbours:
        lifecycle = work.rules.lifecycle(work.tx, neighbour.lifecycle, neighbour.version)
        if Wake.LINKED_ITEM in wakes(lifecycle, neighbour.state):
            work.follow_up(work.item.revision, neighbour.number, None, None)


def _effects(work: Work, transition: Transition, seq: int) -> None:
    for effect in transition.effects:
        for neighbour in work.neighbours:
            if neighbour.kind != effect.link or neighbour.outgoing == effect.incoming:
                continue
            if effect.states and neighbour.state not in effect.states:
                continue
            if effect.followers:
                work.follow_too(neighbour.number)
            if effect.transition:
                reason = effect.reason["de"] if effect.reason else None
                work.follow_up(seq, neighbour.number, effect.transition, reason)
