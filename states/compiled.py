"""A lifecycle worked out once: its state machine, what planning has to know, what sets off its automatic transitions.

The machine is a flat `transitions.Machine` with one trigger for each way of a transition, and for each origin that a
pausing state can lead back to. It is fired on a context that is thrown away, so that it never touches an item, and any
number of threads can use it at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import transitions

from states.guards import Wake
from states.lifecycle import ORIGIN, GuardUse, Lifecycle, Transition
from states.snapshot import Needs, Snapshot


def fired(lifecycle: Lifecycle, snapshot: Snapshot, transition: Transition, way: int) -> str:
    """The state that the compiled machine comes to."""
    target = transition.ways[way].state
    if target == ORIGIN:
        assert snapshot.origin is not None
        target = snapshot.origin
    context = _Context(snapshot.state)
    _compiled(lifecycle).events[_trigger(transition, way, target)].trigger(context)
    return context.state


def needs_of(lifecycle: Lifecycle, transition: Transition | None, state: str) -> Needs:
    """The facts that planning `transition` from `state` takes, and whatever may follow by itself; None: only that."""
    known: dict[tuple[str | None, str], Needs] = lifecycle.memo.setdefault("needs", {})
    place = (transition.key if transition else None, state)
    found = known.get(place)
    if found is None:
        found = Needs(assignments=True)
        if transition is not None:
            found |= _own_needs(transition)
        for follower in _followers(lifecycle, transition, state).values():
            found |= _own_needs(follower)
        known[place] = found
    return found


def wakes(lifecycle: Lifecycle, state: str) -> frozenset[Wake]:
    """What may set off an automatic transition from `state`."""
    known: dict[str, frozenset[Wake]] = lifecycle.memo.setdefault("wakes", {})
    found = known.get(state)
    if found is None:
        uses = (use for move in lifecycle.automatic[state] for use in _uses(move))
        found = known[state] = frozenset(wake for use in uses for wake in use.guard.wakes(use.params))
    return found


class _Context:
    """What the machine moves: nothing but a state."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _compiled(lifecycle: Lifecycle) -> transitions.Machine:
    """The lifecycle as a machine of the `transitions` library, made once: a trigger for each way and each origin."""
    machine = lifecycle.memo.get("machine")
    if machine is None:
        machine = transitions.Machine(
            model=None,
            states=list(lifecycle.states),
            initial=lifecycle.initial,
            auto_transitions=False,
            send_event=True,
        )
        origins = [key for key, state in lifecycle.states.items() if not state.pauses]
        for move in lifecycle.transitions.values():
            for index, way in enumerate(move.ways):
                for target in origins if way.state == ORIGIN else [way.state]:
                    machine.add_transition(_trigger(move, index, target), list(move.sources), target)
        lifecycle.memo["machine"] = machine
    return machine


def _trigger(transition: Transition, way: int, target: str) -> str:
    return f"{transition.key} {way} {target}"


def _uses(transition: Transition) -> Iterator[GuardUse]:
    yield from transition.guards
    for way in transition.ways:
        yield from way.when


def _own_needs(transition: Transition) -> Needs:
    needs = Needs(records=frozenset({transition.form} if transition.form else ()))
    for use in _uses(transition):
        needs |= use.guard.needs(use.params)
    return needs


def _targets(lifecycle: Lifecycle, transition: Transition) -> set[str]:
    """The states a transition may come to; to `origin`: whatever its pausing states are entered from."""
    targets = {way.state for way in transition.ways}
    if ORIGIN in targets:
        targets.remove(ORIGIN)
        for move in lifecycle.transitions.values():
            if not {way.state for way in move.ways}.isdisjoint(transition.sources):
                targets.update(move.sources)
    return targets


def _followers(lifecycle: Lifecycle, transition: Transition | None, state: str) -> dict[str, Transition]:
    """The automatic transitions that may come after, one after the other."""
    found: dict[str, Transition] = {}
    open_states = _targets(lifecycle, transition) if transition else {state}
    while open_states:
        moves = [move for key in open_states for move in lifecycle.automatic[key] if move.key not in found]
        found |= {move.key: move for move in moves}
        open_states = {target for move in moves for target in _targets(lifecycle, move)}
    return found
