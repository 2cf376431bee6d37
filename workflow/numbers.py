"""How items are numbered: `2026-0147` is the 147th of its year."""

from __future__ import annotations

import re

ITEMS_A_YEAR = 10_000_000
"""An item's ordinal is year * ITEMS_A_YEAR + its running number: numbers sort by it."""

NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,7}")


def numbered(year: int, running: int) -> str:
    """`2026-0147`."""
    return f"{year}-{running:04d}"


def ordinal(year: int, running: int) -> int:
    """What that number sorts by."""
    return year * ITEMS_A_YEAR + running


def ordinal_of(number: str) -> int:
    """The ordinal of `2026-0147`. Raises ValueError for a text that is no number."""
    if not NUMBER.fullmatch(number):
        raise ValueError(f"{number!r} is no number of an item.")
    year, _, running = number.partition("-")
    return ordinal(int(year), int(running))
