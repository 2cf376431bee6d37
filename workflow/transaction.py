"""One transaction of the write path on the driver's cursor: reads at once, writes gathered and sent together.

On PostgreSQL a batch of reads and the batch of writes each cost one round trip (pipeline mode). On SQLite,
where nothing travels, statements simply run in order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from workflow.errors import Conflict
from workflow.statements import Params, Statements, statements

Rows = list[tuple[Any, ...]]


class Transaction:
    """The statements of one command. Made inside `Database.attempt`; `flush` sends what was gathered."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.sql: Statements = statements(self.dialect)
        self._driver: Any = connection.connection.driver_connection
        self._writes: list[tuple[str, Params, str | None]] = []

    def read(self, *queries: tuple[str, Params]) -> list[Rows]:
        """The rows of each query, in one round trip."""
        if self.dialect == "sqlite":
            return [self._driver.execute(sql, params).fetchall() for sql, params in queries]
        if len(queries) == 1:
            return [self._driver.execute(*queries[0]).fetchall()]
        with self._driver.pipeline():
            cursors = [self._driver.execute(sql, params) for sql, params in queries]
            return [cursor.fetchall() for cursor in cursors]

    def write(self, sql: str, params: Params, *, one: str | None = None) -> None:
        """Gather a write. `one`: what to say if it does not touch exactly one row."""
        self._writes.append((sql, params, one))

    def flush(self) -> None:
        """Send what was gathered, in one round trip. Raises Conflict where a write that must touch one row did not."""
        writes, self._writes = self._writes, []
        if self.dialect == "sqlite":
            for sql, params, one in writes:
                if self._driver.execute(sql, params).rowcount != 1 and one:
                    raise Conflict(one)
            return
        with self._driver.pipeline():
            results = [(self._driver.execute(sql, params), one) for sql, params, one in writes]
        for cursor, one in results:
            if one and cursor.rowcount != 1:
                raise Conflict(one)
