"""The history is found by any combination of filters, page by page, and always by an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from workflow import access
from workflow.commands import Comment
from workflow.db import Database
from workflow.errors import BadInput, NotFound
from workflow.events import Kind, timestamp
from workflow.history import AuditEvent, AuditFilter, count_events, reasons_of, rows_of, select_events
from workflow.streams import Origin, append

from .conftest import BATCH

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CITIZEN, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"


@pytest.fixture
def log(history: Any) -> list[AuditEvent]:
    """All events in log order, some of them on other days."""
    for day in range(1, 4):
        command = Comment(item=history.number, actor=COORDINATOR, text=f"Tag {day}", command_id=f"c-{day}")
        history.app.engine.execute(command, now=NOW + timedelta(days=day))
    return list(history.app.audit.list(limit=1000).events)


def keys(events: Any) -> list[tuple[str, int]]:
    return [(one.stream, one.seq) for one in events]


def test_without_a_filter_all_events_come_in_log_order(log: list[AuditEvent]) -> None:
    order = [(one.recorded_at, one.stream, one.seq) for one in log]
    assert order == sorted(order)
    assert len({one.stream for one in log}) > 5


def wanted(filters: AuditFilter) -> Callable[[AuditEvent], bool]:
    """What each filter means, said plainly."""
    return lambda one: (
        (filters.person is None or filters.person in (one.actor, one.on_behalf_of))
        and (filters.item is None or one.number == filters.item)
        and (filters.kind is None or one.kind == filters.kind)
        and (filters.transition is None or one.trigger == filters.transition)
        and (filters.via is None or one.via == filters.via)
        and (filters.stream is None or one.stream == filters.stream)
        and (filters.since is None or one.recorded_at >= timestamp(filters.since))
        and (filters.until is None or one.recorded_at < timestamp(filters.until))
    )


def every_combination(choices: dict[str, Any]) -> Iterator[AuditFilter]:
    for size in range(len(choices) + 1):
        for names in combinations(choices, size):
            yield AuditFilter(**{name: choices[name] for name in names})


def choices(history: Any) -> dict[str, Any]:
    return {
        "person": history.person,
        "item": history.number,
        "kind": "advanced",
        "transition": "accept",
        "via": "api",
        "since": NOW,
        "until": NOW + timedelta(days=2),
    }


def test_every_combination_of_filters_gives_what_they_say(history: Any, log: list[AuditEvent]) -> None:
    found = 0
    for filters in every_combination(choices(history)):
        right = [one for one in log if wanted(filters)(one)]
        assert keys(history.app.audit.list(filters, limit=1000).events) == keys(right), filters
        found += bool(right)
    assert found == 2 ** len(choices(history)), "each of them gives something, or nothing was tried"


def test_a_person_is_found_where_they_acted_and_where_somebody_acted_for_them(
    history: Any, log: list[AuditEvent]
) -> None:
    events = history.app.audit.list(AuditFilter(person=COORDINATOR), limit=1000).events
    assert {(one.actor == history.person, one.on_behalf_of == history.person) for one in events} == {
        (True, False),
        (False, True),
    }


def test_a_person_who_acted_for_themselves_is_named_once(history: Any) -> None:
    own = Origin(history.person, "api", on_behalf_of=history.person)
    with history.app.database.writing() as connection:
        append(connection, "system", Kind.IMPORT_RUN, own, NOW)
    filters = AuditFilter(person=history.person, stream="system")
    assert keys(history.app.audit.list(filters).events) == [("system", len(history.events("system")))]
    with history.app.database.reading() as connection:
        assert count_events(connection, filters) == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_events_of_a_batch_are_those_of_its_commands_alone(
    history: Any, log: list[AuditEvent], newest_first: bool
) -> None:
    for mark in (f"{BATCH}0:{history.number}", f"{BATCH}::x", BATCH):
        command = Comment(item=history.number, actor=COORDINATOR, text="von anderswo", command_id=mark)
        history.app.engine.execute(command, now=NOW + timedelta(days=4))
    right = [(one.stream, one.seq) for one in log if one.command_id == f"{BATCH}:{history.number}"]
    assert [kind for one in log if (kind := one.kind) == "advanced" and (one.stream, one.seq) in right]
    for filters in (
        AuditFilter(batch=BATCH),
        AuditFilter(batch=BATCH, item=history.number, person=history.person),
        AuditFilter(batch=BATCH, via="api", since=NOW, until=NOW + timedelta(days=9)),
    ):
        found = history.app.audit.list(filters, newest_first=newest_first).events
        assert keys(found) == (right[::-1] if newest_first else right), filters
        plan = _plan(history.app.database, select_events(filters, newest_first=newest_first, limit=50))
        assert "ix_event_command_id" in plan or history.app.database.dialect == "postgresql", plan
        assert _from_an_index(history.app.database.dialect, plan), plan


def test_an_unknown_address_is_told(history: Any) -> None:
    with pytest.raises(NotFound, match=r"niemand@dortmund\.example"):
        history.app.audit.list(AuditFilter(person="niemand@dortmund.example"))


def test_an_erased_person_is_still_found_by_their_pseudonym(history: Any) -> None:
    with history.app.database.writing() as connection:
        citizen = access.find(connection, CITIZEN).id
        connection.execute(text("DELETE FROM contact WHERE person = :person"), {"person": citizen})
    assert history.app.audit.list(AuditFilter(person=citizen)).events


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("by_person", [False, True])
def test_pages_follow_each_other_without_a_gap(
    history: Any, log: list[AuditEvent], newest_first: bool, by_person: bool
) -> None:
    filters = AuditFilter(person=history.person) if by_person else AuditFilter()
    found: list[AuditEvent] = []
    cursor = None
    while True:
        page = history.app.audit.list(filters, limit=3, cursor=cursor, newest_first=newest_first)
        found += page.events
        cursor = page.next
        if cursor is None:
            break
        assert len(page.events) == 3
    right = [one for one in log if wanted(filters)(one)]
    assert keys(found) == keys(reversed(right) if newest_first else right)


@pytest.mark.parametrize("newest_first", [False, True])
def test_one_comes_back_the_way_one_went(history: Any, log: list[AuditEvent], newest_first: bool) -> None:
    audit, filters = history.app.audit, AuditFilter(person=history.person)
    first = audit.list(filters, limit=3, newest_first=newest_first)
    second = audit.list(filters, limit=3, newest_first=newest_first, cursor=first.next)
    third = audit.list(filters, limit=3, newest_first=newest_first, cursor=second.next)
    back = audit.list(filters, limit=3, newest_first=newest_first, cursor=third.previous, backwards=True)
    assert keys(back.events) == keys(second.events)
    assert (back.next, back.previous) == (second.next, second.previous)
    assert first.previous is None
    home = audit.list(filters, limit=3, newest_first=newest_first, cursor=back.previous, backwards=True)
    assert (keys(home.events), home.previous) == (keys(first.events), None)


def test_a_page_that_is_just_full_is_the_last_one(history: Any, log: list[AuditEvent]) -> None:
    assert history.app.audit.list(limit=len(log)).next is None


def test_a_cursor_that_is_none_is_told(history: Any) -> None:
    for cursor in ("x", "!", "bnVsbA", "W10", "eyJhIjoxfQ", "ü"):
        with pytest.raises(BadInput, match="is no cursor"):
            history.app.audit.list(cursor=cursor)


def test_an_event_says_why(history: Any, log: list[AuditEvent]) -> None:
    reasons = {one.reason for one in log if one.stream == history.stream}
    assert reasons == {None, "An welchen Brücken?", "Zu früh angenommen"}


def test_an_event_tells_its_details(history: Any, log: list[AuditEvent]) -> None:
    created = next(one for one in log if one.stream == history.stream)
    assert (created.number, created.details["lifecycle"]) == (history.number, "short")


# --- plans ------------------------------------------------------------------------------------------------------------


def test_every_combination_of_filters_answers_from_an_index(history: Any, log: list[AuditEvent]) -> None:
    place = (log[3].recorded_at, log[3].stream, log[3].seq)
    database = history.app.database
    for filters in every_combination(choices(history)):
        for newest_first in (False, True):
            for after in (None, place):
                for limit in (50, None):
                    statement = select_events(filters, newest_first=newest_first, after=after, limit=limit)
                    plan = _plan(database, statement)
                    assert _from_an_index(database.dialect, plan), f"{filters} {newest_first} {after} {limit}\n{plan}"


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (AuditFilter(), "ix_event_recorded_at_stream_seq"),
        (AuditFilter(via="api", since=NOW), "ix_event_via_recorded_at"),
        (AuditFilter(kind="advanced", via="api"), "ix_event_kind_recorded_at"),
        (AuditFilter(transition="accept", kind="advanced"), "ix_event_trigger"),
        (AuditFilter(person="p-1", transition="accept", kind="advanced"), "ix_event_actor_recorded_at"),
        (AuditFilter(person="system", transition="accept"), "ix_event_trigger"),
        (AuditFilter(item="2026-0001", person="p-1", kind="advanced"), "PRIMARY KEY"),
        (AuditFilter(stream="system", via="cli"), "PRIMARY KEY"),
    ],
)
def test_on_sqlite_the_filter_that_narrows_most_leads(sqlite_url: str, filters: AuditFilter, index: str) -> None:
    """It keeps no statistics, and would take the index that saves a sort: a million rows read for nine."""
    database = Database(sqlite_url)
    plan = _plan(database, select_events(filters, newest_first=True, limit=50))
    database.close()
    assert f"{index}" in next(line for line in plan.splitlines() if line.startswith(("SEARCH event", "SCAN event")))


def test_on_sqlite_the_rarer_of_two_values_leads_whatever_its_column(sqlite_url: str) -> None:
    """A common kind and a rare door: by the kind, all of its events would be read for a handful."""
    database = Database(sqlite_url)
    with database.writing() as connection:
        for via, times in (("page", 30), ("cli", 2)):
            for _ in range(times):
                append(connection, "system", Kind.EXPORT_RUN, Origin("somebody", via), NOW)
    for filters, index in (
        (AuditFilter(kind=Kind.EXPORT_RUN.value, via="cli"), "ix_event_via_recorded_at"),
        (AuditFilter(kind=Kind.EXPORT_RUN.value, via="page"), "ix_event_via_recorded_at"),
        (AuditFilter(kind=Kind.EXPORT_RUN.value, via="page", person="somebody"), "ix_event_via_recorded_at"),
        (AuditFilter(kind=Kind.LIFECYCLE_LOADED.value, via="page"), "ix_event_kind_recorded_at"),
    ):
        with database.reading() as connection:
            rows = rows_of(connection, filters)
        plan = _plan(database, select_events(filters, limit=50, rows=rows))
        assert index in next(line for line in plan.splitlines() if line.startswith("SEARCH event")), filters
    database.close()


def test_reasons_of_a_page_are_looked_up_by_their_key(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    plan = _plan(database, reasons_of({("item:2026-0001", 3), ("item:2026-0002", 4)}))
    database.close()
    assert plan == "SEARCH disclosure USING PRIMARY KEY (stream=? AND seq=? AND part=?)"


def _plan(database: Any, statement: Any) -> str:
    dialect = sqlite.dialect() if database.path else postgresql.dialect()
    written = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with database.reading() as connection:
        if database.path:
            return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}"))
        # A handful of rows is read faster without any index; what matters is whether there is one.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {written}".replace("%", "%%")))


def _from_an_index(dialect: str, plan: str) -> bool:
    if dialect == "postgresql":
        return "Seq Scan on event" not in plan
    lines = [line for line in plan.splitlines() if line.startswith(("SCAN event", "SEARCH event"))]
    return bool(lines) and all("INDEX" in line or "PRIMARY KEY" in line for line in lines)
