"""The SQL of the write path: built with SQLAlchemy Core, compiled once a dialect, run on the driver's own cursor.

Each statement is named for what it gives or does. Parameters are positional, in the order the text has them; an
insert takes the columns of its table in their order in models.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql import ClauseElement

from workflow.db import driver_dialect
from workflow.events import MOVES
from workflow.models import (
    assignment,
    command,
    contact,
    deadline,
    deputy,
    disclosure,
    due_step,
    event,
    follow_up,
    item,
    item_facet,
    link,
    outbox,
    person,
    record,
    role_grant,
    support,
)

Params = tuple[Any, ...]

LATEST = text("latest")
"""As the partial index has it: SQLite does not see that `latest = 1` implies it."""


# A list travels as one JSON text: one statement, however many words a sheet has.
ELEMENTS = {False: "json_each(?)", True: "json_array_elements_text(%s::json) AS one(value)"}
INSERT_WORDS = """
INSERT INTO item_word (ordinal, word) SELECT {cast}, value FROM {elements} WHERE true ON CONFLICT DO NOTHING
"""
INSERT_TEXT = """
INSERT INTO item_text (ordinal, words) VALUES ({cast}, {text})
ON CONFLICT (ordinal) DO UPDATE SET words = excluded.words
"""
UNINDEX_TEXT = """
INSERT INTO item_text_index (item_text_index, rowid, words) SELECT 'delete', ordinal, words FROM item_text
WHERE ordinal = ?
"""
INDEX_TEXT = "INSERT INTO item_text_index (rowid, words) VALUES (?, ?)"
DELETE_WORDS = "DELETE FROM item_word WHERE ordinal = ? AND word IN (SELECT value FROM {elements})"
INSERT_FOLLOWED = """
INSERT INTO outbox (id, notice, item, seq, roles, params, at, status) SELECT ?, ?, ?, {seq}, ?, ?, ?, ?
WHERE EXISTS (SELECT 1 FROM follower WHERE item = ? AND confirmed_at IS NOT NULL)
"""
FOLLOW_TOO = """
INSERT INTO follower (item, person, asked_at, confirmed_at) SELECT {text}, person, asked_at, confirmed_at
FROM follower WHERE item = ? AND confirmed_at IS NOT NULL ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Statements:
    """The compiled statements of one dialect, each with its parameters -> what a row of it holds."""

    item: str  # number -> the item's row; on PostgreSQL locked
    item_unlocked: str
    command: str  # actor, command id -> request hash, result
    person_by_email: str  # today, today, email -> id, erased_at, role, scope kind, scope
    person_by_id: str  # today, today, id -> the same
    deputyship: str  # person, deputy, today, today -> role
    assignments: str  # item -> role, person, unit, seq
    facets: str  # item -> facet, value
    links: str  # item, item -> kind, outgoing, other, lifecycle, version, state
    linked_items_shared: str  # item, item -> number; on PostgreSQL locked for share, in order
    steps: str  # stream -> kind, trigger, from, to, actor, on_behalf_of, at
    supports: str  # item -> at
    support: str  # item, person -> at
    deadlines: str  # item -> rule, key, local_date, version, status, remaining_days, fixed
    next_number: str  # name -> last

    insert_item: str
    insert_event: str
    insert_disclosure: str
    insert_record: str
    insert_facet: str
    insert_link: str
    insert_assignment: str
    insert_support: str
    insert_deadline: str
    insert_due_step: str
    insert_follow_up: str
    insert_outbox: str
    insert_followed: str  # the columns of outbox; item: only where somebody follows it
    insert_words: str  # ordinal, JSON list of words
    insert_text: str  # ordinal, words
    unindex_text: str  # ordinal; on SQLite, before the text is changed; PostgreSQL keeps its index by itself: ""
    index_text: str  # ordinal, words; on SQLite, after it
    follow_too: str  # survivor, item: who follows the item follows the survivor as well
    insert_command: str

    update_item: (
        str  # state, stage, revision, head, visit, entered_at, origin, origin_visit, title, released; number, revision
    )
    set_version: str  # version; number
    supersede_record: str  # item, kind, key, visit
    delete_facets: str  # item, facet
    delete_words: str  # ordinal, JSON list of words
    end_link: str  # seq; item, kind, other
    end_assignment: str  # seq; item, role, person
    set_deadline: str  # local_date, due_at, version, status, remaining_days, opened_at, fixed; item, rule, key
    void_steps: str  # item, rule, key


@cache
def statements(dialect: str) -> Statements:
    """The statements for "sqlite" or "postgresql"."""
    locking = dialect == "postgresql"

    def sql(clause: ClauseElement) -> str:
        return str(clause.compile(dialect=driver_dialect(dialect), compile_kwargs={"render_postcompile": True}))

    def into(table: Table) -> str:
        return sql(insert(table).values({column.name: bindparam(f"v_{column.name}") for column in table.columns}))

    def grants_of(condition: Any) -> Select[Any]:
        in_force = (
            (role_grant.c.person == person.c.id)
            & role_grant.c.revoked_at.is_(None)
            & (role_grant.c.valid_from <= bindparam("today"))
            & or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= bindparam("today_again"))
        )
        return (
            select(person.c.id, person.c.erased_at, role_grant.c.role, role_grant.c.scope_kind, role_grant.c.scope)
            .select_from(person.outerjoin(contact, contact.c.person == person.c.id).outerjoin(role_grant, in_force))
            .where(condition)
        )

    one_item = select(item).where(item.c.number == bindparam("number"))
    neighbours = union_all(
        select(
            link.c.kind,
            literal_column("1").label("outgoing"),
            item.c.number,
            item.c.lifecycle,
            item.c.version,
            item.c.state,
        )
        .join(item, item.c.number == link.c.other)
        .where(link.c.item == bindparam("item"), link.c.ended_seq.is_(None)),
        select(
            link.c.kind,
            literal_column("0").label("outgoing"),
            item.c.number,
            item.c.lifecycle,
            item.c.version,
            item.c.state,
        )
        .join(item, item.c.number == link.c.item)
        .where(link.c.other == bindparam("item_again"), link.c.ended_seq.is_(None)),
    )
    shared = (
        select(item.c.number)
        .where(
            or_(
                item.c.number.in_(
                    select(link.c.other).where(link.c.item == bindparam("item"), link.c.ended_seq.is_(None))
                ),
                item.c.number.in_(
                    select(link.c.item).where(link.c.other == bindparam("item_again"), link.c.ended_seq.is_(None))
                ),
            )
        )
        .order_by(item.c.number)
    )
    moved: list[ColumnElement[str]] = [literal_column(f"'{kind}'") for kind in sorted(MOVES)]
    numbered = (
        "INSERT INTO counter (name, last) VALUES ({0}, {0}) "
        "ON CONFLICT (name) DO UPDATE SET last = counter.last + excluded.last RETURNING last"
    ).format("%s" if locking else "?")
    return Statements(
        # Without the key, which never changes: rows that refer to the item are written meanwhile and wait for nobody.
        item=sql(one_item.with_for_update(key_share=True) if locking else one_item),
        item_unlocked=sql(one_item),
        command=sql(
            select(command.c.request_hash, command.c.result).where(
                command.c.actor == bindparam("actor"), command.c.command_id == bindparam("command_id")
            )
        ),
        person_by_email=sql(grants_of(contact.c.email == bindparam("email"))),
        person_by_id=sql(grants_of(person.c.id == bindparam("id"))),
        deputyship=sql(
            select(deputy.c.role).where(
                deputy.c.person == bindparam("person"),
                deputy.c.deputy == bindparam("deputy"),
                deputy.c.valid_from <= bindparam("today"),
                deputy.c.valid_to >= bindparam("today_again"),
            )
        ),
        assignments=sql(
            select(assignment.c.role, assignment.c.person, assignment.c.unit, assignment.c.seq).where(
                assignment.c.item == bindparam("item"), assignment.c.ended_seq.is_(None)
            )
        ),
        facets=sql(select(item_facet.c.facet, item_facet.c.value).where(item_facet.c.item == bindparam("item"))),
        links=sql(neighbours),
        linked_items_shared=sql(shared.with_for_update(read=True) if locking else shared),
        steps=sql(
            select(
                event.c.kind, event.c.trigger, event.c["from"], event.c.to, event.c.actor, event.c.on_behalf_of,
                event.c.at,
            )
            .where(event.c.stream == bindparam("stream"), event.c.kind.in_(moved))
            .order_by(event.c.seq)
        ),
        supports=sql(select(support.c.at).where(support.c.item == bindparam("item"))),
        support=sql(
            select(support.c.at).where(support.c.item == bindparam("item"), support.c.person == bindparam("person"))
        ),
        deadlines=sql(
            select(
                deadline.c.rule, deadline.c.key, deadline.c.local_date, deadline.c.version, deadline.c.status,
                deadline.c.remaining_days, deadline.c.fixed,
            ).where(deadline.c.item == bindparam("item"))
        ),
        next_number=numbered,
        insert_item=into(item),
        insert_event=into(event),
        insert_disclosure=into(disclosure),
        insert_record=into(record),
        insert_facet=into(item_facet),
        insert_link=into(link),
        insert_assignment=into(assignment),
        insert_support=into(support),
        insert_deadline=into(deadline),
        insert_due_step=into(due_step),
        insert_follow_up=into(follow_up),
        insert_outbox=into(outbox),
        insert_followed=_marked(INSERT_FOLLOWED, locking),
        insert_words=_marked(INSERT_WORDS, locking),
        insert_text=_marked(INSERT_TEXT, locking),
        unindex_text="" if locking else UNINDEX_TEXT,
        index_text="" if locking else INDEX_TEXT,
        follow_too=_marked(FOLLOW_TOO, locking),
        insert_command=into(command),
        update_item=sql(
            update(item)
            .where(item.c.number == bindparam("w_number"), item.c.revision == bindparam("w_revision"))
            .values(
                {
                    name: bindparam(f"v_{name}")
                    for name in (
                        "state", "stage", "revision", "head", "visit", "entered_at", "origin", "origin_visit", "title",
                        "released",
                    )
                }
            )
        ),
        set_version=sql(
            update(item).where(item.c.number == bindparam("w_number")).values(version=bindparam("v_version"))
        ),
        supersede_record=sql(
            update(record)
            .where(
                record.c.item == bindparam("w_item"),
                record.c.kind == bindparam("w_kind"),
                record.c.key == bindparam("w_key"),
                record.c.visit == bindparam("w_visit"),
                LATEST,
            )
            .values(latest=text("false"))
        ),
        delete_facets=sql(
            item_facet.delete().where(
                item_facet.c.item == bindparam("w_item"), item_facet.c.facet == bindparam("w_facet")
            )
        ),
        delete_words=_marked(DELETE_WORDS, locking),
        end_link=sql(
            update(link)
            .where(
                link.c.item == bindparam("w_item"),
                link.c.kind == bindparam("w_kind"),
                link.c.other == bindparam("w_other"),
                link.c.ended_seq.is_(None),
            )
            .values(ended_seq=bindparam("v_ended_seq"))
        ),
        end_assignment=sql(
            update(assignment)
            .where(
                assignment.c.item == bindparam("w_item"),
                assignment.c.role == bindparam("w_role"),
                assignment.c.person == bindparam("w_person"),
                assignment.c.ended_seq.is_(None),
            )
            .values(ended_seq=bindparam("v_ended_seq"))
        ),
        set_deadline=sql(
            update(deadline)
            .where(
                deadline.c.item == bindparam("w_item"),
                deadline.c.rule == bindparam("w_rule"),
                deadline.c.key == bindparam("w_key"),
            )
            .values(
                {
                    name: bindparam(f"v_{name}")
                    for name in ("local_date", "due_at", "version", "status", "remaining_days", "opened_at", "fixed")
                }
            )
        ),
        void_steps=sql(
            update(due_step)
            .where(
                due_step.c.item == bindparam("w_item"),
                due_step.c.rule == bindparam("w_rule"),
                due_step.c.key == bindparam("w_key"),
                due_step.c.status == text("'open'"),
            )
            .values(status=text("'void'"))
        ),
    )  # fmt: skip


def _marked(statement: str, postgresql: bool) -> str:
    """A statement written out, with the marks and the casts of the dialect: PostgreSQL takes a bare mark for text."""
    cast, seq, text = ("%s::bigint", "%s::integer", "%s::text") if postgresql else ("?", "?", "?")
    filled = statement.format(cast=cast, seq=seq, text=text, elements=ELEMENTS[postgresql])
    return filled.replace("?", "%s") if postgresql else filled


@cache
def records_of(dialect: str, kinds: int, items: int) -> str:
    """items…, kinds… -> item, kind, key, visit, version, author, data, personal, at, writer of their latest records."""
    latest = select(
        record.c.item, record.c.kind, record.c.key, record.c.visit, record.c.version, record.c.author,
        record.c.data, record.c.personal, record.c.at, record.c.writer,
    ).where(
        record.c.item.in_([bindparam(f"item_{index}") for index in range(items)]),
        record.c.kind.in_([bindparam(f"kind_{index}") for index in range(kinds)]),
        LATEST,
    )  # fmt: skip
    return str(latest.compile(dialect=driver_dialect(dialect)))
