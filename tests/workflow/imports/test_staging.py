"""What is prepared aside is all that an item writes, and nobody waits for it."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from sqlalchemy import inspect, select, text

from ideenweg.wiring import App
from workflow.imports.staging import STAGED, Staging
from workflow.models import command, item
from workflow.statements import Statements, statements


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_table_that_the_engine_inserts_into_is_staged(dialect: str) -> None:
    """One that is not would be written at once, under the lock, and stay if the import failed."""
    found = (getattr(statements(dialect), field.name) for field in fields(Statements))
    tables = {table for sql in found for table in re.findall(r"INSERT INTO (\w+)", sql)}
    # An import writes no command and no number, nobody follows what is new, and the texts are indexed at the end.
    assert tables - {table.name for table in STAGED} <= {command.name, "counter", "follower", "item_text_index"}


def test_while_it_is_filled_the_names_mean_the_temporary_tables_and_afterwards_the_real_ones(
    app: App, create: object
) -> None:
    create()  # type: ignore[operator]
    number = select(item.c.number)
    with Staging.opened(app.database) as staging, staging.filling() as tx:
        assert tx.connection.execute(number).all() == []
        with app.database.reading() as other:
            assert len(other.execute(number).all()) == 1
    with app.database.writing() as connection:
        assert len(connection.execute(number).all()) == 1


def test_its_tables_are_gone_with_it(app: App) -> None:
    with Staging.opened(app.database):
        pass
    with app.database.reading() as connection:
        assert inspect(connection).get_temp_table_names() == []


def test_on_sqlite_it_takes_no_lock_before_it_copies(app: App) -> None:
    if app.database.dialect != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the database")
    with Staging.opened(app.database) as staging, staging.filling() as tx:
        tx.connection.execute(text("INSERT INTO stream_head VALUES ('x', 1, '')"))
        with app.database.writing(patience=0) as connection:
            assert connection.execute(text("SELECT count(*) FROM stream_head WHERE stream = 'x'")).scalar_one() == 0
