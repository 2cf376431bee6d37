"""Does every state have a way in and a way out, and does what goes on by itself come to rest?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from states.checks.subject import Subject, fault, meant, reach, value_fault
from states.faults import Fault
from states.lifecycle import ORIGIN, Fire
from states.sentences import Sentence

MOVES = ("from", "to", "state")
"""The keys that say what leads where."""


def graph(subject: Subject) -> Iterator[Fault]:
    """States that cannot be reached or left, misused pauses, automatic circles. Silent where moves are unreadable."""
    if subject.lost(*MOVES):
        return
    yield from _unreachable(subject)
    if not subject.lost("tags"):
        yield from _endless(subject)
    if not subject.lost("pauses"):
        yield from _pauses(subject)
    if not subject.lost("fire"):
        yield from _circles(subject)


def _unreachable(subject: Subject) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    start = meant(lifecycle.initial, lifecycle.states)
    if start is None:
        return
    reached = reach(start, subject.following)
    for key in lifecycle.states:
        if key not in reached:
            sources = subject.entering[key]
            among = ", ".join(sorted(sources))
            message = Sentence(
                f"Kein Vorgang kann je im Zustand „{key}“ sein: "
                + (
                    f"Übergänge führen nur von {among} dorthin, und dahin führt auch nichts."
                    if sources
                    else "Kein Übergang führt dorthin."
                ),
                f"No item can ever be in state {key!r}: transitions lead there "
                + (f"only from {among}, which nothing leads to either." if sources else "from nowhere."),
            )
            hint = Sentence(
                "Nennen Sie ihn in `to:` eines Übergangs, der von einem erreichbaren ausgeht, oder streichen Sie ihn.",
                "Name it in `to:` of a transition that leaves a state that can be reached, or delete it.",
            )
            yield fault("unreachable-state", ("states", key), message, hint)


def _endless(subject: Subject) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    final = [key for key, state in lifecycle.states.items() if state.final]
    if not final:
        message = Sentence(
            "Kein Zustand ist der letzte, also wird nie ein Vorgang fertig.",
            "No state is final, so no item is ever done.",
        )
        yield fault(
            "no-final-state",
            ("states",),
            message,
            Sentence(
                "Geben Sie einem Zustand, in dem der Weg endet, `tags: [final]`.",
                "Give a state in which the way ends `tags: [final]`.",
            ),
        )
        return
    backwards: dict[str, set[str]] = {key: set() for key in lifecycle.states}
    for key, targets in subject.following.items():
        for target in targets:
            backwards[target].add(key)
    finishing = set().union(*(reach(key, backwards) for key in final))
    finishing |= {key for key in lifecycle.states if _leads_elsewhere(subject, key)}
    for key in lifecycle.states:
        if key not in finishing:
            onwards = sorted(reach(key, subject.following) - {key})
            ahead = ", ".join(onwards)
            message = Sentence(
                f"Vom Zustand „{key}“ aus ist kein letzter Zustand zu erreichen: "
                + (f"Er führt nur nach {ahead}." if onwards else "Kein Übergang verlässt ihn."),
                f"From state {key!r} no final state can be reached: "
                + (f"it leads to {ahead} alone." if onwards else "no transition leaves it."),
            )
            hint = Sentence(
                "Ergänzen Sie einen Übergang dorthin, oder geben Sie dem Zustand `tags: [final]`.",
                "Add a transition towards a final state, or give the state `tags: [final]`.",
            )
            yield fault("cannot-finish", ("states", key), message, hint)


def _leads_elsewhere(subject: Subject, state: str) -> bool:
    """Whether something leads from there to a name that is no state: told already, and where it ends is open."""
    known = subject.lifecycle.states
    ways = (
        way for key in reach(state, subject.following) for move in subject.lifecycle.leaving[key] for way in move.ways
    )
    return any(way.state != ORIGIN and meant(way.state, known) is None for way in ways)


def _pauses(subject: Subject) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    states = lifecycle.states
    initial = states.get(lifecycle.initial)
    if initial is not None and initial.pauses:
        message = Sentence(
            f"Der Anfangszustand „{initial.key}“ ist eine Pause, und es gibt nichts, was er unterbricht.",
            f"The initial state {initial.key!r} is a pausing one, but there is no state that it pauses.",
        )
        yield value_fault(
            "misplaced-pause",
            ("initial",),
            message,
            Sentence(
                "Beginnen Sie in einem anderen Zustand, oder streichen Sie sein `pauses:`.",
                "Begin in another state, or delete its `pauses:`.",
            ),
        )
    for move in lifecycle.transitions.values():
        path = ("transitions", move.key)
        waiting = [key for key in move.sources if key in states and states[key].pauses]
        for at, way in enumerate(move.ways):
            place = (*path, "to", at, "state")
            others = [key for key in move.sources if key in states and key not in waiting]
            if way.state == ORIGIN and others:
                message = Sentence(
                    f"Der Übergang „{move.key}“ führt zu `origin`, aber {_list(others)} ist keine Pause.",
                    f"Transition {move.key!r} leads to `origin`, but {_list(others)} is not a pausing state.",
                )
                hint = Sentence(
                    "Nennen Sie den Zustand, in den er führt, oder geben Sie dem, den er verlässt, `pauses: true`.",
                    "Name the state it leads to, or give the state it leaves `pauses: true`.",
                )
                yield value_fault("misplaced-origin", place, message, hint)
            target = states.get(way.state)
            if target is not None and target.pauses and waiting:
                message = Sentence(
                    f"Der Übergang „{move.key}“ führt von der Pause {_list(waiting)} in eine andere, „{way.state}“.",
                    f"Transition {move.key!r} leads from pausing state {_list(waiting)} to {way.state!r}, another one.",
                )
                hint = Sentence(
                    "Führen Sie erst zurück (`to: origin`): Ein Vorgang merkt sich nur einen Zustand davor.",
                    "Lead back first (`to: origin`): an item remembers one state that it came from.",
                )
                yield value_fault("misplaced-pause", place, message, hint)


def _circles(subject: Subject) -> Iterator[Fault]:
    """Circles of automatic transitions: where all guards hold, one command would never end."""
    steps: dict[str, dict[str, str]] = {}
    for state, moves in subject.lifecycle.automatic.items():
        for move in moves:
            for target in subject.targets(move, state):
                steps.setdefault(state, {}).setdefault(target, move.key)
    told: set[frozenset[str]] = set()
    for state in steps:
        circle = _circle(state, steps)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            first = steps[circle[0]][circle[1 % len(circle)]]
            round_ = " -> ".join([*circle, circle[0]])
            message = Sentence(
                f"Selbsttätige Übergänge gehen im Kreis: {round_}.",
                f"Automatic transitions go round in a circle: {round_}.",
            )
            hint = Sentence(
                "Lassen Sie einen davon von einer Person oder der Uhr auslösen.",
                "Let a person or the clock fire one of them.",
            )
            yield fault("automatic-cycle", ("transitions", first), message, hint)


def _circle(start: str, steps: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The states of a shortest circle through `start`, in order; [] if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for target in steps.get(way[-1], {}):
            if target == start:
                return way
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _list(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def expires(subject: Subject, state: str) -> bool:
    """Whether something leaves the state without a person: its guards, the end of its deadline, a recurring date."""
    return any(move.fire is not Fire.PERSON for move in subject.lifecycle.leaving[state])
