"""The sentences of the pages, and dates and numbers as each language writes them."""

from __future__ import annotations

import re
import string
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import ideenweg.web
from ideenweg.web.language import LANGUAGES
from ideenweg.web.wording import FOLDER, Wording, catalogue, sentences

WEB = Path(ideenweg.web.__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")
GERMAN, ENGLISH = Wording("de", BERLIN), Wording("en", BERLIN)

SAID = re.compile(r"""\b(?:say|redirect|flash)\((?:[^"'()]*, )?["']([a-z0-9_]+)["'](?=[,)])""")
"""A key that is said as it stands; of redirect and flash, the sentence for the next page."""
BEGUN = re.compile(r"""["']([a-z0-9_]+_)["'] ?~|f["']([a-z0-9_]+_)\{""")
"""The beginning of a key whose end is put together: `say("way_" ~ mark)`, `say(f"way_{mark}")`."""
ENDED = re.compile(r"""~ ?["'](_[a-z0-9_]+)["']|\}(_[a-z0-9_]+)["']""")
"""The end of one whose beginning is: `say(kind ~ "_title")`."""


@cache
def sources() -> str:
    return "".join(path.read_text() for pattern in ("**/*.py", "templates/**/*.html") for path in WEB.glob(pattern))


def parts(found: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(one or other for one, other in found)


def test_both_languages_have_the_same_areas_and_no_key_is_in_two() -> None:
    areas = {language: {path.stem for path in (FOLDER / language).glob("*.po")} for language in LANGUAGES}
    assert areas["de"] == areas["en"]
    keys = Counter(key for path in (FOLDER / "de").glob("*.po") for key in catalogue(path))
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_sentence_is_there_in_both_languages_with_the_same_parameters() -> None:
    german, english = (sentences(language) for language in ("de", "en"))
    assert german.keys() ^ english.keys() == set()
    for key, forms in german.items():
        assert all(forms), key
        assert all(english[key]), key
        assert len(forms) == len(english[key]), key
        assert parameters(forms) == parameters(english[key]), key


def parameters(forms: tuple[str, ...]) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(" ".join(forms)) if name}


def test_every_sentence_is_said_somewhere_and_none_is_missing() -> None:
    text, known = sources(), sentences("de").keys()
    assert set(SAID.findall(text)) - known == set()
    mentioned = set(re.findall(r"""["']([a-z0-9_]+)["']""", text))
    begun, ended = parts(BEGUN.findall(text)), parts(ENDED.findall(text))
    assert [key for key in known - mentioned if not key.startswith(begun) and not key.endswith(ended)] == []


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
