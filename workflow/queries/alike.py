"""Items that are like a text: is there something of the kind already?

The database's own full-text index (FTS5; PostgreSQL's `german` in a GIN index) gives candidates by the words and the
parts of long words that they share with the text; how much they have in common, weighed by how rare it is among the
candidates, is the same on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, column, func, literal_column, select, table, text

from workflow.models import item, item_text
from workflow.words import kept, parts

EVERYBODYS = cast(ColumnElement[bool], item.c.released)
"""What everybody may see: released items."""

CANDIDATES = 40
"""Items that are looked at more closely."""

MOST_TERMS = 200
"""Words and parts of the text that are asked for: of its title first."""

LIKE = 0.35
"""From which likeness on something is told. docs/performance.md has what that finds."""

SHORTEST = 4
"""Letters of a word that counts: shorter ones are mostly articles and prepositions."""

STOPS = (
    "aber alle allem allen aller alles also andere anderen auch beim bitte dabei dadurch damit dann dass denn deren "
    "deshalb dessen dies diese diesem diesen dieser dieses doch dort durch eine einem einen einer eines einige etwas "
    "fuer gegen gibt haben hatte hier ihre ihrem ihren ihrer immer ist jede jeden jeder jedes kann kein keine keinen "
    "koennen koennte kommt machen mehr moechte muss muessen nach nicht noch oder ohne schon sehr sein seine seinen "
    "sich sind sollen sollte sollten sowie stadt ueber unser unsere unter viele vielen vom waere waeren wenn werden "
    "wird wie wieder wollen wurde zum zur zwischen that the this with"
)
COMMON = frozenset(STOPS.split())
"""Words that many texts have."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An item that is like the text. score: from 0 to 1."""

    number: str
    title: str
    version: int
    state: str
    score: float


def alike(
    connection: Connection,
    lifecycle: str,
    texts: Iterable[str],
    limit: int = 5,
    *,
    within: ColumnElement[bool] = EVERYBODYS,
    but: str = "",
) -> list[Alike]:
    """Items of the lifecycle that are like `texts` (the title first), the most alike first.

    within: a condition on `item`, of what the reader may see. but: the item that the text is of.
    """
    words = [word for word in kept(texts) if _counts(word)]
    terms = [*words, *(piece for word in words for piece in parts(word))][:MOST_TERMS]
    if not terms:
        return []
    asked = _matching(connection.dialect.name, terms).where(item.c.lifecycle == lifecycle, item.c.number != but, within)
    found = connection.execute(asked.limit(CANDIDATES)).all()
    scores = likeness(words, {row.number: row.words.split() for row in found})
    rows = [Alike(row.number, row.title, row.version, row.state, scores[row.number]) for row in found]
    close = [one for one in rows if one.score >= LIKE]
    return sorted(close, key=lambda one: (-one.score, one.number))[:limit]


def _matching(dialect: str, terms: Iterable[str]) -> Select[Any]:
    """The items that have one of the terms, those that have most first, as the database's index ranks them."""
    found = select(item.c.number, item.c.title, item.c.version, item.c.state, item_text.c.words).join(
        item_text, item_text.c.ordinal == item.c.ordinal
    )
    if dialect == "sqlite":
        index = table("item_text_index", column("rowid"))
        query = " OR ".join(f'"{term}"' for term in terms)
        matches = text("item_text_index MATCH :query").bindparams(query=query)
        return found.join(index, index.c.rowid == item.c.ordinal).where(matches).order_by(text("bm25(item_text_index)"))
    asked = func.to_tsquery(literal_column("'german'"), " | ".join(f"'{term}'" for term in terms))
    search: ColumnElement[Any] = literal_column("item_text.search")
    return found.where(search.op("@@")(asked)).order_by(func.ts_rank(search, asked, 1).desc(), item.c.ordinal.desc())


def likeness(words: Iterable[str], others: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """How much each of `others` has in common with `words`, from 0 to 1: the cosine of their pieces, each weighed by
    how few of the others have it."""
    own = _pieces(words)
    theirs = {key: _pieces(found) for key, found in others.items()}
    held = Counter(piece for found in theirs.values() for piece in found)
    weight = {piece: log(1 + (1 + len(theirs)) / (1 + held[piece])) ** 2 for piece in held.keys() | own}
    length = sum(weight[piece] for piece in own)
    return {
        key: sum(weight[piece] for piece in own & found) / (sqrt(length * sum(weight[piece] for piece in found)) or 1.0)
        for key, found in theirs.items()
    }


def _pieces(words: Iterable[str]) -> frozenset[str]:
    """Words and parts of words, of those that say something."""
    return frozenset(piece for word in words if _counts(word) for piece in (word, *parts(word)))


def _counts(word: str) -> bool:
    return len(word) >= SHORTEST and word not in COMMON
