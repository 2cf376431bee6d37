"""Long work is seen by every process: how far it is, what came of it, and that it was broken off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from workflow import access, jobs
from workflow.db import Database
from workflow.errors import Conflict, NotFound

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as database:
        yield database


@pytest.fixture
def person(database: Database) -> str:
    return database.attempt(lambda connection: access.add(connection, "a@dortmund.example", "", None, NOW))


def found(database: Database, key: str) -> jobs.Job:
    with database.reading() as connection:
        return jobs.find(connection, key)


def test_a_job_is_prepared_runs_once_and_ends(database: Database, person: str) -> None:
    with database.writing() as connection:
        key = jobs.prepare(connection, "import_ideas", person, NOW, name="a.csv", content=b"A\n1\n", notes="map")
    assert (found(database, key).status, found(database, key).has_file) == ("prepared", True)
    with database.writing() as connection:
        jobs.start(connection, key, NOW)
    with pytest.raises(Conflict), database.writing() as connection:
        jobs.start(connection, key, NOW)
    telling = jobs.Telling(database, key)
    telling("checked", 3, 9)
    telling("checked", 4, 9)  # within the same second: not worth a transaction
    assert (found(database, key).phase, found(database, key).reached, found(database, key).total) == ("checked", 3, 9)
    with database.writing() as connection:
        jobs.end(connection, key, jobs.DONE, {"items": 9}, NOW, keep_file=False)
    done = found(database, key)
    assert (done.status, done.result, done.has_file) == ("done", {"items": 9}, False)
    with pytest.raises(NotFound), database.reading() as connection:
        jobs.file_of(connection, key)
    with pytest.raises(Conflict), database.writing() as connection:
        jobs.start(connection, key, NOW)


def test_one_that_fell_silent_may_be_started_again(database: Database, person: str) -> None:
    later = NOW + jobs.LOST + timedelta(seconds=1)
    with database.writing() as connection:
        key = jobs.prepare(connection, "verify", person, NOW)
        jobs.start(connection, key, NOW)
    assert not found(database, key).lost(NOW)
    assert found(database, key).lost(later)
    with database.writing() as connection:
        jobs.start(connection, key, later)


def test_another_mapping_takes_back_what_a_dry_run_said(database: Database, person: str) -> None:
    with database.writing() as connection:
        key = jobs.prepare(connection, "import_ideas", person, NOW, content=b"A")
        jobs.start(connection, key, NOW)
        jobs.end(connection, key, jobs.CHECKED, {"items": 9}, NOW, keep_file=True)
        jobs.note(connection, key, "other", NOW)
    assert (found(database, key).status, found(database, key).result) == ("prepared", None)


def test_files_go_after_a_day_and_jobs_after_a_month(database: Database, person: str) -> None:
    with database.writing() as connection:
        key = jobs.prepare(connection, "import_ideas", person, NOW, content=b"A")
        assert jobs.forget(connection, NOW + timedelta(days=2)) == 0
    assert not found(database, key).has_file
    with database.writing() as connection:
        assert jobs.forget(connection, NOW + timedelta(days=31)) == 1
    with pytest.raises(NotFound):
        found(database, key)
