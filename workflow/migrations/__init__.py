"""The way from one version of the tables to the next, and what the tables are now.

Alembic without a file at the root: it is configured here. A migration is a module of `versions/`; it says all it does
itself and imports nothing of models.py, which goes on changing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from workflow import triggers
from workflow.db import APPLICATION_ID, Database
from workflow.errors import NotFound, SchemaError, SchemaMissing, SchemaOutdated, SchemaTooNew
from workflow.models import metadata

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = tuple(sorted(file.name[1:5] for file in Path(__file__).parent.glob("versions/v*.py")))
"""All revisions, the oldest first. Alembic would tell them too, but takes longer to import than most commands run."""

UPGRADE_LOCK = APPLICATION_ID
"""PostgreSQL's advisory lock that lets one upgrade run at a time."""


class Schema(StrEnum):
    """What the tables of a database are to this version of the program."""

    EMPTY = "empty"
    CURRENT = "current"
    OUTDATED = "outdated"
    NEWER = "newer"
    FOREIGN = "foreign"  # tables of another program


@dataclass(frozen=True, slots=True)
class Status:
    """`current`: the revision the tables have (None: none); `head`: the one this program needs."""

    schema: Schema
    current: str | None
    head: str
    unguarded: tuple[str, ...] = ()  # the triggers that are missing


def upgrade(url: str) -> None:
    """Bring the database to this version: make the SQLite file if there is none, migrate, make the triggers anew.

    All in one transaction. Raises SchemaTooNew, SchemaError for tables of another program, or another StorageError.
    """
    database = Database(url, create=True)
    try:
        with database.writing() as connection:
            if database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            before = _status(connection)
            if before.schema is Schema.NEWER:
                raise SchemaTooNew(database.where, str(before.current), before.head)
            if before.schema is Schema.FOREIGN:
                raise SchemaError(f"{database.where} holds the tables of another program. Name an empty database.")
            if database.dialect == "sqlite":
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            from alembic import command

            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            triggers.install(connection)
        # The file is ours by now: a connection of its own switches it to WAL before anybody else comes.
        database.engine.dispose()
        with database.reading():
            pass
    finally:
        database.close()


def status(database: Database) -> Status:
    """What the tables are now. A SQLite file that does not exist is an empty database. Raises StorageError."""
    try:
        with database.reading() as connection:
            return _status(connection)
    except SchemaMissing:
        return Status(Schema.EMPTY, None, REVISIONS[-1])


def require_current(database: Database) -> None:
    """Return if the tables are those of this version; else raise the SchemaError that says what to do."""
    found = status(database)
    match found.schema:
        case Schema.EMPTY:
            raise SchemaMissing(database.where)
        case Schema.OUTDATED:
            raise SchemaOutdated(database.where, str(found.current), found.head)
        case Schema.NEWER:
            raise SchemaTooNew(database.where, str(found.current), found.head)
        case Schema.FOREIGN:
            raise SchemaError(f"{database.where} holds the tables of another program. Name another database.")


def grant_application_role(owner: Database, role: str) -> None:
    """Let `role` do what the application does, and no more: to the history it may add, and read it.

    owner: a PostgreSQL database, opened as the owner of its tables. To be repeated after each upgrade, for new tables.
    Raises NotFound for an unknown role.
    """
    with owner.writing() as connection:
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
            raise NotFound("role", role)
        quote = connection.dialect.identifier_preparer.quote
        name, schema = quote(role), quote(connection.scalar(text("SELECT current_schema()")))
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {name}"))
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {name}"))
        for table in metadata.tables:
            rights = "SELECT, INSERT" if table in triggers.KEPT else "SELECT, INSERT, UPDATE, DELETE"
            connection.execute(text(f"GRANT {rights} ON {quote(table)} TO {name}"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _status(connection: Connection) -> Status:
    head, tables = REVISIONS[-1], inspect(connection).get_table_names()
    current = (
        connection.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
    )
    if current is None:
        return Status(Schema.FOREIGN if tables else Schema.EMPTY, None, head)
    if current == head:
        return Status(Schema.CURRENT, current, head, triggers.missing(connection))
    return Status(Schema.OUTDATED if current in REVISIONS else Schema.NEWER, current, head)
