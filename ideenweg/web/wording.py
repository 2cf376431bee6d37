"""What the pages say, in one language: their own sentences, and dates and numbers as that language writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml

FILE = Path(__file__).parent / "texts.yaml"

MONTHS = {
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")

Sentence = str | dict[str, str]
"""A sentence with `{name}` for each parameter; with the keys `one` and `many` where it depends on the parameter `n`."""


@cache
def sentences() -> Mapping[str, Mapping[str, Sentence]]:
    """Every sentence of the pages: key -> language -> sentence."""
    return cast(Mapping[str, Mapping[str, Sentence]], yaml.safe_load(FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Wording:
    """How things are said in `locale`. `zone`: where the programme is, and its days begin and end."""

    locale: str
    zone: ZoneInfo

    def __call__(self, key: str, **params: Any) -> str:
        """The sentence `key`. A number among the parameters reads as the language writes it."""
        sentence = sentences()[key][self.locale]
        if isinstance(sentence, dict):
            sentence = sentence["one" if params["n"] == 1 else "many"]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in params.items()}
        return sentence.format(**shown)

    def day(self, moment: date | datetime) -> str:
        """`9. Juni 2026`, `9 June 2026`; of an aware moment, the day it was where the programme is."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self.zone).date()
        month = MONTHS[self.locale][moment.month - 1]
        return f"{moment.day}{'.' if self.locale == 'de' else ''} {month} {moment.year}"

    def partial_day(self, text: str) -> str:
        """A day, month or year as exact as it is known: `2023-02` reads `Februar 2023`; anything else as it is."""
        if not (found := PARTIAL.fullmatch(text)):
            return text
        year, month, day = found.groups()
        if day:
            return self.day(date(int(year), int(month), int(day)))
        return f"{MONTHS[self.locale][int(month) - 1]} {year}" if month else year

    def number(self, value: float) -> str:
        """`1.250,5`, `1,250.5`; a whole number without a fraction."""
        text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")
        return text.translate({ord(","): ".", ord("."): ","}) if self.locale == "de" else text

    def yes_or_no(self, value: bool) -> str:
        return self("yes" if value else "no")

    def listed(self, parts: list[str]) -> str:
        """`a, b und c`."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"
