"""Documents of items, and what a submission keeps until it is handed in: drafts, and the links to follow it by.

The bytes lie in a folder, each file under its SHA-256 (workflow/files.py); here is what they are called and whose they
are.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from workflow.models.base import metadata

document = Table(
    "document",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # of the event that attached it
    Column("id", Text, nullable=False, unique=True),  # d-…
    Column("name", Text),  # null once erased: then the bytes are gone as well
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("sha256", Text, nullable=False),
    Column("record", Text),  # the record kind that it belongs to; null: to the item
    Column("author", Text, nullable=False),  # whose document it is
    Column("writer", Text),  # who attached it, where that was somebody else
    Column("at", Text, nullable=False),
    Column("public", Boolean, nullable=False),  # everybody may see it once the item is released
    Column("ended_seq", Integer),  # of the event that removed it
    Column("removed_at", Text),
    PrimaryKeyConstraint("item", "seq"),
    Index(None, "sha256"),
    Index(None, "author"),
    sqlite_with_rowid=False,
)

draft = Table(  # a submission that is not handed in yet
    "draft",
    metadata,
    Column("digest", Text, primary_key=True),  # of the secret that its cookie holds
    Column("lifecycle", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON: what was typed, by field
    Column("email", Text),  # lower case, so that an erased person leaves no draft
    Column("author", Text),  # a person, once it is being handed in
    Column("made_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Index(None, "changed_at"),
    Index(None, "email"),
    sqlite_with_rowid=False,
)

draft_document = Table(  # its files, which belong to no item yet
    "draft_document",
    metadata,
    Column("draft", Text, ForeignKey("draft.digest"), nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("draft", "id"),
    Index(None, "sha256"),
    sqlite_with_rowid=False,
)

item_link = Table(  # which generation of signed links to an item still opens it; no row: the first
    "item_link",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("item", "person"),
    Index(None, "person"),
    sqlite_with_rowid=False,
)
