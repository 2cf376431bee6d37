"""The memory of a process that makes 100,000 transitions: flat, or growing?

`python -m bench memory` moves 1,000 items to and fro through one engine on SQLite. `--seconds` bounds it; the table
says how many transitions there were.
"""

from __future__ import annotations

import tempfile
import time

import psutil

from bench.transitions import engine, prepare

ITEMS = 1_000
TRANSITIONS = 100_000
STEP = 10_000


def run(*, seconds: float) -> None:
    """Print the resident memory of the process after every STEP transitions, for `seconds` × 100 at the most."""
    process = psutil.Process()
    with tempfile.TemporaryDirectory(prefix="ideenweg-bench-") as folder:
        url = f"sqlite:///{folder}/bench.db"
        person, items = prepare(url, ITEMS)
        move = engine(url, person, items)
        print(f"{'transitions':<28}{'resident MiB':>14}")
        end = time.monotonic() + seconds * 100
        for count in range(TRANSITIONS):
            move(items[count % ITEMS], count // ITEMS)
            if (count + 1) % STEP == 0:
                print(f"{count + 1:<28}{process.memory_info().rss / 2**20:>14.1f}", flush=True)
                if time.monotonic() > end:
                    break
