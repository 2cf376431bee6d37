"""Transitions a second: the engine, and the same rows, reads and hashes by hand on the bare driver.

The floor runs the engine's own statements, in the same number, with their parameters ready at hand: no planning, no
guards, no lifecycle, no SQLAlchemy. On PostgreSQL it sends all reads in one pipeline and all writes with the commit in
a second one. Before anything is timed, both move one item and must leave the same number of rows in every table.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, make_url, select

from bench import postgres
from ideenweg import open_workflow
from workflow import access
from workflow.commands import Advance, Create
from workflow.db import Database
from workflow.events import Event, commitment, new_salt, seal, timestamp
from workflow.models import metadata
from workflow.statements import records_of, statements
from workflow.streams import Origin
from workflow.tasks import task_statements

LIFECYCLE = Path(__file__).with_name("bench.yaml")
COORDINATOR = "koordination@dortmund.example"
ITEMS = 64  # a client moves its items in turn, so none has an unlikely long history
NOW = datetime(2026, 6, 9, 10, tzinfo=UTC)
REASON = "Die Angaben sind vollständig, das Fachamt ist benannt."


@dataclass(frozen=True)
class Figure:
    """What was measured: transitions of all clients together, in so many seconds."""

    transitions: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.transitions / self.seconds


Client = Callable[[str, str, list[str]], Callable[[str, int], None]]
"""(url, coordinator's id, items) -> a function that moves an item for the n-th time."""


def run(*, seconds: float) -> None:
    """Print the table for both databases, with one client and with eight."""
    print(f"{'transitions/s':<28}{'engine':>10}{'floor':>10}{'ratio':>8}")
    for name, clients in (("sqlite", 1), ("sqlite", 8), ("postgresql", 1), ("postgresql", 8)):
        with _database(name) as url:
            person, items = prepare(url, ITEMS * clients)
            compare(url, person, items[:1])
            figures = [measure(client, url, person, items, clients, seconds) for client in (engine, floor)]
        ratio = figures[0].rate / figures[1].rate
        label = f"{name}, {clients} client{'s' if clients > 1 else ''}"
        print(f"{label:<28}{figures[0].rate:>10.0f}{figures[1].rate:>10.0f}{ratio:>8.2f}", flush=True)


def prepare(url: str, how_many: int) -> tuple[str, list[str]]:
    """A database with a coordinator and so many items in `submitted`; the person's id and the items' numbers."""
    with open_workflow(url, lifecycle=LIFECYCLE) as app:
        role = app.rules.newest_of(app.database, "bench").roles["coordinator"]

        def appoint(connection: Any) -> str:
            origin = Origin("operator", "api")
            key = access.add(connection, COORDINATOR, "Koordination", origin, NOW)
            access.grant(
                connection, COORDINATOR, role, "dortmund", app.rules.programme, origin, NOW, valid_from=date(2020, 1, 1)
            )
            return key

        person = app.database.attempt(appoint)
        data = {"title": "Sensoren an Brücken", "cities": ["dortmund"]}
        items = [app.engine.execute(Create(actor=COORDINATOR, data=data), now=NOW).item.number for _ in range(how_many)]
    return person, items


def engine(url: str, person: str, items: list[str]) -> Callable[[str, int], None]:
    """The engine, as a door would call it."""
    app = open_workflow(url, lifecycle=LIFECYCLE)

    def move(item: str, turn: int) -> None:
        app.engine.execute(
            Advance(
                actor=COORDINATOR,
                item=item,
                transition="send_back" if turn % 2 else "start_review",
                reason=REASON,
                command_id=f"{item}/{turn}/engine",
            ),
            now=NOW,
        )

    return move


def floor(url: str, person: str, items: list[str]) -> Callable[[str, int], None]:
    """The same by hand."""
    run_reads, run_writes = _sqlite_floor(url) if url.startswith("sqlite") else _postgresql_floor(url)
    dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
    sql, records = statements(dialect), records_of(dialect, 1, 1)
    gone, made = task_statements(dialect)
    onwards = {"submitted": "start_review", "in_review": "close"}
    stamp, due = timestamp(NOW), ("2026-06-24", "2026-06-24T22:00:00.000000Z")

    def move(item: str, turn: int) -> None:
        there, back = ("submitted", "in_review") if turn % 2 else ("in_review", "submitted")
        trigger, command_id = "send_back" if turn % 2 else "start_review", f"{item}/{turn}/floor"
        rows = run_reads(
            [
                (sql.item, (item,)),
                (sql.assignments, (item,)),
                (sql.facets, (item,)),
                (sql.links, (item, item)),
                (sql.person_by_email, ("2026-06-09", "2026-06-09", COORDINATOR)),
                (sql.command, (person, command_id)),
                (records, (item, "sheet")),
                (sql.steps, (f"item:{item}",)),
                (sql.deadlines, (item,)),
            ]
        )
        revision, head = rows[0][0][8], rows[0][0][9]
        clocks = {row[0]: row[3] for row in rows[8]}
        seq, salt = revision + 1, new_salt()
        told = [
            {"rule": back, "key": "", "date": due[0], "status": "closed", "version": clocks[back], "fixed": False},
            {
                "rule": there,
                "key": "",
                "date": due[0],
                "status": "running",
                "version": clocks.get(there, 0) + 1,
                "fixed": False,
            },
        ]
        event = Event(
            stream=f"item:{item}",
            seq=seq,
            kind="advanced",
            actor=person,
            via="api",
            at=stamp,
            recorded_at=stamp,
            trigger=trigger,
            source=back,
            target=there,
            guards=("recorded", "four_eyes"),
            command_id=command_id,
            details={"visit": seq, "public": False, "deadlines": told, "reason": commitment(salt, REASON)},
        )
        row = seal(event, head)
        version = clocks.get(there, 0) + 1
        if there in clocks:
            opened = [
                (sql.void_steps, (item, there, "")),
                (sql.set_deadline, (*due, version, "running", None, stamp, False, item, there, "")),
            ]
        else:
            opened = [
                (
                    sql.insert_deadline,
                    (item, there, "", due[0], "Europe/Berlin", due[1], version, "running", None, stamp, False),
                )
            ]
        result = f'{{"item":{{"number":"{item}","state":"{there}","revision":{seq}}},"seqs":[{seq}]}}'
        entered = (there, None, seq, row[-1], seq, stamp, None, None, rows[0][0][14], False)
        run_writes(
            [
                (sql.update_item, (*entered, item, revision)),
                (sql.insert_disclosure, (f"item:{item}", seq, "reason", salt, REASON)),
                (sql.insert_event, row),
                (sql.void_steps, (item, back, "")),
                (sql.set_deadline, (due[0], None, clocks[back], "closed", None, stamp, False, item, back, "")),
                *opened,
                (
                    sql.insert_outbox,
                    (f"item:{item}#{seq}/step", "step", item, seq, '["coordinator"]', "{}", stamp, "open"),
                ),
                (gone, (item,)),
                (
                    made,
                    (
                        item,
                        "coordinator",
                        "city",
                        "dortmund",
                        "",
                        "move",
                        onwards[there],
                        "",
                        "coordinator",
                        there,
                        *due,
                        False,
                        False,
                    ),
                ),
                (sql.insert_command, (person, command_id, sha256(command_id.encode()).hexdigest(), result, stamp)),
            ]
        )

    return move


Statement = tuple[str, tuple[Any, ...]]
Reads = Callable[[list[Statement]], list[list[Any]]]
Writes = Callable[[list[Statement]], None]


def _sqlite_floor(url: str) -> tuple[Reads, Writes]:
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None, timeout=60)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
        connection.execute(f"PRAGMA {pragma}")

    def reads(queries: list[Statement]) -> list[list[Any]]:
        connection.execute("BEGIN IMMEDIATE")
        return [connection.execute(sql, params).fetchall() for sql, params in queries]

    def writes(changes: list[Statement]) -> None:
        for sql, params in changes:
            connection.execute(sql, params)
        connection.execute("COMMIT")

    return reads, writes


def _postgresql_floor(url: str) -> tuple[Reads, Writes]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain)

    def reads(queries: list[Statement]) -> list[list[Any]]:
        with connection.pipeline():
            cursors = [connection.execute(sql.encode(), params) for sql, params in queries]
            return [cursor.fetchall() for cursor in cursors]

    def writes(changes: list[Statement]) -> None:
        with connection.pipeline():
            for sql, params in changes:
                connection.execute(sql.encode(), params)
            connection.commit()

    return reads, writes


def compare(url: str, person: str, items: list[str]) -> None:
    """Move one item to and fro by either way. Raises AssertionError where they do not leave the same rows."""
    added = []
    for client in (engine, floor):
        before = _rows(url)
        move = client(url, person, items)
        move(items[0], 0)
        move(items[0], 1)
        added.append({table: count - before[table] for table, count in _rows(url).items()})
        # The first of the two opens the deadline of `in_review`, which the second finds.
    difference = {table for table in added[0] if added[0][table] != added[1][table]} - {"deadline"}
    assert not difference, f"engine and floor write different rows: {difference}"


def measure(client: Client, url: str, person: str, items: list[str], clients: int, seconds: float) -> Figure:
    """Let so many processes move their share of the items for so many seconds."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(clients + 1), context.Queue()
    share = len(items) // clients
    processes = [
        context.Process(
            target=_client,
            args=(client, url, person, items[place * share : (place + 1) * share], seconds, barrier, results),
        )
        for place in range(clients)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    done = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return Figure(sum(count for count, _ in done), max(spent for _, spent in done))


def _client(
    client: Client, url: str, person: str, items: list[str], seconds: float, barrier: Barrier, results: Any
) -> None:
    move = client(url, person, items)
    turn = 2  # `compare` has moved the first item twice; even turns start from `submitted`
    for item in items:
        move(item, turn)
    turn += 1
    barrier.wait()
    began = time.perf_counter()
    count = 0
    while (spent := time.perf_counter() - began) < seconds:
        move(items[count % len(items)], turn + count // len(items))
        count += 1
    # Back to `submitted`, where the next client expects them.
    for place, item in enumerate(items):
        moved = turn + count // len(items) + (1 if place < count % len(items) else 0)
        if moved % 2:
            move(item, moved)
    results.put((count, spent))


def _rows(url: str) -> dict[str, int]:
    database = Database(url)
    with database.reading() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
    database.close()
    return counts


@contextmanager
def _database(name: str) -> Iterator[str]:
    """An empty database on a disk that keeps its promises."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ideenweg-bench-"))
            yield f"sqlite:///{folder}/bench.db"
        else:
            yield stack.enter_context(postgres.temporary(durable=True)).url()
