"""Deadlines and their steps, follow-ups, reminders, and the notices these lead to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from workflow.models.base import metadata

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
        "ix_deadline_due",  # in the order of their list, of which a day's first few are read
        "due_at",
        "item",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
    Index(  # a state's own, since a rule belongs to one state
        "ix_deadline_rule",
        "rule",
        "due_at",
        "item",
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
