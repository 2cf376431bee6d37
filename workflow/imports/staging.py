"""Brings many items in at once: prepared aside, in temporary tables, then copied in one short transaction.

The temporary tables have the names of the real ones and stand before them where a name is looked up. So the engine's
own statements fill them, and there is no second writer of events. Once everything is there they are renamed, and the
real ones are what these names mean again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, and_, func, insert, select, text, update
from sqlalchemy.schema import CreateTable

from workflow import models
from workflow.creation import next_number
from workflow.db import Database
from workflow.errors import Conflict
from workflow.events import Kind
from workflow.numbers import ITEMS_A_YEAR, numbered, ordinal
from workflow.progress import Progress
from workflow.streams import Origin, append
from workflow.transaction import Transaction
from workflow.work import Work

STAGED = (
    models.person, models.contact, models.item, models.item_facet, models.item_word, models.item_text, models.event,
    models.disclosure, models.stream_head, models.record, models.link, models.assignment, models.task, models.support,
    models.deadline, models.due_step, models.follow_up, models.outbox, models.import_row,
)  # fmt: skip
"""Whatever a new item or person may write to, in an order that foreign keys allow."""

BATCH = 200
"""Items whose statements are sent together."""

CACHE_KIBIBYTES = 256 * 1024
"""SQLite's page cache while it copies: what does not fit is written twice, under the lock."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One item to bring in: its row's key and digest, and what it becomes."""

    row_key: str
    digest: str
    work: Work


@dataclass(frozen=True, slots=True)
class Numbers:
    """A block of running numbers of one year that nobody else gets."""

    year: int
    first: int
    count: int

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last of them."""
        return numbered(self.year, self.first), numbered(self.year, self.first + self.count - 1)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Each number with its ordinal."""
        for running in range(self.first, self.first + self.count):
            yield numbered(self.year, running), ordinal(self.year, running)


@contextmanager
def reserved(database: Database, year: int, count: int) -> Iterator[Numbers]:
    """Running numbers for `count` items. If the block fails they are given back, unless somebody took one since.

    A process that is killed leaves them unused: a gap, and nothing else.
    """
    _, first = database.attempt(lambda connection: next_number(Transaction(connection), year, count))
    numbers = Numbers(year, first % ITEMS_A_YEAR, count)
    try:
        yield numbers
    except BaseException:  # also Ctrl-C
        database.attempt(lambda connection: _give_back(connection, numbers))
        raise


def _give_back(connection: Connection, numbers: Numbers) -> None:
    # The failure may have come right after the commit: numbers that items have stay taken.
    used = select(models.item.c.number).where(models.item.c.number == numbers.ends[1])
    if connection.execute(used).first() is None:
        connection.execute(
            update(models.counter)
            .where(
                models.counter.c.name == f"item:{numbers.year}",
                models.counter.c.last == numbers.first + numbers.count - 1,
            )
            .values(last=models.counter.c.last - numbers.count)
        )


class Staging:
    """The temporary tables of one import, on a connection of their own."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self._shadows = {table: _shadow(table, table.name) for table in STAGED}

    @classmethod
    @contextmanager
    def opened(cls, database: Database) -> Iterator[Staging]:
        """Empty temporary tables; gone with everything in them at the end, however it comes."""
        with database.apart() as connection:
            staging = cls(database, connection)
            with database.writing_apart(connection):
                for shadow in staging._shadows.values():
                    connection.execute(CreateTable(shadow))
                if (
                    database.dialect == "sqlite"
                ):  # what is written to the index meanwhile is made of the texts at the end
                    connection.execute(
                        text("CREATE TEMPORARY TABLE item_text_index (item_text_index TEXT, words TEXT)")
                    )
            yield staging

    @contextmanager
    def filling(self) -> Iterator[Transaction]:
        """What works write to, as if it were the database; nobody is kept waiting."""
        with self.database.writing_apart(self.connection):
            yield Transaction(self.connection)

    def take(self, arrivals: Iterable[Arrival], source: str, total: int, progress: Progress) -> None:
        """Write these items into the temporary tables, inside `filling`."""
        rows: list[dict[str, Any]] = []
        for done, arrival in enumerate(arrivals, start=1):
            work = arrival.work
            work.finish()
            rows.append(
                {"source": source, "row_key": arrival.row_key, "item": work.item.number, "digest": arrival.digest}
            )
            if done % BATCH == 0 or done == total:
                work.tx.flush()
                progress("prepared", done, total)
        if rows:
            self.connection.execute(insert(models.import_row), rows)

    def commit(self, origin: Origin, now: datetime, details: Mapping[str, Any]) -> None:
        """Copy everything into the database in one transaction, and note the import in the stream `system`.

        details: of the `system:import_run` event. Raises Conflict where another import has brought in a row, or
        somebody a person, in the meantime: then nothing is changed.
        """
        staged = {table: _shadow(table, f"staged_{table.name}") for table in STAGED}
        with self.database.writing_apart(self.connection):
            temporary = "temp" if self.database.dialect == "sqlite" else "pg_temp"
            for table, renamed in staged.items():
                self.connection.execute(text(f"ALTER TABLE {temporary}.{table.name} RENAME TO {renamed.name}"))
            if self.database.dialect == "sqlite":
                self.connection.execute(text("DROP TABLE temp.item_text_index"))
                self.connection.execute(text(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}"))

        def copy(connection: Connection) -> None:
            _look_for_clashes(connection, staged)
            for table, shadow in staged.items():
                connection.execute(insert(table).from_select(list(table.c.keys()), select(shadow)))
            if self.database.dialect == "sqlite":
                indexed = "INSERT INTO item_text_index (rowid, words) SELECT ordinal, words FROM staged_item_text"
                connection.execute(text(indexed))
            append(connection, "system", Kind.IMPORT_RUN, origin, now, details=details)

        self.database.attempt(copy, on=self.connection)


def _look_for_clashes(connection: Connection, staged: Mapping[Table, Table]) -> None:
    for table, keys, message in (
        (models.import_row, ("source", "row_key"), "{} of these rows were imported meanwhile. Start again."),
        (models.contact, ("email",), "{} of these people became known meanwhile. Start again."),
    ):
        both = [table.c[key] == staged[table].c[key] for key in keys]
        found = connection.execute(
            select(func.count()).select_from(staged[table]).join(table, and_(*both))
        ).scalar_one()
        if found:
            raise Conflict(message.format(found) + " Nothing was changed.")


def _shadow(table: Table, name: str) -> Table:
    """A temporary table with the columns and the key of `table`; the rest is checked when its rows are copied."""
    columns = (Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable) for one in table.columns)
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], sqlite_with_rowid=False)
