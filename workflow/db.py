"""Connections and transactions of one database: SQLite or PostgreSQL, alike to whoever uses them.

Inside a transaction SQLAlchemy's connection and the driver's own (`connection.connection.driver_connection`) are the
same thing: what is written on the one is committed or rolled back with the other.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError

from workflow.errors import BadInput, Busy, Unreachable
from workflow.faults import lost, meaning, passing, taken

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a writer waits for others, in all."""

FIRST_WAIT, LONGEST_WAIT = 0.002, 0.050
"""Seconds between tries. A waiter that has waited long looks as often as a new one, so nobody starves."""

SECOND_LOOKS = 3
"""Times that a key taken by somebody else is answered by looking again."""

CONNECT_SECONDS = 10
LOCK_SECONDS = 5
IDLE_SECONDS = 10.0
"""A PostgreSQL connection that lay idle for longer is tried before it is used: the server may have been restarted."""

APPLICATION_ID = int.from_bytes(b"Idee")
"""In the header of every SQLite file of ours. Only such a file is switched to WAL."""

READING = "ideenweg_reading"
APART = "ideenweg_apart"


class Database:
    """One database. Nothing is opened before it is used; any number of threads may share an instance.

    url: `sqlite:///FILE` or `postgresql://…`. create: make the SQLite file if there is none (`db upgrade` does).
    Raises BadInput for a URL of another kind.
    """

    def __init__(self, url: str | URL, *, echo: bool = False, create: bool = False) -> None:
        self.url = _checked(url)
        self.dialect: Literal["sqlite", "postgresql"]
        self.path: Path | None = None
        if self.url.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            self.path = Path(str(self.url.database))
            self.where = str(self.path)
            self.engine = _sqlite(self.url, self.path, create, echo)
        else:
            self.dialect = "postgresql"
            self.where = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
            self.engine = _postgresql(self.url, echo)
        # What a statement raises that failed for a reason of the database's own, before it is translated.
        self.errors: tuple[type[Exception], ...] = (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)

    def writing(self, *, patience: float = PATIENCE) -> AbstractContextManager[Connection]:
        """One writing transaction: committed at the end of the block, rolled back if it raises.

        On SQLite it waits up to `patience` seconds to be the only writer, then nothing can come between; on PostgreSQL
        the rows are the caller's to lock, and `attempt` is the way to repeat what lost a race.
        Raises Busy, or another StorageError.
        """
        return self._spoken(self._transaction(time.monotonic() + patience))

    def reading(self) -> AbstractContextManager[Connection]:
        """One reading transaction, in which all statements see the same moment. It neither waits for writers nor
        hinders them. Raises StorageError."""
        if self.dialect == "sqlite":
            return self._spoken(self._transaction(time.monotonic() + PATIENCE, None, **{READING: True}))
        return self._spoken(
            self._transaction(time.monotonic(), isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A connection for the caller alone, closed at the end and not used again: temporary tables vanish with it."""
        with self._spoken(self._connection(time.monotonic() + PATIENCE)) as connection:
            try:
                yield connection
            finally:
                connection.invalidate()

    def writing_apart(self, connection: Connection) -> AbstractContextManager[Connection]:
        """A transaction on a connection of `apart` that writes temporary tables alone: it keeps no writer waiting."""
        return self._spoken(self._transaction(time.monotonic(), connection, **{APART: True}))

    def attempt(
        self, work: Callable[[Connection], T], *, patience: float = PATIENCE, on: Connection | None = None
    ) -> T:
        """What `work` returns, run in a writing transaction and committed.

        `work` runs again from the start where the database was busy, chose another writer, or lost the connection; so
        it keeps nothing from one run to the next. Raises Busy after `patience` seconds of that.
        on: a connection of `apart`, whose temporary tables `work` reads.
        """
        deadline = time.monotonic() + patience
        looks = 0
        for _ in _tries(deadline):
            begun = done = False
            try:
                with self._transaction(deadline, on) as connection:
                    begun = True
                    result = work(connection)
                    done = True
                return result
            except self.errors as error:
                if done and lost(error):
                    raise Unreachable(
                        self.where,
                        "the connection broke during the commit, so whether the change was made is not known. "
                        "Look, or send the command again under the same command id.",
                    ) from error
                if taken(error) and looks < SECOND_LOOKS:
                    looks += 1
                elif not passing(error) and not (begun and on is None and lost(error)):
                    self._translate(error)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the connections that are idle; the others close when they are given back."""
        self.engine.dispose()

    @contextmanager
    def _connection(self, deadline: float) -> Iterator[Connection]:
        with self._patiently(self.engine.connect, deadline) as connection:
            yield connection

    @contextmanager
    def _transaction(self, deadline: float, on: Connection | None = None, **options: Any) -> Iterator[Connection]:
        with self._connection(deadline) if on is None else nullcontext(on) as connection:
            connection.execution_options(**{APART: False, **options})
            with self._patiently(connection.begin, deadline):
                try:
                    yield connection
                except self.errors as error:
                    if lost(error):
                        # Else the rollback fails on the dead connection and hides what happened.
                        connection.invalidate()
                    raise

    def _patiently(self, step: Callable[[], T], deadline: float) -> T:
        """What `step` gives, tried again while others hold the database."""
        for _ in _tries(deadline):
            try:
                return step()
            except self.errors as error:
                if not passing(error):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def _spoken(self, transaction: AbstractContextManager[Connection]) -> Iterator[Connection]:
        try:
            with transaction as connection:
                yield connection
        except self.errors as error:
            self._translate(error)

    def _translate(self, error: Exception) -> None:
        told = meaning(error, self.where, self.path)
        if told is None:
            raise error
        raise told from error


def upsert(connection: Connection, table: Table) -> Insert:
    """An INSERT into `table` that can say ON CONFLICT, as the connection's database says it."""
    into: Insert = _words(connection.dialect.name).insert(table)
    return into


def driver_dialect(name: str) -> Dialect:
    """What compiles a clause for the bare driver of "sqlite" (`?`) or "postgresql" (`%s`)."""
    dialect: Dialect = _words(name).dialect(paramstyle="qmark" if name == "sqlite" else "format")
    return dialect


def _words(name: str) -> Any:
    # Not at the top: each start would wait a tenth of a second for the one of the two that it has no use for.
    return import_module(f"sqlalchemy.dialects.{name}")


def _tries(deadline: float) -> Iterator[int]:
    """Yields before each try, and sleeps before the next with full jitter. Raises Busy after the deadline.

    Jitter and not SQLite's busy handler, which lets the longest waiter look least often.
    """
    begun = time.monotonic()
    for turn in count():
        yield turn
        left = deadline - time.monotonic()
        if left <= 0:
            raise Busy(time.monotonic() - begun)
        time.sleep(min(left, random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(turn, 10)))))  # noqa: S311


def _checked(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is not None and parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed is not None and parsed.drivername in ("sqlite", "sqlite+pysqlite") and _names_a_file(parsed):
        return parsed
    shown = parsed.render_as_string(hide_password=True) if parsed is not None else "It"
    raise BadInput(f"{shown} is not a database URL. Write sqlite:///FILE or postgresql://USER@HOST/NAME.")


def _names_a_file(url: URL) -> bool:
    return bool(url.database) and not str(url.database).startswith(("file:", ":")) and not url.query


def _sqlite(url: URL, path: Path, create: bool, echo: bool) -> Engine:
    target = f"file:{quote(str(path))}?mode={'rwc' if create else 'rw'}"

    def connect() -> sqlite3.Connection:
        # isolation_level=None: the driver begins nothing by itself. Its own way, a deferred BEGIN before the first
        # write, lets two writers read the same head of a stream, and one of them then fails or forks it.
        connection = sqlite3.connect(
            target, uri=True, timeout=CONNECT_SECONDS, isolation_level=None, check_same_thread=False,
            cached_statements=256,
        )  # fmt: skip
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
                connection.execute("PRAGMA journal_mode = WAL")
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON", "busy_timeout = 10"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(url, creator=connect, echo=echo, pool_size=8, max_overflow=56)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.get_execution_options().get(READING):
            driver.execute("BEGIN")
            try:
                # The snapshot is taken by the first read; here a busy database can still be waited for.
                driver.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
            except sqlite3.Error:
                driver.execute("ROLLBACK")
                raise
        elif connection.get_execution_options().get(APART):
            driver.execute("BEGIN")  # takes no lock before the first write, and locks then what is written
        else:
            driver.execute("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL, echo: bool) -> Engine:
    engine = create_engine(
        url,
        echo=echo,
        pool_size=8,
        max_overflow=24,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "client_encoding": "utf8",
            "fallback_application_name": "ideenweg",
        },
    )

    @event.listens_for(engine, "connect")
    def settle(driver: Any, record: Any) -> None:
        driver.execute(
            "SELECT set_config('TimeZone', 'UTC', false), set_config('lock_timeout', %s, false)", [f"{LOCK_SECONDS}s"]
        )
        driver.commit()

    @event.listens_for(engine, "checkin")
    def note(driver: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(driver: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) > IDLE_SECONDS:
            try:
                engine.dialect.do_ping(driver)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    return engine
