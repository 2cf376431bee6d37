"""What the pages say, in one language: their own sentences, and dates and numbers as that language writes them.

The sentences are gettext catalogues, locale/LANGUAGE/AREA.po: the msgid is the key that the pages use, `{name}` in the
text is filled in, and where it depends on a number `n` it has plural forms. How a language counts, and writes dates and
numbers, is the CLDR's to say (Babel).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

FOLDER = Path(__file__).parent / "locale"

WRITTEN = {"de": Locale("de", "DE"), "en": Locale("en", "GB")}
"""The language of a page -> the country whose dates and numbers it writes."""

PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")

Forms = tuple[str, ...]
"""A sentence; of one that depends on a number, the forms in the order of CLDR's plural categories: one, other."""


@cache
def sentences(locale: str) -> Mapping[str, Forms]:
    """Every sentence of the pages in a language, by its key."""
    found: dict[str, Forms] = {}
    for path in sorted((FOLDER / locale).glob("*.po")):
        found |= catalogue(path)
    return found


def catalogue(path: Path) -> dict[str, Forms]:
    """The sentences of one area."""
    with path.open("rb") as file:
        messages = read_po(file, locale=path.parent.name, abort_invalid=True)
    found: dict[str, Forms] = {}
    for message in messages:
        if not message.id:  # the header
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        said = message.string or ""
        found[key] = (said,) if isinstance(said, str) else tuple(said)
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """How things are said in `locale`. `zone`: where the programme is, and its days begin and end."""

    locale: str
    zone: ZoneInfo

    def __call__(self, key: str, **params: Any) -> str:
        """The sentence `key`. A number among the parameters reads as the language writes it."""
        if not params:
            return _plain(self.locale, key)
        forms = sentences(self.locale)[key]
        form = forms[0 if self._cldr.plural_form(params["n"]) == "one" else 1] if len(forms) > 1 else forms[0]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in params.items()}
        return form.format(**shown)

    def day(self, moment: date | datetime) -> str:
        """`9. Juni 2026`, `9 June 2026`; of an aware moment, the day it was where the programme is."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self.zone).date()
        return _day(self.locale, moment)

    def moment(self, moment: datetime) -> str:
        """`9. Juni 2026, 14:05`: an aware moment as the clocks showed it where the programme is."""
        there = moment.astimezone(self.zone)
        return f"{_day(self.locale, there.date())}, {_time(self.locale, there.time().replace(second=0, microsecond=0))}"

    def partial_day(self, text: str) -> str:
        """A day, month or year as exact as it is known: `2023-02` reads `Februar 2023`; anything else as it is."""
        if not (found := PARTIAL.fullmatch(text)):
            return text
        year, month, day = found.groups()
        if day:
            return self.day(date(int(year), int(month), int(day)))
        return format_skeleton("yMMMM", date(int(year), int(month), 1), locale=self._cldr) if month else year

    def number(self, value: float) -> str:
        """`1.250,5`, `1,250.5`; a whole number without a fraction."""
        return _number(self.locale, value)

    def yes_or_no(self, value: bool) -> str:
        return self("yes" if value else "no")

    def listed(self, parts: Sequence[str]) -> str:
        """`a, b und c`."""
        return format_list(parts, locale=self._cldr)

    @property
    def _cldr(self) -> Locale:
        return WRITTEN[self.locale]


# Babel reads its patterns anew for every value, and a list says the same few days and numbers in each of its rows.


@cache
def _plain(locale: str, key: str) -> str:
    """A sentence that nothing is filled into."""
    return sentences(locale)[key][0].format()


@lru_cache(maxsize=4096)
def _day(locale: str, day: date) -> str:
    return format_date(day, "long", locale=WRITTEN[locale])


@lru_cache(maxsize=1440)
def _time(locale: str, minute: clock) -> str:
    return format_time(minute, "short", locale=WRITTEN[locale])


@lru_cache(maxsize=4096)
def _number(locale: str, value: float) -> str:
    return format_decimal(value, "#,##0.##", locale=WRITTEN[locale])
