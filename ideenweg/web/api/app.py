"""The application under /api/v1."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Mount

from ideenweg.web.api import (
    alike,
    exchange,
    files,
    items,
    log,
    many,
    migrations,
    moves,
    persons,
    relations,
    rounds,
    rules,
    sealed,
    times,
    webhooks,
    worklist,
)
from ideenweg.web.api.doors import Doors, utc_now
from ideenweg.web.api.gate import Gate
from ideenweg.web.api.openapi import DESCRIPTION, TAGS, document_of
from ideenweg.web.api.problems import HANDLERS
from ideenweg.web.api.throttle import Throttle
from ideenweg.wiring import App

PREFIX = "/api/v1"

ROUTERS = (
    items, moves, many, rounds, files, relations, alike, exchange, times, worklist, rules, migrations, log, sealed,
    webhooks, persons,
)  # fmt: skip


class Api(FastAPI):
    """FastAPI, with a document that tells every answer."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = document_of(self, PREFIX)
        return self.openapi_schema


def create_api(workflow: App, *, clock: Callable[[], datetime] = utc_now, throttle: Throttle | None = None) -> Api:
    """The API of an opened workflow, to be mounted under PREFIX. clock: gives the aware moment of a call."""
    api = Api(
        title="Ideenweg",
        version=version("ideenweg"),
        summary="Ideas of a smart-city programme on their way: from submission to integration.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Gate)],
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for error, handler in HANDLERS.items():
        api.add_exception_handler(error, handler)
    for one in ROUTERS:
        api.include_router(one.router)
    api.state.doors = Doors(workflow, workflow.engine_via("api"), throttle or Throttle(), clock)
    return api


class Mounted(Mount):
    """The API at its place; whatever stands behind PREFIX is its to answer, also an address with a line break in it."""

    def __init__(self, api: Api) -> None:
        super().__init__(PREFIX, api)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)
