"""What is written stays as it is, through whatever program: each trigger is tried, on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import insert, make_url, select

from workflow.db import Database
from workflow.events import COLUMNS, GENESIS, Event, seal
from workflow.models import checkpoint, event, lifecycle_version, log_leaf, log_node, programme_version
from workflow.triggers import KEPT

MOMENT = "2026-06-09T12:00:00.000000Z"
EVENT = Event(
    stream="system", seq=1, kind="system:restored", actor="system", via="cli", at=MOMENT, recorded_at=MOMENT,
    command_id="c-1",
)  # fmt: skip
ROWS = {
    "event": dict(zip(COLUMNS, seal(EVENT, GENESIS), strict=True)),
    "lifecycle_version": {"key": "short", "version": 1, "sha256": "0", "source": "x", "loaded_at": MOMENT},
    "programme_version": {"key": "short", "version": 1, "sha256": "0", "source": "x", "loaded_at": MOMENT},
    "log_leaf": {"position": 0, "stream": "system", "seq": 1, "hash": "0"},
    "log_node": {"level": 1, "position": 0, "hash": "0"},
    "checkpoint": {"size": 1, "root": "0", "at": MOMENT},
}
TABLES = {
    "event": event, "lifecycle_version": lifecycle_version, "programme_version": programme_version,
    "log_leaf": log_leaf, "log_node": log_node, "checkpoint": checkpoint,
}  # fmt: skip
COLUMN = {
    "event": "via", "lifecycle_version": "source", "programme_version": "source",
    "log_leaf": "hash", "log_node": "hash", "checkpoint": "root",
}  # fmt: skip
KEY = {
    "event": "stream, seq", "lifecycle_version": "key, version", "programme_version": "key, version",
    "log_leaf": "position", "log_node": "level, position", "checkpoint": "size",
}  # fmt: skip


@pytest.fixture
def written(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as connection:
        for name, table in TABLES.items():
            connection.execute(insert(table).values(ROWS[name]))
    yield database
    with database.reading() as connection:
        for name, table in TABLES.items():
            assert [dict(row) for row in connection.execute(select(table)).mappings()] == [ROWS[name]]
    database.close()


def run_plainly(database: Database, statement: str) -> None:
    """Run a statement as a stranger's program would: no settings of ours, each statement committed by itself."""
    if database.path:
        plain = sqlite3.connect(database.path, isolation_level=None)
        assert plain.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        try:
            plain.execute(statement)
        finally:
            plain.close()
    else:
        url = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


def test_the_guarded_tables_are_those_that_are_tried_here() -> None:
    assert set(TABLES) == set(KEPT)


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = 'changed'",
        "DELETE FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE SET {column} = 'changed'",
    ],
)
def test_a_row_can_neither_be_changed_nor_deleted(written: Database, table: str, statement: str) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RestrictViolation), match=f"{table} is append-only"):
        run_plainly(written, statement.format(table=table, column=COLUMN[table], key=KEY[table]))


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE", "UPDATE OR REPLACE"])
def test_a_row_cannot_be_replaced_on_sqlite(sqlite_written: Database, table: str, verb: str) -> None:
    if verb.startswith("UPDATE"):
        statement = f"{verb} {table} SET {COLUMN[table]} = 'changed'"
    else:
        columns = ", ".join(f'"{name}"' for name in ROWS[table])
        changed = ", ".join("'changed'" if name == COLUMN[table] else f'"{name}"' for name in ROWS[table])
        statement = f"{verb} INTO {table} ({columns}) SELECT {changed} FROM {table}"
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
        run_plainly(sqlite_written, statement)


def test_no_other_unique_key_replaces_a_row_on_sqlite(sqlite_written: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="log_leaf is append-only"):
        run_plainly(sqlite_written, "INSERT OR REPLACE INTO log_leaf VALUES (7, 'system', 1, 'changed')")


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize(
    "statement",
    ["TRUNCATE {table}", "TRUNCATE {table} CASCADE", "SET session_replication_role = replica; DELETE FROM {table}"],
)
def test_a_table_cannot_be_emptied_on_postgresql(postgresql_written: Database, table: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match=f"{table} is append-only"):
        run_plainly(postgresql_written, statement.format(table=table))


@pytest.fixture
def sqlite_written(sqlite_url: str) -> Iterator[Database]:
    yield from written.__wrapped__(sqlite_url)


@pytest.fixture
def postgresql_written(postgresql_url: str) -> Iterator[Database]:
    yield from written.__wrapped__(postgresql_url)
