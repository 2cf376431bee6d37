"""The first tables.

Frozen as they were; what changes later is a migration of its own. Triggers are
made anew by every upgrade (workflow/triggers.py).
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None


def must(name: str, kind: Any = Text, default: Any = None) -> Column[Any]:
    return Column(name, kind, nullable=False, server_default=default, autoincrement=False)


def may(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind)


def index(name: str, table: str, *columns: str, where: str | None = None, unique: bool = False) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "person",
        must("id"),
        must("locale", default="de"),
        may("zone"),
        must("created_at"),
        may("erased_at"),
        PrimaryKeyConstraint("id", name="pk_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        must("person"),
        must("email"),
        must("name"),
        may("address"),
        PrimaryKeyConstraint("person", name="pk_contact"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_contact_person"),
        UniqueConstraint("email", name="uq_contact_email"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "role_grant",
        must("id"),
        must("person"),
        must("role"),
        may("scope_kind"),
        may("scope"),
        must("valid_from"),
        may("valid_to"),
        must("granted_at"),
        may("revoked_at"),
        PrimaryKeyConstraint("id", name="pk_role_grant"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_role_grant_person"),
        sqlite_with_rowid=False,
    )
    index("ix_role_grant_person", "role_grant", "person")
    index("ix_role_grant_role_scope", "role_grant", "role", "scope")
    op.create_table(
        "deputy",
        must("id"),
        must("person"),
        must("deputy"),
        may("role"),
        must("valid_from"),
        must("valid_to"),
        PrimaryKeyConstraint("id", name="pk_deputy"),
        ForeignKeyConstraint(["deputy"], ["person.id"], name="fk_deputy_deputy"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_deputy_person"),
        sqlite_with_rowid=False,
    )
    index("ix_deputy_deputy", "deputy", "deputy")
    index("ix_deputy_person", "deputy", "person")
    op.create_table(
        "lifecycle_version",
        must("key"),
        must("version", Integer),
        must("sha256"),
        must("source"),
        must("loaded_at"),
        PrimaryKeyConstraint("key", "version", name="pk_lifecycle_version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "programme_version",
        must("key"),
        must("version", Integer),
        must("sha256"),
        must("source"),
        must("loaded_at"),
        PrimaryKeyConstraint("key", "version", name="pk_programme_version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item",
        must("number"),
        must("ordinal", BigInteger),
        must("lifecycle"),
        must("version", Integer),
        may("programme"),
        may("programme_version", Integer),
        must("state"),
        may("stage"),
        must("revision", Integer),
        must("head"),
        must("visit", Integer),
        must("entered_at"),
        may("origin"),
        may("origin_visit", Integer),
        must("title", default=""),
        must("released", Boolean, default=text("false")),
        must("created_at"),
        PrimaryKeyConstraint("number", name="pk_item"),
        UniqueConstraint("ordinal", name="uq_item_ordinal"),
        sqlite_with_rowid=False,
    )
    index("ix_item_lifecycle_ordinal", "item", "lifecycle", "ordinal")
    index(
        "ix_item_lifecycle_state_ordinal_released_number", "item", "lifecycle", "state", "ordinal", "released", "number"
    )
    index("ix_item_entered_at_ordinal", "item", "entered_at", "ordinal")
    index("ix_item_stage_ordinal", "item", "stage", "ordinal")
    index("ix_item_state_ordinal", "item", "state", "ordinal")
    op.create_table(
        "item_facet",
        must("item"),
        must("facet"),
        must("value", Text().with_variant(Text(collation="C"), "postgresql")),
        must("ordinal", BigInteger),
        PrimaryKeyConstraint("item", "facet", "value", name="pk_item_facet"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_item_facet_item"),
        sqlite_with_rowid=False,
    )
    index("ix_item_facet_facet_value_ordinal", "item_facet", "facet", "value", "ordinal")
    op.create_table(
        "item_word",
        must("word", Text().with_variant(Text(collation="C"), "postgresql")),
        must("ordinal", BigInteger),
        PrimaryKeyConstraint("ordinal", "word", name="pk_item_word"),
        sqlite_with_rowid=False,
    )
    index("ix_item_word_word_ordinal", "item_word", "word", "ordinal")
    op.create_table(
        "item_text",
        must("ordinal", BigInteger),
        must("words"),
        PrimaryKeyConstraint("ordinal", name="pk_item_text"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE item_text_index USING fts5(words, content='item_text', content_rowid='ordinal')"
        )
    else:
        op.execute(
            "ALTER TABLE item_text ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('german', words)) STORED"
        )
        op.execute("CREATE INDEX ix_item_text_search ON item_text USING gin (search)")
    op.create_table(
        "follower",
        must("item"),
        must("person"),
        must("asked_at"),
        may("confirmed_at"),
        PrimaryKeyConstraint("item", "person", name="pk_follower"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_follower_item"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_follower_person"),
        sqlite_with_rowid=False,
    )
    index("ix_follower_person", "follower", "person")
    op.create_table(
        "calendar_feed",
        must("person"),
        must("token_hash"),
        must("made_at"),
        PrimaryKeyConstraint("person", name="pk_calendar_feed"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_calendar_feed_person"),
        UniqueConstraint("token_hash", name="uq_calendar_feed_token_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record",
        must("item"),
        must("seq", Integer),
        must("kind"),
        must("key", default=""),
        must("visit", Integer),
        must("version", Integer),
        must("lifecycle_version", Integer),
        must("author"),
        may("writer"),
        may("data"),
        may("personal"),
        must("at"),
        must("latest", Boolean),
        PrimaryKeyConstraint("item", "seq", name="pk_record"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_record_item"),
        UniqueConstraint("item", "kind", "key", "visit", "version", name="uq_record_item_kind_key_visit_version"),
        sqlite_with_rowid=False,
    )
    index("ix_record_author", "record", "author")
    index("ix_record_latest", "record", "item", "kind", where="latest")
    op.create_table(
        "link",
        must("item"),
        must("seq", Integer),
        must("kind"),
        must("other"),
        may("ended_seq", Integer),
        PrimaryKeyConstraint("item", "seq", name="pk_link"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_link_item"),
        ForeignKeyConstraint(["other"], ["item.number"], name="fk_link_other"),
        sqlite_with_rowid=False,
    )
    index("ix_link_item_kind", "link", "item", "kind")
    index("ix_link_other_kind", "link", "other", "kind")
    index("uq_link_open", "link", "item", "kind", "other", where="ended_seq IS NULL", unique=True)
    op.create_table(
        "assignment",
        must("item"),
        must("seq", Integer),
        must("role"),
        must("person"),
        may("unit"),
        may("ended_seq", Integer),
        PrimaryKeyConstraint("item", "seq", name="pk_assignment"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_assignment_item"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_assignment_person"),
        sqlite_with_rowid=False,
    )
    index("ix_assignment_person_role", "assignment", "person", "role")
    index("uq_assignment_open", "assignment", "item", "role", "person", where="ended_seq IS NULL", unique=True)
    op.create_table(
        "support",
        must("item"),
        must("person"),
        must("at"),
        PrimaryKeyConstraint("item", "person", name="pk_support"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_support_item"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_support_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        must("item"),
        must("role"),
        must("scope_kind"),
        must("scope"),
        must("person"),
        must("act"),
        must("what"),
        must("key"),
        must("by"),
        must("rule"),
        may("local_date"),
        must("due_at"),
        must("waiting", Boolean),
        must("claimed", Boolean),
        PrimaryKeyConstraint("item", "role", "scope_kind", "scope", "person", "act", "what", "key", name="pk_task"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_task_item"),
        sqlite_with_rowid=False,
    )
    index("ix_task_scope", "task", "scope_kind", "scope", "role", "waiting", "claimed", "due_at", "item")
    index("ix_task_person", "task", "person", "waiting", "due_at", "item", where="person <> ''")
    op.create_table(
        "event",
        must("stream"),
        must("seq", Integer),
        must("kind"),
        may("trigger"),
        may("from"),
        may("to"),
        must("actor"),
        may("on_behalf_of"),
        must("via"),
        may("account"),
        may("guards"),
        may("command_id", Text().with_variant(Text(collation="C"), "postgresql")),
        must("at"),
        must("recorded_at"),
        must("schema", Integer),
        must("payload", LargeBinary),
        must("prev_hash"),
        must("hash"),
        PrimaryKeyConstraint("stream", "seq", name="pk_event"),
        CheckConstraint("seq > 0", name="ck_event_seq"),
        sqlite_with_rowid=False,
    )
    index("ix_event_actor_recorded_at", "event", "actor", "recorded_at")
    index("ix_event_command_id", "event", "command_id", where="command_id IS NOT NULL")
    index("ix_event_kind_recorded_at", "event", "kind", "recorded_at")
    index("ix_event_on_behalf_of", "event", "on_behalf_of", "recorded_at", where="on_behalf_of IS NOT NULL")
    index("ix_event_recorded_at_stream_seq", "event", "recorded_at", "stream", "seq")
    index("ix_event_trigger", "event", "trigger", "recorded_at", where='"trigger" IS NOT NULL')
    index("ix_event_via_recorded_at", "event", "via", "recorded_at")
    op.create_table(
        "disclosure",
        must("stream"),
        must("seq", Integer),
        must("part"),
        must("salt"),
        may("text"),
        PrimaryKeyConstraint("stream", "seq", "part", name="pk_disclosure"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stream_head",
        must("stream"),
        must("seq", Integer),
        must("hash"),
        PrimaryKeyConstraint("stream", name="pk_stream_head"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_leaf",
        must("position", BigInteger),
        must("stream"),
        must("seq", Integer),
        must("hash"),
        PrimaryKeyConstraint("position", name="pk_log_leaf"),
        UniqueConstraint("stream", "seq", name="uq_log_leaf_stream_seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_node",
        must("level", Integer),
        must("position", BigInteger),
        must("hash"),
        PrimaryKeyConstraint("level", "position", name="pk_log_node"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        must("size", BigInteger),
        must("root"),
        must("at"),
        PrimaryKeyConstraint("size", name="pk_checkpoint"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refusal_window",
        must("person"),
        must("minute"),
        must("written", Integer),
        must("left_out", Integer),
        PrimaryKeyConstraint("person", "minute", name="pk_refusal_window"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "command",
        must("actor"),
        must("command_id"),
        must("request_hash"),
        must("result"),
        must("at"),
        PrimaryKeyConstraint("actor", "command_id", name="pk_command"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counter",
        must("name"),
        must("last", BigInteger),
        PrimaryKeyConstraint("name", name="pk_counter"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_row",
        must("source"),
        must("row_key"),
        must("item"),
        must("digest"),
        PrimaryKeyConstraint("source", "row_key", name="pk_import_row"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_import_row_item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deadline",
        must("item"),
        must("rule"),
        must("key", default=""),
        may("local_date"),
        must("zone"),
        may("due_at"),
        must("version", Integer),
        must("status"),
        may("remaining_days", Integer),
        must("opened_at"),
        must("fixed", Boolean),
        PrimaryKeyConstraint("item", "rule", "key", name="pk_deadline"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_deadline_item"),
        sqlite_with_rowid=False,
    )
    index("ix_deadline_due", "deadline", "due_at", "item", where="status = 'running'")
    index("ix_deadline_rule", "deadline", "rule", "due_at", "item", where="status = 'running'")
    op.create_table(
        "due_step",
        must("item"),
        must("rule"),
        must("key"),
        must("version", Integer),
        must("step"),
        must("at"),
        must("status"),
        may("roles"),
        PrimaryKeyConstraint("item", "rule", "key", "version", "step", name="pk_due_step"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_due_step_item"),
        sqlite_with_rowid=False,
    )
    index("ix_due_step_open", "due_step", "at", where="status = 'open'")
    op.create_table(
        "follow_up",
        must("id"),
        must("item"),
        may("transition"),
        may("reason"),
        must("cause"),
        must("at"),
        must("status"),
        may("result"),
        PrimaryKeyConstraint("id", name="pk_follow_up"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_follow_up_item"),
        sqlite_with_rowid=False,
    )
    index("ix_follow_up_open", "follow_up", "at", where="status = 'open'")
    op.create_table(
        "reminder",
        must("id"),
        must("person"),
        must("item"),
        must("local_date"),
        must("at"),
        must("note"),
        must("created_at"),
        must("status"),
        PrimaryKeyConstraint("id", name="pk_reminder"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_reminder_item"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_reminder_person"),
        sqlite_with_rowid=False,
    )
    index("ix_reminder_open", "reminder", "at", where="status = 'open'")
    index("ix_reminder_person", "reminder", "person")
    op.create_table(
        "calendar_version",
        must("key"),
        must("version", Integer),
        must("sha256"),
        must("source"),
        must("loaded_at"),
        PrimaryKeyConstraint("key", "version", name="pk_calendar_version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task_slot",
        must("task"),
        must("slot"),
        must("taken_at"),
        PrimaryKeyConstraint("task", "slot", name="pk_task_slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        must("id"),
        must("notice"),
        must("item"),
        must("seq", Integer),
        must("roles"),
        must("params"),
        must("at"),
        must("status"),
        PrimaryKeyConstraint("id", name="pk_outbox"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_outbox_item"),
        sqlite_with_rowid=False,
    )
    index("ix_outbox_open", "outbox", "at", where="status = 'open'")
    op.create_table(
        "delivery",
        must("id"),
        may("outbox"),
        must("recipient"),
        must("channel"),
        may("role"),
        may("stands_for"),
        must("message_id"),
        must("status"),
        may("result"),
        must("attempts", Integer),
        may("next_at"),
        may("lease_until"),
        must("epoch", Integer),
        may("message", LargeBinary),
        must("made_at"),
        may("done_at"),
        PrimaryKeyConstraint("id", name="pk_delivery"),
        ForeignKeyConstraint(["outbox"], ["outbox.id"], name="fk_delivery_outbox"),
        ForeignKeyConstraint(["stands_for"], ["person.id"], name="fk_delivery_stands_for"),
        UniqueConstraint("outbox", "recipient", "channel", name="uq_delivery_outbox_recipient_channel"),
        sqlite_with_rowid=False,
    )
    index("ix_delivery_recipient", "delivery", "recipient")
    index("ix_delivery_stands_for", "delivery", "stands_for", where="stands_for IS NOT NULL")
    index("ix_delivery_waiting", "delivery", "channel", "next_at", where="status = 'waiting'")
    index("ix_delivery_for_batch", "delivery", "next_at", where="status = 'for_batch'")
    index("ix_delivery_for_digest", "delivery", "recipient", where="status = 'for_digest'")
    op.create_table(
        "inbox",
        must("person"),
        must("outbox"),
        must("at"),
        may("read_at"),
        PrimaryKeyConstraint("person", "outbox", name="pk_inbox"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_inbox_person"),
        ForeignKeyConstraint(["outbox"], ["outbox.id"], name="fk_inbox_outbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "preference",
        must("person"),
        must("notice"),
        must("mode"),
        must("at"),
        PrimaryKeyConstraint("person", "notice", name="pk_preference"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_preference_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook",
        must("id"),
        must("url"),
        must("private", Boolean),
        must("generation", Integer),
        may("rotated_at"),
        must("made_at"),
        may("disabled_at"),
        may("disabled_why"),
        PrimaryKeyConstraint("id", name="pk_webhook"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account",
        must("person"),
        may("password"),
        may("password_at"),
        may("factor"),
        may("factor_at"),
        may("factor_step", Integer),
        must("made_at"),
        PrimaryKeyConstraint("person", name="pk_account"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_account_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity",
        must("issuer"),
        must("subject"),
        must("person"),
        must("bound_at"),
        PrimaryKeyConstraint("issuer", "subject", name="pk_identity"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_identity_person"),
        sqlite_with_rowid=False,
    )
    index("ix_identity_person", "identity", "person")
    op.create_table(
        "identity_grant",
        must("grant"),
        PrimaryKeyConstraint("grant", name="pk_identity_grant"),
        ForeignKeyConstraint(["grant"], ["role_grant.id"], name="fk_identity_grant_grant"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recovery_code",
        must("person"),
        must("digest"),
        PrimaryKeyConstraint("person", "digest", name="pk_recovery_code"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_recovery_code_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session",
        must("digest"),
        must("id"),
        must("person"),
        must("way"),
        may("factor_at"),
        must("opened_at"),
        must("seen_at"),
        must("ends_at"),
        may("agent"),
        PrimaryKeyConstraint("digest", name="pk_session"),
        UniqueConstraint("id", name="uq_session_id"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_session_person"),
        sqlite_with_rowid=False,
    )
    index("ix_session_person", "session", "person")
    index("ix_session_seen_at", "session", "seen_at")
    op.create_table(
        "api_token",
        must("digest"),
        must("id"),
        must("person"),
        must("label"),
        must("scope"),
        must("made_at"),
        must("ends_at"),
        may("used_at"),
        may("revoked_at"),
        PrimaryKeyConstraint("digest", name="pk_api_token"),
        UniqueConstraint("id", name="uq_api_token_id"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_api_token_person"),
        sqlite_with_rowid=False,
    )
    index("ix_api_token_person", "api_token", "person")
    op.create_table(
        "one_time_link",
        must("id"),
        may("person"),
        must("purpose"),
        must("made_at"),
        must("ends_at"),
        PrimaryKeyConstraint("id", name="pk_one_time_link"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_one_time_link_person"),
        sqlite_with_rowid=False,
    )
    index("ix_one_time_link_person", "one_time_link", "person")
    op.create_table(
        "security_log",
        must("id"),
        must("at"),
        must("what"),
        may("person"),
        may("address"),
        PrimaryKeyConstraint("id", name="pk_security_log"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_security_log_person"),
        sqlite_with_rowid=False,
    )
    index("ix_security_log_at", "security_log", "at")
    index("ix_security_log_person_at", "security_log", "person", "at")
    op.create_table(
        "document",
        must("item"),
        must("seq", Integer),
        must("id"),
        may("name"),
        must("media_type"),
        must("size", Integer),
        must("sha256"),
        may("record"),
        must("author"),
        may("writer"),
        must("at"),
        must("public", Boolean),
        may("ended_seq", Integer),
        may("removed_at"),
        PrimaryKeyConstraint("item", "seq", name="pk_document"),
        UniqueConstraint("id", name="uq_document_id"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_document_item"),
        sqlite_with_rowid=False,
    )
    index("ix_document_sha256", "document", "sha256")
    index("ix_document_author", "document", "author")
    op.create_table(
        "draft",
        must("digest"),
        must("lifecycle"),
        must("data"),
        may("email"),
        may("author"),
        must("made_at"),
        must("changed_at"),
        PrimaryKeyConstraint("digest", name="pk_draft"),
        sqlite_with_rowid=False,
    )
    index("ix_draft_changed_at", "draft", "changed_at")
    index("ix_draft_email", "draft", "email")
    op.create_table(
        "draft_document",
        must("draft"),
        must("id"),
        must("name"),
        must("media_type"),
        must("size", Integer),
        must("sha256"),
        must("at"),
        PrimaryKeyConstraint("draft", "id", name="pk_draft_document"),
        ForeignKeyConstraint(["draft"], ["draft.digest"], name="fk_draft_document_draft"),
        sqlite_with_rowid=False,
    )
    index("ix_draft_document_sha256", "draft_document", "sha256")
    op.create_table(
        "item_link",
        must("item"),
        must("person"),
        must("generation", Integer),
        must("at"),
        PrimaryKeyConstraint("item", "person", name="pk_item_link"),
        ForeignKeyConstraint(["item"], ["item.number"], name="fk_item_link_item"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_item_link_person"),
        sqlite_with_rowid=False,
    )
    index("ix_item_link_person", "item_link", "person")
    op.create_table(
        "job",
        must("id"),
        must("kind"),
        must("person"),
        must("status"),
        may("name"),
        may("content", LargeBinary),
        may("notes"),
        may("phase"),
        must("reached", Integer),
        must("total", Integer),
        may("result"),
        must("made_at"),
        may("beat_at"),
        may("ended_at"),
        PrimaryKeyConstraint("id", name="pk_job"),
        ForeignKeyConstraint(["person"], ["person.id"], name="fk_job_person"),
        sqlite_with_rowid=False,
    )
    index("ix_job_kind_made_at", "job", "kind", "made_at")
    index("ix_job_person", "job", "person")
