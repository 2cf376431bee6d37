"""What browsers keep. The files under static/: for ever what is marked with its content, the rest for an hour."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


def kept_already(request: Request, mark: str) -> bool:
    """Whether whoever asks has what carries that ETag (RFC 9110 §13.1.2), so that it need not be sent."""
    return mark in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]


class Files(StaticFiles):
    """Files whose address says `?v=…` (site.asset) never change under that address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = FOR_EVER if b"v=" in scope["query_string"] else AN_HOUR
        return response
