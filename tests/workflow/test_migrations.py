"""The way from no tables, or older ones, to this version's, on both databases."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, text

from bench.postgres import Server
from workflow import migrations, triggers
from workflow.db import Database
from workflow.errors import (
    NotADatabase,
    NotFound,
    SchemaError,
    SchemaMissing,
    SchemaOutdated,
    SchemaTooNew,
    Unreachable,
)
from workflow.migrations import REVISIONS, Schema, grant_application_role, require_current, status, upgrade
from workflow.models import counter, metadata


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url, create=True)
    yield database
    database.close()


@pytest.fixture
def upgraded(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_the_revisions_are_those_that_alembic_finds() -> None:
    found = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert tuple(reversed([script.revision for script in found])) == REVISIONS


# --- the same tables by both ways -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_migrated_schema_equals_a_fresh_one(request: pytest.FixtureRequest, dialect: str) -> None:
    empty = Database(request.getfixturevalue(f"empty_{dialect}_url"), create=True)
    upgraded = Database(request.getfixturevalue(f"{dialect}_url"))
    with empty.writing() as connection:
        metadata.create_all(connection)
        triggers.install(connection)
    with empty.reading() as fresh, upgraded.reading() as migrated:
        assert schema(migrated) == schema(fresh)
    empty.close()
    upgraded.close()


def schema(connection: Connection) -> dict[str, str]:
    """Everything the database knows of the tables but Alembic's own, by name."""
    if connection.dialect.name == "sqlite":
        query = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE tbl_name <> 'alembic_version'"
        return {name: _loose(sql) for name, sql in connection.execute(text(query))}
    found: dict[str, str] = {}
    for query in (
        """SELECT 'column ' || table_name || '.' || column_name,
                  concat_ws(' ', ordinal_position, data_type, is_nullable, column_default, collation_name)
             FROM information_schema.columns WHERE table_schema = 'public'""",
        """SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
        "SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT 'trigger ' || tgname, tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'function ' || proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ):
        found |= {name: what for name, what in connection.execute(text(query)) if "alembic_version" not in name}
    return found


def _loose(sql: str) -> str:
    """The same text for the same table: SQLite keeps the statement that made it, with its line breaks and order."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    parts = sorted(part.strip() for part in re.split(r",(?![^(]*\))", body))
    return f"{head}({parts}){tail}"


# --- upgrading --------------------------------------------------------------------------------------------------------


def test_an_upgrade_makes_the_file_and_its_tables(empty_sqlite_url: str) -> None:
    upgrade(empty_sqlite_url)
    database = Database(empty_sqlite_url)
    require_current(database)
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    database.close()


def test_an_upgrade_keeps_the_rows_and_makes_lost_triggers_anew(upgraded: Database) -> None:
    with upgraded.writing() as connection:
        connection.execute(insert(counter).values(name="a", last=7))
        drop_triggers(connection)
    assert set(status(upgraded).unguarded) == expected_triggers(upgraded)
    upgrade(upgraded.url.render_as_string(hide_password=False))
    assert status(upgraded).unguarded == ()
    with upgraded.reading() as connection:
        assert connection.execute(counter.select()).all() == [("a", 7)]


def drop_triggers(connection: Connection) -> None:
    for name in triggers.missing(connection):
        raise AssertionError(f"{name} did not stand in the first place")
    if connection.dialect.name == "sqlite":
        for name in list(connection.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'"))):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        for table in triggers.KEPT:
            connection.exec_driver_sql(f"DROP TRIGGER {table}_kept ON {table}")


def expected_triggers(database: Database) -> set[str]:
    if database.dialect == "sqlite":
        return {f"{table}_no_{what}" for table in triggers.KEPT for what in ("update", "delete", "replace")}
    return {f"{table}_kept" for table in triggers.KEPT}


def test_a_trigger_that_is_switched_off_counts_as_missing(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER event_kept")
    assert status(database).unguarded == ("event_kept",)
    database.close()


def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Connection) -> None:
        raise RuntimeError("stopped in the middle")

    monkeypatch.setattr(triggers, "install", fail)
    with pytest.raises(RuntimeError, match="stopped"):
        upgrade(empty.url.render_as_string(hide_password=False))
    assert status(empty).schema is Schema.EMPTY


def test_two_upgrades_at_once_are_one(empty_database_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, [empty_database_url] * 2))
    database = Database(empty_database_url)
    require_current(database)
    database.close()


def test_a_text_file_is_not_upgraded(tmp_path: Path) -> None:
    file = tmp_path / "ideen.csv"
    file.write_text("Titel;Stadtteil\n" * 100)
    with pytest.raises(NotADatabase):
        upgrade(f"sqlite:///{file}")
    assert file.read_text() == "Titel;Stadtteil\n" * 100


def test_the_tables_of_another_program_are_left_alone(empty: Database) -> None:
    with empty.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE bookmarks (id INTEGER)")
    assert status(empty).schema is Schema.FOREIGN
    with pytest.raises(SchemaError, match="another program"):
        upgrade(empty.url.render_as_string(hide_password=False))
    with pytest.raises(SchemaError, match="another program"):
        require_current(empty)


# --- what the tables are ----------------------------------------------------------------------------------------------


def test_a_current_database_passes(upgraded: Database) -> None:
    require_current(upgraded)
    found = status(upgraded)
    assert (found.schema, found.current, found.unguarded) == (Schema.CURRENT, found.head, ())


def test_a_database_without_tables_says_how_to_make_them(empty: Database) -> None:
    assert status(empty).schema is Schema.EMPTY
    with pytest.raises(SchemaMissing, match="ideenweg db upgrade"):
        require_current(empty)


def test_looking_at_a_file_that_does_not_exist_does_not_make_it(tmp_path: Path) -> None:
    assert status(Database(f"sqlite:///{tmp_path}/neu.db")).schema is Schema.EMPTY
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_newer_version_is_left_alone(upgraded: Database) -> None:
    with upgraded.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="newer version of Ideenweg \\(9999"):
        require_current(upgraded)
    with pytest.raises(SchemaTooNew):
        upgrade(upgraded.url.render_as_string(hide_password=False))


def test_a_database_of_an_older_version_asks_for_a_backup_and_an_upgrade(
    upgraded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.migrations.REVISIONS", (*REVISIONS, "9999"))
    with pytest.raises(SchemaOutdated, match="ideenweg db backup"):
        require_current(upgraded)


# --- the application's role on PostgreSQL -----------------------------------------------------------------------------


@pytest.fixture
def application(postgres_cluster: Server, postgresql_url: str) -> Iterator[Database]:
    """The database as the application opens it: by a role that is no superuser and owns nothing."""
    owner = Database(postgresql_url)
    name = str(owner.url.database)
    role = f"app_{name}"
    with owner.writing() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
    grant_application_role(owner, role)
    application = Database(postgres_cluster.url(name, role))
    yield application
    application.close()
    with owner.writing() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")
    owner.close()


def test_the_application_may_do_its_work(application: Database) -> None:
    require_current(application)
    with application.writing() as connection:
        connection.execute(insert(counter).values(name="a", last=1))
        connection.execute(counter.update().values(last=2))
        connection.execute(counter.delete())


@pytest.mark.parametrize("table", triggers.KEPT)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "UPDATE {table} SET {column} = {column}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_kept ON {table}",
        "DROP TABLE {table}",
    ],
)
def test_the_application_may_not_touch_what_is_written(application: Database, table: str, statement: str) -> None:
    column = {"event": "via", "log_leaf": "hash", "log_node": "hash", "checkpoint": "root"}.get(table, "source")
    with pytest.raises(Unreachable, match=r"permission denied|must be owner"), application.writing() as connection:
        connection.exec_driver_sql(statement.format(table=table, column=column))


def test_the_application_may_not_upgrade(application: Database) -> None:
    with application.writing() as connection, pytest.raises(Exception, match="permission denied"):
        triggers.install(connection)


def test_an_unknown_role_is_named(postgresql_url: str) -> None:
    owner = Database(postgresql_url)
    with pytest.raises(NotFound, match="niemand"):
        grant_application_role(owner, "niemand")
    owner.close()


def test_a_plain_connection_reads_the_application_id(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as plain:
        assert plain.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"Idee")
    plain.close()
