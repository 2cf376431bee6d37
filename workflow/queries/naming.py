"""Items to choose from, by number and title: those that somebody's words mean, or the newest of a kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, select

from workflow.models import item, item_word
from workflow.numbers import NUMBER
from workflow.words import words

LAST = "\U0010ffff"


class Named(NamedTuple):
    """An item to choose."""

    number: str
    title: str
    lifecycle: str
    version: int
    state: str


def named(connection: Connection, text: str, within: ColumnElement[bool], limit: int) -> list[Named]:
    """Up to `limit` items with that number, or with a word beginning like each of the text; the newest first.

    within: a further condition on `item`, as visible.py gives.
    """
    if NUMBER.fullmatch(text):
        meant = [item.c.number == text]
    elif asked := words(text):
        meant = [
            item.c.ordinal.in_(
                select(item_word.c.ordinal).where(item_word.c.word >= word, item_word.c.word < word + LAST)
            )
            if place == 0
            else exists().where(
                item_word.c.ordinal == item.c.ordinal, item_word.c.word >= word, item_word.c.word < word + LAST
            )
            for place, word in enumerate(sorted(asked, key=len, reverse=True))
        ]
    else:
        return []
    return _newest(connection, limit, *meant, within)


def newest_of(
    connection: Connection, lifecycles: Iterable[str], within: ColumnElement[bool], limit: int
) -> list[Named]:
    """Up to `limit` items of the lifecycles of these keys that `within` lets through, the newest first."""
    return _newest(connection, limit, item.c.lifecycle.in_(list(lifecycles)), within)


def _newest(connection: Connection, limit: int, *wanted: ColumnElement[bool]) -> list[Named]:
    rows = select(item.c.number, item.c.title, item.c.lifecycle, item.c.version, item.c.state).where(*wanted)
    return [Named(*row) for row in connection.execute(rows.order_by(item.c.ordinal.desc()).limit(limit))]
