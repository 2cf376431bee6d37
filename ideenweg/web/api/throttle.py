"""How often somebody may call: enough for any program that means well, and an end to one that runs in a circle."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

TOKEN = RateLimitItemPerMinute(1200)
"""Calls with a token, by token."""

ADDRESS = RateLimitItemPerMinute(300)
"""Calls without a good one, by network address: a city's whole house may share one."""


@dataclass(frozen=True)
class Throttle:
    """Counts in this process's memory: of several processes each lets as much through."""

    token: RateLimitItem = TOKEN
    address: RateLimitItem = ADDRESS
    _limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def wait_with_token(self, key: str) -> int:
        """Seconds until a call with the token of that id may come again; 0: it may come now, and is counted."""
        return self._wait(self.token, "token", key)

    def wait_from(self, address: str) -> int:
        """The same for a call without a good token."""
        return self._wait(self.address, "address", address)

    def _wait(self, limit: RateLimitItem, *key: str) -> int:
        if self._limiter.hit(limit, *key):
            return 0
        reset = self._limiter.get_window_stats(limit, *key).reset_time
        return max(1, round(reset - time.time()))
