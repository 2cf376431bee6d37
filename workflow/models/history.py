"""The events, the texts they commit to, and what keeps commands and imports from happening twice."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from workflow.models.base import metadata

event = Table(
    "event",
    metadata,
    Column("stream", Text, nullable=False),  # item:2026-0147, person:p-…, system
    Column("seq", Integer, nullable=False),  # 1, 2, … without a gap
    Column("kind", Text, nullable=False),
    Column("trigger", Text),
    Column("from", Text),
    Column("to", Text),
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("via", Text, nullable=False),  # page, api, cli, clock, import
    Column("account", Text),  # the operating system's, for the command line
    Column("guards", Text),  # JSON: names of the guards that held
    Column("command_id", Text().with_variant(Text(collation="C"), "postgresql")),  # those of a batch by their beginning
    Column("at", Text, nullable=False),  # when it happened
    Column("recorded_at", Text, nullable=False),  # when it was written
    Column("schema", Integer, nullable=False),  # of the payload
    Column("payload", LargeBinary, nullable=False),  # canonical JSON (RFC 8785) of all of the above and the details
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("stream", "seq"),
    CheckConstraint("seq > 0", name="seq"),
    Index(None, "recorded_at", "stream", "seq"),
    Index(None, "actor", "recorded_at"),
    Index(
        "ix_event_on_behalf_of",
        "on_behalf_of",
        "recorded_at",
        sqlite_where=text("on_behalf_of IS NOT NULL"),
        postgresql_where=text("on_behalf_of IS NOT NULL"),
    ),
    Index(None, "kind", "recorded_at"),
    Index(
        "ix_event_trigger",
        "trigger",
        "recorded_at",
        sqlite_where=text('"trigger" IS NOT NULL'),
        postgresql_where=text('"trigger" IS NOT NULL'),
    ),
    Index(None, "via", "recorded_at"),
    Index(
        "ix_event_command_id",
        "command_id",
        sqlite_where=text("command_id IS NOT NULL"),
        postgresql_where=text("command_id IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("part", Text, nullable=False),  # reason, text, data, personal, …
    Column("salt", Text, nullable=False),  # 32 hexadecimal digits
    Column("text", Text),  # null where a record row holds the text
    PrimaryKeyConstraint("stream", "seq", "part"),
    sqlite_with_rowid=False,
)

stream_head = Table(  # of the streams that are no item's: an item carries its own
    "stream_head",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_with_rowid=False,
)

refusal_window = Table(  # how many refusals of a person were written, and how many left out, in one minute
    "refusal_window",
    metadata,
    Column("person", Text, nullable=False),
    Column("minute", Text, nullable=False),
    Column("written", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    PrimaryKeyConstraint("person", "minute"),
    sqlite_with_rowid=False,
)

command = Table(
    "command",
    metadata,
    Column("actor", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("actor", "command_id"),
    sqlite_with_rowid=False,
)

counter = Table(  # running numbers of a year
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

import_row = Table(  # which row of which source became which item: a re-run imports nothing twice
    "import_row",
    metadata,
    Column("source", Text, nullable=False),
    Column("row_key", Text, nullable=False),  # a hash: what tells rows apart may name people
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("digest", Text, nullable=False),  # of the row's content: whether it has changed since
    PrimaryKeyConstraint("source", "row_key"),
    sqlite_with_rowid=False,
)
