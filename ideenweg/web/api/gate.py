"""What is the same for every answer of the API: who may keep it, who may read it from another page, and faults."""

from __future__ import annotations

import logging
from hashlib import sha256

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ideenweg.web.api.problems import language_of, problem_of, response_of

log = logging.getLogger(__name__)

PUBLIC = "public, max-age=60"
"""Of what everybody may see, a copy of a minute's age is good enough."""
PRIVATE = "private, no-cache"
NOT_KEPT = "no-store"


class Gate:
    """Answers HEAD and preflights, marks answers for caches and other origins, and turns faults into problems.

    Any page may read what is public; none of a foreign origin may read what a token opens.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(send)
            return
        answer = _Answer(send, scope["method"], headers)
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        try:
            await self.app(scope, receive, answer.send)
        except Exception as error:
            if answer.begun:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            path = Request(scope).url.path
            problem = response_of(problem_of(error), path, language_of(headers))
            await problem(scope, receive, answer.send)


class _Answer:
    """An answer on its way out. A public one is held back until it is whole, since its ETag is made of it."""

    def __init__(self, send: Send, method: str, headers: Headers) -> None:
        self._out = send
        self._head = method == "HEAD"
        self._public = method in ("GET", "HEAD") and "authorization" not in headers
        self._seen = headers.get("if-none-match", "")
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._mark(message)
            if self._public and message["status"] == 200:
                self._start = message
                return
            self.begun = True
            await self._out(message)
            return
        if message["type"] != "http.response.body":
            await self._out(message)
            return
        if self._start is not None:
            self._parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": await self._whole(self._start)}
            self._start = None
        await self._out({**message, "body": b""} if self._head else message)

    def _mark(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        headers.add_vary_header("Authorization")
        good = message["status"] == 200
        headers.setdefault("Cache-Control", (PUBLIC if self._public else PRIVATE) if good else NOT_KEPT)
        if self._public:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    async def _whole(self, start: Message) -> bytes:
        """Send the start of a public answer that is whole now; the body that follows it."""
        body = b"".join(self._parts)
        mark = f'W/"{sha256(body).hexdigest()[:20]}"'
        headers = MutableHeaders(scope=start)
        headers["ETag"] = mark
        known = self._seen.strip() == "*" or mark in (one.strip() for one in self._seen.split(","))
        if known:
            start = {**start, "status": 304}
            headers = MutableHeaders(scope=start)
            del headers["content-length"]
            del headers["content-type"]
        self.begun = True
        await self._out(start)
        return b"" if known else body


async def _preflight(send: Send) -> None:
    """Any page may read without a token; a browser asks first where it sends `If-None-Match`."""
    headers = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-allow-headers", b"If-None-Match"),
        (b"access-control-max-age", b"86400"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
