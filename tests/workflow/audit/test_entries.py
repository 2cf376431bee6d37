"""One event whole: what it changed, what proves it; rights that end early, and contact data that was looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from workflow import access, erasure
from workflow.errors import BadInput, NotFound
from workflow.events import Kind
from workflow.models import deputy
from workflow.queries.entries import Changed, entry
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CITIZEN = "buergerin@dortmund.example"


def found(history: Any, stream: str, seq: int) -> Any:
    with history.app.database.reading() as connection:
        return entry(connection, history.app.rules, stream, seq)


def of_kind(history: Any, kind: str) -> list[Any]:
    seqs = [one["seq"] for one in history.events(history.stream) if one["kind"] == kind]
    return [found(history, history.stream, seq) for seq in seqs]


def test_an_entry_tells_what_a_form_changed_without_the_fields_that_name_people(history: Any) -> None:
    first, second = of_kind(history, "recorded")[:2]
    assert {one.field for one in first.changed} == {"title", "cities"}
    assert all(one.before is None for one in first.changed)
    assert first.personal
    assert second.changed == (Changed("title", "Sensoren an Brücken", "Sensoren an alten Brücken"),)
    assert second.whole


def test_an_entry_tells_the_reason_until_it_is_erased(history: Any) -> None:
    asked = next(one for one in of_kind(history, "advanced") if one.event.trigger == "ask")
    assert asked.texts["reason"] == "An welchen Brücken?"
    erasure.erase(
        history.app.database, history.app.rules, history.person, Origin("operator", "cli"), NOW + timedelta(days=1)
    )
    gone = found(history, history.stream, asked.event.seq)
    assert (gone.texts, gone.erased) == ({}, ("reason",))
    assert gone.last > asked.last


def test_an_event_that_there_is_not_is_told(history: Any) -> None:
    with pytest.raises(NotFound):
        found(history, history.stream, 999)


def test_contact_data_that_are_looked_at_leave_a_trace_once_a_day(history: Any) -> None:
    database = history.app.database
    reader = Origin(history.person, "page")
    for hours in (0, 1, 25):
        with database.writing() as connection:
            person = access.looked_up(connection, CITIZEN, reader, NOW + timedelta(hours=hours)).id
    with database.writing() as connection:
        access.looked_up(connection, CITIZEN, Origin(person, "page"), NOW)  # one's own are nobody's business
    looked = [one for one in history.events(f"person:{person}") if one["kind"] == Kind.CONTACT_READ]
    assert [one["actor"] for one in looked] == [history.person, history.person]


def test_a_deputyship_ends_early_and_the_history_proves_it(history: Any) -> None:
    database, origin = history.app.database, Origin("operator", "cli")
    with database.writing() as connection:
        key = connection.scalar(select(deputy.c.id))
        until = date.fromisoformat(connection.scalar(select(deputy.c.valid_to)))
        access.end_deputyship(connection, key, until - timedelta(days=1), origin, NOW)
    with database.writing() as connection, pytest.raises(BadInput, match="ends on"):
        access.end_deputyship(connection, key, until, origin, NOW)
    with database.writing() as connection, pytest.raises(NotFound):
        access.end_deputyship(connection, "d-nobody", until, origin, NOW)
    assert history.app.audit.verify().ok
    with database.writing() as connection:
        connection.execute(deputy.update().values(valid_to=until.isoformat()))
    assert "deputy.valid_to" in [one.what for one in history.app.audit.verify().findings]
