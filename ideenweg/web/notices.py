"""A sentence for the next page, such as that something was saved: it travels in a signed cookie and is shown once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from workflow import signing

COOKIE = "notice"
PURPOSE = "notice"


@dataclass(frozen=True, slots=True)
class Notice:
    """The key of a sentence, and what is filled in. look: `success`, or `warning` where there is something to check."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    look: str = "success"


def leave(response: Response, keys: Sequence[bytes], notice: Notice, *, secure: bool) -> None:
    """Give the browser `notice` for the next page."""
    text = json.dumps([notice.key, notice.params, notice.look])
    response.set_cookie(COOKIE, signing.sign(keys, PURPOSE, text), secure=secure, httponly=True, samesite="lax")


def left(request: Request, keys: Sequence[bytes]) -> Notice | None:
    """The notice that the browser brings, if we gave it."""
    text = signing.signed(keys, PURPOSE, request.cookies.get(COOKIE, ""))
    return Notice(*json.loads(text)) if text else None
