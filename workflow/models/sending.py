"""What becomes of a notice: deliveries, inboxes, preferences, webhooks."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from workflow.models.base import metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", Text, primary_key=True),
    Column("outbox", Text, ForeignKey("outbox.id")),  # null: a digest
    Column("recipient", Text, nullable=False),  # a person, a webhook, or `role:…` where nobody holds the role
    Column("channel", Text, nullable=False),
    Column("role", Text),  # the role they are told in
    Column("stands_for", Text, ForeignKey("person.id")),  # whose deputy they are told as
    Column("message_id", Text, nullable=False),  # fixed: a message sent again is the same message
    Column("status", Text, nullable=False),  # notifications/outbox.py lists them
    Column("result", Text),  # why left out; what the last attempt came to
    Column("attempts", Integer, nullable=False),
    Column("next_at", Text),  # not before
    Column("lease_until", Text),
    Column(
        "epoch", Integer, nullable=False
    ),  # raised by every claim: an acknowledgement of an older one counts nothing
    Column("message", LargeBinary),  # its bytes from the first attempt until it is acknowledged
    Column("made_at", Text, nullable=False),
    Column("done_at", Text),
    UniqueConstraint("outbox", "recipient", "channel"),
    Index(None, "recipient"),
    Index(
        "ix_delivery_stands_for",
        "stands_for",
        sqlite_where=text("stands_for IS NOT NULL"),
        postgresql_where=text("stands_for IS NOT NULL"),
    ),
    Index(
        "ix_delivery_waiting",
        "channel",
        "next_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "ix_delivery_for_digest",
        "recipient",
        sqlite_where=text("status = 'for_digest'"),
        postgresql_where=text("status = 'for_digest'"),
    ),
    Index(
        "ix_delivery_for_batch",
        "next_at",
        sqlite_where=text("status = 'for_batch'"),
        postgresql_where=text("status = 'for_batch'"),
    ),
    sqlite_with_rowid=False,
)

inbox = Table(  # what a person finds on their own page, whatever became of the mail
    "inbox",
    metadata,
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("outbox", Text, ForeignKey("outbox.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("read_at", Text),
    PrimaryKeyConstraint("person", "outbox"),
    sqlite_with_rowid=False,
)

preference = Table(
    "preference",
    metadata,
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("notice", Text, nullable=False),  # "": all that have no line of their own
    Column("mode", Text, nullable=False),  # at_once, digest, off
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("person", "notice"),
    sqlite_with_rowid=False,
)

webhook = Table(  # its secret is derived from the installation's, so that no copy of the database holds it
    "webhook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("private", Boolean, nullable=False),  # may lie in a private network
    Column("generation", Integer, nullable=False),  # of its secret
    Column("rotated_at", Text),  # the secret before is still signed with for a day
    Column("made_at", Text, nullable=False),
    Column("disabled_at", Text),
    Column("disabled_why", Text),
    sqlite_with_rowid=False,
)
