"""The mark in every form of a signed-in page, by which a form of ours is told from one that another site has made."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from ideenweg.web.forms import form_of
from workflow import signing
from workflow.accounts.sessions import Session

FIELD = "csrf"
HEADER = "x-csrf-token"
PURPOSE = "form"


def mark(keys: Sequence[bytes], session: Session) -> str:
    """The mark of the forms of a session; it stays the same when the session gets another cookie."""
    return signing.mark(keys, PURPOSE, session.id)


def shown(request: Request, keys: Sequence[bytes], session: Session) -> bool:
    """Whether the form, or the header that scripts send, carries the mark of the session."""
    mark = form_of(request).secret(FIELD) or request.headers.get(HEADER, "")
    return signing.marked(keys, PURPOSE, session.id, mark)
