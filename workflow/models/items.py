"""Items with their records, links, assignments and support."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.schema import DDL

from workflow.models.base import metadata

item = Table(
    "item",
    metadata,
    Column("number", Text, primary_key=True),  # 2026-0147
    Column("ordinal", BigInteger, nullable=False, unique=True),  # year * 10^7 + running number: how numbers sort
    Column("lifecycle", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("programme", Text),
    Column("programme_version", Integer),
    Column("state", Text, nullable=False),
    Column("stage", Text),
    Column("revision", Integer, nullable=False),  # the number of events in its stream
    Column("head", Text, nullable=False),  # the hash of the last of them
    Column("visit", Integer, nullable=False),  # the seq of the event that entered the state
    Column("entered_at", Text, nullable=False),
    Column("origin", Text),  # in a pausing state: where it was entered from, and that visit
    Column("origin_visit", Integer),
    Column("title", Text, nullable=False, server_default=""),
    Column("released", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Text, nullable=False),
    Index(None, "lifecycle", "ordinal"),
    # The last two, so that items are counted in the index alone, also those that somebody may see by a look at others.
    Index(None, "lifecycle", "state", "ordinal", "released", "number"),
    Index(None, "state", "ordinal"),
    Index(None, "stage", "ordinal"),
    Index(None, "entered_at", "ordinal"),  # the list by its last steps
    sqlite_with_rowid=False,
)

item_facet = Table(  # what lists filter items by, and what they sort titles by
    "item_facet",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("facet", Text, nullable=False),  # cities, fields, provenance, funding; title: one row, folded for sorting
    # By bytes, as SQLite compares: words with one beginning then stand together in the index, whatever the locale.
    Column("value", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("ordinal", BigInteger, nullable=False),  # the item's: a list in its order comes straight from the index
    PrimaryKeyConstraint("item", "facet", "value"),
    Index(None, "facet", "value", "ordinal"),
    sqlite_with_rowid=False,
)

item_word = Table(  # the words of an item's title and of the public texts of its sheet, as search finds them
    "item_word",
    metadata,
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("ordinal", BigInteger, nullable=False),  # the item's; no foreign key, which would be checked for each word
    PrimaryKeyConstraint("ordinal", "word"),
    Index(None, "word", "ordinal"),
    sqlite_with_rowid=False,
)

item_text = (
    Table(  # the same words with the parts of long ones, for what is alike: searched by the database's own index
        "item_text",
        metadata,
        Column("ordinal", BigInteger, primary_key=True, autoincrement=False),
        Column("words", Text, nullable=False),
        sqlite_with_rowid=False,
    )
)

TEXT_INDEX = {
    "sqlite": ("CREATE VIRTUAL TABLE item_text_index USING fts5(words, content='item_text', content_rowid='ordinal')",),
    "postgresql": (
        "ALTER TABLE item_text ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('german', words)) STORED",
        "CREATE INDEX ix_item_text_search ON item_text USING gin (search)",
    ),
}
"""Dialect -> what makes the full-text index of `item_text`. FTS5's is kept by whoever writes: it has no triggers."""

for _dialect, _statements in TEXT_INDEX.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(item_text, "after_create", _ddl.execute_if(dialect=_dialect))

record = Table(
    "record",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # of the event that wrote it
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, server_default=""),
    Column("visit", Integer, nullable=False),  # 0 where the kind knows no visits
    Column("version", Integer, nullable=False),  # 1, 2, … of this kind, key and visit
    Column("lifecycle_version", Integer, nullable=False),
    Column("author", Text, nullable=False),  # whose word it is
    Column("writer", Text),  # who wrote it down, where that was somebody else
    Column("data", Text),  # canonical JSON without the personal fields; null once erased
    Column("personal", Text),  # canonical JSON of the personal fields; null where there are none or once erased
    Column("at", Text, nullable=False),
    Column("latest", Boolean, nullable=False),
    PrimaryKeyConstraint("item", "seq"),
    UniqueConstraint("item", "kind", "key", "visit", "version"),
    Index("ix_record_latest", "item", "kind", sqlite_where=text("latest"), postgresql_where=text("latest")),
    Index(None, "author"),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # of the event that made it
    Column("kind", Text, nullable=False),
    Column("other", Text, ForeignKey("item.number"), nullable=False),
    Column("ended_seq", Integer),  # of the event that ended it
    PrimaryKeyConstraint("item", "seq"),
    Index(None, "item", "kind"),
    Index(None, "other", "kind"),
    Index(
        "uq_link_open",
        "item",
        "kind",
        "other",
        unique=True,
        sqlite_where=text("ended_seq IS NULL"),
        postgresql_where=text("ended_seq IS NULL"),
    ),
    sqlite_with_rowid=False,
)

assignment = Table(
    "assignment",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("unit", Text),  # the office the person holds the role for
    Column("ended_seq", Integer),
    PrimaryKeyConstraint("item", "seq"),
    Index(None, "person", "role"),
    Index(
        "uq_assignment_open",
        "item",
        "role",
        "person",
        unique=True,
        sqlite_where=text("ended_seq IS NULL"),
        postgresql_where=text("ended_seq IS NULL"),
    ),
    sqlite_with_rowid=False,
)

support = Table(
    "support",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("item", "person"),
    sqlite_with_rowid=False,
)

follower = Table(  # who is told of an item's public steps; nobody before they have confirmed their address
    "follower",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("confirmed_at", Text),
    PrimaryKeyConstraint("item", "person"),
    Index(None, "person"),
    sqlite_with_rowid=False,
)

task = Table(  # who has to do what, and who waits for it: worked out anew whenever the item changes
    "task",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_kind", Text, nullable=False),  # city, body, unit; "": the role has no scope, or is one person's here
    Column("scope", Text, nullable=False),
    Column("person", Text, nullable=False),  # whose it is; "": of whoever holds the role for that scope
    Column("act", Text, nullable=False),  # move, record, assign, decide
    Column("what", Text, nullable=False),  # the transition, record kind or role
    Column("key", Text, nullable=False),  # of a record
    Column("by", Text, nullable=False),  # the role whose turn it is
    Column("rule", Text, nullable=False),  # the deadline, "" without one
    Column("local_date", Text),
    Column("due_at", Text, nullable=False),  # without a deadline: after all others
    Column("waiting", Boolean, nullable=False),  # for `by` to do it
    Column("claimed", Boolean, nullable=False),  # it is somebody's
    PrimaryKeyConstraint("item", "role", "scope_kind", "scope", "person", "act", "what", "key"),
    Index(
        "ix_task_scope", "scope_kind", "scope", "role", "waiting", "claimed", "due_at", "item",
    ),
    Index(
        "ix_task_person", "person", "waiting", "due_at", "item",
        sqlite_where=text("person <> ''"), postgresql_where=text("person <> ''"),
    ),
    sqlite_with_rowid=False,
)  # fmt: skip
