"""Numbers and days as people type them: `1.250,50`, `9.6.2026`."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_STORED = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_MONTH = re.compile(r"(\d{1,2})[./](\d{4})")

LONGEST = 30
"""Characters of a number that is read; no longer one can be kept exactly."""


def number(text: str, locale: str) -> int | float | str:
    """The number that `text` means in `locale`; the text itself where it is none.

    A separator that cannot group thousands is taken for the decimal one: `12.5` is no other number in German.
    """
    group, decimal = (".", ",") if locale == "de" else (",", ".")
    bare = _BLANKS.sub("", text).replace("−", "-").removesuffix("€").removesuffix("%")
    if re.fullmatch(rf"[+-]?[0-9]{{1,3}}(\{group}[0-9]{{3}})+(\{decimal}[0-9]+)?", bare):
        bare = bare.replace(group, "")
    elif re.fullmatch(rf"[+-]?[0-9]+\{group}[0-9]+", bare):
        decimal = group
    if len(bare) > LONGEST or not re.fullmatch(rf"[+-]?[0-9]+(\{decimal}[0-9]+)?", bare):
        return text
    value = float(bare.replace(decimal, "."))
    return int(bare.split(decimal)[0]) if value.is_integer() else value


def shown(value: float, locale: str) -> str:
    """The number as it stands in a box: no grouping, the decimal sign of the locale."""
    text = repr(value) if isinstance(value, float) else str(value)
    return text.replace(".", ",") if locale == "de" else text


def day_shown(text: str, locale: str) -> str:
    """2026-06-09 as people type it in `locale`: `9.6.2026`; 2026-06 as `6.2026`; anything else as it is."""
    parts = text.split("-")
    if locale != "de" or not _STORED.fullmatch(text):
        return text
    return ".".join(str(int(part)) for part in reversed(parts))


def day(text: str) -> str:
    """`9.6.2026` as 2026-06-09, `6.2026` as 2026-06; anything else as it is."""
    if found := _DAY.fullmatch(text):
        of_month, month, year = found.groups()
        return f"{year}-{int(month):02}-{int(of_month):02}"
    if found := _MONTH.fullmatch(text):
        month, year = found.groups()
        return f"{year}-{int(month):02}"
    return text
