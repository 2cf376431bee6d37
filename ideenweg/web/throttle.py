"""How often one address may do what everybody may do: kept in the memory of the process, for the window alone."""

from __future__ import annotations

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request


class Throttle:
    """Lets an address do something so many times an hour."""

    def __init__(self, what: str, an_hour: int) -> None:
        self._limit = RateLimitItemPerHour(an_hour, namespace=what)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request) -> None:
        """Count one more of whoever asks. Raises HTTPException 429 where that is too many."""
        if not self._limiter.hit(self._limit, client_of(request)):
            raise HTTPException(429, headers={"Retry-After": "600"})


def client_of(request: Request) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else ""
