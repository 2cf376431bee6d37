"""The statements of the sweep look rows up: none of them reads a whole table, however many deadlines are open."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ideenweg.wiring import App
from workflow import telling

STAMP = "2026-06-09T06:00:00.000000Z"
PLACE = {"at": STAMP, "item": "", "rule": "", "key": "", "version": 1, "step": ""}
SQLITE = (
    telling.ANY_DUE.format(now=":now"),
    telling.SQLITE_LAST.format(before=1),
    telling.SQLITE_TELL.format(place=telling.SQLITE_PLACE),
    telling.SQLITE_MARK.format(place=telling.SQLITE_PLACE),
)


@pytest.fixture
def plans(app: App) -> list[str]:
    with app.database.writing() as connection:
        if app.database.dialect == "sqlite":
            explained = [
                connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"), {"now": STAMP, **PLACE}) for sql in SQLITE
            ]
            return [str(row[3]) for rows in explained for row in rows]
        # The tables are empty here, and an empty table is best read whole: the question is whether it has to be.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        named = ((telling.ANY_DUE.format(now="%(now)s")), telling.POSTGRESQL.format(batch=10))
        explained = [connection.exec_driver_sql(f"EXPLAIN {sql}", {"now": STAMP}) for sql in named]
        return [str(row[0]) for rows in explained for row in rows]


def test_no_table_is_read_whole(plans: list[str]) -> None:
    assert plans
    tables = ("due_step", "deadline", "item", "outbox", " s", " d", " i", " l")
    whole = [
        line
        for line in plans
        if "Seq Scan" in line or (line.startswith("SCAN") and "USING" not in line and line.endswith(tables))
    ]
    assert whole == []
