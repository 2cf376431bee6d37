"""Why a move is not possible now: a code, what it is about, and a sentence that says who can remove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.sentences import Text, worded


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason against a move. `text` has the sentence in both languages; `message` is the English one.

    `params` are the facts of the sentence, as plain JSON values: what is missing, how many, who can bring it.
    """

    code: str
    text: Text
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        return self.text["en"]

    def in_locale(self, locale: str) -> str:
        """The sentence in `locale`; German for "de…", else English."""
        return self.text[locale]


def blocker(code: str, de: str, en: str, **params: Any) -> Blocker:
    """A blocker from sentence templates with `{name}` for each parameter.

    A parameter that is a `Text` (a label) reads in the language of the sentence; a list of them is joined with commas.
    In `params` of the result labels are kept as {"de": …, "en": …}.
    """
    return Blocker(
        code,
        Text(
            de.format(**{name: worded(value, "de") for name, value in params.items()}),
            en.format(**{name: worded(value, "en") for name, value in params.items()}),
        ),
        {name: _plain(value) for name, value in params.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"de": value.de, "en": value.en}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
