"""The statements of the dispatch look rows up: none of them reads all deliveries or intents there ever were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from ideenweg.wiring import App
from notifications import webhooks
from workflow import erasure

from .conftest import KEYS, NOW

TABLES = ("delivery", "outbox", "inbox", "event", "item", "deadline")


@pytest.fixture
def asked(app: App) -> list[tuple[str, Any]]:
    """Every statement that goes to the database from now on, with its values."""
    found: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool) -> None:
        if sql.split(maxsplit=1)[0] in ("SELECT", "UPDATE", "DELETE") and any(table in sql for table in TABLES):
            found.append((sql, values[0] if many else values))

    event.listen(app.database.engine, "before_cursor_execute", note)
    return found


def test_no_table_is_read_whole(app: App, submitted: Callable[..., str], asked: list[tuple[str, Any]]) -> None:
    hook = app.database.attempt(lambda connection: webhooks.add(connection, "https://hooks.example/in", KEYS, NOW))
    submitted()
    asked.clear()
    app.dispatch(now=NOW)
    app.dispatch(now=NOW + timedelta(days=1))  # with a digest
    app.sweep(now=NOW + timedelta(days=20))
    app.dispatch(now=NOW + timedelta(days=20))
    for change in (
        lambda connection: webhooks.replay(connection, hook.id, NOW, NOW),
        lambda connection: webhooks.forget(connection, NOW),
        lambda connection: webhooks.disable(connection, hook.id, NOW),
    ):
        app.database.attempt(change)
    with app.database.writing() as connection:
        erasure._erase_messages(connection, "p-0", NOW)
    statements = dict(asked)
    assert len(statements) > 20
    whole = {}
    with app.database.writing() as connection:
        sqlite = app.database.dialect == "sqlite"
        if not sqlite:  # an empty table is best read whole: the question is whether it has to be
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for sql, values in statements.items():
            plan = connection.exec_driver_sql(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + sql, values).all()
            lines = [str(row[3] if sqlite else row[0]) for row in plan]
            for table in TABLES:
                if any(line.strip(" ->").startswith((f"SCAN {table}", f"Seq Scan on {table}")) for line in lines):
                    whole[sql] = lines
    assert {sql: lines for sql, lines in whole.items() if not _by_index(lines)} == {}


def _by_index(lines: list[str]) -> bool:
    """Whether SQLite reads an index, from one of its ends to the first that does not count."""
    return all("USING" in line for line in lines if line.startswith("SCAN")) and not any(
        "Seq Scan" in one for one in lines
    )
