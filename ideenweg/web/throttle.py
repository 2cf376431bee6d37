"""How often one address or person may do what all may do: kept in the memory of the process, for the window alone.

Each of several processes lets as much through. The numbers leave room for a house that shares one address; where only
this machine reaches the pages, nothing but Throttle counts.
"""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ideenweg.web.visitor import Visitor

FORMS = RateLimitItemPerMinute(1000, 10, namespace="forms")
"""Forms sent, by person; by address where nobody is signed in: all staff of a house sign in within minutes."""

SEARCHES = RateLimitItemPerMinute(600, 10, namespace="searches")
"""Searches for words, likewise."""


class Counter:
    """Counts in this process's memory."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, limit: RateLimitItem, *key: str) -> int:
        """Seconds until `key` may come again; 0: it may come now, and is counted."""
        if self._limiter.hit(limit, *key):
            return 0
        return max(1, round(self._limiter.get_window_stats(limit, *key).reset_time - time.time()))

    def count(self, limit: RateLimitItem, *key: str) -> None:
        """Count one more of `key`. Raises HTTPException 429 where that is too many."""
        if seconds := self.wait(limit, *key):
            raise HTTPException(429, headers={"Retry-After": str(seconds)})


class Throttle:
    """Lets an address do something so many times an hour."""

    def __init__(self, what: str, an_hour: int) -> None:
        self._limit = RateLimitItemPerHour(an_hour, namespace=what)
        self._counter = Counter()

    def count(self, request: Request) -> None:
        """Count one more of whoever asks. Raises HTTPException 429 where that is too many."""
        self._counter.count(self._limit, network_of(client_of(request)))


class Pace:
    """What holds for every page, beside what single ones count."""

    def __init__(self) -> None:
        self._counter = Counter()

    def count(self, request: Request, visitor: Visitor) -> None:
        """Count a form or a search. Raises HTTPException 429 where that is too many."""
        if request.method == "POST":
            limit = FORMS
        elif request.query_params.get("q"):
            limit = SEARCHES
        else:
            return
        self._counter.count(limit, visitor.person or network_of(client_of(request)))


def client_of(request: Request) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else ""


def network_of(address: str) -> str:
    """What is counted as one: an address, and of IPv6 the 64 bits that a single house is given (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
