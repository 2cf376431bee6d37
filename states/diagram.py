"""The picture of a lifecycle, for people as SVG and for documents as Mermaid text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from states.diagram_layout import arrange
from states.diagram_plan import moves, note
from states.diagram_shapes import BOLD, DOT, SIZES, Box, Card, Label, Layout, Rail
from states.diagram_text import FONT
from states.diagram_wires import Point
from states.lifecycle import Lifecycle

ROUND = 8  # the radius of a card's corners, in px
BEND = 5  # of a wire's
TIP = 8  # the length of an arrow's tip
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

SIGNS = re.compile(r"""["#;<>&`*_$\\]|^[-+]|(?<=[0-9])[.)]""")  # in Mermaid; the last ones begin a list


def _colours(colours: dict[str, str]) -> str:
    return "; ".join(f"--{name}: {colour}" for name, colour in colours.items())


STYLE = f"""
.lifecycle {{ {_colours(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ .lifecycle {{ {_colours(DARK)} }} }}
.lifecycle text {{ font-family: {FONT}; fill: var(--ink) }}
{"".join(f".lifecycle .{role} {{ font-size: {size:g}px }} " for role, size in SIZES.items())}
{", ".join(f".lifecycle .{role}" for role in sorted(BOLD))} {{ font-weight: bold }}
.lifecycle .note {{ fill: var(--soft) }}
.lifecycle .outcome .name {{ fill: var(--end-ink) }}
.lifecycle .page {{ fill: var(--page) }}
.lifecycle .lane {{ fill: var(--lane) }}
.lifecycle .card {{ fill: var(--card) }}
.lifecycle .head {{ fill: var(--head) }}
.lifecycle .outcome .head {{ fill: var(--end) }}
.lifecycle .edge {{ fill: none; stroke: var(--edge) }}
.lifecycle .wire {{ fill: none; stroke: var(--wire); stroke-width: 1.7 }}
.lifecycle .tip, .lifecycle .dot {{ fill: var(--wire) }}
"""


def svg(lifecycle: Lifecycle, locale: str) -> str:
    """A picture of `lifecycle` in `locale` ("de" or "en"): an SVG that needs nothing but itself.

    It has a fixed size in px, so that a narrow window scrolls it instead of shrinking it, follows the reader's light or
    dark colours, and says in its description in words what it shows.
    """
    return "\n".join(_drawn(lifecycle, arrange(lifecycle, locale), locale)) + "\n"


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
        lines += [
            f'  subgraph g_{stage.key}["{_quoted(stage.label[locale])}"]',
            *(f"    {node(key)}" for key in inside),
        ]
        lines.append("  end")
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


def _drawn(lifecycle: Lifecycle, layout: Layout, locale: str) -> Iterator[str]:
    size = f'width="{layout.width}" height="{layout.height}"'
    name = f"lifecycle-{lifecycle.key}-{locale}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle" role="img" lang="{locale}" '
        f'{size} viewBox="0 0 {layout.width} {layout.height}" aria-labelledby="{name}" aria-describedby="{name}-words">'
    )
    yield f'<title id="{name}">{escape(lifecycle.label[locale])}</title>'
    yield f'<desc id="{name}-words">{escape(described(lifecycle, locale))}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="page" {size}/>'
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
    yield "</svg>"


def _rail(rail: Rail) -> Iterator[str]:
    yield _arrow([(rail.stations[0].x, rail.y), (rail.end, rail.y)])
    yield from map(_text, rail.labels)
    for station in rail.stations:
        yield f'<circle class="dot" cx="{_px(station.x)}" cy="{_px(rail.y)}" r="{DOT}"/>'
        yield from map(_text, station.states)


def _card(card: Card, starts: bool) -> Iterator[str]:
    box = card.box
    if starts:
        x, y = box.x + START, box.y - START
        yield f'<circle class="dot" cx="{_px(x)}" cy="{_px(y)}" r="{DOT + 1}"/>{_arrow([(x, y), (x, box.y)])}'
    yield f'<g class="{"outcome" if card.outcome else "state"}">'
    yield _box("card", box, ROUND)
    side = card.head - ROUND
    foot = (
        f"v{_px(side)}h{_px(-box.width)}"
        if card.rows
        else (
            f"v{_px(side - ROUND)}a{ROUND} {ROUND} 0 0 1 -{ROUND} {ROUND}h{_px(2 * ROUND - box.width)}"
            f"a{ROUND} {ROUND} 0 0 1 -{ROUND} -{ROUND}"
        )
    )
    yield (
        f'<path class="head" d="M{_px(box.x)} {_px(box.y + ROUND)}a{ROUND} {ROUND} 0 0 1 {ROUND} -{ROUND}'
        f'h{_px(box.width - 2 * ROUND)}a{ROUND} {ROUND} 0 0 1 {ROUND} {ROUND}{foot}z"/>'
    )
    yield _box("edge", box, ROUND)
    yield _text(card.name)
    for row in card.rows:
        yield from map(_text, row.labels)
    yield "</g>"


def _text(label: Label) -> str:
    return "".join(
        f'<text class="{label.role}" x="{_px(label.box.x)}" y="{_px(y)}">{escape(line)}</text>'
        for line, y in zip(label.lines, label.baselines, strict=True)
    )


def _box(role: str, box: Box, radius: int) -> str:
    return (
        f'<rect class="{role}" x="{_px(box.x)}" y="{_px(box.y)}" '
        f'width="{_px(box.width)}" height="{_px(box.height)}" rx="{radius}"/>'
    )


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
    return f'<path class="wire" d="{path}L{_at(back)}"/><path class="tip" d="M{_at(points[-1])}{sides}z"/>'


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
