"""Server time of pages and lists with few items and with many: the demonstration, and the same items many times over.

The items of the demonstration are copied with their records, people, deadlines, tasks and first EVENTS events each, in
a mixture of states, by one statement a table. Sixteen connections then ask for the addresses of ADDRESSES, at random
and at such a pace that the server is busy half of the time: what is measured is the work of the server, from the
request to the head of the answer, and not the queue before it.

    python -m bench.pages --keep FOLDER --sqlite 100000 --postgresql 1000000

keeps the databases in FOLDER, where the next run finds them filled.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import random
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, func, make_url, select, text
from sqlalchemy import event as listened

from bench import postgres
from ideenweg import open_workflow
from ideenweg.demo.play import play
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App
from workflow import access, models
from workflow.accounts import sessions, tokens
from workflow.accounts.sessions import Way
from workflow.models import event, item

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
COORDINATION, ADMINISTRATION = "koordination@dortmund.example", "verwaltung@dortmund.example"
CONNECTIONS = 16
PATIENCE = 600
"""Seconds that an answer or the next question is waited for."""

EVENTS = 5
MEDIAN, TIMES = 50.0, 4.0
"""Milliseconds at the median with many items, and times the median with few, that HELD addresses keep to."""

FEW, MANY = 1_000, {"postgresql": 1_000_000, "sqlite": 100_000}
"""Items of the first run and of the second."""

MIXTURE = {"submitted": 30, "in_review": 15, "pooled": 30, "rejected": 10, "shortlisted": 3}
"""How often a state comes among the copies; any other once."""

COPIED = ("item_facet", "item_word", "record", "assignment", "deadline", "task")
"""Tables of which an item's rows are copied whole, besides `item` and its first events."""


@dataclass(frozen=True, slots=True)
class Address:
    """A page or list to measure. path: `{number}` stands for an item's. who: "", staff, admin, or token for the API."""

    name: str
    path: str
    who: str = "staff"
    held: bool = False


ADDRESSES = (
    Address("overview", "/", ""),
    Address("ideas", "/ideen", ""),
    Address("ideas, filtered", "/ideen?city=dortmund&field=smart-mobility", ""),
    Address("ideas, searched", "/ideen?q=straßen", ""),
    Address("public idea", "/ideen/{number}", ""),
    Address("worklist", "/aufgaben", held=True),
    Address("worklist, office", "/aufgaben?view=office", held=True),
    Address("board", "/board", held=True),
    Address("board, filtered", "/board?city=schwerte&field=energy-and-environment", held=True),
    Address("board, one state", "/board?state=pooled", held=True),
    Address("item page", "/ideen/{number}", held=True),
    Address("deadlines", "/fristen"),
    Address("deadlines, month", "/fristen?month=2026-06"),
    Address("portfolio", "/portfolio"),
    Address("selection", "/auswahl"),
    Address("sessions", "/sitzungen"),
    Address("absence", "/konto/abwesenheit"),
    Address("audit browser", "/verwaltung/protokoll", "admin", held=True),
    Address("audit, filtered", "/verwaltung/protokoll?kind=advanced", "admin", held=True),
    Address("people", "/verwaltung/personen", "admin"),
    Address("lifecycles", "/verwaltung/lebenszyklen", "admin"),
    Address("outbox", "/verwaltung/ausgang", "admin"),
    Address("API items", "/api/v1/items", "token"),
    Address("API item", "/api/v1/items/{number}", "token"),
    Address("API worklist", "/api/v1/worklist", "token", held=True),
    Address("API deadlines", "/api/v1/deadlines", "token"),
    Address("API events", "/api/v1/events", "token"),
)
"""What is measured. A page joins by a line here."""


def run(*, seconds: float, sizes: Mapping[str, int] | None = None, keep: Path | None = None) -> None:
    """Print a table for each database: milliseconds at the median and the 99th percentile, with few and many items, and
    the most statements of an answer. keep: the folder that holds the databases, or is to."""
    for name, many in (sizes or MANY).items():
        found = [_measured(name, number, seconds, keep) for number in (FEW, many)]
        sizes_said = f"{f'{FEW:,} items':>22}{f'{many:,} items':>24}{'ratio':>8}{'statements':>12}"
        print(f"\n{name}: milliseconds{sizes_said}  {CONNECTIONS} connections")
        print(f"{'':<22}{'median':>12}{'99 %':>10}{'median':>14}{'99 %':>10}")
        for one in ADDRESSES:
            few, most = (times[one.name] for times in found)
            ratio = most.median / few.median
            held = "" if not one.held else "ok" if ratio <= TIMES and most.median <= MEDIAN else "missed"
            shown = f"{few.median:>12.1f}{few.worst:>10.1f}{most.median:>14.1f}{most.worst:>10.1f}{ratio:>8.1f}"
            print(f"{one.name:<22}{shown}{most.statements:>12}  {held}", flush=True)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds at the median and at the 99th percentile."""

    median: float
    worst: float
    statements: int

    @classmethod
    def of(cls, taken: Sequence[tuple[float, int]]) -> Times:
        ordered = sorted(spent for spent, _ in taken)
        worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return cls(statistics.median(ordered), worst, max(number for _, number in taken))


def _measured(name: str, number: int, seconds: float, keep: Path | None) -> dict[str, Times]:
    with _database(name, number, keep) as url, open_workflow(url) as app:
        with app.database.reading() as connection:
            filled = connection.scalar(select(func.count()).select_from(item)) or 0
        if filled < number:  # else kept by an earlier run
            play(app, NOW)
            fill(app, number)
        asking, numbers = _people(app), _numbers(app)
        with _served(url) as port:
            return _asked(port, asking, numbers, seconds)


def fill(app: App, number: int) -> None:
    """Copy the items of the demonstration until there are `number` more."""
    with app.database.writing() as connection:
        templates = connection.execute(
            select(item.c.number, item.c.ordinal, item.c.state)
            .where(item.c.lifecycle == app.engine.default)
            .order_by(item.c.ordinal)
        ).all()
        weights = [MIXTURE.get(one.state, 1) for one in templates]
        drawn = random.Random(1).choices(templates, weights, k=997)
        described = random.Random(2).choices(templates, k=997)
        connection.execute(
            text(
                "CREATE TEMPORARY TABLE pick (place INTEGER PRIMARY KEY, template TEXT, origin BIGINT, described TEXT)"
            )
        )
        connection.execute(
            text("INSERT INTO pick VALUES (:place, :template, :origin, :described)"),
            [
                {"place": place, "template": one.number, "origin": one.ordinal, "described": other.number}
                for place, (one, other) in enumerate(zip(drawn, described, strict=True))
            ],
        )
        connection.execute(text(_COPIES[app.database.dialect]), {"most": number})
        for table in (item, *(models.metadata.tables[name] for name in COPIED), event, models.disclosure):
            connection.execute(text(_copied(table, app.database.dialect)))
        connection.execute(text("DROP TABLE pick"))
        connection.execute(text("DROP TABLE copies"))
    if app.database.dialect == "postgresql":
        with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


# A copy's number and ordinal, what it is a copy of, by how many days its deadlines are moved, how many days ago it went
# its way, and whose cities and fields it has. These are drawn apart: else all ideas of a city and field would be in one
# state, and every other be searched for them in vain.
_COPY = """
CREATE TEMPORARY TABLE copies AS
SELECT '2027-' || CASE WHEN n < 10000 THEN substr(CAST(10000 + n AS TEXT), 2) ELSE CAST(n AS TEXT) END AS number,
    20270000000 + n AS ordinal, own.template, own.origin, other.described, n % 90 - 20 AS days, n % 1000 AS ago
FROM {numbers} JOIN pick AS own ON own.place = n % 997 JOIN pick AS other ON other.place = n % 991
"""
_COPIES = {
    "sqlite": _COPY.format(
        numbers="(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :most) SELECT n FROM s) s"
    ),
    "postgresql": _COPY.format(numbers="generate_series(1, :most) AS s(n)"),
}
_DAY = {
    "sqlite": "date(substr({column}, 1, 10), ({days}) || ' days')",
    "postgresql": "CAST(CAST(substr({column}, 1, 10) AS DATE) + ({days}) AS TEXT)",
}


def _copied(table: Table, dialect: str) -> str:
    """INSERT … SELECT of the rows of every copy."""
    day = _DAY[dialect].format(column="o.local_date", days="c.days")
    whose = next(name for name in ("stream", "item", "number", "ordinal") if name in table.c)
    origin = {"stream": "'item:' || c.template", "ordinal": "c.origin"}.get(whose, "c.template")
    origin = "c.described" if table.name == "item_facet" else origin
    instead = {
        "local_date": day,
        # By the day, as clocks are set: a day ends at its midnight.
        "due_at": f"coalesce({day} || substr(o.due_at, 11), o.due_at)",
        # Else the newest hundred thousands were copies of one event.
        "recorded_at": f"{_DAY[dialect].format(column='o.recorded_at', days='-c.ago')} || substr(o.recorded_at, 11)",
        whose: "'item:' || c.number" if whose == "stream" else "c.number",
        "ordinal": "c.ordinal",
    }
    columns = ", ".join(f'"{one.name}"' for one in table.columns)
    values = ", ".join(instead.get(one.name, f'o."{one.name}"') for one in table.columns)
    # Of the words searched for, those with one beginning: a tenth, so that filling does not take longer than measuring.
    some = {"stream": f" WHERE o.seq <= {EVENTS}", "ordinal": " WHERE o.word LIKE 's%'"}.get(whose, "")
    # In this order: for each copy its few rows are looked up.
    join = "CROSS JOIN" if dialect == "sqlite" else "JOIN"
    on = f" {'WHERE' if dialect == 'sqlite' else 'ON'} o.{whose} = {origin}"
    some = some.replace("WHERE", "AND") if dialect == "sqlite" else some
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM copies c {join} {table.name} o{on}{some}"


def _people(app: App) -> dict[str, dict[str, str]]:
    """Whoever asks -> the headers that say so."""
    cookie = cookie_name(create_app(app, demo=True, clock=_clock).state.site)

    def begin(email: str) -> dict[str, str]:
        def begun(connection: Connection) -> str:
            return sessions.begin(connection, access.find(connection, email).id, Way.PASSWORD, NOW, factor=True)

        return {"Cookie": f"{cookie}={app.database.attempt(begun)}"}

    scopes = (tokens.Scope.READ, tokens.Scope.AUDIT)
    token, _ = app.database.attempt(lambda connection: tokens.issue(connection, ADMINISTRATION, scopes, NOW))
    return {
        "": {},
        "token": {"Authorization": f"Bearer {token}"},
        "staff": begin(COORDINATION),
        "admin": begin(ADMINISTRATION),
    }


def _numbers(app: App) -> list[str]:
    """Released items, which both the public and the coordination may see."""
    with app.database.reading() as connection:
        rows = select(item.c.number).where(item.c.released, item.c.lifecycle == app.engine.default)
        return list(connection.scalars(rows.order_by(func.substr(item.c.number, 7, 3), item.c.ordinal).limit(500)))


def _asked(
    port: int, asking: Mapping[str, Mapping[str, str]], numbers: Sequence[str], seconds: float
) -> dict[str, Times]:
    once = [_ask(port, one, asking, numbers, 3)[-1] for one in ADDRESSES]
    # All connections together keep the server busy half of the time.
    pause = 2 * CONNECTIONS * statistics.mean(spent for spent, _ in once) / 1000
    taken: dict[str, list[tuple[float, int]]] = {one.name: [] for one in ADDRESSES}
    until = time.monotonic() + seconds * len(ADDRESSES)

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while time.monotonic() < until:
            one = chance.choice(ADDRESSES)
            taken[one.name].append(_answer(connection, one, asking, chance.choice(numbers)))
            time.sleep(chance.uniform(0.5, 1.5) * pause)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in ADDRESSES:  # an address that chance has passed over
        if len(taken[one.name]) < 5:
            taken[one.name] += _ask(port, one, asking, numbers, 5)
    return {name: Times.of(times) for name, times in taken.items()}


def _ask(
    port: int, one: Address, asking: Mapping[str, Mapping[str, str]], numbers: Sequence[str], times: int
) -> list[tuple[float, int]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        return [_answer(connection, one, asking, numbers[place % len(numbers)]) for place in range(times)]


def _answer(
    connection: http.client.HTTPConnection, one: Address, asking: Mapping[str, Mapping[str, str]], number: str
) -> tuple[float, int]:
    """Milliseconds that the server took, and its statements. Raises AssertionError for an answer that is none."""
    path = one.path.replace("{number}", number).replace("ß", "%C3%9F")
    connection.request("GET", path, headers={"Accept-Language": "de", **asking[one.who]})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{one.name}: {answer.status} {body[:300]!r}"
    told = answer.headers["Server-Timing"]
    spent, statements = (re.findall(rf"{name};dur=([\d.]+)", told)[0] for name in ("app", "sql"))
    return float(spent), int(statements)


def _clock() -> datetime:
    return NOW


_statements: ContextVar[list[int]] = ContextVar("statements")


def _count(*_: object) -> None:
    if (counted := _statements.get(None)) is not None:
        counted[0] += 1


class _Timed:
    """An application whose answers say in `Server-Timing` how long they took, from the request to the head, and how
    many statements they asked through SQLAlchemy."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        began, counted = time.perf_counter(), [0]
        _statements.set(counted)

        async def timed(message: Any) -> None:
            if message["type"] == "http.response.start":
                took = f"app;dur={(time.perf_counter() - began) * 1000:.3f}, sql;dur={counted[0]}".encode()
                message = {**message, "headers": [*message["headers"], (b"server-timing", took)]}
            await send(message)

        await self.app(scope, receive, timed)


def _serve(url: str, listening: socket.socket) -> None:
    import uvicorn

    with open_workflow(url) as app:
        listened.listen(app.database.engine, "before_cursor_execute", _count)
        pages = _Timed(create_app(app, demo=True, clock=_clock))
        uvicorn.Server(uvicorn.Config(pages, log_level="warning", timeout_keep_alive=PATIENCE)).run(sockets=[listening])


@contextmanager
def _served(url: str) -> Iterator[int]:
    """The port at which a process of its own serves the pages."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)  # who asks before the server is there waits for it
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(url, listening))
        process.start()
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.join()


@contextmanager
def _database(name: str, number: int, keep: Path | None) -> Iterator[str]:
    """A database for so many items: empty, or (`keep`) as an earlier run has left it in that folder."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ideenweg-bench-")))
            folder.mkdir(parents=True, exist_ok=True)
            yield f"sqlite:///{folder}/pages-{number}.db"
        elif keep is None:
            yield stack.enter_context(postgres.temporary(durable=False)).url()
        else:
            server = stack.enter_context(postgres.lasting(keep / "postgresql"))
            yield _lasting(server, f"pages_{number}")


def _lasting(server: postgres.Server, database: str) -> str:
    plain = make_url(server.url()).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(f'CREATE DATABASE "{database}"'.encode())
    return server.url(database)


def main() -> None:
    """Measure with databases of any size, kept or not."""
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the databases are, or are to stay")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each address is asked for (default 4)")
    for name in MANY:
        parser.add_argument(f"--{name}", type=int, metavar="ITEMS", help="so many items in the second run")
    chosen = parser.parse_args()
    sizes = {name: getattr(chosen, name) for name in MANY if getattr(chosen, name)}
    run(seconds=chosen.seconds, sizes=sizes or None, keep=chosen.keep)


if __name__ == "__main__":
    main()
