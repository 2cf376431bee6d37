"""A form that was sent after its session had ended: kept in the page for signing in, and offered again afterwards.

It is signed, so that nobody makes somebody who signs in send a form of another's making. Files are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from ideenweg.web import csrf
from ideenweg.web.forms import form_of
from workflow import signing

FIELD = "kept"
PURPOSE = "kept form"
MOST = 400_000
"""Characters of a form that is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the form was sent, and what was typed into it. `files`: some were chosen, and have to be chosen again."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: bool


def keep(request: Request, keys: Sequence[bytes]) -> str:
    """What the page for signing in carries; empty for a form that is too large."""
    form = form_of(request)
    fields = [(name, value) for name, values in form.fields.items() for value in values if name != csrf.FIELD]
    text = json.dumps([request.url.path, fields, bool(form.files)])
    return signing.sign(keys, PURPOSE, text) if len(text) <= MOST else ""


def opened(keys: Sequence[bytes], token: str) -> Kept | None:
    """The form that was kept; None for anything that this installation has not signed."""
    text = signing.signed(keys, PURPOSE, token)
    if text is None:
        return None
    path, fields, files = json.loads(text)
    return Kept(path, tuple((name, value) for name, value in fields), files)
