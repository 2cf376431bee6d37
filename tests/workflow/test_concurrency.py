"""Many at once: processes and threads, on both databases, racing for one item and working side by side on many."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from ideenweg.wiring import App, open_workflow
from workflow.commands import Advance, Assign, Comment, Create, Record
from workflow.engine import Outcome
from workflow.errors import Conflict, Refused
from workflow.models import event as history
from workflow.models import item

SHORT = Path(__file__).parents[1] / "lifecycles" / "short.yaml"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CITIZEN, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
SPAWN = multiprocessing.get_context("spawn")

pytestmark = pytest.mark.timeout(240)


def together(how_many: int, work: Callable[..., None], url: str, *args: Any, threads: int = 1) -> list[Any]:
    """Run `work` in so many processes whose threads start at the same moment; what each of them reports."""
    barrier, results = SPAWN.Barrier(how_many * threads), SPAWN.Queue()
    processes = [
        SPAWN.Process(target=work, args=(url, place, barrier, results, *args), daemon=True) for place in range(how_many)
    ]
    for process in processes:
        process.start()
    reports = [results.get(timeout=200) for _ in range(how_many * threads)]
    for process in processes:
        process.join()
    return reports


@contextmanager
def told(results: Any) -> Iterator[None]:
    """Whatever goes wrong in a process is its report."""
    try:
        yield
    except BaseException as error:
        results.put(repr(error))
        raise


def race(url: str, place: int, barrier: Barrier, results: Any, number: str, revision: int | None) -> None:
    order = Advance(item=number, transition="submit", actor=COORDINATOR, revision=revision)

    def attempt(thread: int) -> None:
        barrier.wait(60)
        try:
            app.engine.execute(order, now=NOW)
            results.put("moved")
        except (Conflict, Refused) as error:
            results.put(type(error).__name__)

    with told(results), open_workflow(url, lifecycle=SHORT) as app, ThreadPoolExecutor(4) as pool:
        list(pool.map(attempt, range(4)))


@pytest.mark.parametrize("revision", [None, 3])
def test_of_sixteen_writers_who_race_for_a_transition_one_wins(
    app: App, create: Callable[..., Outcome], revision: int | None
) -> None:
    number = create().item.number
    reports = Counter(
        together(4, race, app.database.url.render_as_string(hide_password=False), number, revision, threads=4)
    )
    assert reports["moved"] == 1
    assert reports["Refused"] + reports["Conflict"] == 15
    with app.database.reading() as connection:
        moved = select(func.count()).where(history.c.stream == f"item:{number}", history.c.kind == "advanced")
        assert connection.execute(moved).scalar_one() == 1
    assert app.audit.verify().ok


def slowly(connection: Connection) -> None:
    """Make every transaction of the engine behind `connection` last 20 ms longer."""
    time.sleep(0.020)


def to_and_fro(url: str, place: int, barrier: Barrier, results: Any, numbers: list[str], turns: int) -> None:
    moved = 0
    with told(results), open_workflow(url, lifecycle=SHORT) as app:
        event.listen(app.database.engine, "commit", slowly)
        barrier.wait(60)
        for turn in range(turns):
            number = numbers[(place * 37 + turn * 11) % len(numbers)]
            for transition, more in (("ask", {"reason": "Wo?"}), ("close", {"reason": "Fertig"})):
                try:
                    app.engine.execute(Advance(item=number, transition=transition, actor=COORDINATOR, **more), now=NOW)
                    moved += 1
                except (Refused, Conflict):
                    pass
            app.engine.execute(Comment(item=number, actor=COORDINATOR, text=f"{place}/{turn}"), now=NOW)
        results.put(moved)


def test_eight_processes_on_two_hundred_items_lose_nothing(app: App, create: Callable[..., Outcome]) -> None:
    numbers = [create().item.number for _ in range(200)]
    for number in numbers:
        app.engine.execute(Advance(item=number, transition="submit", actor=CITIZEN), now=NOW)
    turns = 25
    reports = together(8, to_and_fro, app.database.url.render_as_string(hide_password=False), numbers, turns)
    assert [report for report in reports if not isinstance(report, int)] == []
    with app.database.reading() as connection:
        commented = select(func.count()).where(history.c.kind == "commented")
        assert connection.execute(commented).scalar_one() == 8 * turns
        advanced = select(func.count()).where(history.c.kind == "advanced", history.c.trigger != "submit")
        assert connection.execute(advanced).scalar_one() == sum(reports)
        differing = select(item.c.number).where(
            item.c.revision != select(func.count()).where(history.c.stream == "item:" + item.c.number).scalar_subquery()
        )
        assert connection.execute(differing).all() == []
    assert app.audit.verify().ok


def remark(url: str, place: int, barrier: Barrier, results: Any, number: str, experts: list[str]) -> None:
    with told(results), open_workflow(url, lifecycle=SHORT) as app:
        barrier.wait(60)
        for turn in range(5):
            app.engine.execute(Comment(item=number, actor=experts[place], text=f"{place}/{turn}"), now=NOW)
        app.engine.execute(
            Record(item=number, kind="opinion", actor=experts[place], data={"feasible": bool(place % 2)}), now=NOW
        )
        results.put("done")


def test_parallel_reviews_and_comments_on_one_item_do_not_conflict(app: App, create: Callable[..., Outcome]) -> None:
    number = create(cities=["dortmund", "schwerte"]).item.number
    app.engine.execute(Advance(item=number, transition="submit", actor=CITIZEN), now=NOW)
    expert = "tiefbauamt@dortmund.example"
    app.engine.execute(Assign(item=number, role="expert", person=expert, actor=COORDINATOR), now=NOW)
    experts = [COORDINATOR, "vertretung@dortmund.example", "koordination@schwerte.example", expert]
    url = app.database.url.render_as_string(hide_password=False)
    assert together(4, remark, url, number, experts) == ["done"] * 4
    assert app.audit.verify().ok


def make(url: str, place: int, barrier: Barrier, results: Any) -> None:
    with told(results), open_workflow(url, lifecycle=SHORT) as app:
        barrier.wait(60)
        orders = [Create(actor=CITIZEN, data={"title": "Zugleich"}, command_id=f"c-{turn}") for turn in range(5)]
        results.put([app.engine.execute(order, now=NOW).item.number for order in orders])


def test_one_creation_sent_by_eight_processes_makes_one_item(app: App) -> None:
    reports = together(8, make, app.database.url.render_as_string(hide_password=False))
    assert reports == [reports[0]] * 8
    with app.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(item)).scalar_one() == 5
