"""How often somebody may call: enough for any program that means well, and an end to one that runs in a circle."""

from __future__ import annotations

from dataclasses import dataclass, field

from limits import RateLimitItem, RateLimitItemPerMinute

from ideenweg.web.throttle import Counter, network_of

TOKEN = RateLimitItemPerMinute(1200)
"""Calls with a token, by token."""

ADDRESS = RateLimitItemPerMinute(300)
"""Calls without a good one, by network address: a city's whole house may share one."""


@dataclass(frozen=True)
class Throttle:
    """Counts in this process's memory: of several processes each lets as much through."""

    token: RateLimitItem = TOKEN
    address: RateLimitItem = ADDRESS
    _counter: Counter = field(default_factory=Counter)

    def wait_with_token(self, key: str) -> int:
        """Seconds until a call with the token of that id may come again; 0: it may come now, and is counted."""
        return self._counter.wait(self.token, "token", key)

    def wait_from(self, address: str) -> int:
        """The same for a call without a good token."""
        return self._counter.wait(self.address, "address", network_of(address))
