"""The picture of a lifecycle, for people as SVG and for documents as Mermaid text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from xml.sax.saxutils import escape

from states.diagram_layout import arrange
from states.diagram_plan import moves, note
from states.diagram_shapes import BOLD, DOT, SIZES, Box, Card, Label, Layout, Rail, label
from states.diagram_text import FONT, width
from states.diagram_wires import Point
from states.lifecycle import Lifecycle

ROUND = 8  # the radius of a card's corners, in px
BEND = 5  # of a wire's
TIP = 8  # the length of an arrow's tip
BADGE = 18  # the height of a badge
START = 20  # px from the dot to the card that every item starts in

LIGHT = {
    "page": "#ffffff",
    "lane": "#f0f3f7",
    "card": "#ffffff",
    "edge": "#6f7f95",
    "head": "#dbe6f3",
    "ink": "#14202e",
    "soft": "#465468",
    "wire": "#2f5688",
    "end": "#34455c",
    "end-ink": "#ffffff",
}
DARK = {
    "page": "#10161f",
    "lane": "#19222e",
    "card": "#212c3a",
    "edge": "#7c8ca2",
    "head": "#2d4059",
    "ink": "#eef3f9",
    "soft": "#b9c5d4",
    "wire": "#9cc0ea",
    "end": "#c3cfde",
    "end-ink": "#14202e",
}

NO_BADGES: Mapping[str, str] = MappingProxyType({})

SIGNS = re.compile(r"""["#;<>&`*_$\\]|^[-+]|(?<=[0-9])[.)]""")  # in Mermaid; the last ones begin a list


PAINT = {  # role -> what is painted in which colour
    "page": {"fill": "page"},
    "lane": {"fill": "lane"},
    "card": {"fill": "card"},
    "head": {"fill": "head"},
    "end": {"fill": "end"},
    "edge": {"stroke": "edge"},
    "wire": {"stroke": "wire"},
    "dot": {"fill": "wire"},
    "title": {"fill": "ink"},
    "heading": {"fill": "ink"},
    "name": {"fill": "ink"},
    "end-name": {"fill": "end-ink"},
    "row": {"fill": "ink"},
    "note": {"fill": "soft"},
}


def svg(lifecycle: Lifecycle, locale: str, badges: Mapping[str, str] = NO_BADGES) -> str:
    """A picture of `lifecycle` in `locale` ("de" or "en"): an SVG that needs nothing but itself.

    badges: state -> a few words at its card, such as how many items are there.

    It has a fixed size in px, so that a narrow window scrolls it instead of shrinking it, follows the reader's light or
    dark colours, and says in its description in words what it shows.
    """
    return "\n".join(_drawn(lifecycle, arrange(lifecycle, locale), locale, badges)) + "\n"


def mermaid(lifecycle: Lifecycle, locale: str) -> str:
    """`lifecycle` as a Mermaid flowchart with its texts in `locale` ("de" or "en"); stages are subgraphs.

    A state diagram would fit the subject better, but Mermaid does not join states of different composites in one.
    """
    states = lifecycle.states

    def node(key: str) -> str:
        opening, closing = ('(["', '"])') if states[key].final else ('("', '")')
        return f"{_nodes([key])}{opening}{_quoted(states[key].label[locale])}{closing}"

    title = f"  accTitle: {_line(lifecycle.label[locale])}"
    lines = ["flowchart LR", title, f"  start(( )) --> {_nodes([lifecycle.initial])}"]
    for stage in lifecycle.stages.values():
        inside = [key for key, state in states.items() if state.stage == stage.key]
        if inside:
            heading = f'  subgraph g{_nodes([stage.key])}["{_quoted(stage.label[locale])}"]'
            lines += [heading, *(f"    {node(key)}" for key in inside), "  end"]
    lines += [f"  {node(key)}" for key, state in states.items() if state.stage not in lifecycle.stages]
    sources: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for move in moves(lifecycle):
        sources.setdefault((move.transition.key, move.targets), []).append(move.source)
    for (key, targets), begin in sources.items():
        transition = lifecycle.transitions[key]
        what = " · ".join(filter(None, (transition.label[locale], note(transition, locale))))
        lines.append(f'  {_nodes(begin)} -->|"{_quoted(what)}"| {_nodes(targets)}')
    return "\n".join(lines) + "\n"


def described(lifecycle: Lifecycle, locale: str) -> str:
    """The picture in words, a line for each state and for each transition that leaves it."""
    lines = []
    for key, state in lifecycle.states.items():
        stage = lifecycle.stages[state.stage].label[locale] if state.stage else None
        lines.append(f"{state.label[locale]} ({stage})" if stage else state.label[locale])
        for move in moves(lifecycle):
            if move.source == key:
                targets = ", ".join(lifecycle.states[target].label[locale] for target in move.targets)
                told = note(move.transition, locale)
                lines.append(f"– {move.transition.label[locale]}{f' ({told})' if told else ''} → {targets}")
    return "\n".join(lines)


def _nodes(states: Iterable[str]) -> str:
    """The ids of states, which two hyphens would end."""
    return " & ".join(f"s_{state.replace('--', '-_')}" for state in states)


def _quoted(text: str) -> str:
    """`text` for a quoted Mermaid label: letters that Mermaid or its Markdown take for signs by their number."""
    return SIGNS.sub(lambda sign: f"#{ord(sign[0])};", _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def _drawn(lifecycle: Lifecycle, layout: Layout, locale: str, badges: Mapping[str, str]) -> Iterator[str]:
    size = f'width="{layout.width}" height="{layout.height}"'
    name = f"lifecycle-{lifecycle.key}-{locale}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle" role="img" lang="{locale}" {size} '
        f'viewBox="0 0 {layout.width} {layout.height}" font-family="{FONT}" '
        f'aria-labelledby="{name}" aria-describedby="{name}-words">'
    )
    yield f'<title id="{name}">{escape(lifecycle.label[locale])}</title>'
    yield f'<desc id="{name}-words">{escape(described(lifecycle, locale))}</desc>'
    yield f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(map(_in_the_dark, PAINT))} }}</style>"
    yield f"<rect {_paint('page')} {size}/>"
    yield _text(layout.title)
    for lane in layout.lanes:
        yield _box("lane", lane.box, 10)
        yield _text(lane.heading)
    for wire in layout.wires:
        yield _arrow(wire.points)
    for rail in layout.rails:
        yield from _rail(rail)
    for card in layout.cards:
        yield from _card(card, starts=card.state == lifecycle.initial)
        if card.state in badges:
            yield from _badge(card, badges[card.state])
    yield "</svg>"


def _paint(role: str) -> str:
    """The class of a role, and its light colours as attributes: they hold where no style sheet is read or let in."""
    colours = " ".join(f'{what}="{LIGHT[colour]}"' for what, colour in PAINT[role].items())
    return f'class="{role}" {colours}' + ("" if "fill" in PAINT[role] else ' fill="none"')


def _in_the_dark(role: str) -> str:
    colours = "; ".join(f"{what}: {DARK[colour]}" for what, colour in PAINT[role].items())
    return f".lifecycle .{role} {{ {colours} }}"


def _rail(rail: Rail) -> Iterator[str]:
    yield _arrow([(rail.stations[0].x, rail.y), (rail.end, rail.y)])
    yield from map(_text, rail.labels)
    for station in rail.stations:
        yield _dot(station.x, rail.y, DOT)
        yield from map(_text, station.names)


def _card(card: Card, *, starts: bool) -> Iterator[str]:
    box = card.box
    if starts:
        x, y = box.x + START, box.y - START
        yield _dot(x, y, DOT + 1) + _arrow([(x, y), (x, box.y)])
    yield _box("card", box, ROUND)
    yield _head(card)
    yield _box("edge", box, ROUND)
    yield _text(card.name, "end-name" if card.outcome else "name")
    for row in card.rows:
        yield from map(_text, row.labels)


def _head(card: Card) -> str:
    """The part of a card behind its name: round above, and below too where no rows follow."""
    role, box = "end" if card.outcome else "head", card.box
    if not card.rows:
        return _box(role, box, ROUND)
    wide, high = _px(box.width - 2 * ROUND), _px(card.head - ROUND)
    corner = f"a{ROUND} {ROUND} 0 0 1 {ROUND}"
    path = f"M{_at((box.x, box.y + card.head))}v-{high}{corner} -{ROUND}h{wide}{corner} {ROUND}v{high}z"
    return f'<path {_paint(role)} d="{path}"/>'


def _badge(card: Card, text: str) -> Iterator[str]:
    """A few words that stand on the upper edge of a card, at its right, clear of its name."""
    size = SIZES["note"]
    wide = width(text, size) + 2 * ROUND
    box = Box(card.box.right - wide - ROUND, card.box.y - BADGE + 1, wide, BADGE)
    yield _box("page", box, ROUND) + _box("edge", box, ROUND)
    yield _text(label(text, "note", box.x + ROUND, box.y + (BADGE - size) / 2))


def _text(one: Label, role: str = "") -> str:
    weight = ' font-weight="bold"' if one.role in BOLD else ""
    style = f'{_paint(role or one.role)} font-size="{SIZES[one.role]:g}"{weight}'
    return "".join(
        f'<text {style} x="{_px(one.box.x)}" y="{_px(y)}">{escape(line)}</text>'
        for line, y in zip(one.lines, one.baselines, strict=True)
    )


def _box(role: str, box: Box, radius: int) -> str:
    return (
        f'<rect {_paint(role)} x="{_px(box.x)}" y="{_px(box.y)}" '
        f'width="{_px(box.width)}" height="{_px(box.height)}" rx="{radius}"/>'
    )


def _dot(x: float, y: float, radius: int) -> str:
    return f'<circle {_paint("dot")} cx="{_px(x)}" cy="{_px(y)}" r="{radius}"/>'


def _arrow(points: Sequence[Point]) -> str:
    """A line through `points` with round bends, and a tip at the last."""
    path = f"M{_at(points[0])}"
    for (before, corner), (_, after) in pairwise(pairwise(points)):
        reach = min(BEND, _far(before, corner) / 2, _far(corner, after) / 2)
        path += f"L{_at(_toward(corner, before, reach))}Q{_at(corner)} {_at(_toward(corner, after, reach))}"
    x, y = points[-1]
    back = _toward(points[-1], points[-2], TIP)
    across, along = (y - back[1]) / 2, (x - back[0]) / 2
    sides = f"L{_at((back[0] + across, back[1] + along))}L{_at((back[0] - across, back[1] - along))}"
    line = f'<path {_paint("wire")} stroke-width="1.7" d="{path}L{_at(back)}"/>'
    return f'{line}<path {_paint("dot")} d="M{_at(points[-1])}{sides}z"/>'


def _far(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(one: Point, other: Point, reach: float) -> Point:
    """The point `reach` px from `one` on the way to `other`."""
    part = reach / (_far(one, other) or 1)
    return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part


def _at(point: Point) -> str:
    return f"{_px(point[0])} {_px(point[1])}"


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
