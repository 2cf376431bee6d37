"""Several workers sweep at the same time, and are killed and stopped at every boundary of their work.

A worker counts the boundaries it passes – each statement it sends, each commit before and after – and sends itself a
signal at the one it was told. Killed ones are replaced; stopped ones go on after a while, behind everybody's back.
Meanwhile people move items on. In the end every step is decided, none twice, and nothing is told of what has moved on.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import event, select

from ideenweg.wiring import App, open_workflow
from workflow import telling
from workflow.commands import Advance, Create
from workflow.errors import Conflict, Refused
from workflow.models import due_step, outbox
from workflow.models import event as history

TIMED = Path(__file__).parents[1] / "lifecycles" / "timed.yaml"
CITIZEN, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
BEGIN = datetime(2026, 5, 22, 8, tzinfo=UTC)
REMINDING = datetime(2026, 6, 3, 6, tzinfo=UTC)
WORKERS = 4
NEVER = 10**9

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["ideenweg.wiring"])

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def app(database_url: str, appoint: Callable[..., None]) -> Iterator[App]:
    with open_workflow(database_url, lifecycle=TIMED) as app:
        appoint(app, "timed", {CITIZEN: (), COORDINATOR: [("coordinator", "dortmund")]}, BEGIN)
        yield app


def work(url: str, now: datetime, boundary: int, number: int) -> None:
    """One worker: sweeps until nothing is left, and sends itself the signal `number` at its `boundary`."""
    passed = 0

    def at_boundary(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == boundary:
            os.kill(os.getpid(), number)

    telling.BATCH = 7
    with open_workflow(url, lifecycle=TIMED) as app:
        for name in ("begin", "commit", "before_cursor_execute", "after_cursor_execute"):
            event.listen(app.database.engine, name, at_boundary)
        if app.database.dialect == "sqlite":
            event.listen(app.database.engine, "connect", lambda driver, _: driver.set_trace_callback(at_boundary))
            app.database.engine.dispose()
        while True:
            app.sweep(now=now)
            with app.database.reading() as connection:
                due = select(due_step.c.item).where(due_step.c.status == "open", due_step.c.at <= stamp(now)).limit(1)
                if connection.execute(due).first() is None:
                    break
            at_boundary()  # after the last commit of a sweep
    os._exit(0)


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="microseconds").replace("+00:00", "Z")


def disturbed(url: str, now: datetime, interruptions: int, chance: random.Random, meanwhile: Any) -> Counter[int]:
    """Let workers sweep until all is done, `interruptions` of them killed or stopped; how often either happened."""
    happened: Counter[int] = Counter()
    left = interruptions
    running: list[tuple[Any, int]] = []
    resting: dict[int, float] = {}

    def start() -> None:
        nonlocal left
        number = signal.SIGKILL if left % 3 else signal.SIGSTOP
        boundary = chance.randint(1, 60) if left > 0 else NEVER
        left -= 1
        process = forks.Process(target=work, args=(url, now, boundary, number), daemon=True)
        process.start()
        running.append((process, number))

    for _ in range(WORKERS):
        start()
    while running:
        meanwhile()
        for process, number in list(running):
            if not process.is_alive():
                running.remove((process, number))
                assert process.exitcode in (0, -signal.SIGKILL)
                if process.exitcode:
                    happened[signal.SIGKILL] += 1
                    start()
            elif _rests(process.pid):
                if process.pid not in resting:
                    happened[signal.SIGSTOP] += 1
                    resting[process.pid] = time.monotonic() + 0.3
                elif time.monotonic() > resting[process.pid]:
                    os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.01)
    return happened


def _rests(pid: int | None) -> bool:
    """Whether the process is stopped; one that has come to its end this very moment is not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def interrupted(app: App, items: int, interruptions: int, seed: int) -> None:
    """Make items, let them be swept with so many interruptions; nothing may be lost, and nothing done twice."""
    chance = random.Random(seed)
    numbers = []
    for turn in range(items):
        number = app.engine.execute(Create(actor=CITIZEN, data={"title": "Idee"}), now=BEGIN).item.number
        app.engine.execute(Advance(item=number, transition="submit", actor=CITIZEN), now=BEGIN)
        if turn % 3 == 0:  # with a question that nobody answers: it expires
            app.engine.execute(Advance(item=number, transition="ask", actor=COORDINATOR), now=BEGIN)
        numbers.append(number)
    moving = chance.sample(numbers[1::3], items // 6)
    moved: list[str] = []

    def meanwhile() -> None:
        if moving and chance.random() < 0.3:
            number = moving.pop()
            try:
                app.engine.execute(Advance(item=number, transition="close", actor=COORDINATOR), now=REMINDING)
                moved.append(number)
            except (Refused, Conflict):
                moving.append(number)

    url = app.database.url.render_as_string(hide_password=False)
    happened = disturbed(url, REMINDING, interruptions, chance, meanwhile)
    assert sum(happened.values()) >= interruptions // 2

    with app.database.reading() as connection:
        steps = connection.execute(select(due_step)).all()
        told = Counter(row.id for row in connection.execute(select(outbox).where(outbox.c.id.startswith("deadline:"))))
        fired = select(history.c.stream).where(history.c.trigger == "go_on", history.c.kind == "advanced")
        expired = Counter(connection.scalars(fired))
    due = [one for one in steps if one.at <= stamp(REMINDING)]
    assert [one for one in due if one.status == "open"] == []
    done = {place(one) for one in due if one.status == "done" and one.roles}
    assert set(told) == done
    assert set(told.values()) <= {1}
    assert expired == Counter(f"item:{number}" for number in numbers[::3])
    for one in due:
        if one.rule == "review" and one.version == 1 and one.item in numbers[1::3] + numbers[2::3]:
            assert one.status == "done" or one.item in moved
    assert app.audit.verify().ok


def place(step: Any) -> str:
    return f"deadline:{step.item}/{step.rule}/{step.key}/{step.version}/{step.step}"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(3))
def test_five_thousand_steps_and_many_interruptions(app: App, seed: int) -> None:
    interrupted(app, items=4000, interruptions=60, seed=seed)


@pytest.mark.parametrize(
    ("entered", "due", "reminded"),
    [
        (datetime(2026, 3, 19, 9, tzinfo=UTC), "2026-04-02", "2026-03-29T22:00:00.000000Z"),  # over 29 March
        (datetime(2026, 10, 14, 9, tzinfo=UTC), "2026-10-28", "2026-10-22T22:00:00.000000Z"),  # over 25 October
    ],
)
def test_days_begin_at_local_midnight_on_either_side_of_a_clock_change(
    app: App, entered: datetime, due: str, reminded: str
) -> None:
    number = app.engine.execute(Create(actor=CITIZEN, data={"title": "Idee"}), now=entered).item.number
    app.engine.execute(Advance(item=number, transition="submit", actor=CITIZEN), now=entered)
    moment = datetime.fromisoformat(reminded)
    assert app.sweep(now=moment - timedelta(microseconds=1)).reminded == 0
    assert app.sweep(now=moment).reminded == 1
    with app.database.reading() as connection:
        (params,) = connection.scalars(select(outbox.c.params).where(outbox.c.id.startswith("deadline:")))
    assert json.loads(params)["date"] == due
