"""Figures that many rows have to be read for: kept for a while, and made anew by one request at a time.

Whoever asks meanwhile sees those from before, and waits only where there are none yet. So they take a small part of the
server's time, however many people look at them and however many items there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")

AT_LEAST = timedelta(minutes=1)
"""How long figures are shown before they are made anew."""

TIMES = 60
"""Where making them took longer than a second: so many times as long."""

MOST = 1000
"""Figures that are kept; behind these the oldest go."""


@dataclass(frozen=True, slots=True)
class _Kept:
    figures: Any
    until: datetime


class Lately:
    """The figures of one installation, in this process's memory."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}
        self._making = Lock()

    def of(self, key: Hashable, now: datetime, make: Callable[[], T]) -> T:
        """What `make` gave for that key not long before the aware moment `now`, or gives. It asks for no others.

        key: everything that the figures depend on, and who may see them.
        """
        found = self._fresh(key, now)
        if found is None:
            before = self._kept.get(key)
            if not self._making.acquire(blocking=before is None) and before is not None:
                return cast(T, before.figures)
            try:
                found = self._fresh(key, now)  # another request may have made them meanwhile
                if found is None:
                    began = time.monotonic()
                    figures = make()
                    took = timedelta(seconds=time.monotonic() - began)
                    found = self._keep(key, _Kept(figures, now + max(AT_LEAST, TIMES * took)))
            finally:
                self._making.release()
        kept: T = found.figures
        return kept

    def _fresh(self, key: Hashable, now: datetime) -> _Kept | None:
        found = self._kept.get(key)
        return found if found is not None and now < found.until else None

    def _keep(self, key: Hashable, one: _Kept) -> _Kept:
        self._kept.pop(key, None)
        self._kept[key] = one
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return one
