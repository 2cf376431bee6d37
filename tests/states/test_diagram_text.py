"""Texts are measured and broken into lines without a font."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.diagram_text import pieces, width, wrap


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("Ohne eigenen Gremienbeschluss beauftragen", 140, ("Ohne eigenen", "Gremienbeschluss", "beauftragen")),
        ("Beschlüsse beider Räte liegen vor", 170, ("Beschlüsse beider", "Räte liegen vor")),
        ("Beratungs-/Beschlusslauf", 90, ("Beratungs-/", "Beschlusslauf")),
        ("Donaudampfschifffahrt", 20, ("Donaudampfschifffahrt",)),
        ("", 100, ("",)),
    ],
)
def test_lines_break_between_words_and_are_about_equally_long(text: str, room: float, lines: tuple[str, ...]) -> None:
    assert wrap(text, 12.5, room) == lines


@given(text=st.text(string.ascii_letters + " -/äöü", max_size=60), room=st.floats(20, 400))
def test_wrapping_loses_no_letter_and_keeps_to_the_room(text: str, room: float) -> None:
    lines = wrap(text, 12, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, 12) <= room or len(pieces(line)) <= 1 for line in lines)


def test_widths_are_those_of_helvetica() -> None:
    assert width("Abc", 1000) == 667 + 556 + 500
    assert width("ä", 1000) == width("a", 1000)
    assert width("字", 1000) == 1000
    assert width("Abc", 10, bold=True) > width("Abc", 10)
