"""What takes longer than an answer may: imports and verifications that somebody started on a page."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from workflow.models.base import metadata

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # import_ideas, import_history, verify, compare
    Column("person", Text, ForeignKey("person.id"), nullable=False),  # who started it
    Column("status", Text, nullable=False),  # prepared, running, checked, done, refused, failed
    Column("name", Text),  # of the file
    Column("content", LargeBinary),  # the file itself, until it was taken in or a day has passed
    Column("notes", Text),  # what is kept beside the file: the mapping of an import
    Column("phase", Text),  # how far it is: the word of workflow/progress.py, …
    Column("reached", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", Text),  # JSON
    Column("made_at", Text, nullable=False),
    Column("beat_at", Text),  # when whoever runs it last said so
    Column("ended_at", Text),
    Index(None, "kind", "made_at"),
    Index(None, "person"),
    sqlite_with_rowid=False,
)
