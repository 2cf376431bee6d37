"""The log over all events: each event's place in it, the Merkle tree above, and the checkpoints that were given out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from workflow.models.base import metadata

log_leaf = Table(  # an event's place in the log: given once, by the checkpoint that first saw the event
    "log_leaf",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),  # 0, 1, … without a gap
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),  # of the leaf, as the event was when it got its place
    UniqueConstraint("stream", "seq"),
    sqlite_with_rowid=False,
)

log_node = Table(  # the complete subtrees above the leaves
    "log_node",
    metadata,
    Column("level", Integer, nullable=False),  # from 1; a node is over 2**level leaves
    Column("position", BigInteger, nullable=False),  # among those of its level
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("level", "position"),
    sqlite_with_rowid=False,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),  # how many events it covers
    Column("root", Text, nullable=False),
    Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)
