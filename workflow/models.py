"""The tables, as SQLAlchemy Core. One schema for SQLite and PostgreSQL.

Times are text, `2026-06-09T12:00:00.000000Z`: the same characters stand in the hashed payload of an event, they
sort as they are, and both databases keep them alike. JSON is text for the same reason. Dates are `2026-06-09`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- people -----------------------------------------------------------------------------------------------------

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),  # pseudonymous: p-… ; the only name the history knows
    Column("locale", Text, nullable=False, server_default="de"),
    Column("created_at", Text, nullable=False),
    Column("erased_at", Text),
    sqlite_with_rowid=False,
)

contact = Table(
    "contact",
    metadata,
    Column("person", Text, ForeignKey("person.id"), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # lower case
    Column("name", Text, nullable=False),
    Column("address", Text),
    sqlite_with_rowid=False,
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_kind", Text),  # city, body, unit; null: the whole programme
    Column("scope", Text),
    Column("valid_from", Text, nullable=False),  # a date, inclusive
    Column("valid_to", Text),  # a date, inclusive
    Column("granted_at", Text, nullable=False),
    Column("revoked_at", Text),
    Index(None, "person"),
    Index(None, "role", "scope"),
    sqlite_with_rowid=False,
)

deputy = Table(
    "deputy",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),  # who is away
    Column("deputy", Text, ForeignKey("person.id"), nullable=False),  # who acts
    Column("role", Text),  # null: for all roles
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text, nullable=False),
    Index(None, "person"),
    Index(None, "deputy"),
    sqlite_with_rowid=False,
)

# --- rules ------------------------------------------------------------------------------------------------------

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

# --- items ------------------------------------------------------------------------------------------------------

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
    Index(None, "lifecycle", "state", "ordinal", "released"),  # the last, so that items are counted in the index alone
    Index(None, "state", "ordinal"),
    Index(None, "stage", "ordinal"),
    sqlite_with_rowid=False,
)

item_facet = Table(  # what lists filter items by, and the words of their titles
    "item_facet",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("facet", Text, nullable=False),  # cities, fields, provenance, funding, title
    # By bytes, as SQLite compares: words with one beginning then stand together in the index, whatever the locale.
    Column("value", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("ordinal", BigInteger, nullable=False),  # the item's: a list in its order comes straight from the index
    PrimaryKeyConstraint("item", "facet", "value"),
    Index(None, "facet", "value", "ordinal"),
    sqlite_with_rowid=False,
)

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

# --- history ----------------------------------------------------------------------------------------------------

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
    Column("command_id", Text),
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

# --- time -------------------------------------------------------------------------------------------------------

deadline = Table(
    "deadline",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("key", Text, nullable=False, server_default=""),
    Column("local_date", Text),  # the last day; null: its base date is not recorded yet
    Column("zone", Text, nullable=False),
    Column("due_at", Text),  # the next local midnight, in UTC, exclusive
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),  # running, stopped, waiting, met, missed
    Column("remaining_days", Integer),  # while stopped: whole days left, in the rule's own unit
    Column("opened_at", Text, nullable=False),
    Column("fixed", Boolean, nullable=False),  # set by somebody's word: nothing is counted for it any more
    PrimaryKeyConstraint("item", "rule", "key"),
    Index(
        "ix_deadline_due",
        "due_at",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
    sqlite_with_rowid=False,
)

due_step = Table(
    "due_step",
    metadata,
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of the deadline
    Column("step", Text, nullable=False),  # expire:<transition>, remind:<n>, escalate:<n>
    Column("at", Text, nullable=False),
    Column(
        "status", Text, nullable=False
    ),  # open, done, void (needless by then), skipped (a later one was due as well)
    Column("roles", Text),  # JSON: who is told; null for an expiry, which moves the item
    PrimaryKeyConstraint("item", "rule", "key", "version", "step"),
    Index("ix_due_step_open", "at", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    sqlite_with_rowid=False,
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", Text, primary_key=True),  # derived from the event that caused it, so it is asked once
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("transition", Text),  # null: look whether an automatic transition is due
    Column("reason", Text),
    Column("cause", Text, nullable=False),  # stream#seq
    Column("at", Text, nullable=False),
    Column("status", Text, nullable=False),  # open, done, refused
    Column("result", Text),
    Index("ix_follow_up_open", "at", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    sqlite_with_rowid=False,
)

reminder = Table(  # Wiedervorlage: what somebody asked to be reminded of, seen by nobody else
    "reminder",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("local_date", Text, nullable=False),
    Column("at", Text, nullable=False),  # the beginning of that day
    Column("note", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("status", Text, nullable=False),  # open, done, void
    Index(None, "person"),
    Index("ix_reminder_open", "at", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    sqlite_with_rowid=False,
)

calendar_version = Table(  # the days off as they were computed: what open deadlines were counted by
    "calendar_version",
    metadata,
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("source", Text, nullable=False),  # JSON
    Column("loaded_at", Text, nullable=False),
    PrimaryKeyConstraint("key", "version"),
    sqlite_with_rowid=False,
)

task_slot = Table(  # what is done once in a slot of time, whichever worker comes first
    "task_slot",
    metadata,
    Column("task", Text, nullable=False),
    Column("slot", Text, nullable=False),  # a day or a minute
    Column("taken_at", Text, nullable=False),
    PrimaryKeyConstraint("task", "slot"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    # The dedupe key: stream#seq/notice, deadline:item/rule/key/version/step, reminder:id
    Column("id", Text, primary_key=True),
    Column("notice", Text, nullable=False),
    Column("item", Text, ForeignKey("item.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # of the event it tells of; for the clock's, of the last one by then
    Column("roles", Text, nullable=False),  # JSON
    Column("params", Text, nullable=False),  # JSON: the deadline or reminder it tells of
    Column("at", Text, nullable=False),
    Column("status", Text, nullable=False),  # open, expanded
    Index("ix_outbox_open", "at", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    sqlite_with_rowid=False,
)

# --- what is sent -----------------------------------------------------------------------------------------------

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
    Column("status", Text, nullable=False),  # waiting, for_digest, sent, failed, left_out, held
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
