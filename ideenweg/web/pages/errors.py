"""What is said when a page is missing, an address asks for the wrong thing, or the fault is ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.filters import ORDERS, PLACES, WrongFilter
from ideenweg.web.recognition import recognise
from ideenweg.web.routes import FORGED
from ideenweg.web.site import site_of
from workflow.errors import NotFound, StorageError

RETRY_SECONDS = "5"

KINDS = {400: "malformed", 403: "forbidden", 405: "method", 413: "too_large", 429: "too_many"}
"""Status of an answer -> the sentences that go with it."""


def http_page(request: Request, error: HTTPException) -> Response:
    """No such address; one that can only be read; or one that is not for whoever asks."""
    if not hasattr(request.state, "visitor"):  # no page was found that would have asked
        with suppress(StorageError):
            recognise(request)
    kind = FORGED if error.detail == FORGED else KINDS.get(error.status_code, "not_found")
    return _page(request, kind, error.status_code, dict(error.headers or {}))


def missing_page(request: Request, error: NotFound) -> Response:
    """No such thing, or none that is public: both look the same."""
    return _page(request, "not_found", 404)


def filter_page(request: Request, error: WrongFilter) -> Response:
    """A filter with a value that there is not; the page names those there are. The other filters stay."""
    path = request.url.path.removesuffix(".csv")
    other = [(name, value) for name, value in request.query_params.multi_items() if name not in (error.name, *PLACES)]

    def address(value: str) -> str:
        return f"{path}?{urlencode([*other, (error.name, value)])}"

    return site_of(request).page(
        request, "wrong_filter.html", 400, wrong=error, orders=ORDERS, address=address, whole=path
    )


def busy_page(request: Request, error: StorageError) -> Response:
    """The database does not answer now."""
    return _page(request, "busy", 503, {"Retry-After": RETRY_SECONDS})


async def fault_page(request: Request) -> Response:
    """Something we did not think of."""
    return _page(request, "fault", 500)


def host_page(base_url: str | None) -> Callable[[Request], Awaitable[Response]]:
    """The page for whoever comes by a name that this program does not answer for."""

    async def page(request: Request) -> Response:
        return _page(request, "host", 421, address=base_url or "http://localhost")

    return page


def _page(request: Request, kind: str, status: int, headers: dict[str, str] | None = None, **params: Any) -> Response:
    return site_of(request).page(request, "error.html", status, headers, kind=kind, params=params)


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Response]] = {
    HTTPException: http_page,
    NotFound: missing_page,
    WrongFilter: filter_page,
    StorageError: busy_page,
}
