"""What is open data: `/catalog.ttl`, the catalogue for data portals; `/ideen.csv` and `/ideen.json`, the portfolio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, sha256
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ideenweg.web.files import kept_already
from ideenweg.web.language import language_of
from ideenweg.web.routes import get
from ideenweg.web.site import Site, site_of
from states.lifecycle import Lifecycle
from workflow.catalog import catalog_of
from workflow.errors import NotFound
from workflow.open_data import WRITERS, Format, Portfolio
from workflow.queries.items import ItemFilter
from workflow.queries.released import released

TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSON: "application/json"}
BLOCK = 1 << 18
"""Bytes of a file that are sent at a time."""

OPEN = {
    # Anybody's program may read it, from any page.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Made:
    """A file without a name, of so many bytes; it is gone from the disk when nobody keeps or sends it any more."""

    file: IO[bytes]
    size: int
    mark: str

    def blocks(self) -> Iterator[bytes]:
        """Its bytes. Several may read at once, each from its own place."""
        for place in range(0, self.size, BLOCK):
            yield os.pread(self.file.fileno(), BLOCK, place)


def catalogue(request: Request) -> Response:
    """The catalogue. Raises NotFound where nothing is loaded that a portfolio could be made of."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        text = catalog_of(
            connection,
            site.workflow.rules.programme,
            _loaded(site, site.lifecycle(connection)),
            site.workflow.outgoing.base_url,
        )
    mark = f'"{sha256(text.encode()).hexdigest()[:32]}"'
    headers = {**OPEN, "ETag": mark}
    if kept_already(request, mark):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/turtle; charset=utf-8", headers=headers)


def portfolio(request: Request, *, form: Format) -> Response:
    """The portfolio as a file. Raises NotFound, as the catalogue.

    All items are read for it, so it is made once for everybody, and sent from the disk.
    """
    site = site_of(request)
    locale = language_of(request)
    made: Made = site.files.of((form, locale), site.now(), partial(_make, site, form, locale))
    headers = {**OPEN, "ETag": made.mark, "Vary": "Accept-Language, Cookie"}
    if kept_already(request, made.mark):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(made.size)
    headers["Content-Disposition"] = f'attachment; filename="portfolio.{form.value}"'
    return StreamingResponse(made.blocks(), media_type=TYPES[form], headers=headers)


def _make(site: Site, form: Format, locale: str) -> Made:
    rules = site.workflow.rules
    file = TemporaryFile()  # noqa: SIM115 - closed when nobody holds what is made of it any more
    with site.workflow.database.reading() as connection:
        lifecycle = _loaded(site, site.lifecycle(connection))
        asked = Portfolio(
            lifecycle,
            rules.programme,
            ItemFilter(lifecycle=lifecycle.key, released=True),
            site.workflow.outgoing.base_url,
            locale,
        )
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        WRITERS[form](text, asked, released(connection, rules, asked.filters))
    text.detach()  # flushes it, and leaves the file open
    size = file.tell()
    file.seek(0)
    made = Made(file, size, f'"{file_digest(file, "sha256").hexdigest()[:32]}"')
    finalize(made, file.close)
    return made


def _loaded(site: Site, lifecycle: Lifecycle | None) -> Lifecycle:
    if lifecycle is None:
        raise NotFound("lifecycle", site.workflow.engine.default or "")
    return lifecycle


ROUTES = (
    get("/catalog.ttl", catalogue),
    *(get(f"/ideen.{form.value}", partial(portfolio, form=form)) for form in TYPES),
)
