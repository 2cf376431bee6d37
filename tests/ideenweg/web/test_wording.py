"""The sentences of the pages, and dates and numbers as each language writes them."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import ideenweg.web
from ideenweg.web.language import LANGUAGES
from ideenweg.web.wording import Wording, sentences

WEB = Path(ideenweg.web.__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")
GERMAN, ENGLISH = Wording("de", BERLIN), Wording("en", BERLIN)

BUILT = {
    *(f"{kind}_{part}" for kind in ("not_found", "method", "host", "fault", "busy") for part in ("title", "text")),
    *(f"way_{mark}" for mark in ("done", "here", "ended", "open")),
    *(f"filter_{name}" for name in ("stage", "state", "field", "city")),
    *(f"language_{language}" for language in LANGUAGES),
}
"""Keys that the pages put together."""


def sources() -> str:
    return "".join(path.read_text() for pattern in ("**/*.py", "templates/*.html") for path in WEB.glob(pattern))


def test_every_sentence_is_there_in_both_languages_with_the_same_parameters() -> None:
    for key, sentence in sentences().items():
        assert set(sentence) == set(LANGUAGES), key
        names = []
        for text in sentence.values():
            assert not isinstance(text, dict) or set(text) == {"one", "many"}, key
            whole = " ".join(text.values()) if isinstance(text, dict) else text
            names.append({name for _, name, _, _ in string.Formatter().parse(whole) if name})
        assert names[0] == names[1], key


def test_every_sentence_is_said_somewhere_and_none_is_missing() -> None:
    text = sources()
    said = set(re.findall(r"""["']([a-z_]+)["']""", text)) & sentences().keys()
    asked = set(re.findall(r"""\bsay\(["']([a-z_]+)["'][,)]""", text))
    assert asked - sentences().keys() == set()
    assert BUILT - sentences().keys() == set()
    assert sentences().keys() - said - BUILT == set()


def test_one_and_many_are_told_apart() -> None:
    assert [ENGLISH("found", n=n) for n in (0, 1, 2)] == ["0 ideas found", "1 idea found", "2 ideas found"]
    assert GERMAN("found", n=1234) == "1.234 Ideen gefunden"


@pytest.mark.parametrize(
    ("moment", "german", "english"),
    [
        (date(2026, 3, 1), "1. März 2026", "1 March 2026"),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "31. Dezember 2026", "31 December 2026"),
        (datetime(2026, 12, 31, 23, 1, tzinfo=UTC), "1. Januar 2027", "1 January 2027"),
    ],
)
def test_a_moment_is_the_day_it_is_where_the_programme_is(moment: date, german: str, english: str) -> None:
    assert (GERMAN.day(moment), ENGLISH.day(moment)) == (german, english)


@pytest.mark.parametrize(
    ("text", "german"),
    [("2023", "2023"), ("2023-02", "Februar 2023"), ("2023-02-15", "15. Februar 2023"), ("bald", "bald")],
)
def test_a_day_is_told_as_exactly_as_it_is_known(text: str, german: str) -> None:
    assert GERMAN.partial_day(text) == german


@pytest.mark.parametrize(
    ("number", "german", "english"),
    [(0, "0", "0"), (1250, "1.250", "1,250"), (91.5, "91,5", "91.5"), (1234567.25, "1.234.567,25", "1,234,567.25")],
)
def test_numbers_are_written_as_the_language_writes_them(number: float, german: str, english: str) -> None:
    assert (GERMAN.number(number), ENGLISH.number(number)) == (german, english)


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a und b"), (["a", "b", "c"], "a, b und c")]
)
def test_a_list_has_an_and_before_its_last(parts: list[str], said: str) -> None:
    assert GERMAN.listed(parts) == said
