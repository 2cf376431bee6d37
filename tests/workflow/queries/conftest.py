"""A database with items of all sorts, put straight into the tables; and a look at how a question is answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as listened
from sqlalchemy import insert

from ideenweg.wiring import App
from workflow.commands import Command
from workflow.db import Database
from workflow.events import timestamp
from workflow.models import deadline, item, item_facet, item_word
from workflow.numbers import numbered, ordinal
from workflow.words import kept, sort_key

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
STATES = {"draft": "submission", "in_review": "review", "pooled": "review", "rejected": None}
TITLES = ("Sensoren an Brücken", "Radweg am Kanal", "Radabstellplätze", "Bäume gießen", "Ärger mit Brücken")
FACETS: dict[str, tuple[str, ...]] = {
    "cities": ("dortmund", "schwerte"),
    "fields": ("smart-mobility", "energy-and-environment", "digital-administration"),
    "provenance": ("participation", "projektor"),
    "funding": ("own-funds", "state"),
}


@dataclass(frozen=True)
class Made:
    """An item as it was put in: what the answers are held against."""

    number: str
    lifecycle: str
    state: str
    stage: str | None
    title: str
    released: bool
    facets: dict[str, tuple[str, ...]]
    due_at: datetime | None
    entered_at: datetime


@dataclass
class Days:
    """One command after the other, a day each, beginning on the day after `now`."""

    app: App
    now: datetime

    def do(self, command: Command) -> str:
        """The number of the item that it is about."""
        self.now += timedelta(days=1)
        return self.app.engine.execute(command, now=self.now).item.number


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def items(database: Database) -> list[Made]:
    """Eighty items, the newest first."""
    chance = random.Random(1)
    made = []
    for running in range(1, 81):
        state, stage = chance.choice(list(STATES.items()))
        held = {facet: tuple(one for one in known if chance.random() < 0.4) for facet, known in FACETS.items()}
        made.append(
            Made(
                numbered(2026, running),
                chance.choice(("idea-to-project", "strategy")),
                state,
                stage,
                chance.choice(TITLES),
                chance.random() < 0.5,
                held,
                NOW + timedelta(days=chance.randint(-20, 20)) if chance.random() < 0.5 else None,
                NOW - timedelta(days=chance.randint(0, 9)),
            )
        )
    with database.writing() as connection:
        for running, one in enumerate(made, 1):
            put(connection, one, ordinal(2026, running))
    return made[::-1]


def put(connection: Any, one: Made, place: int) -> None:
    stamp = timestamp(NOW)
    row = {"number": one.number, "ordinal": place, "lifecycle": one.lifecycle, "version": 1, "state": one.state}
    entered = timestamp(one.entered_at)
    row |= {"stage": one.stage, "revision": 1, "head": "0" * 64, "visit": 1, "entered_at": entered, "created_at": stamp}
    connection.execute(insert(item).values(**row, title=one.title, released=one.released))
    for facet, values in {**one.facets, "title": [sort_key(one.title)]}.items():
        for value in values:
            connection.execute(insert(item_facet).values(item=one.number, facet=facet, value=value, ordinal=place))
    connection.execute(insert(item_word), [{"word": word, "ordinal": place} for word in kept([one.title])])
    # A second deadline, that has been met, says nothing.
    for rule, status in (("review", "running"), ("before", "closed")) if one.due_at else ():
        late = one.due_at if status == "running" else NOW - timedelta(days=99)
        connection.execute(
            insert(deadline).values(
                item=one.number, rule=rule, key="", local_date=late.date().isoformat(), zone="Europe/Berlin",
                due_at=timestamp(late), version=1, status=status, opened_at=stamp, fixed=False,
            )
        )  # fmt: skip


@pytest.fixture
def scans(database: Database) -> Callable[[Callable[[Any], object]], list[str]]:
    """Asks a question and gives what of the plans of its statements reads a whole table, or a facet of every item."""

    def scans(question: Callable[[Any], object]) -> list[str]:
        asked: list[tuple[str, Any]] = []

        def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
            asked.append((statement, parameters))

        listened.listen(database.engine, "before_cursor_execute", note)
        with database.reading() as connection:
            question(connection)
        listened.remove(database.engine, "before_cursor_execute", note)
        assert asked
        return [line for one in asked for line in _scans(database, *one)]

    return scans


OURS = tuple(f"SCAN {table}" for table in ("item", "event", "deadline", "outbox", "person", "contact", "held", "task"))


def _scans(database: Database, statement: str, parameters: Any) -> list[str]:
    with database.reading() as connection:
        if database.dialect == "sqlite":
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            return [line for line in plan if line.startswith(OURS) or line.endswith("(facet=?)")]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
        return [line for line in plan if "Seq Scan" in line]
