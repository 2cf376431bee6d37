"""The files under static/: a browser keeps what is marked with its content for ever, the rest for an hour."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


class Files(StaticFiles):
    """Files whose address says `?v=…` (site.asset) never change under that address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = FOR_EVER if b"v=" in scope["query_string"] else AN_HOUR
        return response
