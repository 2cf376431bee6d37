"""A yearly clock goes on until its last day: a fixed one, or one that is counted from a recorded date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ideenweg.wiring import App, open_workflow
from states.errors import FileFault
from states.loader import load_lifecycle
from workflow.commands import Advance, Create, Record
from workflow.models import deadline, item

YEARLY = """
lifecycle: yearly
version: 1
initial: resting
created_by: owner
roles: {owner: {scope: item}, keeper: {label: Aufsicht}}
states:
  resting: {label: Ruht}
  due: {label: Fällig}
  ended: {tags: [final]}
transitions:
  return: {from: resting, to: due, fire: {every: 1 year, from: previous_due, until: UNTIL}}
  meet: {from: due, to: resting, roles: [owner, keeper]}
  end: {from: [resting, due], to: ended, roles: [owner, keeper]}
records:
  sheet:
    write: [owner, keeper]
    fields:
      title: {type: string}
      until: {type: string, format: date}
"""
OWNER = "amt@dortmund.example"


def at(year: int, day: int = 2) -> datetime:
    return datetime(year, 6, day, 8, tzinfo=UTC)


@pytest.fixture(params=["2028-12-31", "{add: 2 years, after: sheet.until}"], ids=["fixed", "recorded"])
def app(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "yearly.yaml"
    path.write_text(YEARLY.replace("UNTIL", request.param), encoding="utf-8")
    with open_workflow(database_url, lifecycle=path) as app:
        yield app


def state(app: App) -> tuple[str, list[tuple[str, str | None]]]:
    with app.database.reading() as connection:
        clocks = connection.execute(select(deadline.c.status, deadline.c.local_date)).all()
        return str(connection.scalar(select(item.c.state))), [(row.status, row.local_date) for row in clocks]


def test_it_fires_every_year_and_not_after_its_last_day(app: App) -> None:
    data = {"title": "Bericht", "until": "2026-12-31"}
    number = app.engine.execute(Create(actor=OWNER, data=data), now=at(2026)).item.number
    for year in (2027, 2028):
        app.sweep(now=at(year, 3))
        assert state(app)[0] == "due"
        app.engine.execute(Advance(item=number, transition="meet", actor=OWNER), now=at(year, 3))
    assert state(app)[1] == [("closed", "2029-06-02")]
    app.sweep(now=at(2030))
    assert state(app)[0] == "resting"
    assert app.audit.verify().ok


def test_while_the_last_day_is_not_recorded_it_goes_on(app: App) -> None:
    number = app.engine.execute(Create(actor=OWNER, data={"title": "Bericht"}), now=at(2026)).item.number
    app.engine.execute(Record(item=number, kind="sheet", data={"title": "Bericht 2"}, actor=OWNER), now=at(2026))
    app.sweep(now=at(2027, 3))
    assert state(app)[0] == "due"


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2028-02-30", "2028-02-30"),
        ("{add: 2 years, after: sheet.title}", "is no date"),
        ("{add: 1 year, after: x.y}", "'x'"),
    ],
)
def test_a_last_day_that_cannot_be_is_refused_with_its_place(until: str, said: str) -> None:
    with pytest.raises(FileFault, match=said) as caught:
        load_lifecycle(YEARLY.replace("UNTIL", until), "yearly.yaml")
    assert caught.value.findings[0].place.line == 12
