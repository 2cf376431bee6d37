"""The application behind the pages: their addresses, their files, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ideenweg.oidc import Provider
from ideenweg.web import addresses
from ideenweg.web.api import metrics, reference
from ideenweg.web.api.app import Mounted, create_api
from ideenweg.web.files import Files
from ideenweg.web.pages import (
    account,
    admin,
    calendar,
    dates,
    documents,
    errors,
    feed,
    follow,
    health,
    idea,
    ideas,
    lifecycle,
    mine,
    open_data,
    overview,
    own_calendar,
    submit,
    support,
    unsubscribe,
    words,
)
from ideenweg.web.pages.account import sign_in
from ideenweg.web.pages.work import (
    absence,
    board,
    bulk,
    bulk_run,
    deadlines,
    exchange,
    item,
    new,
    portfolio,
    selection,
    sitting,
    split,
    worklist,
)
from ideenweg.web.routes import Page, route
from ideenweg.web.shield import Shield
from ideenweg.web.site import STATIC, Site, templates
from ideenweg.wiring import App

PAGES: tuple[Page, ...] = (
    *overview.ROUTES,
    *ideas.ROUTES,
    *idea.ROUTES,
    *item.ROUTES,
    *worklist.ROUTES,
    *board.ROUTES,
    *bulk.ROUTES,
    *bulk_run.ROUTES,
    *split.ROUTES,
    *new.ROUTES,
    *deadlines.ROUTES,
    *portfolio.ROUTES,
    *absence.ROUTES,
    *selection.ROUTES,
    *sitting.ROUTES,
    *exchange.ROUTES,
    *lifecycle.ROUTES,
    *follow.ROUTES,
    *support.ROUTES,
    *documents.ROUTES,
    *submit.ROUTES,
    *mine.ROUTES,
    *dates.ROUTES,
    *feed.ROUTES,
    *open_data.ROUTES,
    *calendar.ROUTES,
    *own_calendar.ROUTES,
    *words.ROUTES,
    *unsubscribe.ROUTES,
    *account.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
    *reference.ROUTES,
    *admin.ROUTES,
)
"""Every page, with who may ask for it; the first that fits an address answers."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

Companion = Callable[[], AbstractAsyncContextManager[None]]
"""What runs beside the pages, from the first request to the last: the clock."""


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def create_app(
    workflow: App,
    *,
    base_url: str | None = None,
    hosts: frozenset[str] = LOOPBACK,
    demo: bool = False,
    beside: Companion | None = None,
    clock: Callable[[], datetime] = utc_now,
    provider: Provider | None = None,
    proxies: Sequence[str] = (),
) -> FastAPI:
    """The pages of an opened workflow, which stays the caller's to close.

    base_url: where people reach them; its host is answered for besides `hosts`. demo: the data are invented.
    clock: gives the aware moment at which a request is answered. provider: where people may sign in besides.
    proxies: addresses and networks of those that are believed when they say from where and how a request came to them.
    """
    address = urlsplit(base_url) if base_url else None
    secure = address is not None and address.scheme == "https"
    if address is not None and address.hostname:
        hosts |= {f"[{address.hostname}]" if ":" in address.hostname else address.hostname}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if beside is None:
            yield
            return
        async with beside():
            yield

    addresses.register()
    shield = Middleware(
        Shield, hosts=hosts, secure=secure, refuse=errors.host_page(base_url), apologise=errors.fault_page
    )
    api = create_api(workflow, clock=clock)
    app = FastAPI(
        routes=[
            *(route(page) for page in PAGES),
            Mounted(api),
            Mount("/static", _files()),
        ],
        openapi_url=None,
        lifespan=lifespan,
        middleware=[*([Middleware(ProxyHeadersMiddleware, trusted_hosts=list(proxies))] if proxies else []), shield],
        redirect_slashes=False,
    )
    for error, handler in (errors.HANDLERS | sign_in.HANDLERS).items():
        app.add_exception_handler(error, handler)
    app.state.api = api
    app.state.site = Site(workflow, demo, secure, templates(), clock, base_url is None, provider=provider)
    return app


def _files() -> ASGIApp:
    """The style sheets, fonts and pictures; compressed, since nothing in them is secret."""
    return GZipMiddleware(Files(directory=STATIC), minimum_size=1000)
