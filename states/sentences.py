"""Texts in both languages: those that files give, and sentences about faults of files and rows of imports.

A sentence goes wherever a text goes, and is the English one there, as in logs and JSON; who shows it to people asks for
their language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, by locale; `label: Eingang` in a file is the same text in every locale."""

    de: str
    en: str

    def __getitem__(self, locale: str) -> str:
        """The text in `locale` ("de", "de-DE", "en", …); any other locale reads English."""
        return self.de if locale.startswith("de") else self.en


class Sentence(str):
    """The English sentence, with the German one beside it."""

    de: str

    def __new__(cls, de: str, en: str) -> Sentence:
        made = super().__new__(cls, en)
        made.de = de
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str]]:  # for copies: `str` would name itself alone
        return Sentence, (self.de, str(self))


def said(de: str, en: str, **params: Any) -> Sentence:
    """A sentence from templates with `{name}` for each parameter; what has a text in both languages reads in each."""
    return Sentence(
        de.format(**{name: worded(value, "de") for name, value in params.items()}),
        en.format(**{name: worded(value, "en") for name, value in params.items()}),
    )


def in_locale(text: str, locale: str) -> str:
    """The sentence in `locale`; one that has no German text, and any other text, as it is."""
    return text.de if isinstance(text, Sentence) and locale == "de" else str(text)


def worded(value: Any, locale: str) -> Any:
    """A parameter of a sentence in the language of the sentence; a list is joined with commas."""
    if isinstance(value, Text):
        return value[locale]
    if isinstance(value, Sentence):
        return in_locale(value, locale)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(worded(part, locale)) for part in value)
    return value
