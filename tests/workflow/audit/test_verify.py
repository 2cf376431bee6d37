"""Every inconsistent change to the database is found at once, and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Integer, Table, delete, func, insert, not_, select, text, update
from sqlalchemy.exc import IntegrityError

from workflow import kept
from workflow.chains import MOST_FINDINGS, Finding, Findings
from workflow.events import COLUMNS, Kind, chain
from workflow.models import (
    assignment,
    deadline,
    deputy,
    disclosure,
    event,
    item,
    item_facet,
    item_text,
    item_word,
    lifecycle_version,
    link,
    programme_version,
    record,
    role_grant,
    stream_head,
    task,
)

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_a_history_that_nobody_changed_is_whole(history: Any) -> None:
    calls: list[tuple[str, int, int]] = []
    found = history.app.audit.verify(lambda *call: calls.append(call))
    with history.app.database.reading() as connection:
        events = connection.scalar(select(func.count()).select_from(event))
        streams = connection.scalar(select(func.count(event.c.stream.distinct())))
    assert (found.ok, found.findings, found.complete) == (True, (), True)
    assert (found.events, found.streams) == (events, streams)
    assert calls[-1] == ("events", events, events)


def test_the_history_of_the_tests_has_every_kind_of_event_that_keeps_a_row(history: Any) -> None:
    """So that what follows tries what it says."""
    kinds = {one["kind"] for one in history.events(history.stream)}
    assert kinds >= {
        Kind.CREATED, Kind.RECORDED, Kind.ADVANCED, Kind.CORRECTED, Kind.LINKED, Kind.UNLINKED, Kind.ASSIGNED,
        Kind.UNASSIGNED, Kind.COMMENTED,
    }  # fmt: skip
    assert {Kind.GRANTED, Kind.REVOKED, Kind.DEPUTISED} <= {
        one["kind"] for one in history.events(f"person:{history.person}")
    }


# --- events -----------------------------------------------------------------------------------------------------------

OTHER = {"seq": 900, "schema": 2, "payload": b"{}", "guards": '["agreement"]'}


def test_an_altered_column_of_an_event_is_found(history: Any, after: Callable[..., Any]) -> None:
    for stream in (history.stream, f"person:{history.person}", "system"):
        for one in some(history.events(stream)):
            for column in COLUMNS:
                values = [OTHER.get(column, "x")] + ([None] if one[column] and event.c[column].nullable else [])
                for value in values:
                    found = after(partial(_alter, one=one, values={column: value}))
                    first = found.first.get(stream)
                    assert first is not None, f"{column} of {stream}#{one['seq']}"
                    # An event that was put into another stream leaves a gap in its own; of the last one the head tells.
                    assert first.seq == one["seq"] or (column in ("stream", "seq") and first.seq is None)


def some(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first, one in the middle and the last."""
    return [events[0], events[len(events) // 2], events[-1]]


def _alter(connection: Connection, one: dict[str, Any], values: dict[str, Any]) -> None:
    place = (event.c.stream == one["stream"]) & (event.c.seq == one["seq"])
    assert connection.execute(update(event).where(place).values(values)).rowcount == 1


def test_an_altered_payload_with_its_own_hash_made_anew_breaks_the_chain(
    history: Any, after: Callable[..., Any]
) -> None:
    for one in history.events(history.stream):
        payload = one["payload"].replace(b'"via":"api"', b'"via":"web"')
        values = {"payload": payload, "hash": chain(one["prev_hash"], payload), "via": "web"}
        first = after(lambda connection, one=one, values=values: _alter(connection, one, values)).first[history.stream]
        assert (first.seq, first.what) in ((one["seq"] + 1, "event.prev_hash"), (None, "item.head"))


def test_a_deleted_event_is_found(history: Any, after: Callable[..., Any]) -> None:
    for stream in (history.stream, f"person:{history.person}", "system"):
        for one in history.events(stream):
            place = (event.c.stream == stream) & (event.c.seq == one["seq"])
            found = after(lambda connection, place=place: connection.execute(delete(event).where(place)))
            assert stream in found.first, f"{stream}#{one['seq']}"


def test_a_gap_is_named_by_the_first_seq_that_is_missing(history: Any, after: Callable[..., Any]) -> None:
    place = (event.c.stream == history.stream) & event.c.seq.in_([3, 4])
    found = after(lambda connection: connection.execute(delete(event).where(place)))
    assert found.first[history.stream] == Finding(history.stream, 3, "event.seq", 3, 5)


def test_events_in_another_order_are_found(history: Any, after: Callable[..., Any]) -> None:
    one, two = history.events(history.stream)[3:5]

    def swap(connection: Connection) -> None:
        _alter(connection, one, {"seq": 900})
        _alter(connection, two, {"seq": one["seq"]})
        _alter(connection, {**one, "seq": 900}, {"seq": two["seq"]})

    assert after(swap).first[history.stream].seq == one["seq"]


def test_an_inserted_event_is_found(history: Any, after: Callable[..., Any]) -> None:
    events = history.events(history.stream)

    def put_in(connection: Connection) -> None:
        for one in reversed(events[3:]):
            _alter(connection, one, {"seq": one["seq"] + 1})
        connection.execute(insert(event).values({**events[3], "via": "web"}))

    assert after(put_in).first[history.stream].seq == events[3]["seq"]


def test_an_event_put_at_the_end_is_found_by_the_item(history: Any, after: Callable[..., Any]) -> None:
    last = history.events(history.stream)[-1]

    def put_in(connection: Connection) -> None:
        payload = last["payload"].replace(f'"seq":{last["seq"]},'.encode(), f'"seq":{last["seq"] + 1},'.encode())
        more = {
            "seq": last["seq"] + 1,
            "payload": payload,
            "prev_hash": last["hash"],
            "hash": chain(last["hash"], payload),
        }
        connection.execute(insert(event).values({**last, **more}))

    assert not after(put_in).ok


def test_an_event_that_no_program_of_ours_wrote_is_found_and_stops_nothing(
    history: Any, after: Callable[..., Any], forge: Any
) -> None:
    def write(connection: Connection) -> None:
        forge.append(connection, history.number, Kind.CREATED)
        forge.append(connection, history.number, Kind.COMMENTED, text="0" * 64, public=False)

    first = after(write).first[history.stream]
    assert first.what == "event.payload"


def test_only_the_first_broken_event_of_a_stream_is_named(history: Any, after: Callable[..., Any]) -> None:
    def scramble(connection: Connection) -> None:
        connection.execute(update(event).values(via="web"))

    found = after(scramble)
    assert {(one.stream, one.seq) for one in found.findings} == {(stream, 1) for stream in found.first}
    assert len(found.first) == found.streams


def test_a_missing_trigger_is_found(history: Any) -> None:
    statement = "DROP TRIGGER event_no_update" if history.app.database.path else "DROP TRIGGER event_kept ON event"
    with history.app.database.writing() as connection:
        connection.execute(text(statement))
    assert [one.what for one in history.app.audit.verify().findings] in (
        ["trigger event_no_update"],
        ["trigger event_kept"],
    )


# --- rows -------------------------------------------------------------------------------------------------------------

FREE = {
    # What no event tells: how a clock goes on is computed from its rule, and the step that fires it is judged again.
    deadline: {"zone", "due_at", "remaining_days", "opened_at"},
}
TABLES = (
    item, item_facet, record, link, assignment, disclosure, deadline, stream_head, role_grant, deputy,
    lifecycle_version, programme_version, item_word, item_text, task,
)  # fmt: skip


def rows_of(history: Any, table: Table) -> list[dict[str, Any]]:
    with history.app.database.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def at(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]


def other(column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return not_(column)
    return 77 if isinstance(column.type, Integer) else "x"


def test_an_altered_column_of_a_row_is_found(history: Any, after: Callable[..., Any]) -> None:
    for table in TABLES:
        rows = rows_of(history, table)
        assert rows, table.name
        for row in rows[:2] + rows[-1:]:
            for column in table.columns:
                if column.name in FREE.get(table, ()):
                    continue
                for value in [other(column)] + ([None] if column.nullable and row[column.name] is not None else []):
                    statement = update(table).where(*at(table, row)).values({column.name: value})
                    try:
                        found = after(lambda connection, statement=statement: connection.execute(statement))
                    except IntegrityError:
                        continue  # The table itself keeps two open links of one kind to one item apart.
                    assert not found.ok, f"{table.name}.{column.name} of {row}"


def test_a_deleted_row_is_found(history: Any, after: Callable[..., Any]) -> None:
    for table in TABLES:
        for row in rows_of(history, table):
            statement = delete(table).where(*at(table, row))
            found = after(lambda connection, statement=statement: connection.execute(statement))
            assert not found.ok, f"{table.name} {row}"


def test_a_row_too_many_is_found(history: Any, after: Callable[..., Any]) -> None:
    more = {
        item: {"ordinal": 20260000900},
        link: {"ended_seq": 901},
        assignment: {"ended_seq": 901},
        record: {"version": 900},
    }
    for table in TABLES:
        last = list(table.primary_key)[-1]
        row = rows_of(history, table)[0] | {last.name: 900 if isinstance(last.type, Integer) else "2026-0900"}
        statement = insert(table).values(row | more.get(table, {}))
        found = after(lambda connection, statement=statement: connection.execute(statement))
        assert not found.ok, f"{table.name} {row}"


def test_words_and_tasks_that_are_wrong_are_named_and_written_anew(history: Any, by_hand: Callable[..., Any]) -> None:
    app = history.app
    with app.database.reading() as connection:
        whole = {table: set(connection.execute(select(table))) for table in (item_word, item_text, task)}
    assert all(whole.values())

    def hands(connection: Connection) -> None:
        connection.execute(delete(item_word).where(item_word.c.word == "sensoren"))
        connection.execute(update(item_text).values(words="brunnen"))
        connection.execute(update(task).values(role="nobody"))
        connection.execute(insert(item_word).values(ordinal=7, word="niemand"))

    by_hand(hands)
    found = app.audit.verify()
    assert {one.what for one in found.findings} == set(kept.TABLES)
    first = next(one for one in found.findings if (one.stream, one.what) == (history.stream, "item_word"))
    assert (first.expected, first.found) == (["sensoren"], None)
    assert kept.rebuild(app.database, app.rules, NOW) == [history.number, "2026-0002"]
    assert app.audit.verify().ok
    with app.database.reading() as connection:
        for table in (item_word, task):
            assert set(connection.execute(select(table))) == whole[table], table.name
    assert kept.rebuild(app.database, app.rules, NOW) == []


@pytest.mark.parametrize(
    ("table", "values", "what"),
    [
        (item, {"state": "closed"}, "item.state"),
        (item, {"revision": 3}, "item.revision"),
        (item, {"title": "Etwas anderes"}, "item.title"),
        (record, {"author": "p-0"}, "record.author"),
        (record, {"data": '{"title":"Etwas anderes"}'}, "record.data"),
        (assignment, {"person": "p-0"}, "assignment.person"),
    ],
)
def test_a_finding_says_what_should_be_there_and_what_is(
    history: Any, after: Callable[..., Any], table: Table, values: dict[str, Any], what: str
) -> None:
    column = table.c.number if table is item else table.c.item
    found = after(lambda connection: connection.execute(update(table).where(column == history.number).values(values)))
    finding = next(one for one in found.findings if one.what == what)
    assert str(finding).startswith(history.stream)
    assert "should be" in str(finding)


def test_a_record_moved_to_another_item_is_found(history: Any, after: Callable[..., Any]) -> None:
    def move(connection: Connection) -> None:
        connection.execute(update(record).where(record.c.item == history.number, record.c.seq == 2).values(seq=900))

    whats = {(one.seq, one.what) for one in after(move).findings}
    assert whats >= {(2, "record"), (900, "record")}


def test_an_item_without_events_and_events_without_an_item_are_found(history: Any, after: Callable[..., Any]) -> None:
    lonely = after(lambda connection: connection.execute(delete(event).where(event.c.stream == history.stream)))
    assert "item" in {one.what for one in lonely.findings if one.stream == history.stream}
    orphans = after(lambda connection: connection.execute(delete(item).where(item.c.number == history.number)))
    assert "item" in {one.what for one in orphans.findings if one.stream == history.stream}


def test_a_role_that_somebody_gave_themselves_is_found(history: Any, after: Callable[..., Any]) -> None:
    def give(connection: Connection) -> None:
        row = connection.execute(select(role_grant)).mappings().first()
        connection.execute(
            insert(role_grant).values({**row, "id": "g-0", "role": "administrator", "scope_kind": None, "scope": None})
        )

    assert [one.what for one in after(give).findings] == ["role_grant g-0"]


# --- erased texts -----------------------------------------------------------------------------------------------------


def parts_of(history: Any) -> list[tuple[int, str]]:
    with history.app.database.reading() as connection:
        return [
            (seq, part)
            for seq, part in connection.execute(
                select(disclosure.c.seq, disclosure.c.part)
                .where(disclosure.c.stream == history.stream)
                .order_by(disclosure.c.seq, disclosure.c.part)
            )
        ]


def test_erased_texts_leave_the_history_whole(history: Any, after: Callable[..., Any], forge: Any) -> None:
    parts = parts_of(history)
    assert {part for _, part in parts} == {"data", "personal", "reason", "text"}
    found = after(lambda connection: forge.erase(connection, history.number, *parts))
    assert found.findings == ()


def test_a_text_that_is_gone_without_a_word_is_found(history: Any, after: Callable[..., Any], forge: Any) -> None:
    for seq, part in parts_of(history):
        found = after(lambda connection, gone=(seq, part): forge.erase(connection, history.number, gone, told=False))
        assert [(one.seq, one.found) for one in found.findings if one.what.endswith(f".{part}")] == [(seq, None)]


def test_another_text_than_the_erased_one_may_not_be_gone(history: Any, after: Callable[..., Any], forge: Any) -> None:
    first, second, *_ = parts_of(history)

    def erase(connection: Connection) -> None:
        forge.erase(connection, history.number, first)
        forge.erase(connection, history.number, second, told=False)

    assert [(one.seq, one.what.split(".")[1]) for one in after(erase).findings] == [second]


# --- the list of findings ---------------------------------------------------------------------------------------------


def test_findings_are_counted_but_not_all_kept() -> None:
    findings = Findings()
    for seq in range(MOST_FINDINGS + 5):
        findings.add("system", seq, "event.hash", "a", "b")
    assert (len(findings.kept), findings.left_out) == (MOST_FINDINGS, 5)


def test_a_long_value_is_cut_in_a_finding() -> None:
    assert len(str(Finding("system", 1, "event.payload", "a" * 500, None))) < 250
