"""What the picture of a lifecycle shows: which state stands in which column, which move is a wire, a drop or a rail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from states.deadline_rules import Unit
from states.diagram_wires import Link
from states.lifecycle import ORIGIN, Fire, Lifecycle, Transition
from states.sentences import Text

OUTCOMES = Text("Ergebnisse", "Outcomes")
BY_ITSELF = Text("von selbst", "by itself")
AT_THE_END = Text("mit Ablauf der Frist", "when time is up")
EVERY = {
    Unit.WORKING_DAYS: (
        Text("jeden Arbeitstag", "every working day"),
        Text("alle {} Arbeitstage", "every {} working days"),
    ),
    Unit.DAYS: (Text("täglich", "every day"), Text("alle {} Tage", "every {} days")),
    Unit.WEEKS: (Text("wöchentlich", "every week"), Text("alle {} Wochen", "every {} weeks")),
    Unit.MONTHS: (Text("monatlich", "every month"), Text("alle {} Monate", "every {} months")),
    Unit.YEARS: (Text("jährlich", "every year"), Text("alle {} Jahre", "every {} years")),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A transition out of one state, with the states it may lead to."""

    transition: Transition
    source: str
    targets: tuple[str, ...]


def moves(lifecycle: Lifecycle) -> tuple[Move, ...]:
    """Every transition out of every state, in file order; `origin` is any state that a pausing one is entered from."""
    return tuple(
        Move(transition, source, _targets(lifecycle, transition, source))
        for transition in lifecycle.transitions.values()
        for source in transition.sources
    )


def _targets(lifecycle: Lifecycle, transition: Transition, source: str) -> tuple[str, ...]:
    origins = [
        state
        for entering in lifecycle.transitions.values()
        if any(way.state == source for way in entering.ways)
        for state in entering.sources
    ]
    targets = (state for way in transition.ways for state in (origins if way.state == ORIGIN else [way.state]))
    return tuple(dict.fromkeys(targets))


def note(transition: Transition, locale: str) -> str:
    """What sets a transition off, where it is no person: "" or a few words."""
    if transition.recurrence is not None:
        every = transition.recurrence.every
        one, many = EVERY[every.unit]
        return one[locale] if every.amount == 1 else many[locale].format(every.amount)
    return {Fire.AUTOMATIC: BY_ITSELF, Fire.EXPIRY: AT_THE_END}.get(transition.fire, Text("", ""))[locale]


@dataclass(frozen=True)
class Plan:
    """Columns of states from left to right, the outcomes last; `headings` name them, none where there are no stages.

    `railed` are the outcomes at the end of rails: below the others, in the last column.
    """

    lifecycle: Lifecycle
    headings: tuple[Text, ...]
    columns: tuple[tuple[str, ...], ...]
    railed: tuple[str, ...]

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        return moves(self.lifecycle)

    @cached_property
    def column(self) -> dict[str, int]:
        """State -> the number of its column."""
        return {state: number for number, states in enumerate(self.columns) for state in states}

    def is_outcome(self, state: str) -> bool:
        return _is_outcome(self.lifecycle, state)

    def rows(self, state: str) -> list[Move]:
        """The moves that the card of `state` lists: none to outcomes at rails; one straight down comes last."""
        elsewhere = () if self.is_outcome(state) else self.railed
        rows = [
            Move(move.transition, state, targets)
            for move in self.moves
            if move.source == state and (targets := tuple(one for one in move.targets if one not in elsewhere))
        ]
        if drops := [move for move in rows if self._below(state) in move.targets]:
            rows.remove(drops[-1])
            rows.append(drops[-1])
        return rows

    def drop(self, state: str) -> tuple[Move, str] | None:
        """The move that leads straight down from the card of `state`, and the state right below."""
        rows, below = self.rows(state), self._below(state)
        return (
            (rows[-1], below) if below and rows and below in rows[-1].targets and not self.is_outcome(state) else None
        )

    def links(self) -> list[Link]:
        """What wires have to join: all rows of all states, but for drops and what outcomes say in words."""
        links = []
        for state in self.column:
            drop = self.drop(state)
            for move in [] if self.is_outcome(state) else self.rows(state):
                links += [self._link(move, target) for target in move.targets if (move, target) != drop]
        return links

    def rails(self, outcome: str) -> list[tuple[Transition, dict[int, list[str]]]]:
        """The transitions that end at `outcome`, each with the states it leaves by their column."""
        rails = []
        for transition in self.lifecycle.transitions.values():
            stations: dict[int, list[str]] = {}
            for move in self.moves:
                if move.transition is transition and outcome in move.targets and not self.is_outcome(move.source):
                    stations.setdefault(self.column[move.source], []).append(move.source)
            if stations:
                rails.append((transition, dict(sorted(stations.items()))))
        return rails

    def _link(self, move: Move, target: str) -> Link:
        here, there = self.column[move.source], self.column[target]
        if there == here:  # round the outside: on the side where the move goes anyway, else on the right
            leave = enter = here if any(self.column[other] < here for other in move.targets) else here + 1
        else:
            leave, enter = (here + 1, there) if there > here else (here, there + 1)
        return Link(move.transition.key, move.source, target, leave, enter)

    def _below(self, state: str) -> str | None:
        states = [one for one in self.columns[self.column[state]] if one not in self.railed]
        return states[states.index(state) + 1] if state in states[:-1] else None


def plan(lifecycle: Lifecycle) -> Plan:
    """The plan of the picture of `lifecycle`.

    A stage is a column. Without stages a state stands right of those that lead to it. Outcomes, final states of no
    stage, stand in the last column: those that one or two states near it lead to beside them, the others at rails.
    """
    inner = [state for state in lifecycle.states if not _is_outcome(lifecycle, state)]
    outcomes = [state for state in lifecycle.states if _is_outcome(lifecycle, state)]
    staged = {stage: [state for state in inner if lifecycle.states[state].stage == stage] for stage in lifecycle.stages}
    columns = [(lifecycle.stages[stage].label, states) for stage, states in staged.items() if states]
    loose = [state for state in inner if lifecycle.states[state].stage is None]
    if not columns:
        columns = [(Text("", ""), states) for states in _ranked(lifecycle, loose)]
    elif loose:
        columns.append((Text("", ""), loose))
    near = {state for _, states in columns[-2:] for state in states}
    railed = []
    for outcome in outcomes:
        sources = {move.source for move in moves(lifecycle) if outcome in move.targets} - set(outcomes)
        if len(sources) > 2 or not sources <= near:
            railed.append(outcome)
    if outcomes:
        columns.append((OUTCOMES, [*(state for state in outcomes if state not in railed), *railed]))
    return Plan(
        lifecycle,
        tuple(heading for heading, _ in columns) if staged else (),
        tuple(tuple(states) for _, states in columns),
        tuple(railed),
    )


def _is_outcome(lifecycle: Lifecycle, state: str) -> bool:
    return lifecycle.states[state].final and lifecycle.states[state].stage is None


def _ranked(lifecycle: Lifecycle, states: Sequence[str]) -> list[list[str]]:
    """Columns for states without stages: each one right of all before it in the file that lead to it.

    A pausing state stands right of the first state it is entered from, beside the main way.
    """
    rank: dict[str, int] = {}
    for state in states:
        before = [rank[move.source] for move in moves(lifecycle) if state in move.targets and move.source in rank]
        rank[state] = (min if lifecycle.states[state].pauses else max)(before, default=-1) + 1
    return [[state for state in states if rank[state] == number] for number in sorted(set(rank.values()))]
