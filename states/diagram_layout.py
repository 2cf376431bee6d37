"""Where everything of a lifecycle's picture stands: lanes, cards, rails and wires, in px.

Stages are lanes from left to right in the order of the file, their states are cards from top to bottom. A card lists
the transitions that leave its state; from each a wire leads through the gutters between the lanes to the next state.
A transition that leads from many states to an outcome would drown the picture in wires. It is a rail below the cards:
it collects the states of every lane and leads to the outcome at the right. The file gives the columns and their order,
so nothing is left for a general graph layout to decide; `diagram_wires` finds the ways through the gutters.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf

from states.diagram_plan import Plan, note, plan
from states.diagram_shapes import DOT, SIZES, Box, Card, Label, Lane, Layout, Rail, Row, Station, label
from states.diagram_text import pieces
from states.diagram_wires import Place, Span, Wire, overlaps, room, route
from states.lifecycle import Lifecycle, Transition
from states.sentences import Text

PAGE = 1440  # cards are widened to fill it, where there are enough of them
MARGIN = 24
NARROW, WIDE = 148, 200  # of a card
PAD = 10  # within a card, and between a lane's edge and its cards
LANE_GAP = 12
GAP = 30  # between two cards: room for an arrow
RAIL_GAP = 20
NUDGE, NUDGES = 4, 40  # px a column is moved down to part two wires, and how often at most


def arrange(lifecycle: Lifecycle, locale: str) -> Layout:
    """The layout of the picture of `lifecycle` with its texts in `locale`."""
    planned = plan(lifecycle)
    grid = _grid(planned, locale)
    title = label(lifecycle.label[locale], "title", grid.lefts[0] - PAD, MARGIN)
    lanes_top = title.box.bottom + 16
    headings = [
        label(heading[locale], "heading", left, lanes_top + 12, grid.card)
        for heading, left in zip(planned.headings, grid.lefts, strict=False)
    ]
    top = max((heading.box.bottom for heading in headings), default=lanes_top) + GAP
    cards, wires = _placed(planned, grid, top, locale)
    rails, ends = _rails(planned, grid, _skyline(planned, grid, cards, wires), locale)
    cards += ends
    lowest = [card.box.bottom for card in cards]
    lowest += [station.names[-1].box.bottom for rail in rails for station in rail.stations]
    bottom = max([*lowest, *(y for wire in wires for _, y in wire.points)]) + MARGIN
    lanes = [
        Lane(Box(left - PAD, lanes_top, grid.card + 2 * PAD, bottom - lanes_top), heading)
        for left, heading in zip(grid.lefts, headings, strict=False)
    ]
    right = max(grid.gutters[-1][1], title.box.right + MARGIN)
    return Layout(ceil(right), ceil(bottom + MARGIN), title, tuple(lanes), tuple(cards), tuple(wires), tuple(rails))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The width of the cards, the left edge of each column, and the ends of the gutters before, between and after."""

    card: float
    lefts: tuple[float, ...]
    gutters: tuple[Span, ...]


def _grid(planned: Plan, locale: str) -> _Grid:
    gaps = [max(gap, 2 * PAD + LANE_GAP) for gap in room(planned.links(), len(planned.columns) + 1)]
    gaps[0], gaps[-1] = max(MARGIN, gaps[0]), max(MARGIN, gaps[-1])
    card = min(max((PAGE - sum(gaps)) // len(planned.columns), NARROW), WIDE)
    card = max(card, ceil(_longest_word(planned, locale)) + 2 * PAD)
    lefts = [sum(gaps[: number + 1]) + number * card for number in range(len(planned.columns) + 1)]
    return _Grid(card, tuple(lefts[:-1]), tuple((left - gap, left) for left, gap in zip(lefts, gaps, strict=True)))


def _longest_word(planned: Plan, locale: str) -> float:
    texts: list[tuple[str, Sequence[Text]]] = [
        ("heading", planned.headings),
        ("name", [state.label for state in planned.lifecycle.states.values()]),
        ("row", [transition.label for transition in planned.lifecycle.transitions.values()]),
    ]
    words = [(word, role) for role, labels in texts for text in labels for word in pieces(text[locale])]
    return max(label(word, role, 0, 0).box.width for word, role in words)


def _placed(planned: Plan, grid: _Grid, top: float, locale: str) -> tuple[list[Card], list[Wire]]:
    """The cards below `top` and their wires; a column is moved down a little where a wire would lie on another."""
    tops = [top] * len(planned.columns)
    for _ in range(NUDGES):
        cards = [card for number in range(len(tops)) for card in _column(planned, grid, number, tops[number], locale)]
        places = {
            card.state: Place(
                planned.column[card.state],
                card.box.y,
                card.box.bottom,
                card.name.middle,
                {row.move.transition.key: row.labels[0].middle for row in card.rows},
            )
            for card in cards
        }
        wires = route(planned.links(), places, grid.gutters)
        crowded = overlaps(wires)
        if crowded is None:
            break
        tops[min(bisect(grid.lefts, crowded), len(tops) - 1)] += NUDGE
    boxes = {card.state: card.box for card in cards}
    middle = grid.card / 2
    for state, box in boxes.items():
        if drop := planned.drop(state):
            move, below = drop
            points = ((box.x + middle, box.bottom), (box.x + middle, boxes[below].y))
            wires = (*wires, Wire(move.transition.key, state, below, points))
    return cards, list(wires)


def _column(planned: Plan, grid: _Grid, number: int, top: float, locale: str) -> list[Card]:
    cards: list[Card] = []
    for state in planned.columns[number]:
        if state not in planned.railed:
            y = cards[-1].box.bottom + GAP if cards else top
            cards.append(_card(planned, state, grid.lefts[number], y, grid.card, locale))
    return cards


def _card(planned: Plan, state: str, x: float, y: float, wide: float, locale: str) -> Card:
    states = planned.lifecycle.states
    outcome = planned.is_outcome(state)
    name = label(states[state].label[locale], "name", x + PAD, y + 8, wide - 2 * PAD)
    head = bottom = name.box.bottom + 7
    rows = []
    for move in planned.rows(state):
        labels = [label(move.transition.label[locale], "row", x + PAD, bottom + 7, wide - 2 * PAD)]
        told = note(move.transition, locale)
        if outcome:
            told = "→ " + ", ".join(states[target].label[locale] for target in move.targets)
        if told:
            labels.append(label(told, "note", x + PAD, labels[0].box.bottom + 3, wide - 2 * PAD))
        rows.append(Row(move, tuple(labels)))
        bottom = labels[-1].box.bottom + 5
    bottom += 3 if rows else 0
    return Card(state, Box(x, y, wide, bottom - y), head - y, name, tuple(rows), outcome)


def _skyline(planned: Plan, grid: _Grid, cards: Sequence[Card], wires: Sequence[Wire]) -> list[float]:
    """How far down each column with the gutter right of it is filled, by cards and by wires."""
    lowest = [0.0] * len(planned.columns)
    for card in cards:
        number = planned.column[card.state]
        lowest[number] = max(lowest[number], card.box.bottom)
    ends = (*grid.lefts[1:], inf)
    for wire in wires:
        for (x, y), (next_x, next_y) in pairwise(wire.points):
            for number, (left, end) in enumerate(zip(grid.lefts, ends, strict=True)):
                if min(x, next_x) < end and max(x, next_x) > left:
                    lowest[number] = max(lowest[number], y, next_y)
    return lowest


def _rails(planned: Plan, grid: _Grid, skyline: list[float], locale: str) -> tuple[list[Rail], list[Card]]:
    """The rails with the cards of their outcomes, each as high up as the columns it runs through allow."""
    rails: list[Rail] = []
    cards: list[Card] = []
    waiting = list(planned.railed)

    def highest(outcome: str) -> float:
        return max(skyline[min(first for _, stations in planned.rails(outcome) for first in stations) :])

    while waiting:
        outcome = min(waiting, key=highest)
        waiting.remove(outcome)
        card = _card(planned, outcome, grid.lefts[-1], 0, grid.card, locale)
        for transition, stations in planned.rails(outcome):
            y = max(skyline[min(stations) :]) + RAIL_GAP
            rail = _rail(planned, grid, transition, outcome, stations, y, locale)
            rails.append(rail)
            skyline[min(stations) :] = [rail.y] * len(skyline[min(stations) :])
            for number, station in zip(stations, rail.stations, strict=True):
                skyline[number] = station.names[-1].box.bottom
            if card.box.y == 0:
                card = _card(planned, outcome, grid.lefts[-1], rail.y - card.name.middle, grid.card, locale)
        cards.append(card)
        skyline[-1] = max(skyline[-1], card.box.bottom)
    return rails, cards


def _rail(
    planned: Plan,
    grid: _Grid,
    transition: Transition,
    outcome: str,
    stations: Mapping[int, Sequence[str]],
    y: float,
    locale: str,
) -> Rail:
    """One rail; `y` is the upper edge of its label."""
    left, told = grid.lefts[min(stations)], note(transition, locale)
    aside = label(told, "note", 0, 0).box.width + 8 if told else 0
    labels = [label(transition.label[locale], "row", left, y, grid.gutters[-2][0] - left - aside)]
    if told:
        labels.append(label(told, "note", labels[0].box.right + 8, labels[0].box.bottom - SIZES["note"]))
    line = labels[0].box.bottom + 7
    collected = []
    for number, states in stations.items():
        names: list[Label] = []
        for state in states:
            below = names[-1].box.bottom + 6 if names else line + 8
            names.append(
                label(planned.lifecycle.states[state].label[locale], "note", grid.lefts[number], below, grid.card)
            )
        collected.append(Station(grid.lefts[number] + DOT, tuple(states), tuple(names)))
    return Rail(transition.key, outcome, line, grid.lefts[-1], tuple(labels), tuple(collected))
