"""The whole clock at once: several workers sweep and send while they are killed and stopped, the mail server hangs,
drops and refuses, the database starts anew, clocks jump, and people move items on.

A worker counts the boundaries it passes – each statement, commit, claim and message, before and after – and sends
itself a signal at the one it was told. Everything that arrives at the mail server is kept. In the end every step is
decided once, nothing is lost, what came twice is the same to the byte and no more often than something was interrupted,
and nobody was told of what had moved on.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest
from sqlalchemy import event, func, select

from bench import postgres
from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App, open_workflow
from notifications import deliveries, preferences
from notifications.channels.email import Email, MailServer
from notifications.preferences import Mode
from workflow import access, telling
from workflow.commands import Advance, Create
from workflow.db import Database
from workflow.errors import Conflict, Refused, StorageError
from workflow.events import moment, timestamp
from workflow.models import delivery, due_step, inbox, outbox
from workflow.models import event as history
from workflow.streams import Origin

from .mailserver import Unruly

TIMED = Path(__file__).parents[1] / "lifecycles" / "timed.yaml"
CITIZEN, COORDINATOR, HEAD = "buergerin@post.example", "koordination@dortmund.example", "leitung@never.example"
OPERATOR = Origin("operator", "cli")
BASE, KEYS = "https://ideen.example.org", (b"k" * 32,)
WORKERS = 4
LEASE, PATIENCE, REST = 3.0, 0.5, 4.0
"""Seconds: of a lease, for an answer of the mail server, and that a stopped worker rests: beyond its lease."""

KINDS = ("begin", "statement", "commit", "committed", "claimed", "turning", "turned", "sending", "sent")
"""The boundaries: before and in a transaction, before and after its commit, around claim, acknowledgement, message."""

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["ideenweg.wiring", "ideenweg.outgoing"])

pytestmark = pytest.mark.timeout(300)


# --- a worker ---------------------------------------------------------------------------------------------------------


Target = tuple[str, int, int]
"""The kind of a boundary, which of them, and the signal."""


@dataclass
class Boundaries:
    """Counts what a worker passes. targets: one after the other, the boundary – its kind, and how many of them later –
    at which it sends itself a signal."""

    targets: list[Target]
    notes: int
    seen: Counter[str] = field(default_factory=Counter)

    def reach(self, kind: str, *_: Any) -> None:
        self.seen[kind] += 1
        if self.targets and (kind, self.seen[kind]) == self.targets[0][:2]:
            *_, number = self.targets.pop(0)
            self.seen.clear()
            self.note("signal", kind=kind, number=number)
            os.kill(os.getpid(), number)

    def note(self, what: str, **told: Any) -> None:
        """A line that survives the process: one write to a file that is open for appending."""
        line = json.dumps({"what": what, "at": time.time(), "pid": os.getpid(), **told})
        os.write(self.notes, line.encode() + b"\n")


def work(url: str, port: int, now: Any, skew: float, targets: list[Target], notes: str) -> None:
    """One worker: sweeps and dispatches at the moment that all share, its own clock wrong by `skew` seconds, until that
    moment is zero."""
    marks = Boundaries(targets, os.open(notes, os.O_WRONLY | os.O_APPEND))
    telling.BATCH = 7
    deliveries.LEASE = timedelta(seconds=LEASE)
    deliveries._SERVER = f"(clock_timestamp() + interval '{LEASE} seconds')"
    server = MailServer("127.0.0.1", port, starttls=False)
    with _opened(url, Outgoing(BASE, Email(server, patience=PATIENCE), KEYS)) as app:
        _watch(app, marks)
        started_by = os.getppid()
        while now.value and os.getppid() == started_by:  # of a run that was killed nobody is left behind
            told = datetime.fromtimestamp(now.value + skew, UTC)
            try:
                app.sweep(now=told)
                app.dispatch(now=told)
            except StorageError as error:  # as the clock's own chores: logged, and tried again
                marks.note("storage", error=str(error))
            time.sleep(0.02)
    os._exit(0)


def _opened(url: str, outgoing: Outgoing) -> App:
    """The workflow, as soon as the database lets itself be opened: whoever starts a worker starts it again."""
    while True:
        with suppress(StorageError):
            return open_workflow(url, lifecycle=TIMED, outgoing=outgoing)
        time.sleep(0.1)


def _watch(app: App, marks: Boundaries) -> None:
    """Make the worker pass its boundaries."""
    engine, reach = app.database.engine, marks.reach
    for name, kind in (("begin", "begin"), ("before_cursor_execute", "statement"), ("commit", "commit")):
        event.listen(engine, name, partial(reach, kind))
    if app.database.dialect == "sqlite":  # also the statements that go past SQLAlchemy
        event.listen(engine, "connect", lambda driver, _: driver.set_trace_callback(partial(reach, "statement")))
        engine.dispose()
    attempt, claim, turn = Database.attempt, deliveries.claim, deliveries.turn
    send = Email.send

    def attempted(self: Database, step: Callable[[Any], Any], **more: Any) -> Any:
        result = attempt(self, step, **more)
        reach("committed")
        return result

    def claimed(connection: Any, *more: Any) -> Any:
        found = claim(connection, *more)
        if found:
            reach("claimed")
        return found

    def turned(connection: Any, ack: Any, begun: Any, message: Any, occasion: Any) -> bool:
        reach("turning")
        before = _epoch(connection, ack)
        ours = turn(connection, ack, begun, message, occasion)
        if ack is not None and before[0] != ack.row.epoch:
            marks.note("stale", id=ack.row.id, accepted=_epoch(connection, ack) != before)
        if begun is not None and ours:
            marks.note("begun", id=begun.id, message_id=begun.message_id)
        reach("turned")
        return ours

    def sent(self: Email, *more: Any) -> str:
        reach("sending")
        answer = send(self, *more)
        reach("sent")
        return answer

    Database.attempt = attempted  # type: ignore[method-assign, assignment]
    deliveries.claim, deliveries.turn = claimed, turned
    Email.send = sent  # type: ignore[method-assign]


def _epoch(connection: Any, ack: Any) -> tuple[Any, ...]:
    if ack is None:
        return ()
    found = select(delivery.c.epoch, delivery.c.status, delivery.c.attempts).where(delivery.c.id == ack.row.id)
    return tuple(connection.execute(found).one())


# --- the run ----------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """Workers on one database and one mail server. left: how many of them are still to be interrupted."""

    app: App
    server: Unruly
    notes: Path
    chance: random.Random
    left: int
    now: Any = field(default_factory=lambda: forks.Value("d", 0.0, lock=False))
    workers: dict[int, Any] = field(default_factory=dict)
    restarts: int = 0
    started: int = 0

    def start(self) -> None:
        """A worker, the next in turn; while some are left to be interrupted, one that is: stopped, every other time,
        and then killed."""
        targets: list[Target] = []
        for number in (signal.SIGSTOP, signal.SIGKILL)[self.started % 2 :]:
            if self.left > 0:
                targets.append(
                    (KINDS[(self.left + self.left // len(KINDS)) % len(KINDS)], self.chance.randint(1, 12), int(number))
                )
                self.left -= 1
        skew = self.chance.choice((-3600.0, 0.0, 0.0, 0.0))  # one clock or another was not set forward
        self.started += 1
        url = self.app.database.url.render_as_string(hide_password=False)
        told = (url, self.server.port, self.now, skew, targets, str(self.notes))
        process = forks.Process(target=work, args=told, daemon=True)
        process.start()
        self.workers[process.pid] = process

    def look(self) -> None:
        """Replace who was killed."""
        for pid, process in list(self.workers.items()):
            if not process.is_alive():
                del self.workers[pid]
                assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
                self.start()

    @contextmanager
    def waking(self) -> Iterator[None]:
        """Meanwhile a thread wakes whoever has rested beyond their lease: they may hold what the others wait for."""
        done = Event()

        def wake() -> None:
            resting: dict[int, float] = {}
            while not done.wait(0.02):
                for pid in list(self.workers):
                    if not _stopped(pid):
                        resting.pop(pid, None)
                    elif time.monotonic() > resting.setdefault(pid, time.monotonic() + REST):
                        with suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGCONT)

        thread = Thread(target=wake)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def until_quiet(self, now: datetime, meanwhile: Callable[[], None], patience: float) -> None:
        """Let the workers work at `now` until nothing is due any more."""
        self.now.value = now.timestamp()
        while len(self.workers) < WORKERS:
            self.start()
        begun = time.monotonic()
        while self._due(now) or any(_stopped(pid) for pid in self.workers):
            assert time.monotonic() - begun < patience, f"{self._due(now)} still due at {now}"
            meanwhile()
            self.look()
            time.sleep(0.02)

    def stop(self) -> None:
        """Let all workers end."""
        self.now.value = 0.0
        for process in self.workers.values():
            process.join(60)
            assert process.exitcode in (0, -signal.SIGKILL)
        self.workers.clear()

    def _due(self, now: datetime) -> int:
        # Of a worker whose clock is behind nothing is expected; the others see `now`.
        stamp = timestamp(now)
        counted = [
            select(func.count()).select_from(due_step).where(due_step.c.status == "open", due_step.c.at <= stamp),
            select(func.count()).select_from(outbox).where(outbox.c.status == "open", outbox.c.at <= stamp),
            select(func.count())
            .select_from(delivery)
            .where(delivery.c.status == "waiting", delivery.c.next_at <= stamp),
        ]
        try:
            with self.app.database.reading() as connection:
                return sum(connection.scalar(one) or 0 for one in counted)
        except StorageError:  # the database starts anew this moment
            return 1


def _stopped(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def prepare(app: App, entered: list[datetime], chance: random.Random) -> dict[str, datetime]:
    """Items, submitted at these moments; number -> when. Of every third something was asked that nobody answers."""

    def people(connection: Any) -> None:
        roles = app.rules.newest_of(app.database, "timed").roles
        for address in (CITIZEN, COORDINATOR, HEAD):
            access.add(connection, address, "", OPERATOR, entered[0])
        for address, role in ((COORDINATOR, "coordinator"), (HEAD, "head_of_office")):
            access.grant(
                connection, address, roles[role], "dortmund", app.rules.programme, OPERATOR, entered[0],
                valid_from=date(2020, 1, 1),
            )  # fmt: skip
        who = access.find(connection, COORDINATOR).id
        preferences.choose(connection, app.templates, who, preferences.EVERY, Mode.AT_ONCE, entered[0])

    app.database.attempt(people)
    numbers: dict[str, datetime] = {}
    for turn, at in enumerate(entered):
        number = app.engine.execute(Create(actor=CITIZEN, data={"title": "Idee"}), now=at).item.number
        app.engine.execute(Advance(item=number, transition="submit", actor=CITIZEN), now=at)
        if turn % 3 == 0:
            app.engine.execute(Advance(item=number, transition="ask", actor=COORDINATOR), now=at)
        numbers[number] = at
    return numbers


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""The days on which the clocks are set."""


def moments(change: date, items: int) -> list[datetime]:
    """When items are submitted so that their ten working days end around that day."""
    first = datetime(change.year, change.month, change.day, 9, tzinfo=UTC) - timedelta(days=18)
    return [first + timedelta(days=turn % 5, minutes=turn % 600) for turn in range(items)]


def days(change: date) -> list[datetime]:
    """When the workers look: around the change hour by hour and back, then after a week of standstill."""
    night = datetime(change.year, change.month, change.day, tzinfo=UTC)
    hours = [night - timedelta(days=3), *(night + timedelta(hours=hour) for hour in (-2, 0, -1, 1, 2, 1, 6))]
    return [*hours, *(night + timedelta(days=day, hours=6) for day in (1, 8, 9, 16))]


def campaign(
    app: App, tmp_path: Path, *, items: int, interruptions: int, changes: tuple[date, ...], seed: int,
    restart: Callable[[], None] | None = None, patience: float = 60,
) -> Counter[str]:  # fmt: skip
    """Let it all happen; what was counted. Asserts what has to hold."""
    chance = random.Random(seed)
    notes = tmp_path / "notes"
    notes.touch()
    entered = [at for change in changes for at in moments(change, items // len(changes))]
    numbers = prepare(app, entered, chance)
    asked = list(numbers)[::3]
    moving = chance.sample([one for place, one in enumerate(numbers) if place % 3], items // 6)
    moved: dict[str, float] = {}
    with Unruly(seed, timedelta(seconds=PATIENCE * 3)) as server, ExitStack() as stack:
        run = Run(app, server, notes, chance, interruptions)

        def meanwhile() -> None:
            if moving and chance.random() < 0.2:
                number = moving.pop()
                try:
                    app.engine.execute(Advance(item=number, transition="close", actor=COORDINATOR), now=looked)
                    moved[number] = time.time()
                except (Refused, Conflict, StorageError):
                    moving.append(number)

        stack.enter_context(run.waking())
        for change in changes:
            for turn, looked in enumerate(days(change)):
                if restart is not None and turn == 4:
                    restart()
                    run.restarts += 1
                run.until_quiet(looked, meanwhile, patience)
                if turn == 8:
                    run.stop()  # for a week nobody works
        server.tame = True
        while last := _waiting(app):  # what was put off by refusals
            looked = max(looked, last) + timedelta(minutes=1)
            run.until_quiet(looked, lambda: None, patience)
        run.stop()
    return _judged(app, run, server, looked, asked, moved)


def _waiting(app: App) -> datetime | None:
    with app.database.reading() as connection:
        last = connection.scalar(select(func.max(delivery.c.next_at)).where(delivery.c.status == "waiting"))
    return moment(last) if last else None


def _judged(
    app: App, run: Run, server: Unruly, now: datetime, asked: list[str], moved: dict[str, float]
) -> Counter[str]:
    with app.database.reading() as connection:
        steps = connection.execute(select(due_step)).all()
        intents = connection.execute(select(outbox).where(outbox.c.id.startswith("deadline:"))).all()
        sent = connection.execute(select(delivery)).all()
        entries = Counter(connection.scalars(select(inbox.c.outbox)))
        fired = select(history.c.stream).where(history.c.trigger == "go_on", history.c.kind == "advanced")
        expired = Counter(connection.scalars(fired))
    lines = [json.loads(line) for line in run.notes.read_text().splitlines()]
    signals = [line for line in lines if line["what"] == "signal"]

    # Decided exactly once each, none lost.
    due = [one for one in steps if one.at <= timestamp(now)]
    assert [one for one in due if one.status == "open"] == []
    done = {
        f"deadline:{one.item}/{one.rule}/{one.key}/{one.version}/{one.step}"
        for one in due
        if one.status == "done" and one.roles
    }
    assert {one.id for one in intents} == done
    assert {one.status for one in intents} == {"expanded"}
    assert {stream: times for stream, times in expired.items() if times != 1} == {}
    assert {f"item:{number}" for number in asked} - set(expired) <= {f"item:{number}" for number in moved}

    # Each is told to one person, who finds it once in their inbox and gets it by mail, unless it was settled by then.
    told = [one for one in sent if one.outbox in done]
    assert Counter(one.outbox for one in told) == Counter(done)
    assert {key: times for key, times in entries.items() if times != 1} == {}
    assert {one.status for one in told} <= {"sent", "failed", "left_out"}
    arrived = Counter(message_id for message_id, _ in server.taken)
    assert {one.message_id for one in told if one.status == "sent"} <= set(arrived)
    assert all("never.example" in str(one.result) or one.status != "failed" for one in told)
    left_out = {one.outbox: one.result for one in told if one.status == "left_out"}
    assert set(left_out.values()) <= {"deadline_settled", "nobody_has_the_role"}
    assert {one.outbox for one in told} - set(left_out) <= set(entries)

    # What came twice is the same to the byte, and came no more often than something was interrupted.
    again = sum(arrived.values()) - len(arrived)
    interruptions = len(signals) + server.unsaid + WORKERS * run.restarts
    assert again <= interruptions, (again, len(signals), server.unsaid, run.restarts)
    assert len(set(server.taken)) == len(arrived)

    # No acknowledgement of somebody who slept beyond their lease was accepted.
    stale = [line for line in lines if line["what"] == "stale"]
    assert [line for line in stale if line["accepted"]] == []

    # Nothing was begun for an item that had moved on.
    of_item = {one.id: one.outbox.removeprefix("deadline:").split("/")[0] for one in told}
    late = [
        line for line in lines if line["what"] == "begun" and line["at"] > moved.get(of_item.get(line["id"], ""), 9e9)
    ]
    assert late == []
    assert app.audit.verify().ok

    told_of = Counter(f"at {line['kind']}" for line in signals)
    return Counter(
        due=len(due), decided=len(done), mails=len(arrived), again=again, stale=len(stale), moved=len(moved),
        skipped=sum(one.status == "skipped" for one in due), void=sum(one.status == "void" for one in due),
        settled=sum(one == "deadline_settled" for one in left_out.values()),
        dead=sum(one.status == "failed" for one in told),
        killed=sum(line["number"] == signal.SIGKILL for line in signals), restarts=run.restarts,
        stopped=sum(line["number"] == signal.SIGSTOP for line in signals), **server.did, **told_of,
        storage=sum(line["what"] == "storage" for line in lines),
    )  # fmt: skip


# --- the tests --------------------------------------------------------------------------------------------------------


def test_workers_that_are_killed_while_the_mail_server_fails_lose_nothing_and_tell_nobody_twice(
    database_url: str, tmp_path: Path
) -> None:
    with open_workflow(database_url, lifecycle=TIMED) as app:
        counted = campaign(app, tmp_path, items=24, interruptions=4, changes=(SPRING,), seed=1)
    assert counted["killed"] + counted["stopped"] >= 2


@pytest.fixture
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """A database that keeps its promises, and what starts its server anew without a word, where it has one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'clock.db'}", None
        return
    with postgres.temporary(durable=True) as server:
        yield server.url(), partial(postgres.crash, server)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("durable_url", ["sqlite", "postgresql"], indirect=True)
def test_five_thousand_steps_and_everything_that_can_go_wrong(
    durable_url: tuple[str, Callable[[], None] | None], tmp_path: Path
) -> None:
    url, restart = durable_url
    with open_workflow(url, lifecycle=TIMED) as app:
        began = time.monotonic()
        counted = campaign(
            app, tmp_path, items=1000, interruptions=60, changes=(SPRING, AUTUMN), seed=2026, restart=restart,
            patience=1800,
        )  # fmt: skip
    counted["seconds"] = int(time.monotonic() - began)
    sys.stderr.write(f"{url.partition(':')[0]} {dict(sorted(counted.items()))}\n")
    assert counted["due"] >= 5000
    assert counted["killed"] + counted["stopped"] >= 30
    assert {f"at {kind}" for kind in KINDS} <= set(counted)
    assert (counted["restarts"] > 0) is (restart is not None)
    for trouble in ("hung", "dropped", "refused for now", "refused for good"):
        assert counted[trouble] > 0, trouble
