"""A million items: every list, by every filter, in less than the blink that a person waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from workflow.db import Database
from workflow.history import AuditFilter, page
from workflow.migrations import upgrade
from workflow.queries.deadlines import list_deadlines
from workflow.queries.items import ItemFilter, Order, list_items

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(3600)]

MILLION = 1_000_000
PATIENCE = 1.0
"""Seconds, beside whatever else the machine does."""

NOW = datetime(2026, 1, 10, tzinfo=UTC)
NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT i FROM n)",
    "postgresql": "(SELECT i FROM generate_series(1, :most) AS n(i))",
}
# Every ten-thousandth item is of another lifecycle, every five-hundredth is on the shortlist, and so on.
STATE = "CASE WHEN i % 500 = 0 THEN 'shortlisted' WHEN i % 3 = 0 THEN 'in_review' ELSE 'pooled' END"
NUMBER = "'2026-' || CASE WHEN i < 1000 THEN substr(cast(10000 + i AS TEXT), 2) ELSE cast(i AS TEXT) END"
STAMP = "'2026-01-' || substr(cast(101 + i % 28 AS TEXT), 2) || 'T00:00:00.000000Z'"
ZEROS = "'" + "0" * 64 + "'"
STATEMENTS = (
    f"""INSERT INTO item (number, ordinal, lifecycle, version, state, stage, revision, head, visit, entered_at, title,
                          released, created_at)
        SELECT {NUMBER}, 20260000000 + i, CASE WHEN i % 10000 = 0 THEN 'strategy' ELSE 'idea-to-project' END, 1,
               {STATE}, 'review', 1, {ZEROS}, 1, {STAMP}, 'Idee ' || i % 5000 || ' am Kanal', i % 2 = 0, {STAMP}
        FROM numbers n""",
    f"""INSERT INTO item_facet (item, facet, value, ordinal)
        SELECT {NUMBER}, 'cities', CASE WHEN i % 5 = 0 THEN 'schwerte' ELSE 'dortmund' END, 20260000000 + i
        FROM numbers n""",
    f"""INSERT INTO item_facet (item, facet, value, ordinal)
        SELECT {NUMBER}, 'funding', CASE WHEN i % 50000 = 0 THEN 'europe' ELSE 'own-funds' END, 20260000000 + i
        FROM numbers n""",
    f"""INSERT INTO item_facet (item, facet, value, ordinal)
        SELECT {NUMBER}, 'title', 'idee ' || i % 5000 || ' am kanal', 20260000000 + i FROM numbers n""",
    "INSERT INTO item_word (word, ordinal) SELECT 'idee', 20260000000 + i FROM numbers n",
    "INSERT INTO item_word (word, ordinal) SELECT cast(i % 5000 AS TEXT), 20260000000 + i FROM numbers n",
    f"""INSERT INTO deadline (item, rule, key, local_date, zone, due_at, version, status, opened_at, fixed)
        SELECT {NUMBER}, 'review', '', substr({STAMP}, 1, 10), 'Europe/Berlin', {STAMP}, 1, 'running', {STAMP}, false
        FROM numbers n WHERE i % 3 = 0""",
    f"""INSERT INTO event (stream, seq, kind, actor, via, at, recorded_at, schema, payload, prev_hash, hash)
        SELECT 'item:' || {NUMBER}, 1, CASE WHEN i % 1000 = 0 THEN 'imported' ELSE 'created' END, 'p-' || i % 2000,
               CASE WHEN i % 50000 = 0 THEN 'cli' ELSE 'page' END, {STAMP}, {STAMP}, 1, :payload, {ZEROS}, {ZEROS}
        FROM numbers n""",
)

ITEMS: list[dict[str, Any]] = [
    {},
    {"state": "pooled"},
    {"state": "shortlisted"},
    {"lifecycle": "strategy"},
    {"lifecycle": "idea-to-project", "state": "in_review"},
    {"stage": "review", "released": True},
    {"city": "dortmund"},
    {"city": "schwerte", "state": "shortlisted"},
    {"funding": "europe"},
    {"funding": "europe", "city": "dortmund", "state": "pooled"},
    {"text": "idee"},
    {"text": "idee 4711"},
    {"text": "i", "state": "shortlisted"},
    {"overdue_at": NOW},
    {"overdue_at": NOW, "city": "schwerte", "funding": "europe"},
]
EVENTS: list[dict[str, Any]] = [
    {},
    {"person": "p-17"},
    {"kind": "imported"},
    {"kind": "imported", "via": "page"},
    {"via": "cli"},
    {"item": "2026-4711"},
    {"via": "page", "since": datetime(2026, 1, 20, tzinfo=UTC)},
    {"person": "p-17", "kind": "created", "until": NOW},
    {"transition": "pool"},
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def million(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('million') / 'million.db'}"
    else:
        request.getfixturevalue("postgres_admin").execute(text("CREATE DATABASE million"))
        url = request.getfixturevalue("postgres_cluster").url("million")
    upgrade(url)
    database = Database(url)
    with database.writing() as connection:
        for statement in STATEMENTS:
            filled = statement.replace("numbers n", f"{NUMBERS[request.param]} n")
            values = {"most": MILLION, "payload": b"{}"}
            connection.execute(text(filled), {name: one for name, one in values.items() if f":{name}" in filled})
    if request.param == "postgresql":
        with database.writing() as connection:
            connection.execute(text("ANALYZE"))
    yield database
    database.close()


def seconds(question: Any) -> float:
    began = time.perf_counter()
    question()
    return time.perf_counter() - began


def test_every_list_of_a_million_answers_at_once(million: Database) -> None:
    slow = {}
    with million.reading() as connection:
        for filters in ITEMS:
            for order in Order:
                asked_for = ItemFilter(**filters)
                slow[f"items {filters} {order}"] = seconds(
                    lambda f=asked_for, o=order: list_items(connection, f, order=o)
                )
        for filters in EVENTS:
            for newest_first in (False, True):
                asked = AuditFilter(**filters)
                slow[f"events {filters} {newest_first}"] = seconds(
                    lambda a=asked, n=newest_first: page(connection, a, 50, None, newest_first=n)
                )
        slow["deadlines"] = seconds(lambda: list_deadlines(connection, until=NOW))
    assert {what: round(took, 3) for what, took in slow.items() if took > PATIENCE} == {}
