"""What a lifecycle's picture is made of: texts, cards, lanes, rails, each with its place in px."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from states.diagram_plan import Move
from states.diagram_text import width, wrap
from states.diagram_wires import Wire

SIZES = {"title": 20.0, "heading": 14.0, "name": 13.5, "row": 12.5, "note": 11.5}  # of the letters, in px
BOLD = frozenset({"title", "heading", "name"})
LEADING = 1.26  # from one line to the next, in font sizes
REACH = 0.78  # of a line above its baseline, in font sizes
DOT = 4  # the radius of a station's dot


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text in the style of `role`; `box` is the room they take."""

    lines: tuple[str, ...]
    role: str
    box: Box

    @property
    def baselines(self) -> tuple[float, ...]:
        """The y of each line's baseline."""
        size = SIZES[self.role]
        return tuple(self.box.y + size * (REACH + number * LEADING) for number in range(len(self.lines)))

    @property
    def middle(self) -> float:
        """The y of the middle of the first line's small letters: where a wire meets it."""
        return self.baselines[0] - 0.3 * SIZES[self.role]


@dataclass(frozen=True, slots=True)
class Lane:
    box: Box
    heading: Label


@dataclass(frozen=True, slots=True)
class Row:
    """A transition in a card: its label, and in a second one what sets it off or where it leads."""

    move: Move
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Card:
    state: str
    box: Box
    head: float  # the height of the part with the name
    name: Label
    rows: tuple[Row, ...]
    outcome: bool


@dataclass(frozen=True, slots=True)
class Station:
    """Where a rail collects the states of a lane: a dot at `x`, their names below it."""

    x: float
    states: tuple[str, ...]
    names: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Rail:
    """A transition from many states to an outcome: a line at height `y` from the first station to the outcome."""

    transition: str
    outcome: str
    y: float
    end: float
    labels: tuple[Label, ...]
    stations: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    width: int
    height: int
    title: Label
    lanes: tuple[Lane, ...]
    cards: tuple[Card, ...]
    wires: tuple[Wire, ...]
    rails: tuple[Rail, ...]


def label(text: str, role: str, x: float, y: float, most: float = inf) -> Label:
    """`text` in lines of at most `most` px, its upper left corner at (x, y)."""
    size, bold = SIZES[role], role in BOLD
    lines = wrap(text, size, most, bold)
    height = size * (1 + (len(lines) - 1) * LEADING)
    return Label(lines, role, Box(x, y, max(width(line, size, bold) for line in lines), height))
