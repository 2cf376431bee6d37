"""`/lebenszyklus/{key}`: the way that every item of a kind takes, as a picture and in words."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from states import diagram
from states.lifecycle import Lifecycle
from workflow.transaction import Transaction


def page(request: Request) -> HTMLResponse:
    """The newest version of the lifecycle. Raises NotFound."""
    lifecycle = _newest(request)
    unstaged = [state for state in lifecycle.states.values() if state.stage is None]
    return site_of(request).page(request, "lifecycle.html", lifecycle=lifecycle, outcomes=unstaged)


def picture(request: Request) -> Response:
    """The same as SVG, in the language of the request. Raises NotFound."""
    site = site_of(request)
    return drawn_as(diagram.svg(_newest(request), site.wording(request).locale))


def drawn_as(drawn: str) -> Response:
    """The answer that a picture is. Opened on its own it is a page, whose policy has to know its own style sheet."""
    headers = {
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language, Cookie",
        "Content-Security-Policy": f"default-src 'none'; style-src {' '.join(_hashes(drawn))}; frame-ancestors 'none'",
    }
    return Response(drawn, media_type="image/svg+xml", headers=headers)


def _hashes(drawn: str) -> list[str]:
    """What a Content-Security-Policy calls the style sheets in a picture (CSP3 §6.7.3.3)."""
    digests = [sha256(style.encode()).digest() for style in re.findall(r"<style>(.*?)</style>", drawn, re.DOTALL)]
    return [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]


def _newest(request: Request) -> Lifecycle:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        return site.workflow.rules.newest(Transaction(connection), request.path_params["key"])


ROUTES = (get("/lebenszyklus/{key:name}.svg", picture), get("/lebenszyklus/{key:name}", page))
