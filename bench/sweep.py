"""A sweep over a million open deadlines of which ten thousand are due, and one that finds nothing.

The floor is the same work by hand on the bare driver: every due step whose deadline still runs becomes a row of the
outbox and is marked done, in two statements and one transaction; no batches, no look for steps that were missed, none
for expiries, follow-ups and dates. Both must leave the same rows. Each is measured three times on the same database,
put back in between; the best time counts, since whatever disturbs a run makes it slower.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import make_url

from bench import postgres
from ideenweg import open_workflow
from ideenweg.wiring import App

LIFECYCLE = Path(__file__).with_name("bench.yaml")
NOW = datetime(2026, 6, 9, 6, tzinfo=UTC)
STAMP, PAST, FUTURE = "2026-06-09T06:00:00.000000Z", "2026-06-08T22:00:00.000000Z", "2026-06-29T22:00:00.000000Z"
OPEN, DUE, RUNS = 1_000_000, 10_000, 3
EVERY = OPEN // DUE

ITEMS = """
INSERT INTO item (
    number, ordinal, lifecycle, version, state, revision, head, visit, entered_at, title, released, created_at
) {numbers}
SELECT '2026-' || n, n, 'bench', 1, 'submitted', 1, '', 1, '{past}', 'Sensoren an Brücken', false, '{past}' FROM numbers
"""
DEADLINES = """
INSERT INTO deadline (item, rule, key, local_date, zone, due_at, version, status, opened_at, fixed) {numbers}
SELECT '2026-' || n, 'submitted', '', '2026-06-29', 'Europe/Berlin', '{future}', 1, 'running', '{past}', false
FROM numbers
"""
STEPS = """
INSERT INTO due_step (item, rule, key, version, step, at, status, roles) {numbers}
SELECT '2026-' || n, 'submitted', '', 1, 'remind:1', CASE WHEN n % {every} = 0 THEN '{past}' ELSE '{future}' END,
    'open', '["coordinator"]'
FROM numbers
"""
RAW_TELL = """
INSERT INTO outbox (id, notice, item, seq, roles, params, at, status)
SELECT 'deadline:' || s.item || '/' || s.rule || '/' || s.key || '/' || s.version || '/' || s.step, 'deadline_reminder',
    s.item, i.revision, s.roles, {json}, '{stamp}', 'open'
FROM due_step s JOIN deadline d ON d.item = s.item AND d.rule = s.rule AND d.key = s.key AND d.version = s.version
    AND d.status = 'running' JOIN item i ON i.number = s.item
WHERE s.status = 'open' AND s.roles IS NOT NULL AND s.at <= '{stamp}'
"""
RAW_MARK = "UPDATE due_step SET status = 'done' WHERE status = 'open' AND roles IS NOT NULL AND at <= '{stamp}'"
FIELDS = "'rule', s.rule, 'key', s.key, 'version', s.version, 'step', s.step, 'date', d.local_date"
JSON = {"sqlite": f"json_object({FIELDS})", "postgresql": f"json_build_object({FIELDS})::text"}
TOLD = "SELECT id, notice, item, seq, roles, params, at, status FROM outbox ORDER BY id"
BACK = ("DELETE FROM outbox", "UPDATE due_step SET status = 'open' WHERE status <> 'open'")


def run(*, seconds: float) -> None:
    """Print the table for both databases. The amount of work is fixed, so `seconds` does not matter here."""
    print(f"{'milliseconds':<28}{'sweep':>10}{'floor':>10}{'ratio':>8}{'empty':>10}{'MB more':>10}")
    for name in ("sqlite", "postgresql"):
        with _database(name) as (app, raw):
            _fill(raw, name)
            process = psutil.Process()
            before = process.memory_info().rss
            swept, floor, told = [], [], []
            for _ in range(RUNS):
                swept.append(_timed(partial(app.sweep, now=NOW)))
                told.append(_told(raw))
                _back(raw, name)
                floor.append(_timed(partial(_floor, raw, name)))
                assert told[-1] == _told(raw), "sweep and floor write different rows"
                _back(raw, name)
            assert len(told[0]) == DUE
            app.sweep(now=NOW)
            empty = min(_timed(partial(app.sweep, now=NOW)) for _ in range(20))
            more = (process.memory_info().rss - before) / 1e6
        figures = f"{min(swept):>10.0f}{min(floor):>10.0f}{min(swept) / min(floor):>8.2f}{empty:>10.1f}{more:>10.0f}"
        print(f"{name + f', {DUE} of {OPEN} due':<28}{figures}", flush=True)


Run = Callable[[str], list[Any]]
"""Runs one statement outside SQLAlchemy."""


def _fill(raw: Run, name: str) -> None:
    numbers = (
        f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {OPEN})"
        if name == "sqlite"
        else f"WITH numbers AS (SELECT n FROM generate_series(1, {OPEN}) n)"
    )
    raw("BEGIN")
    for statement in (ITEMS, DEADLINES, STEPS):
        raw(statement.format(numbers=numbers, past=PAST, future=FUTURE, every=EVERY))
    raw("COMMIT")
    raw("ANALYZE")


def _floor(raw: Run, name: str) -> None:
    raw("BEGIN")
    raw(RAW_TELL.format(json=JSON[name], stamp=STAMP))
    raw(RAW_MARK.format(stamp=STAMP))
    raw("COMMIT")


def _told(raw: Run) -> list[Any]:
    return [tuple(row) for row in raw(TOLD)]


def _back(raw: Run, name: str) -> None:
    for statement in BACK:
        raw(statement)
    raw("PRAGMA wal_checkpoint(TRUNCATE)" if name == "sqlite" else "VACUUM ANALYZE outbox, due_step")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@contextmanager
def _database(name: str) -> Iterator[tuple[App, Run]]:
    """An empty database on a disk that keeps its promises, opened as a worker does and by the bare driver."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ideenweg-bench-"))
            url = f"sqlite:///{folder}/bench.db"
        else:
            url = stack.enter_context(postgres.temporary(durable=True)).url()
        app = stack.enter_context(open_workflow(url, lifecycle=LIFECYCLE))
        driver: Any
        if name == "sqlite":
            driver = stack.enter_context(closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)))
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
                driver.execute(f"PRAGMA {pragma}")
        else:
            plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            driver = stack.enter_context(psycopg.connect(plain, autocommit=True))

        def raw(statement: str) -> list[Any]:
            cursor = driver.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

        yield app, raw
