"""The ranking of a round as its coordinators see it: from the candidates' own records, quick, and stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as listened
from sqlalchemy import func, insert, select

import config
from ideenweg.wiring import App, open_workflow
from workflow.commands import Create
from workflow.errors import BadInput, Refused
from workflow.events import timestamp
from workflow.models import event, item, item_facet, link, record
from workflow.numbers import numbered, ordinal
from workflow.queries.ranking import RoundRanking, ranking_of

SHIPPED = Path(config.__file__).parent / "lifecycles"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"
CRITERIA = (
    "sustainability", "quality_of_life", "location", "close_to_citizens", "social", "transparent", "resilient",
    "public_benefit",
)  # fmt: skip
KNOCK_OUTS = dict.fromkeys(("lawful", "feasible", "affordable", "maintainable"), True)


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[App]:
    furnish(database_url, "ranking", partial(furnished, appoint))
    with open_workflow(database_url) as app:
        yield app


def furnished(appoint: Callable[..., None], url: str) -> None:
    with open_workflow(url) as app:
        for name in ("idea-to-project", "selection-round"):
            app.load(SHIPPED / f"{name}.yaml", now=NOW)
        people = {COORDINATOR: [("coordinator", "dortmund")], "buergerin@dortmund.example": ()}
        appoint(app, "selection-round", people, NOW)


@pytest.fixture
def number(app: App) -> str:
    """A round with 100,000 euros for Dortmund and staff for 2026."""
    sheet = {
        "title": "Auswahl 2026",
        "budget": [{"city": "dortmund", "euros": 100_000}],
        "capacity": [{"city": "dortmund", "year": 2026, "person_months": 5}],
    }
    command = Create(actor=COORDINATOR, lifecycle="selection-round", data=sheet)
    return app.engine.execute(command, now=NOW).item.number


def put(app: App, number: str, *candidates: tuple[list[list[int]], dict[str, Any]]) -> list[str]:
    """Candidates straight into the tables: the points of each review in the order of CRITERIA, and the sheet."""
    numbers, stamp = [], timestamp(NOW)
    rows: dict[Any, list[dict[str, Any]]] = {item: [], item_facet: [], link: [], record: []}
    for running, (reviews, sheet) in enumerate(candidates, start=1000):
        one, sorts = numbered(2026, running), ordinal(2026, running)
        numbers.append(one)
        rows[item].append(
            {
                "number": one, "ordinal": sorts, "lifecycle": "idea-to-project", "version": 1, "programme": "dos-2030",
                "programme_version": 1, "state": sheet.pop("state", "shortlisted"), "stage": "selection", "revision": 9,
                "head": "", "visit": 7, "entered_at": stamp, "title": f"Idee {running}", "released": False,
                "created_at": stamp,
            }
        )  # fmt: skip
        rows[item_facet].append({"item": one, "facet": "cities", "value": "dortmund", "ordinal": sorts})
        rows[link].append({"item": one, "seq": 5, "kind": "candidate_of", "other": number})
        common = {"item": one, "version": 1, "lifecycle_version": 1, "author": "p-1", "at": stamp, "latest": True}
        rows[record].append({**common, "seq": 1, "kind": "sheet", "key": "", "visit": 0, "data": json.dumps(sheet)})
        for place, points in enumerate(reviews):
            data = json.dumps({**dict(zip(CRITERIA, points, strict=True)), **KNOCK_OUTS})
            rows[record].append(
                {**common, "seq": 8 + place, "kind": "review", "key": f"p-{place}", "visit": 7, "data": data}
            )
    with app.database.writing() as connection:
        for table, some in rows.items():
            connection.execute(insert(table), some)
    return numbers


def ranking(app: App, number: str, reader: str | None = COORDINATOR, **more: Any) -> RoundRanking:
    with app.database.reading() as connection:
        return ranking_of(connection, app.rules, number, reader, NOW, **more)


def test_the_candidates_are_ranked_by_the_shipped_weights_and_the_money_goes_round(app: App, number: str) -> None:
    # Weights 2 2 1 1 1 1 1 2, eleven in all: (2*5 + 2*4 + 3 + 3 + 3 + 3 + 3 + 2*5) / 11 = 43 / 11
    first = put(
        app,
        number,
        ([[5, 4, 3, 3, 3, 3, 3, 5], [5, 4, 3, 3, 3, 3, 3, 5]], {"cost": 70_000, "staff": 6,
                                                               "starts_on": "2026-01-01", "ends_on": "2026-12-31"}),
        ([[3, 3, 3, 3, 3, 3, 3, 3], [3, 3, 3, 3, 3, 3, 3, 3]], {"cost": 40_000}),
        ([[4, 4, 4, 4, 4, 4, 4, 4]], {"cost": 1}),
    )  # fmt: skip
    found = ranking(app, number).ranked
    assert [(place.candidate.number, place.rank, place.fits) for place in found.places] == [
        (first[0], 1, True),
        (first[1], 2, False),
        (first[2], None, None),
    ]
    assert found.places[0].score == pytest.approx(43 / 11)
    assert [(load.city, load.year, load.person_months, load.over) for load in found.loads] == [
        ("dortmund", 2026, 6.0, True)
    ]
    assert ranking(app, number, budget={"dortmund": 110_000.0}).ranked.places[1].fits is True


def test_what_if_stores_nothing(app: App, number: str) -> None:
    put(app, number, ([[5, 0, 0, 0, 0, 0, 0, 0]] * 2, {}), ([[0, 5, 0, 0, 0, 0, 0, 0]] * 2, {}))
    with app.database.reading() as connection:
        before = connection.scalar(select(func.count()).select_from(event))
    tried = ranking(app, number, weights={"quality_of_life": 9.0})
    assert tried.ranked.places[0].parts[1].product == 45
    with app.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(event)) == before
    assert ranking(app, number).ranked.weights["quality_of_life"] == 2


def test_those_alone_who_hold_a_role_that_sees_the_ranking_see_it(app: App, number: str) -> None:
    with pytest.raises(Refused):
        ranking(app, number, "buergerin@dortmund.example")
    assert ranking(app, number, None).number == number  # the operator


@pytest.mark.parametrize(
    "more", [{"weights": {"beauty": 1.0}}, {"budget": {"bochum": 1.0}}, {"weights": dict.fromkeys(CRITERIA, 0.0)}]
)
def test_weights_and_money_that_there_are_not_are_refused(app: App, number: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        ranking(app, number, **more)


def test_two_thousand_candidates_take_as_many_statements_as_two(app: App, number: str) -> None:
    def statements() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        engine = app.database.engine
        listened.listen(engine, "before_cursor_execute", counted)
        try:
            ranking(app, number)
        finally:
            listened.remove(engine, "before_cursor_execute", counted)
        return count

    put(app, number, *(([[n % 6] * 8, [(n + 1) % 6] * 8], {"cost": 1.0 * n}) for n in range(2000)))
    assert len(ranking(app, number).ranked.places) == 2000
    assert statements() <= 6


def test_a_ranking_reads_what_belongs_to_its_round(
    app: App, number: str, scans: Callable[[Callable[[Any], object]], list[str]]
) -> None:
    assert scans(lambda connection: ranking_of(connection, app.rules, number, COORDINATOR, NOW)) == []
