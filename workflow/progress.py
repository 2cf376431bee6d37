"""How long work tells whoever waits how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""(what, done, total), called now and then; for a progress bar."""


def silent(what: str, done: int, total: int) -> None:
    """For whoever does not want to know."""
