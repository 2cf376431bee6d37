"""The documents of an item for a page: which somebody may open, and what they may do with each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.responses import FileResponse

from states.attachments import plan_attach, plan_remove, plan_show
from states.lifecycle import Lifecycle
from states.programme import DOCUMENT_TYPES, DocumentLimits
from states.reading import Reader, reader_of
from states.snapshot import Snapshot
from workflow.queries.documents import INLINE, Document, of_item

SOME = "application/pdf", 1
"""A small file of a usual kind: whether it may be attached tells whether anything may."""

UPLOAD = 26 * 2**20
"""Bytes of a request that brings files, whatever the programme takes; above that it is not even read."""

SANDBOX = "sandbox; default-src 'none'; img-src 'self'; frame-ancestors 'none'"
"""The policy of a document that is opened by itself: nothing in it runs, and it asks for nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document of the page."""

    document: Document
    address: str
    removable: bool = False
    showable: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the page shows. `attach`: the visitor may add to it; `limits`: what is taken."""

    rows: tuple[Row, ...]
    attach: bool
    limits: DocumentLimits

    @property
    def accept(self) -> str:
        """For the `accept` of a file field."""
        return accept(self.limits)

    @property
    def types(self) -> str:
        return ", ".join(one.upper() for one in self.limits.types)


def shelf(connection: Connection, lifecycle: Lifecycle, snapshot: Snapshot, *, released: bool) -> Shelf:
    """The documents of the snapshot's item as its actor may see them."""
    reader = reader_of(lifecycle, snapshot, released=released)
    found = of_item(connection, lifecycle, snapshot.number, reader)
    showable = not plan_show(lifecycle, snapshot)
    rows = tuple(
        Row(one, f"/dokumente/{one.id}", not plan_remove(lifecycle, snapshot, one.author), showable) for one in found
    )
    return Shelf(rows, not plan_attach(lifecycle, snapshot, None, *SOME, len(found)), snapshot.programme.documents)


def public_rows(connection: Connection, lifecycle: Lifecycle, number: str) -> tuple[Row, ...]:
    """The documents of a released item that everybody may see."""
    found: Iterable[Document] = of_item(connection, lifecycle, number, Reader(released=True))
    return tuple(Row(one, f"/dokumente/{one.id}") for one in found)


def accept(limits: DocumentLimits) -> str:
    """The endings and media types that a file field offers to choose from."""
    endings = [f".{one}" for one in limits.types] + ([".jpg"] if "jpeg" in limits.types else [])
    return ",".join([*endings, *(DOCUMENT_TYPES[one] for one in limits.types)])


def handed_over(one: Document, path: Path, *, everybody: bool) -> FileResponse:
    """The file itself. Pictures may be shown in place; all else is saved, and nothing is taken for a page."""
    inline = one.media_type in INLINE
    answer = FileResponse(path, media_type=one.media_type, content_disposition_type="inline")
    way = "inline" if inline else "attachment"
    answer.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(one.name, safe='')}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = SANDBOX
    # Looked at anew each time: it may have been removed, or its item's release taken back.
    answer.headers["Cache-Control"] = "no-cache" if everybody else "no-store"
    return answer
