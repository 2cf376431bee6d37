"""Decides reminders and escalations that are due: whole batches in SQL, each in one short transaction.

A step is looked at under its own lock, which whoever changes the deadline needs too: it is told if its deadline still
runs in that version, and is void if not. Of several steps of a deadline that are due at once – the service stood still
for a while – the latest is told and the others are noted as skipped. The outbox row's id is made of item, rule, key,
version and step, so that no step is told twice whatever happens.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from workflow.db import Database
from workflow.events import timestamp

BATCH = 2000
"""Steps in one transaction: others are not kept waiting for long."""

DONE, SKIPPED, VOID = "done", "skipped", "void"

# In order, so that the index is used: without it PostgreSQL reads the table in the hope of an early hit.
ANY_DUE = "SELECT 1 FROM due_step WHERE status = 'open' AND roles IS NOT NULL AND at <= {now} ORDER BY at LIMIT 1"

ID = "'deadline:' || s.item || '/' || s.rule || '/' || s.key || '/' || s.version || '/' || s.step"
NOTICE = "CASE WHEN substr(s.step, 1, 6) = 'remind' THEN 'deadline_reminder' ELSE 'deadline_escalation' END"
PARAMS = "'rule', s.rule, 'key', s.key, 'version', s.version, 'step', s.step, 'date', d.local_date"
SAME = "{a}.item = s.item AND {a}.rule = s.rule AND {a}.key = s.key AND {a}.version = s.version"
RUNS = SAME.format(a="d") + " AND d.status = 'running'"
LATER = f"EXISTS (SELECT 1 FROM due_step l WHERE {SAME.format(a='l')} AND l.at > s.at AND l.at <= {{now}})"
COLUMNS = "id, notice, item, seq, roles, params, at, status"
PLACE = "s.at, s.item, s.rule, s.key, s.version, s.step"

POSTGRESQL = f"""
WITH claimed AS MATERIALIZED (
    SELECT s.* FROM due_step s WHERE s.status = 'open' AND s.roles IS NOT NULL AND s.at <= %(now)s
    ORDER BY s.at LIMIT {{batch}} FOR UPDATE SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT s.*, d.local_date,
        CASE WHEN d.item IS NULL THEN '{VOID}' WHEN {LATER.format(now="%(now)s")} THEN '{SKIPPED}' ELSE '{DONE}' END AS verdict
    FROM claimed s LEFT JOIN deadline d ON {RUNS}
), told AS (
    INSERT INTO outbox ({COLUMNS})
    SELECT {ID}, {NOTICE}, s.item, i.revision, s.roles, json_build_object({PARAMS.replace("d.local", "s.local")})::text, %(now)s, 'open'
    FROM judged s JOIN item i ON i.number = s.item WHERE s.verdict = '{DONE}'
    ON CONFLICT (id) DO NOTHING
), marked AS (
    UPDATE due_step t SET status = s.verdict FROM judged s
    WHERE t.item = s.item AND t.rule = s.rule AND t.key = s.key AND t.version = s.version AND t.step = s.step
    RETURNING t.status
)
SELECT status, count(*) FROM marked GROUP BY status
"""  # noqa: E501 – a statement reads better than its pieces

# SQLite has one writer at a time and no changes inside WITH: the batch is what lies up to a place in the index of open
# steps, and two statements see the same one.
SQLITE_OPEN = "s.status = 'open' AND s.roles IS NOT NULL AND s.at <= :now"
SQLITE_LAST = f"SELECT {PLACE} FROM due_step s WHERE {SQLITE_OPEN} ORDER BY {PLACE} LIMIT 1 OFFSET {{before}}"
SQLITE_PLACE = f" AND ({PLACE}) <= (:at, :item, :rule, :key, :version, :step)"
SQLITE_TELL = f"""
INSERT INTO outbox ({COLUMNS})
SELECT {ID}, {NOTICE}, s.item, i.revision, s.roles, json_object({PARAMS}), :now, 'open'
FROM due_step s JOIN deadline d ON {RUNS} JOIN item i ON i.number = s.item
WHERE {SQLITE_OPEN}{{place}} AND NOT {LATER.format(now=":now")}
ON CONFLICT (id) DO NOTHING
"""
SQLITE_MARK = f"""
UPDATE due_step AS s SET status = CASE
    WHEN NOT EXISTS (SELECT 1 FROM deadline d WHERE {RUNS}) THEN '{VOID}'
    WHEN {LATER.format(now=":now")} THEN '{SKIPPED}' ELSE '{DONE}' END
WHERE {SQLITE_OPEN}{{place}}
RETURNING status
"""


def tell(database: Database, now: datetime) -> Counter[str]:
    """Decide every reminder and escalation that is due at the aware moment `now`: verdict -> how many."""
    stamp = timestamp(now)
    batch = _sqlite_batch if database.dialect == "sqlite" else _postgresql_batch
    verdicts: Counter[str] = Counter()
    while _any_due(database, stamp):
        decided = database.attempt(lambda connection: batch(connection, stamp))
        verdicts += decided
        if not decided:  # what is left is in the hands of others
            break
    return verdicts


def _any_due(database: Database, stamp: str) -> bool:
    """Whether a writing transaction is worth its wait."""
    mark = "?" if database.dialect == "sqlite" else "%s"
    with database.reading() as connection:
        return connection.exec_driver_sql(ANY_DUE.format(now=mark), (stamp,)).first() is not None


def _postgresql_batch(connection: Connection, stamp: str) -> Counter[str]:
    rows = connection.exec_driver_sql(POSTGRESQL.format(batch=BATCH), {"now": stamp})
    return Counter({row[0]: row[1] for row in rows})


def _sqlite_batch(connection: Connection, stamp: str) -> Counter[str]:
    driver: Any = connection.connection.driver_connection
    last = driver.execute(SQLITE_LAST.format(before=BATCH - 1), {"now": stamp}).fetchone()
    names = ("at", "item", "rule", "key", "version", "step")
    values = {"now": stamp, **dict(zip(names, last, strict=True))} if last else {"now": stamp}
    place = SQLITE_PLACE if last else ""
    driver.execute(SQLITE_TELL.format(place=place), values)
    return Counter(status for (status,) in driver.execute(SQLITE_MARK.format(place=place), values))
