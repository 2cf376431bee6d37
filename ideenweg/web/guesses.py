"""Slows down who guesses: wrong passwords and codes are counted by account and by network address.

Counted in this process alone: with several, each lets as many through. The numbers leave room for that (NIST
SP 800-63B-4 §3.2.2 allows a hundred in a row), and for an office that shares one address.
"""

from __future__ import annotations

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ideenweg.web.throttle import network_of
from workflow.accounts.secret import digest

AN_ACCOUNT = RateLimitItemPerMinute(10, 15)
AN_ADDRESS = RateLimitItemPerMinute(100, 15)
LINKS_AN_ACCOUNT = RateLimitItemPerHour(3)
LINKS_AN_ADDRESS = RateLimitItemPerHour(30)


class Guesses:
    """The counters of one process. Accounts are told apart by digests: nobody's address is kept here."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def may_go_on(self, account: str, address: str) -> bool:
        """Whether another try is looked at. It is not counted yet."""
        return self._window.test(AN_ACCOUNT, digest(account)) and self._window.test(AN_ADDRESS, network_of(address))

    def wrong(self, account: str, address: str) -> None:
        """Count a try that failed."""
        self._window.hit(AN_ACCOUNT, digest(account))
        self._window.hit(AN_ADDRESS, network_of(address))

    def right(self, account: str) -> None:
        """Whoever knows it has not been guessing."""
        self._window.clear(AN_ACCOUNT, digest(account))

    def may_ask_for_link(self, account: str, address: str) -> bool:
        """Whether another mail with a link is sent; it is counted."""
        return self._window.hit(LINKS_AN_ADDRESS, network_of(address)) and self._window.hit(
            LINKS_AN_ACCOUNT, digest(account)
        )
