"""The ways of the wires through the gutters between the columns of a picture.

A wire leaves its card sideways, runs up or down in a gutter and enters the next card sideways; all wires that enter a
card from one gutter share a track there. A wire that passes whole columns crosses them in a corridor that is clear of
cards. What is left to choose is the order of the tracks of a gutter: the one with the fewest crossings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count, pairwise

TRACK = 11  # px between two tracks
EDGE = 17  # px between a track and the cards: room for the tip of an arrow
NARROW = 2 * EDGE + TRACK  # of a gutter
CLEAR = 6  # px between a corridor and a card, at the least
APART = 6  # px between two wires that run beside each other
ASIDE = 3.5  # px that wires on the left of a card are lower and on its right higher: those across a gutter pass apart

Point = tuple[float, float]
Span = tuple[float, float]
_Corridor = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Link:
    """What is to be joined: a transition from `source` to `target`, through gutters. Gutter n is left of column n."""

    transition: str
    source: str
    target: str
    leave: int
    enter: int

    @property
    def crossed(self) -> range:
        """The columns that lie between its two gutters."""
        return range(min(self.leave, self.enter), max(self.leave, self.enter))


@dataclass(frozen=True, slots=True)
class Wire:
    """A link's way, corner by corner; the last point is the tip of its arrow."""

    transition: str
    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A card as wires see it: its column, its upper and lower edge, the heights where wires enter and leave."""

    column: int
    top: float
    bottom: float
    entry: float
    exits: Mapping[str, float]


@dataclass
class _Net:
    """The wires of one gutter that share a track: the heights at which they come from or go to its left and right."""

    left: set[float] = field(default_factory=set)
    right: set[float] = field(default_factory=set)

    @property
    def top(self) -> float:
        return min(self.left | self.right)

    @property
    def bottom(self) -> float:
        return max(self.left | self.right)


def room(links: Iterable[Link], gutters: int) -> list[float]:
    """The width in px of each gutter."""
    nets = [{link.target for link in links if gutter in {link.leave, link.enter}} for gutter in range(gutters)]
    return [max(NARROW, 2 * EDGE + (len(net) - 1) * TRACK) if net else 0 for net in nets]


def route(links: Sequence[Link], places: Mapping[str, Place], gutters: Sequence[Span]) -> tuple[Wire, ...]:
    """The wires of `links`, in their order. `gutters`: the ends of each, beginning left of the first column."""
    ways = [_Way(link, places[link.source], places[link.target]) for link in links]
    corridors = _corridors(ways, list(places.values()))
    nets = _nets(ways, corridors)
    tracks = {}
    for gutter, (left, right) in enumerate(gutters):
        here = {target: net for (number, target), net in nets.items() if number == gutter}
        first = (left + right - (len(here) - 1) * TRACK) / 2
        for place, target in enumerate(_ordered(here)):
            tracks[gutter, target] = first + place * TRACK
    return tuple(_wire(way, gutters, corridors, tracks) for way in ways)


def overlaps(wires: Sequence[Wire]) -> float | None:
    """The x at which two wires to different cards lie on each other, or None: then each can be told from others."""
    flat = [
        (wire, y, min(x, next_x), max(x, next_x))
        for wire in wires
        for (x, y), (next_x, next_y) in pairwise(wire.points)
        if y == next_y
    ]
    for one, other in combinations(flat, 2):
        same_row = (one[0].source, one[0].transition) == (other[0].source, other[0].transition)
        if one[0].target != other[0].target and not same_row and abs(one[1] - other[1]) < APART:
            left, right = max(one[2], other[2]), min(one[3], other[3])
            if left < right:
                return left
    return None


@dataclass(frozen=True, slots=True)
class _Way:
    """A link with the cards it joins."""

    link: Link
    source: Place
    target: Place

    @property
    def begin(self) -> float:
        rightward = self.source.column < self.link.leave
        return self.source.exits[self.link.transition] + (-ASIDE if rightward else ASIDE)

    @property
    def end(self) -> float:
        return self.target.entry + (ASIDE if self.target.column == self.link.enter else -ASIDE)

    @property
    def corridor(self) -> _Corridor | None:
        """What it shares a corridor with: all that go to the same card in the same direction past whole columns."""
        return (self.link.target, self.link.leave < self.link.enter) if self.link.crossed else None


def _wire(
    way: _Way, gutters: Sequence[Span], corridors: Mapping[_Corridor, float], tracks: Mapping[tuple[int, str], float]
) -> Wire:
    link = way.link
    first, last = tracks[link.leave, link.target], tracks[link.enter, link.target]
    points = [(gutters[link.leave][way.source.column == link.leave], way.begin), (first, way.begin)]
    if way.corridor:
        points += [(first, corridors[way.corridor]), (last, corridors[way.corridor])]
    points += [(last, way.end), (gutters[link.enter][way.target.column == link.enter], way.end)]
    return Wire(link.transition, link.source, link.target, _without_idle_corners(points))


def _without_idle_corners(points: Sequence[Point]) -> tuple[Point, ...]:
    """`points` without those that a straight line passes through."""
    kept = [points[0]]
    for (_, here), (_, after) in pairwise(pairwise(points)):
        before = kept[-1]
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1]):
            kept.append(here)
    return (*kept, points[-1])


def _nets(ways: Sequence[_Way], corridors: Mapping[_Corridor, float]) -> dict[tuple[int, str], _Net]:
    """Gutter and target -> the wires there."""
    nets: dict[tuple[int, str], _Net] = {}
    for way in ways:
        link = way.link
        leaving = nets.setdefault((link.leave, link.target), _Net())
        entering = nets.setdefault((link.enter, link.target), _Net())
        (leaving.right if way.source.column == link.leave else leaving.left).add(way.begin)
        (entering.right if way.target.column == link.enter else entering.left).add(way.end)
        if way.corridor:
            height, rightward = corridors[way.corridor], link.leave < link.enter
            (leaving.right if rightward else leaving.left).add(height)
            (entering.left if rightward else entering.right).add(height)
    return nets


def _ordered(nets: Mapping[str, _Net]) -> list[str]:
    """The targets of a gutter in the order of their tracks from left to right: each put in where it crosses least, then
    moved as long as that helps."""

    def cost(order: list[str]) -> int:
        return sum(_crossings(nets[left], nets[right]) for left, right in combinations(order, 2))

    def put(target: str, order: list[str]) -> list[str]:
        others = [one for one in order if one != target]
        return min(([*others[:at], target, *others[at:]] for at in range(len(others) + 1)), key=cost)

    order: list[str] = []
    for target in nets:
        order = put(target, order)
    while (better := min((put(target, order) for target in nets), key=cost, default=order)) and cost(better) < cost(
        order
    ):
        order = better
    return order


def _crossings(left: _Net, right: _Net) -> int:
    """How hard two nets are to tell apart with the track of `left` left of that of `right`: a wire that lies on another
    weighs most, then one that ends close to another, then one that crosses it."""
    on_one_another = sum(abs(one - other) < APART for one in left.right for other in right.left)
    cost = 1000 * on_one_another
    for height, net in [*((height, right) for height in left.right), *((height, left) for height in right.left)]:
        if net.top < net.bottom and net.top - APART < height < net.bottom + APART:
            cost += 1 if net.top + APART < height < net.bottom - APART else 3
    return cost


def _corridors(ways: Sequence[_Way], cards: Sequence[Place]) -> dict[_Corridor, float]:
    """For each corridor the height at which its wires pass the columns between: clear of cards and of other wires."""
    corridors: dict[_Corridor, float] = {}
    taken: list[tuple[set[int], float]] = []
    for corridor in dict.fromkeys(way.corridor for way in ways if way.corridor):
        own = [way for way in ways if way.corridor == corridor]
        columns = {column for way in own for column in way.link.crossed}
        gutters = columns | {max(columns) + 1}
        beside = [card for card in cards if card.column in columns]
        others = [
            height
            for way in ways
            if way.corridor != corridor and gutters & {way.link.leave, way.link.enter}
            for height in (way.begin, way.end)
        ]
        others += [height for where, height in taken if where & gutters]

        def is_clear(height: float, beside: list[Place] = beside, others: list[float] = others) -> bool:
            return all(abs(height - other) >= APART for other in others) and not any(
                card.top - CLEAR < height < card.bottom + CLEAR for card in beside
            )

        ends = [height for way in own for height in (way.begin, way.end)]
        lowest = max(card.bottom for card in beside) + 2 * CLEAR
        below = (lowest + step * TRACK for step in count())
        heights = [
            *ends,
            *(card.bottom + 2 * CLEAR for card in beside),
            next(height for height in below if is_clear(height)),
        ]
        best = min(filter(is_clear, heights), key=lambda height: sum(abs(height - end) for end in ends))
        corridors[corridor] = best
        taken.append((gutters, best))
    return corridors
