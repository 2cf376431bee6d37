"""The picture of a lifecycle shows all of it, and nothing in it lies on anything else."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.diagram import DARK, LIGHT, described, mermaid, svg
from states.diagram_layout import PAD, arrange
from states.diagram_plan import moves
from states.diagram_shapes import Box, Label, Layout
from states.diagram_wires import APART, Wire
from states.lifecycle import ORIGIN, Fire, Lifecycle, Stage, State, Transition, Way
from states.loader import load_lifecycle
from states.sentences import Text

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
LOCALES = ("de", "en")


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314 - our own


def read(path: Path) -> Lifecycle:
    return load_lifecycle(path.read_text(encoding="utf-8"), path.name)


SHIPPED = [read(path) for path in sorted((ROOT / "config/lifecycles").glob("*.yaml"))]
OTHERS = [read(path) for path in sorted((ROOT / "tests/lifecycles").glob("*.yaml"))]
ALL = [pytest.param(one, locale, id=f"{one.key}-{locale}") for one, locale in product([*SHIPPED, *OTHERS], LOCALES)]


# --- lifecycles nobody would write ------------------------------------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüß", min_size=1, max_size=16)
LABELS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join).map(lambda text: Text(text, text.upper()))


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    stages = {key: Stage(key, draw(LABELS)) for key in string.ascii_uppercase[: draw(st.integers(0, 4))]}
    keys = [f"s{number}" for number in range(draw(st.integers(1, 9)))]
    states = {
        key: State(
            key,
            draw(st.sampled_from([None, *stages])),
            draw(LABELS),
            tags=frozenset({"final"} if key != "s0" and draw(st.booleans()) else ()),
            pauses=draw(st.booleans()),
        )
        for key in keys
    }
    pausing = [key for key in keys if states[key].pauses]
    transitions = {}
    for number in range(draw(st.integers(0, 14))):
        sources = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=5, unique=True))
        back = st.just([ORIGIN]) if set(sources) <= set(pausing) else st.nothing()
        targets = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True) | back)
        fire = draw(st.sampled_from([Fire.PERSON, Fire.AUTOMATIC, Fire.EXPIRY]))
        key = f"t{number}"
        transitions[key] = Transition(key, draw(LABELS), tuple(sources), tuple(map(Way, targets)), fire)
    return Lifecycle("random", 1, draw(LABELS), "s0", states, transitions, stages)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def assert_complete(lifecycle: Lifecycle, layout: Layout, locale: str) -> None:
    """Every state is a card; every move stands in its state's card and has its wire, or its station on a rail."""
    cards = {card.state: card for card in layout.cards}
    assert len(cards) == len(layout.cards)
    assert cards.keys() == lifecycle.states.keys()
    wires = [(wire.transition, wire.source, wire.target) for wire in layout.wires]
    assert len(set(wires)) == len(wires)
    stations = [
        (rail.transition, state, rail.outcome)
        for rail in layout.rails
        for station in rail.stations
        for state in station.states
    ]
    for move in moves(lifecycle):
        for target in move.targets:
            told = (move.transition.key, move.source, target)
            if told in stations:
                continue
            row = next(row for row in cards[move.source].rows if row.move.transition is move.transition)
            if cards[move.source].outcome:  # the way back from an outcome is told in words
                assert lifecycle.states[target].label[locale] in " ".join(row.labels[-1].lines)
            else:
                assert told in wires


def labels(layout: Layout) -> Iterator[Label]:
    yield layout.title
    yield from (lane.heading for lane in layout.lanes)
    for card in layout.cards:
        yield card.name
        yield from (label for row in card.rows for label in row.labels)
    for rail in layout.rails:
        yield from rail.labels
        yield from (name for station in rail.stations for name in station.names)


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def within(inner: Box, outer: Box, margin: float = 0) -> bool:
    return (
        outer.x + margin <= inner.x + 1e-6
        and inner.right <= outer.right - margin + 1e-6
        and outer.y <= inner.y
        and inner.bottom <= outer.bottom
    )


def segments(wire: Wire) -> Iterator[Box]:
    """The straight pieces of a wire, as boxes without breadth."""
    for (x, y), (next_x, next_y) in pairwise(wire.points):
        assert x == next_x or y == next_y, "wires run straight"
        yield Box(min(x, next_x), min(y, next_y), abs(next_x - x), abs(next_y - y))


def assert_legible(layout: Layout) -> None:
    """Nothing lies on anything else, every text has its room, every wire joins two cards and can be followed."""
    page = Box(0, 0, layout.width, layout.height)
    boxes = [card.box for card in layout.cards]
    assert all(within(box, page) for box in boxes)
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    texts = list(labels(layout))
    assert all(within(text.box, page) for text in texts)
    assert all(apart(one.box, other.box) for one, other in combinations(texts, 2))
    for card in layout.cards:
        own = [card.name, *(label for row in card.rows for label in row.labels)]
        assert all(within(label.box, card.box, PAD) for label in own)
        assert all(apart(label.box, card.box) for label in texts if label not in own)
    for lane in layout.lanes:
        assert within(lane.heading.box, lane.box, PAD)
    assert all(apart(one.box, other.box) for one, other in combinations(layout.lanes, 2))
    outside = [layout.title, *(lane.heading for lane in layout.lanes)]
    outside += [label for rail in layout.rails for label in rail.labels]
    outside += [name for rail in layout.rails for station in rail.stations for name in station.names]
    lines = [piece for wire in layout.wires for piece in segments(wire)]
    lines += [Box(rail.stations[0].x, rail.y, rail.end - rail.stations[0].x, 0) for rail in layout.rails]
    for line in lines:
        assert all(apart(line, box) for box in boxes), "a line runs through a card"
        assert all(apart(line, label.box) for label in outside), "a line runs through a text"
        assert within(line, page)
    assert_wires_end_at_their_cards(layout)
    assert_wires_can_be_told_apart(layout)


def assert_wires_end_at_their_cards(layout: Layout) -> None:
    cards = {card.state: card.box for card in layout.cards}
    for wire in layout.wires:
        for (x, y), state in ((wire.points[0], wire.source), (wire.points[-1], wire.target)):
            box = cards[state]
            at_side = (x in {box.x, box.right}) and box.y < y < box.bottom
            at_edge = (y in {box.y, box.bottom}) and box.x < x < box.right
            assert at_side or at_edge
    for rail in layout.rails:
        box = cards[rail.outcome]
        assert rail.end == box.x
        assert box.y < rail.y


def assert_wires_can_be_told_apart(layout: Layout) -> None:
    """Two wires run on each other only where they leave one transition or enter one card."""
    for one, other in combinations(layout.wires, 2):
        if one.target == other.target or (one.source, one.transition) == (other.source, other.transition):
            continue
        for mine, yours in product(segments(one), segments(other)):
            flat = mine.height == yours.height == 0 and abs(mine.y - yours.y) < APART
            steep = mine.width == yours.width == 0 and abs(mine.x - yours.x) < APART
            assert not (flat and mine.x < yours.right and yours.x < mine.right)
            assert not (steep and mine.y < yours.bottom and yours.y < mine.bottom)


@pytest.mark.parametrize(("lifecycle", "locale"), ALL)
def test_every_state_and_every_transition_appears(lifecycle: Lifecycle, locale: str) -> None:
    assert_complete(lifecycle, arrange(lifecycle, locale), locale)


@pytest.mark.parametrize(("lifecycle", "locale"), ALL)
def test_nothing_lies_on_anything_else(lifecycle: Lifecycle, locale: str) -> None:
    assert_legible(arrange(lifecycle, locale))


@given(lifecycle=lifecycles(), locale=st.sampled_from(LOCALES))
def test_so_it_is_with_lifecycles_that_nobody_would_write(lifecycle: Lifecycle, locale: str) -> None:
    layout = arrange(lifecycle, locale)
    assert_complete(lifecycle, layout, locale)
    assert_legible(layout)
    parsed(svg(lifecycle, locale))


# --- the shape of the picture -----------------------------------------------------------------------------------------


def shipped(key: str) -> Lifecycle:
    return next(one for one in SHIPPED if one.key == key)


def test_stages_are_lanes_from_left_to_right_and_outcomes_stand_at_the_end() -> None:
    lifecycle = shipped("idea-to-project")
    layout = arrange(lifecycle, "de")
    assert [" ".join(lane.heading.lines) for lane in layout.lanes] == [
        *(stage.label.de for stage in lifecycle.stages.values()),
        "Ergebnisse",
    ]
    lefts = [lane.box.x for lane in layout.lanes]
    assert lefts == sorted(lefts)
    for card in layout.cards:
        stage = lifecycle.states[card.state].stage
        lane = layout.lanes[list(lifecycle.stages).index(stage) if stage else -1]
        assert within(card.box, lane.box, PAD)


def test_the_shipped_way_fits_a_screen_of_1440_px() -> None:
    layout = arrange(shipped("idea-to-project"), "de")
    assert layout.width <= 1440
    assert layout.height <= 1100


def test_what_many_states_share_is_a_rail_and_what_few_lead_to_stands_beside_them() -> None:
    layout = arrange(shipped("idea-to-project"), "de")
    rails = {rail.transition: [state for one in rail.stations for state in one.states] for rail in layout.rails}
    assert rails["reject"] == list(shipped("idea-to-project").transitions["reject"].sources)
    assert "finish" not in rails
    assert any(wire.transition == "finish" for wire in layout.wires)


def test_without_stages_a_state_stands_right_of_those_before_it() -> None:
    purchase = next(one for one in OTHERS if one.key == "purchase")
    layout = arrange(purchase, "en")
    x = {card.state: card.box.x for card in layout.cards}
    assert x["requested"] < x["at_finance"] == x["in_clarification"] < x["ordered"] < x["received"] == x["refused"]
    assert not layout.lanes


def test_a_move_back_to_the_origin_leads_to_every_state_it_may_have_come_from() -> None:
    back = [move for move in moves(shipped("idea-to-project")) if move.transition.key == "answer"]
    assert [move.targets for move in back] == [("submitted", "in_review")]


def test_long_labels_widen_the_cards_instead_of_leaving_them() -> None:
    endless = Text("Grundstücksverkehrsgenehmigungszuständigkeitsübertragung", "W" * 60)
    lifecycle = shipped("idea-to-project")
    states = {key: replace(state, label=endless) for key, state in lifecycle.states.items()}
    for locale in LOCALES:
        assert_legible(arrange(replace(lifecycle, states=states), locale))


# --- SVG --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lifecycle", "locale"), ALL)
def test_the_svg_is_well_formed_and_says_what_it_is(lifecycle: Lifecycle, locale: str) -> None:
    root = parsed(svg(lifecycle, locale))
    layout = arrange(lifecycle, locale)
    assert root.tag == f"{SVG}svg"
    assert (root.get("role"), root.get("lang")) == ("img", locale)
    assert (root.get("width"), root.get("height")) == (str(layout.width), str(layout.height))
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert title.text == lifecycle.label[locale]
    assert words.text == described(lifecycle, locale)
    assert (title.get("id"), words.get("id")) == (root.get("aria-labelledby"), root.get("aria-describedby"))
    drawn = [element.text for element in root.iter(f"{SVG}text")]
    assert drawn.count(None) == 0
    assert sorted(map(str, drawn)) == sorted(line for label in labels(layout) for line in label.lines)


def test_the_svg_needs_nothing_from_elsewhere() -> None:
    picture = svg(shipped("idea-to-project"), "de")
    assert not re.search(r"href|url\(|@import|@font-face|<script|<image|<foreignObject", picture)


def test_texts_are_escaped() -> None:
    hostile = Text("<script>\"a\" & 'b'</script>", "]]>")
    lifecycle = shipped("selection-round")
    states = {key: replace(state, label=hostile) for key, state in lifecycle.states.items()}
    for locale in LOCALES:
        root = parsed(svg(replace(lifecycle, label=hostile, states=states), locale))
        assert root.find(f".//{SVG}script") is None
        assert root.findtext(f"{SVG}title") == hostile[locale]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        *((ink, ground, 4.5) for ink in ("ink", "soft") for ground in ("page", "lane", "card")),
        ("ink", "head", 4.5),
        ("end-ink", "end", 4.5),
        *((line, ground, 3) for line in ("wire", "edge") for ground in ("page", "lane", "card")),
    ],
)
def test_contrast_is_sufficient(palette: dict[str, str], ink: str, ground: str, least: float) -> None:
    """WCAG 2.2, 1.4.3 for text and 1.4.11 for what else has to be seen."""
    darker, lighter = sorted((luminance(palette[ink]), luminance(palette[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_the_description_tells_every_move_in_words() -> None:
    words = described(shipped("idea-to-project"), "de").splitlines()
    assert "Rückfrage (Prüfung)" in words
    answer = words.index("Rückfrage (Prüfung)") + 1
    assert words[answer] == "– Antworten → Eingegangen (Vorprüfung), Fachliche Prüfung"
    assert (
        words[answer + 1]
        == "– Ohne Antwort weiterprüfen (mit Ablauf der Frist) → Eingegangen (Vorprüfung), Fachliche Prüfung"
    )


# --- the committed pictures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lifecycle", SHIPPED, ids=lambda one: one.key)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("draw", "ending"), [(svg, "svg"), (mermaid, "mmd")], ids=["svg", "mermaid"])
def test_the_pictures_in_the_documents_are_those_of_the_shipped_files(
    lifecycle: Lifecycle, locale: str, draw: Callable[[Lifecycle, str], str], ending: str
) -> None:
    path = ROOT / "docs/diagrams" / f"{lifecycle.key}.{locale}.{ending}"
    assert path.read_text(encoding="utf-8") == draw(lifecycle, locale), (
        f"Renew it: ideenweg lifecycle diagram config/lifecycles/{lifecycle.key}.yaml"
        f" --locale {locale} --format {draw.__name__} > {path.relative_to(ROOT)}"
    )


# --- Mermaid ----------------------------------------------------------------------------------------------------------

NODE = r"s_[\w-]+"
LABEL = r'"(?:[^"#]|#\d+;)+"'
LINES = re.compile(
    "|".join(
        [
            r"flowchart LR",
            r"  accTitle: .+",
            rf"  start\(\( \)\) --> {NODE}",
            rf"  subgraph gs_[\w-]+\[{LABEL}\]",
            r"  end",
            rf" {{2,4}}{NODE}(\({LABEL}\)|\(\[{LABEL}\]\))",
            rf"  {NODE}( & {NODE})* -->\|{LABEL}\| {NODE}( & {NODE})*",
        ]
    )
)


@pytest.mark.parametrize(("lifecycle", "locale"), ALL)
def test_mermaid_has_every_state_and_every_move(lifecycle: Lifecycle, locale: str) -> None:
    lines = mermaid(lifecycle, locale).splitlines()
    assert all(LINES.fullmatch(line) for line in lines)
    assert sum(line.startswith("  subgraph") for line in lines) == lines.count("  end") == len(lifecycle.stages)
    nodes = [found[1] for line in lines if (found := re.match(rf" +({NODE})\(", line))]
    assert sorted(nodes) == sorted(f"s_{key}" for key in lifecycle.states)
    drawn = set()
    for line in lines:
        if "-->|" in line:
            sources, rest = line.strip().split(" -->|", 1)
            what, targets = rest.rsplit("| ", 1)
            drawn |= {
                (one, what.split(" · ")[0].strip('"'), other)
                for one in sources.split(" & ")
                for other in targets.split(" & ")
            }
    assert drawn == {
        (f"s_{move.source}", move.transition.label[locale], f"s_{target}")
        for move in moves(lifecycle)
        for target in move.targets
    }


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ('Der "Rat"', "Der #34;Rat#34;"),
        ("1. Lesung", "1#46; Lesung"),
        ("- zurück", "#45; zurück"),
        ("a <b> & #c;", "a #60;b#62; #38; #35;c#59;"),
        ("*fett* _kursiv_ `so` $x$", "#42;fett#42; #95;kursiv#95; #96;so#96; #36;x#36;"),
        ("zwei\nZeilen", "zwei Zeilen"),
    ],
)
def test_what_mermaid_would_take_for_a_sign_is_written_by_number(label: str, written: str) -> None:
    lifecycle = shipped("selection-round")
    states = {key: replace(state, label=Text(label, label)) for key, state in lifecycle.states.items()}
    assert f'("{written}")' in mermaid(replace(lifecycle, states=states), "de")
