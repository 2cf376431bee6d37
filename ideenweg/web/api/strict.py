"""Reads what was sent as strictly as what is kept of it: one way to read it, and nothing that cannot be stored exactly.

The reader of the standard library takes NaN, a key twice, halves of characters and any depth. Two readers that take
those differently are how things slip past a check (RFC 8259 §4, §8.2; I-JSON, RFC 7493 §2).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Sequence
from email.message import Message
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from fastapi.routing import APIRoute

from ideenweg.web.api.caller import NO_TOKEN, unauthenticated
from ideenweg.web.api.problems import Problem
from states.sentences import Sentence
from states.validation import EXACT, storable

LARGEST_BODY = 1024 * 1024
"""Bytes of a body."""

DEEPEST = 32
"""Levels of lists and objects within each other."""


class StrictRequest(Request):
    """A request whose body is read once, up to its limit, and as JSON that means one thing."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            length = self.headers.get("content-length", "0")
            if length.isdigit() and int(length[:20]) > LARGEST_BODY:
                raise _too_large()
            parts, size = [], 0
            async for part in self.stream():
                size += len(part)
                if size > LARGEST_BODY:
                    raise _too_large()
                parts.append(part)
            self._body = b"".join(parts)
        return self._body

    async def json(self) -> Any:
        return read(await self.body())


class StrictRoute(APIRoute):
    """A route that looks at address and body before anything is made of them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def strictly(request: Request) -> Response:
            _check_address(request)
            if takes_body:
                if "authorization" not in request.headers:
                    raise unauthenticated(NO_TOKEN)
                _check_type(request.headers.get("content-type"))
                request = StrictRequest(request.scope, request.receive)
            return await handle(request)

        return strictly


TOO_DEEP = Sentence(
    f"Der Inhalt ist tiefer verschachtelt als {DEEPEST} Ebenen.", f"The body is nested deeper than {DEEPEST} levels."
)


def read(body: bytes) -> Any:
    """The JSON value in `body`. Raises Problem 400 that says what is wrong."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite, parse_int=_exact
        )
    except UnicodeDecodeError:
        raise _bad(Sentence("Der Inhalt ist kein Text in UTF-8.", "The body is not UTF-8 text.")) from None
    except json.JSONDecodeError as error:
        raise _bad(
            Sentence(
                f"Der Inhalt ist kein JSON: {error.msg} in Zeile {error.lineno}, Spalte {error.colno}.",
                f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            )
        ) from None
    except RecursionError:
        raise _bad(TOO_DEEP) from None
    _check_value(value)
    return value


def _check_value(value: Any) -> None:
    """Not by recursion: what is nested too deeply must be told, not fallen over."""
    level = [value]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                for key in one:
                    _check_text(key)
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return
        level = inner
    raise _bad(TOO_DEEP)


def _check_text(text: str) -> None:
    if not storable(text):
        raise _bad(
            Sentence(
                "Ein Text enthält ein Zeichen, das keines ist: NUL oder ein halbes Surrogatpaar.",
                "A text holds a character that is none: NUL, or half of a surrogate pair.",
            )
        )


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _bad(Sentence("Ein Schlüssel steht zweimal in einem Objekt.", "A key stands twice in one object."))
    return found


def _no_constant(name: str) -> float:
    raise _bad(Sentence(f"{name} ist keine Zahl in JSON.", f"{name} is no JSON number."))


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise _bad(Sentence("Eine Zahl ist zu groß.", "A number is too large."))
    return number


def _exact(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > EXACT:
        raise _bad(
            Sentence(
                "Eine ganze Zahl ist größer, als JSON sie überall genau behält (2^53 - 1).",
                "A whole number is larger than every JSON reader keeps exactly (2^53 - 1).",
            )
        )
    return number


def _check_address(request: Request) -> None:
    """Raises Problem for an address that no text can come from: a database would stumble over it."""
    if b"\0" in unquote_to_bytes(request.scope["query_string"]):
        raise _bad(
            Sentence("Die Adresse enthält ein Zeichen, das keines ist.", "The address holds a character that is none.")
        )
    try:
        unquote_to_bytes(request.scope["query_string"].replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise _bad(Sentence("Die Adresse ist kein Text in UTF-8.", "The address is not UTF-8 text.")) from None


def _check_type(header: str | None) -> None:
    message = Message()
    message["content-type"] = header or ""
    charset = message.get_content_charset("utf-8")
    if header is None or message.get_content_type() != "application/json" or charset not in ("utf-8", "us-ascii"):
        raise Problem(
            "unsupported_media_type",
            Sentence(
                "Senden Sie JSON in UTF-8, mit der Kopfzeile Content-Type: application/json.",
                "Send JSON in UTF-8, with the header Content-Type: application/json.",
            ),
            headers={"Accept-Post": "application/json"},
        )


def _bad(detail: Sentence) -> Problem:
    return Problem("bad_request", detail)


def _too_large() -> Problem:
    detail = Sentence(
        f"Der Inhalt ist größer als {LARGEST_BODY} Bytes.", f"The body is larger than {LARGEST_BODY} bytes."
    )
    return Problem("too_large", detail, headers={"Connection": "close"})
