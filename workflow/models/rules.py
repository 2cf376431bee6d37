"""The stored versions of lifecycles and programmes."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from workflow.models.base import metadata

lifecycle_version = Table(
    "lifecycle_version",
    metadata,
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", Text, nullable=False),
    PrimaryKeyConstraint("key", "version"),
    sqlite_with_rowid=False,
)

programme_version = Table(
    "programme_version",
    metadata,
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", Text, nullable=False),
    PrimaryKeyConstraint("key", "version"),
    sqlite_with_rowid=False,
)
