"""Transactions that are real on both databases, waits that end, and errors that speak."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from bench.postgres import Server
from workflow import faults
from workflow.db import Database
from workflow.errors import (
    BadInput,
    Busy,
    IntegrityBroken,
    NotADatabase,
    SchemaMissing,
    StorageError,
    StorageFull,
    Unreachable,
)
from workflow.models import counter


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.close()


def put(connection: Connection, name: str, last: int = 0) -> None:
    connection.execute(insert(counter).values(name=name, last=last))


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(counter.c.name).order_by(counter.c.name)))


# --- transactions -----------------------------------------------------------------------------------------------------


def test_what_is_written_is_there_after_the_block(database: Database) -> None:
    with database.writing() as connection:
        put(connection, "a")
    assert names(database) == ["a"]


def test_nothing_is_written_when_the_block_raises(database: Database) -> None:
    def work(connection: Connection) -> None:
        put(connection, "a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.attempt(work)
    assert names(database) == []


def test_what_the_drivers_own_connection_writes_is_rolled_back_with_the_rest(database: Database) -> None:
    def work(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("INSERT INTO counter (name, last) VALUES ('driver', 1)")
        put(connection, "core")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.attempt(work)
    assert names(database) == []


def test_a_reading_transaction_sees_one_moment(database: Database) -> None:
    with database.reading() as reader:
        assert reader.scalar(select(func.count()).select_from(counter)) == 0
        with database.writing() as writer:
            put(writer, "a")
        assert reader.scalar(select(func.count()).select_from(counter)) == 0
    assert names(database) == ["a"]


def test_the_moment_of_a_reading_transaction_is_its_beginning_on_sqlite(sqlite_database: Database) -> None:
    with sqlite_database.reading() as reader:
        with sqlite_database.writing() as writer:
            put(writer, "a")
        assert reader.scalar(select(func.count()).select_from(counter)) == 0


def test_a_reading_transaction_cannot_write_on_postgresql(postgresql_database: Database) -> None:
    with pytest.raises(Unreachable, match="read-only transaction"), postgresql_database.reading() as connection:
        put(connection, "a")


def test_a_second_writer_on_sqlite_waits_before_it_reads(sqlite_database: Database) -> None:
    """With a deferred BEGIN both would read 0, and one would fail or be lost."""
    with sqlite_database.writing() as connection:
        put(connection, "n")

    def count_up(_: int) -> None:
        def work(connection: Connection) -> None:
            last = connection.scalar(select(counter.c.last))
            time.sleep(0.001)
            connection.execute(update(counter).values(last=last + 1))

        sqlite_database.attempt(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(40)))
    with sqlite_database.reading() as connection:
        assert connection.scalar(select(counter.c.last)) == 40


def test_every_sqlite_connection_is_durable_and_strict(sqlite_database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    with sqlite_database.reading() as connection:
        assert {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted


def test_every_postgresql_connection_counts_in_utc(postgresql_database: Database) -> None:
    with postgresql_database.writing() as connection:
        assert connection.scalar(text("SHOW TimeZone")) == "UTC"


# --- trying again -----------------------------------------------------------------------------------------------------


def test_a_writer_that_waits_too_long_is_told_so(sqlite_database: Database) -> None:
    with sqlite_database.writing():
        with pytest.raises(Busy), sqlite_database.writing(patience=0.05):
            pass
        with pytest.raises(Busy):
            sqlite_database.attempt(lambda connection: None, patience=0.05)


def test_a_writer_goes_on_when_the_other_one_is_done(sqlite_database: Database) -> None:
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_database.writing():
            begun.set()
            done.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(5)
    threading.Timer(0.05, done.set).start()
    sqlite_database.attempt(lambda connection: put(connection, "a"))
    holder.join()
    assert names(sqlite_database) == ["a"]


def test_a_row_lock_on_postgresql_is_not_waited_for_without_end(postgresql_database: Database) -> None:
    with postgresql_database.writing() as connection:
        put(connection, "a")

    def lock(connection: Connection) -> None:
        connection.execute(text("SET LOCAL lock_timeout = '20ms'"))
        connection.execute(select(counter).with_for_update())

    with postgresql_database.writing() as holder:
        holder.execute(select(counter).with_for_update())
        with pytest.raises(Busy):
            postgresql_database.attempt(lock, patience=0.1)


def test_of_two_that_lock_each_other_out_both_get_through(postgresql_database: Database) -> None:
    with postgresql_database.writing() as connection:
        connection.execute(
            text("ALTER DATABASE " + str(postgresql_database.url.database) + " SET deadlock_timeout = '20ms'")
        )
        put(connection, "a")
        put(connection, "b")
    postgresql_database.close()
    both = threading.Barrier(2)
    runs: list[str] = []

    def work(first: str, second: str) -> Callable[[Connection], None]:
        def run(connection: Connection) -> None:
            runs.append(first)
            connection.execute(update(counter).where(counter.c.name == first).values(last=counter.c.last + 1))
            if len(runs) <= 2:
                both.wait(5)
            connection.execute(update(counter).where(counter.c.name == second).values(last=counter.c.last + 1))

        return run

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(postgresql_database.attempt, [work("a", "b"), work("b", "a")]))
    assert len(runs) == 3
    with postgresql_database.reading() as connection:
        assert list(connection.scalars(select(counter.c.last))) == [2, 2]


def test_who_loses_a_race_for_a_key_looks_again(postgresql_database: Database) -> None:
    """As two runs of one command under one id do: the second finds the first one's result."""
    seen: list[bool] = []

    def work(connection: Connection) -> None:
        there = connection.scalar(select(counter.c.name).where(counter.c.name == "a")) is not None
        seen.append(there)
        if not there:
            with postgresql_database.writing() as other:
                put(other, "a")
            put(connection, "a")

    postgresql_database.attempt(work)
    assert seen == [False, True]


def test_a_key_that_is_taken_for_good_is_a_fault_of_the_program(database: Database) -> None:
    with database.writing() as connection:
        put(connection, "a")
    with pytest.raises(IntegrityError):
        database.attempt(lambda connection: put(connection, "a"))


def test_work_runs_again_on_a_new_connection_when_the_server_ends_the_old_one(postgresql_database: Database) -> None:
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        put(connection, "a")
        if len(runs) == 1:
            _end(postgresql_database, connection.scalar(text("SELECT pg_backend_pid()")))
            driver: Any = connection.connection.driver_connection
            # As the write path does: SQLAlchemy, which would see that the connection is gone, is not asked.
            driver.execute("SELECT 1")

    postgresql_database.attempt(work)
    assert names(postgresql_database) == ["a"]
    assert len(runs) == 2


def test_a_lost_connection_says_what_ended_it(postgresql_database: Database) -> None:
    def lose() -> None:
        with postgresql_database.writing() as connection:
            _end(postgresql_database, connection.scalar(text("SELECT pg_backend_pid()")))
            driver: Any = connection.connection.driver_connection
            driver.execute("SELECT 1")

    with pytest.raises(Unreachable, match="terminating connection due to administrator command"):
        lose()


def test_a_connection_lost_in_the_commit_is_not_repeated(postgresql_database: Database) -> None:
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        put(connection, "a")
        _end(postgresql_database, connection.scalar(text("SELECT pg_backend_pid()")))

    with pytest.raises(Unreachable, match="is not known"):
        postgresql_database.attempt(work)
    assert len(runs) == 1


def test_a_connection_that_lay_idle_is_tried_before_it_is_used(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.db.IDLE_SECONDS", -1.0)
    with postgresql_database.reading() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    _end(postgresql_database, number)
    assert names(postgresql_database) == []


def _end(database: Database, number: int) -> None:
    other = Database(database.url)
    with other.writing() as killer:
        killer.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
    other.close()


# --- errors that speak ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ideenweg.db",
        "mysql://host/name",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=ro",
        "postgres://h/n",
    ],
)
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"Write sqlite:///FILE or postgresql://"):
        Database(url)


def test_a_password_is_not_shown() -> None:
    database = Database("postgresql://ideenweg:geheim@127.0.0.1:1/ideenweg")
    assert "geheim" not in database.where
    with pytest.raises(Unreachable) as caught, database.reading():
        pass
    assert "geheim" not in str(caught.value)


def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable, match="refused"):
        Database("postgresql://127.0.0.1:1/ideenweg").attempt(lambda connection: None)
    assert time.monotonic() - started < 5


def test_an_unknown_postgresql_database_is_named(postgres_cluster: Server) -> None:
    with pytest.raises(Unreachable, match="does not exist"), Database(postgres_cluster.url("nirgends")).reading():
        pass


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    file = tmp_path / "ideen.db"
    file.write_text("Titel;Stadtteil\nEin Brunnen;Ergste\n" * 100)
    with (
        pytest.raises(NotADatabase, match=r"ideen\.db is not an SQLite database"),
        Database(f"sqlite:///{file}").reading(),
    ):
        pass
    assert file.read_text().startswith("Titel;")


def test_a_damaged_file(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096 : len(content)] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(IntegrityBroken, match="damaged"), Database(sqlite_url).reading() as connection:
        connection.execute(select(counter)).all()


def test_a_file_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SchemaMissing, match="ideenweg db upgrade"), Database(f"sqlite:///{tmp_path}/neu.db").writing():
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("place", "words"), [("nirgends/ideenweg.db", "there is no folder"), (".", "it is a folder")])
def test_a_place_where_no_file_can_be(tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(Unreachable, match=words), Database(f"sqlite:///{tmp_path / place}", create=True).writing():
        pass


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated: root may open everything."""
    file = tmp_path / "ideenweg.db"
    file.touch()

    def connect(*_: Any, **__: Any) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(Unreachable, match="permission denied"), Database(f"sqlite:///{file}").writing():
        pass


def test_a_file_that_may_only_be_read(sqlite_database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        put(connection, "a")

    with pytest.raises(Unreachable, match="may only be read"):
        sqlite_database.attempt(work)


def test_a_full_disk_changes_nothing(sqlite_database: Database) -> None:
    def fill(connection: Connection) -> None:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(2000):
            put(connection, f"{number:0200}")

    with pytest.raises(StorageFull, match="no space left"):
        sqlite_database.attempt(fill)
    assert names(sqlite_database) == []


def test_a_full_disk_under_postgresql() -> None:
    class DiskFullError(Exception):
        sqlstate = "53100"

    assert isinstance(faults.meaning(DiskFullError("could not extend file"), "db", None), StorageFull)


def test_a_fault_of_the_program_stays_one(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, database.reading() as connection:
        connection.execute(text("SELECT 1 FROM no_such_table"))
    assert not isinstance(caught.value, StorageError)


def test_a_foreign_file_keeps_its_journal_mode(tmp_path: Path) -> None:
    file = tmp_path / "foreign.db"
    with sqlite3.connect(file) as foreign:
        foreign.execute("CREATE TABLE t (x)")
    foreign.close()
    database = Database(f"sqlite:///{file}")
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
    database.close()


def test_names_with_signs_of_their_own_in_a_url(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "50% für #Ideen.db"
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), file)
    database = Database(f"sqlite:///{file}")
    assert names(database) == []
    database.close()
