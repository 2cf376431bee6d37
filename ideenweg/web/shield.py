"""What stands around every answer: security headers, hosts this program answers for, a page for its own faults."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",  # data: for the icons that KERN-UX keeps in its style sheet
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

YEAR = 365 * 24 * 60 * 60


class Shield:
    """The outermost layer. What goes wrong within is logged with its trace, and told without it.

    hosts: the names that this program is reached by, without a port. A page that asks for another one is somebody's who
    lets a name of theirs point to this machine (DNS rebinding). secure: the pages are reached by https alone.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        secure: bool,
        refuse: Callable[[Request], Awaitable[Response]],
        apologise: Callable[[Request], Awaitable[Response]],
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.headers = HEADERS | ({"Strict-Transport-Security": f"max-age={YEAR}; includeSubDomains"} if secure else {})
        self.refuse = refuse
        self.apologise = apologise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        # A watchman may ask by the machine's bare address; what he is told is no secret.
        watched = scope["path"].startswith("/health/")
        if not watched and host_of(Headers(scope=scope).get("host", "")) not in self.hosts:
            await (await self.refuse(request))(scope, receive, guarded)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception:
            if begun:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            await (await self.apologise(request))(scope, receive, guarded)


def host_of(header: str) -> str:
    """The name in a Host header, without its port, in lower case: `localhost`, `[::1]`."""
    name, _, port = header.lower().rpartition(":")
    return name if name and (port.isdigit() or not port) else header.lower()
