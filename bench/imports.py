"""How long an import of ideas keeps another writer waiting: the longest wait of one that creates an item every 20 ms.

The floor is the same writer beside an idle program. `python -m bench imports` imports 1,000 and 10,000 rows on both
databases; with `--seconds 20` or more also 50,000.
"""

from __future__ import annotations

import csv
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from bench import postgres
from ideenweg import open_workflow
from workflow.commands import Create
from workflow.imports.ideas import import_ideas
from workflow.imports.parsing import parse_mapping

LIFECYCLE = Path(__file__).with_name("bench.yaml")
NOW = datetime(2026, 6, 9, 10, tzinfo=UTC)
WRITER = "buergerin@dortmund.example"

MAPPING = """
source: {name: bench, key: [number]}
lifecycle: bench
actor: koordination@dortmund.example
title: {columns: [title]}
fields:
  cities: {column: cities, split: ";"}
"""


def run(*, seconds: float) -> None:
    """Print the table for both databases."""
    sizes = [0, 1_000, 10_000, *([50_000] if seconds >= 20 else [])]
    print(f"{'rows':<28}{'import s':>14}{'longest wait ms':>18}{'writes meanwhile':>18}")
    for dialect in ("sqlite", "postgresql"):
        for rows in sizes:
            with _database(dialect) as (url, folder):
                took, waits = measure(url, folder / "rows.csv", rows)
            label = f"{dialect}, {rows:,}"
            print(f"{label:<28}{took:>14.1f}{max(waits) * 1000:>18.0f}{len(waits):>18}", flush=True)


@contextmanager
def _database(dialect: str) -> Iterator[tuple[str, Path]]:
    """The URL of an empty database, and a folder; both are gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ideenweg-bench-")))
        if dialect == "sqlite":
            yield f"sqlite:///{folder}/bench.db", folder
        else:
            yield stack.enter_context(postgres.temporary(durable=True)).url(), folder


def measure(url: str, table: Path, rows: int) -> tuple[float, list[float]]:
    """Seconds that the import of `rows` rows took, and those that each write of another process waited meanwhile."""
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["number", "title", "cities"])
        writer.writerows([number, f"Sensoren an der Brücke {number}", "dortmund;schwerte"] for number in range(rows))
    mapping = parse_mapping(MAPPING, "bench.map.yaml", history=False)
    with open_workflow(url, lifecycle=LIFECYCLE) as app, writing(url) as waits:
        begun = time.monotonic()
        if rows:
            import_ideas(app.database, app.rules, table, mapping, now=NOW)
        else:
            time.sleep(2)
        took = time.monotonic() - begun
    return took, waits


@contextmanager
def writing(url: str) -> Iterator[list[float]]:
    """Another process creates items as long as the block runs; afterwards the list holds how long each took."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    queue: Any = context.Queue()
    process = context.Process(target=write, args=(url, ready, stop, queue))
    process.start()
    waits: list[float] = []
    try:
        if not ready.wait(60):
            raise RuntimeError("the other writer did not start")
        yield waits
    finally:
        stop.set()
        waits += queue.get(timeout=60)
        process.join()


def write(url: str, ready: Event, stop: Event, queue: Any) -> None:
    """Create an item every 20 ms until `stop` is set, then put how long each took into `queue`."""
    waits: list[float] = []
    with open_workflow(url, lifecycle=LIFECYCLE) as app:
        while not stop.is_set():
            begun = time.monotonic()
            app.engine.execute(Create(actor=WRITER, data={"title": "Dazwischen"}), now=NOW)
            waits.append(time.monotonic() - begun)
            ready.set()
            time.sleep(0.02)
    queue.put(waits[1:])
