"""The words of an item, as search finds them and lists sort them: folded alike where they are kept and where they are
asked for.

"Straße", "STRASSE" and "Strasse" are one word, and so are "Bäche" and "Baeche"; what is kept is found by "Bache" as
well, which is what a keyboard without umlauts gives.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from states.record_kinds import Column, RecordKind

WORD = re.compile(r"\w+")
LONGEST = 60
"""Characters of a word that are kept; a longer one is found by its beginning."""

MOST = 500
"""Different words of an item that are kept: what a sheet says first. It bounds what one record writes."""

PART = 5
"""Letters of a part of a long word."""

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class _Unmarked(dict[int, int | None]):
    """For `str.translate`: a mark over or under a letter is left out. Each letter is looked up once a process."""

    def __missing__(self, letter: int) -> int | None:
        found = self[letter] = None if unicodedata.combining(chr(letter)) else letter
        return found


UNMARKED = _Unmarked()


def words(text: str) -> tuple[str, ...]:
    """The words that a question asks for: each once, in their order."""
    return _once(WORD.findall(_plain(_lower(text).translate(GERMAN))))


def kept(texts: Iterable[str]) -> tuple[str, ...]:
    """The words that `texts` are found by. One letter alone finds nothing."""
    found: list[str] = []
    for text in texts:
        lower = _lower(text)
        spelled = lower.translate(GERMAN)
        found += WORD.findall(_plain(spelled))
        if spelled != lower:
            found += WORD.findall(_plain(lower))
    return tuple(word for word in _once(found) if len(word) > 1)[:MOST]


def searchable(kind: RecordKind, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of a sheet: of its title, and of the texts that everybody may read and that name nobody."""
    return kept(texts_of(kind, data))


def texts_of(kind: RecordKind, data: Mapping[str, Any]) -> list[str]:
    """The texts whose words these are, in the order of the file."""
    texts = []
    for key, field in kind.fields.items():
        free = field.schema.get("type") == "string" and "enum" not in field.schema
        plain = field.schema.get("format", "text") == "text"
        told = field.sets is Column.TITLE or (kind.read.public and field.public and not field.personal)
        if free and plain and told and isinstance(data.get(key), str):
            texts.append(data[key])
    return texts


def with_parts(found: Iterable[str]) -> str:
    """Words with the parts of the long ones: "Trinkbrunnen" is like "Brunnen", and "Brunnens" as well.

    German makes its words out of others; a stemmer does not take them apart. Five letters in a row mostly do.
    """
    return " ".join(dict.fromkeys(piece for word in found for piece in (word, *parts(word))))


def parts(word: str) -> tuple[str, ...]:
    """Every PART letters in a row of a word that is longer."""
    return tuple(word[place : place + PART] for place in range(len(word) - PART + 1)) if len(word) > PART + 1 else ()


def sort_key(title: str) -> str:
    """What a title is sorted by: DIN 5007-1, an umlaut as its vowel, and nothing but words."""
    return " ".join(WORD.findall(_plain(_lower(title))))[: 2 * LONGEST]


def _lower(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _plain(text: str) -> str:
    """Without the marks over and under letters."""
    return text if text.isascii() else unicodedata.normalize("NFD", text).translate(UNMARKED)


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word[:LONGEST] for word in found))
