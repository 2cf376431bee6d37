"""Whatever a text says, it becomes a lifecycle or a fault whose findings have places: never another error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from states.checks import CHECKS
from states.errors import FileFault
from states.guards import GUARDS
from states.lifecycle import Lifecycle
from states.loader import load_lifecycle, load_programme

GOOD = (Path(__file__).parent / "good.yaml").read_text("utf-8")
LINES = GOOD.splitlines(keepends=True)
KEYS = sorted(set(re.findall(r"\w+(?=:)", GOOD)) | set(GUARDS))
SCRAPS = [
    "origin",
    "7",
    "true",
    "null",
    "-",
    ":",
    "{",
    "}",
    "[",
    "]",
    "{}",
    "*x",
    "&x ",
    "!!x ",
    "'",
    "%",
    "\t",
    "\n",
    " ",
]
VALUES = ["draft", "origin", "clerk", "x", "", "10 days", "on the day", "decision.date"]


def told(text: str) -> Lifecycle | FileFault:
    """What loading comes to; anything but a fault of the file is raised."""
    try:
        return load_lifecycle(text, "f.yaml", notices=(), calendars=())
    except FileFault as fault:
        return fault


def has_places(fault: FileFault, text: str) -> bool:
    """Whether every finding is of a known check and lies within the text."""
    lines = text.count("\n") + 1
    return bool(fault.findings) and all(
        1 <= one.place.line <= lines and one.place.column >= 1 and one.check in CHECKS for one in fault.findings
    )


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """The good file with some lines gone, doubled, moved, cut, or with scraps in them."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "scrap", "cut", "value"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "scrap":
                column = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:column] + draw(st.sampled_from(SCRAPS)) + lines[at][column:]
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))] + "\n"
            case "value":
                lines[at] = f"{lines[at].split(':')[0]}: {draw(st.sampled_from(SCRAPS))}\n"
    return "".join(lines)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def grafted(draw: st.DrawFn, text: str) -> str:
    """The file with something else in the place of one of its values."""
    tree = yaml.safe_load(text)
    here: Any = tree
    while True:
        step = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not here[step] or not isinstance(here[step], (dict, list)) or draw(st.integers(0, 2)) == 0:
            here[step] = draw(JSON)
            return json.dumps(tree, default=str)
        here = here[step]


@given(mangled())
def test_a_mangled_file_is_a_lifecycle_or_a_fault_with_places(text: str) -> None:
    result = told(text)

    assert isinstance(result, Lifecycle) or has_places(result, text)


@given(grafted(GOOD))
def test_any_data_in_any_place_is_a_lifecycle_or_a_fault_with_places(text: str) -> None:
    result = told(text)

    assert isinstance(result, Lifecycle) or has_places(result, text)


@given(st.text(st.characters(exclude_characters="\r\x85\u2028\u2029"), max_size=60))
def test_any_text_is_a_fault_with_places(text: str) -> None:
    result = told(text)

    assert isinstance(result, FileFault)
    assert has_places(result, text)


PROGRAMME = """\
programme: towns
version: 1
zone: Europe/Berlin
cities: {north: {label: Nord}}
bodies: {council: {city: north, size: 7}}
offices: {roads: {city: north, email: a@b.example}}
"""


@given(grafted(PROGRAMME))
def test_any_data_in_any_place_of_a_programme_is_a_programme_or_a_fault(text: str) -> None:
    try:
        load_programme(text, "f.yaml")
    except FileFault as fault:
        result = fault
    else:
        return

    assert has_places(result, text)
