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

from sqlalchemy import Connection, text

from workflow.words import kept, parts

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

SQLITE = """
SELECT i.number, i.title, i.lifecycle, i.version, i.state, t.words
FROM item_text_index x JOIN item_text t ON t.ordinal = x.rowid JOIN item i ON i.ordinal = x.rowid
WHERE item_text_index MATCH :query AND i.lifecycle = :lifecycle AND (i.released OR NOT :public)
AND i.number <> :but ORDER BY bm25(item_text_index) LIMIT :most
"""

POSTGRESQL = """
SELECT i.number, i.title, i.lifecycle, i.version, i.state, t.words
FROM item_text t JOIN item i ON i.ordinal = t.ordinal, to_tsquery('german', :query) AS q
WHERE t.search @@ q AND i.lifecycle = :lifecycle AND (i.released OR NOT :public)
AND i.number <> :but ORDER BY ts_rank(t.search, q, 1) DESC, i.ordinal DESC LIMIT :most
"""


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
    public: bool = True,
    but: str = "",
) -> list[Alike]:
    """Items of the lifecycle that are like `texts` (the title first), the most alike first.

    public: released ones alone. but: the item that the text is of.
    """
    words = [word for word in kept(texts) if _counts(word)]
    terms = [*words, *(piece for word in words for piece in parts(word))][:MOST_TERMS]
    if not terms:
        return []
    sqlite = connection.dialect.name == "sqlite"
    query = " OR ".join(f'"{term}"' for term in terms) if sqlite else " | ".join(f"'{term}'" for term in terms)
    values = {"query": query, "lifecycle": lifecycle, "public": public, "but": but, "most": CANDIDATES}
    found = connection.execute(text(SQLITE if sqlite else POSTGRESQL), values).all()
    scores = likeness(words, {row.number: row.words.split() for row in found})
    rows = [Alike(row.number, row.title, row.version, row.state, scores[row.number]) for row in found]
    close = [one for one in rows if one.score >= LIKE]
    return sorted(close, key=lambda one: (-one.score, one.number))[:limit]


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
