"""Documents as their readers may see them: of one item, or one by its id. One policy for page, API and mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from states.attachments import visible
from states.lifecycle import Lifecycle
from states.reading import Reader, reader_of
from workflow.errors import NotFound
from workflow.events import moment
from workflow.models import document, item
from workflow.queries.sight import look
from workflow.rules import Rules
from workflow.transaction import Transaction

INLINE = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What a browser may show in place: pictures that were painted anew. All else is handed over to be saved."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that somebody may open. record: the kind of record it belongs to; size: bytes."""

    id: str
    number: str
    name: str
    media_type: str
    size: int
    sha256: str
    record: str | None
    author: str
    at: datetime
    public: bool

    @property
    def inline(self) -> bool:
        return self.media_type in INLINE


def of_item(connection: Connection, lifecycle: Lifecycle, number: str, reader: Reader | None) -> tuple[Document, ...]:
    """The documents of an item that `reader` may open, oldest first. None: the operator, who may all."""
    rows = connection.execute(_there().where(document.c.item == number).order_by(document.c.seq))
    return tuple(_seen(lifecycle, rows, reader))


def find(
    connection: Connection,
    rules: Rules,
    key: str,
    person: str | None,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
    stand_in: bool = True,
) -> Document:
    """The document of that id, as far as `person` (an id or address; None: the public) may open it at `now`.

    on_behalf_of, stand_in: in whose place they look (`sight.look`).
    Raises NotFound, alike for one that there is not and one that they may not know of.
    """
    row = connection.execute(_there().where(document.c.id == key)).one_or_none()
    if row is None:
        raise NotFound("document", key)
    if person is None:
        about = connection.execute(select(item).where(item.c.number == row.item)).one()
        lifecycle = rules.lifecycle(Transaction(connection), about.lifecycle, about.version)
        reader = Reader(released=bool(about.released))
    else:
        seen = look(
            connection, rules, row.item, person, now, on_behalf_of=on_behalf_of, stand_in=stand_in, history=False
        )
        lifecycle = seen.lifecycle
        reader = reader_of(lifecycle, seen.snapshot, released=bool(seen.item.released))
    for one in _seen(lifecycle, [row], reader):
        return one
    raise NotFound("document", key)


def _there() -> Select[Any]:
    return select(document).where(document.c.ended_seq.is_(None), document.c.name.is_not(None))


def _seen(lifecycle: Lifecycle, rows: Iterable[Row[Any]], reader: Reader | None) -> Iterator[Document]:
    for row in rows:
        if reader is None or visible(lifecycle, reader, row.record, row.author, public=bool(row.public)):
            yield Document(
                row.id,
                row.item,
                row.name,
                row.media_type,
                row.size,
                row.sha256,
                row.record,
                row.author,
                moment(row.at),
                bool(row.public),
            )
