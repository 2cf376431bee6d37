"""The triggers that keep written history as it is: whoever writes, through whatever program.

They stop mistakes and plain SQL. An owner of the database can drop them; that nobody did, and what was done meanwhile,
is what `audit verify` finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Table, UniqueConstraint, text

from workflow.models import metadata

KEPT = ("event", "lifecycle_version", "programme_version", "log_leaf", "log_node", "checkpoint")
"""The tables to which rows are only ever added."""

FUNCTION = "ideenweg_refuse_change"


def install(connection: Connection) -> None:
    """Make the triggers anew, whether they stand or not: a migration that rebuilds a table loses its triggers."""
    for statement in _postgresql() if connection.dialect.name == "postgresql" else _sqlite():
        connection.execute(text(statement))


def missing(connection: Connection) -> tuple[str, ...]:
    """The names of the triggers that ought to stand and do not, or are switched off."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = "
        query += "current_schema()::regnamespace) AND tgenabled = 'A'"
        expected = [f"{table}_kept" for table in KEPT]
    else:
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        expected = [f"{table}_no_{what}" for table in KEPT for what in ("update", "delete", "replace")]
    standing = set(connection.scalars(text(query)))
    return tuple(name for name in expected if name not in standing)


def _sqlite() -> list[str]:
    statements = []
    for table in KEPT:
        there = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {_same(key)})" for key in _keys(metadata.tables[table])
        )
        for what, when in (
            ("update", f"BEFORE UPDATE ON {table}"),
            ("delete", f"BEFORE DELETE ON {table}"),
            # INSERT OR REPLACE deletes the old row without a delete trigger, unless the connection has switched
            # recursive_triggers on. So the insert itself is refused.
            ("replace", f"BEFORE INSERT ON {table} WHEN {there}"),
        ):
            statements += [
                f"DROP TRIGGER IF EXISTS {table}_no_{what}",
                f"CREATE TRIGGER {table}_no_{what} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: no {what}'); END",
            ]
    return statements


def _keys(table: Table) -> list[Iterable[Column[Any]]]:
    """What no two rows may have in common: a replacement by any of them deletes the row that was there."""
    unique = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    return [list(table.primary_key.columns), *unique]


def _same(key: Iterable[Column[Any]]) -> str:
    return " AND ".join(f'"{column.name}" = NEW."{column.name}"' for column in key)


def _postgresql() -> list[str]:
    statements = [
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only: no %', TG_TABLE_NAME, lower(TG_OP) "
        "USING ERRCODE = 'restrict_violation'; END $$"
    ]
    for table in KEPT:
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_kept ON {table}",
            # Once a statement, so that TRUNCATE and ON CONFLICT DO UPDATE are refused too, even of no row.
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
            # ALWAYS: also in a session that plays a replica (session_replication_role).
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept",
        ]
    return statements
