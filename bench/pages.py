"""Server time of pages and lists with few items and with many, as copies.py makes them.

Sixteen connections ask for the addresses of ADDRESSES, at random and at such a pace that the server is busy half of the
time: what is measured is the work of the server, from the request to the head of the answer, and not the queue before
it. On a machine that others use as well the processor time says more: it is that of the server alone, without
PostgreSQL's, of answers that nothing else was asked beside.

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
from sqlalchemy import Connection, func, make_url, select
from sqlalchemy import event as listened

from bench import postgres
from bench.copies import fill
from ideenweg import open_workflow
from ideenweg.demo.play import play
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App
from workflow import access
from workflow.accounts import sessions, tokens
from workflow.accounts.sessions import Way
from workflow.models import item

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
COORDINATION, ADMINISTRATION = "koordination@dortmund.example", "verwaltung@dortmund.example"
CONNECTIONS = 16
ALONE = 20
"""Answers of each address whose processor time is taken."""

PATIENCE = 600
"""Seconds that an answer or the next question is waited for."""

MEDIAN, TIMES = 50.0, 4.0
"""Milliseconds at the median with many items, and times the median with few, that HELD addresses keep to."""

FEW, MANY = 1_000, {"postgresql": 1_000_000, "sqlite": 100_000}
"""Items of the first run and of the second."""


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
    """Print a table for each database: milliseconds of the processor, at the median and at the 99th percentile, with
    few items and many, and the most statements of an answer. keep: the folder that holds the databases, or is to."""
    for name, many in (sizes or MANY).items():
        found = [_measured(name, number, seconds, keep) for number in (FEW, many)]
        sizes_said = f"{f'{FEW:,} items':>27}{f'{many:,} items':>31}{'ratio':>9}{'statements':>12}"
        print(f"\n{name}: milliseconds{sizes_said}  {CONNECTIONS} connections")
        print(f"{'':<22}{'processor':>12}{'median':>9}{'99 %':>9}{'processor':>13}{'median':>9}{'99 %':>9}")
        for one in ADDRESSES:
            few, most = (times[one.name] for times in found)
            ratio = most.median / few.median
            held = "" if not one.held else "ok" if ratio <= TIMES and most.median <= MEDIAN else "missed"
            first = f"{few.processor:>12.1f}{few.median:>9.1f}{few.worst:>9.1f}"
            second = f"{most.processor:>13.1f}{most.median:>9.1f}{most.worst:>9.1f}"
            print(f"{one.name:<22}{first}{second}{ratio:>9.1f}{most.statements:>12}  {held}", flush=True)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds at the median and at the 99th percentile; of the processor, at the median of answers `alone`."""

    median: float
    worst: float
    processor: float
    statements: int

    @classmethod
    def of(cls, taken: Sequence[Answered], alone: Sequence[Answered]) -> Times:
        ordered = sorted(one.spent for one in taken)
        worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        processor = statistics.median(one.processor for one in alone)
        return cls(statistics.median(ordered), worst, processor, max(one.statements for one in taken))


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds that an answer took, those of the server's process meanwhile, and its statements."""

    spent: float
    processor: float
    statements: int


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
    # Nothing is asked beside these; the first ones open connections and read templates.
    alone = {one.name: _ask(port, one, asking, numbers, ALONE)[3:] for one in ADDRESSES}
    # All connections together keep the server busy half of the time.
    pause = 2 * CONNECTIONS * statistics.mean(times[-1].spent for times in alone.values()) / 1000
    taken: dict[str, list[Answered]] = {one.name: [] for one in ADDRESSES}
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
    return {name: Times.of(times, alone[name]) for name, times in taken.items()}


def _ask(
    port: int, one: Address, asking: Mapping[str, Mapping[str, str]], numbers: Sequence[str], times: int
) -> list[Answered]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        return [_answer(connection, one, asking, numbers[place % len(numbers)]) for place in range(times)]


def _answer(
    connection: http.client.HTTPConnection, one: Address, asking: Mapping[str, Mapping[str, str]], number: str
) -> Answered:
    """What the server says of its answer. Raises AssertionError for one that is none."""
    path = one.path.replace("{number}", number).replace("ß", "%C3%9F")
    connection.request("GET", path, headers={"Accept-Language": "de", **asking[one.who]})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{one.name}: {answer.status} {body[:300]!r}"
    told = answer.headers["Server-Timing"]
    spent, processor, statements = (re.findall(rf"{name};dur=([\d.]+)", told)[0] for name in ("app", "cpu", "sql"))
    return Answered(float(spent), float(processor), int(statements))


def _clock() -> datetime:
    return NOW


_statements: ContextVar[list[int]] = ContextVar("statements")


def _count(*_: object) -> None:
    if (counted := _statements.get(None)) is not None:
        counted[0] += 1


class _Timed:
    """An application whose answers say in `Server-Timing` how long they took, from the request to the head, how long
    the process was at work meanwhile, and how many statements they asked through SQLAlchemy."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        began, worked, counted = time.perf_counter(), time.process_time(), [0]
        _statements.set(counted)

        async def timed(message: Any) -> None:
            if message["type"] == "http.response.start":
                took, at_work = time.perf_counter() - began, time.process_time() - worked
                told = f"app;dur={took * 1000:.3f}, cpu;dur={at_work * 1000:.3f}, sql;dur={counted[0]}".encode()
                message = {**message, "headers": [*message["headers"], (b"server-timing", told)]}
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
