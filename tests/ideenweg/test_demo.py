"""The demonstration: real commands, any day of the week, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from ideenweg.demo.play import Played, is_demonstration, play
from ideenweg.demo.plot import read, scenes
from ideenweg.wiring import SHIPPED, App, open_workflow
from workflow.commands import Create
from workflow.errors import BadInput
from workflow.events import timestamp
from workflow.models import event, item, person

TODAY = datetime(2026, 6, 10, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url) as app:
        yield app


def numbers(app: App) -> dict[str, int]:
    """How many rows the tables have that grow with every step."""
    with app.database.reading() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (event, item, person)
        }


def test_every_stage_has_ideas_and_their_history_is_whole(demo: App) -> None:
    with demo.database.reading() as connection:
        stages = Counter(
            connection.scalars(select(item.c.stage).where(item.c.lifecycle == "idea-to-project", item.c.released))
        )
        latest = connection.scalar(select(func.max(event.c.recorded_at)).where(event.c.stream.like("item:%")))
        assert is_demonstration(connection)
    assert {stage for stage in stages if stage} == {
        "submission", "review", "selection", "implementation", "evaluation", "integration",
    }  # fmt: skip
    assert stages[None] == 4
    assert latest < timestamp(TODAY)
    report = demo.audit.verify()
    assert report.ok, report


@pytest.mark.parametrize("days", range(7))
def test_on_any_day_of_the_week_every_step_is_possible(sqlite_url: str, days: int) -> None:
    with open_workflow(sqlite_url) as app:
        played = play(app, TODAY + timedelta(days=days))
        assert played == Played(steps=333, items=24)


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29), date(2026, 3, 29), date(2026, 10, 25)])
def test_nothing_happens_on_a_weekend_or_in_the_future_and_each_idea_keeps_its_order(today: date) -> None:
    plot = scenes(today, BERLIN)
    assert {scene.moment.weekday() for scene in plot} <= {0, 1, 2, 3, 4}
    assert max(scene.moment.date() for scene in plot) < today
    for idea in read("ideas.yaml"):
        steps = [scene.n for scene in plot if scene.idea == idea]
        assert steps == sorted(steps)


def test_a_second_call_adds_nothing_even_on_another_day(app: App) -> None:
    first = play(app, TODAY)
    before = numbers(app)
    assert play(app, TODAY + timedelta(days=40)) == Played(steps=0, items=first.items)
    assert numbers(app) == before


def test_a_call_that_was_broken_off_is_taken_up_again(app: App) -> None:
    class Enough(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if done == 100:
            raise Enough

    with pytest.raises(Enough):
        play(app, TODAY, progress=stop)
    with app.database.reading() as connection:
        assert is_demonstration(connection)
    assert play(app, TODAY + timedelta(days=1)).steps == 333
    assert numbers(app)["item"] == 24
    assert app.audit.verify().ok


def test_it_is_kept_apart_from_real_ideas(app: App) -> None:
    lifecycle = app.load(SHIPPED / "lifecycles" / "idea-to-project.yaml")[0]
    real = Create(actor="person@dortmund.example", lifecycle=lifecycle.key, data={"title": "Eine echte Idee"})
    app.engine.execute(real, now=TODAY)
    before = numbers(app)
    with pytest.raises(BadInput, match="not invented"):
        play(app, TODAY)
    assert numbers(app) == before


def test_its_accounts_are_offices_and_nobody(demo: App) -> None:
    offices = ("Koordination", "Amtsleitung", "Administration", "Ratsbüro", "Fördermittel", "Kämmerei", "Stadtkämmerei",
               "Dortmunder", "Umweltamt", "Mobilitätsplanung", "Schulverwaltung", "Kulturbetriebe", "Sozialamt",
               "Stadtplanung", "Projektleitung", "Begutachtung", "Eine Einreichung")  # fmt: skip
    for email, told in read("people.yaml").items():
        assert email.endswith(".example")
        assert told["name"].startswith(offices)
