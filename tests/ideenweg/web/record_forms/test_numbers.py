"""Numbers and days as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideenweg.web.record_forms.numbers import day, day_shown, number, shown


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("12,5", "de", 12.5),
        ("1.250", "de", 1250),
        ("1.250,50", "de", 1250.5),
        ("12.5", "de", 12.5),
        ("1 250 000 €", "de", 1250000),
        ("−3", "de", -3),
        ("65 %", "de", 65),
        ("12.50", "en", 12.5),
        ("1,250.5", "en", 1250.5),
        ("1,250", "en", 1250),
        ("3,00", "de", 3),
        ("1.25.3", "de", "1.25.3"),
        ("1,2,3", "de", "1,2,3"),
        ("zehn", "de", "zehn"),
        ("1e5", "de", "1e5"),
        ("²", "de", "²"),
        ("9" * 40, "de", "9" * 40),
    ],
)
def test_a_number_is_read_as_the_language_writes_it(text: str, locale: str, value: object) -> None:
    read = number(text, locale)
    assert (read, type(read)) == (value, type(value))


@given(
    st.one_of(st.integers(-(10**15), 10**15), st.decimals(-10000, 10000, places=3).map(float)),
    st.sampled_from(["de", "en"]),
)
def test_a_number_that_is_shown_reads_as_itself(value: float, locale: str) -> None:
    assert number(shown(value, locale), locale) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("9.6.2026", "2026-06-09"), ("09. 06. 2026", "2026-06-09"), ("6.2026", "2026-06"), ("2026-06-09", "2026-06-09"),
     ("2026", "2026"), ("bald", "bald")],
)  # fmt: skip
def test_a_day_is_read_as_germans_write_it(text: str, value: str) -> None:
    assert day(text) == value
    assert day(day_shown(value, "de")) == value
    assert day_shown(value, "en") == value


@pytest.mark.parametrize(
    ("value", "text"), [("2026-06-09", "9.6.2026"), ("2026-06", "6.2026"), ("2026", "2026"), ("bald", "bald")]
)
def test_a_day_is_shown_as_germans_write_it(value: str, text: str) -> None:
    assert day_shown(value, "de") == text
