"""Several on one item: what each still owes, how many are done, and what goes along when it is passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import config
from ideenweg.wiring import App, open_workflow
from states.shares import shares
from states.tasks import tasks
from workflow import access
from workflow.commands import Advance, Assign, Command, Create, Extend, Record, Unassign
from workflow.queries.detail import find
from workflow.queries.worklist import Section, View, worklist

NOW = datetime(2026, 5, 22, 9, tzinfo=UTC)
COORDINATOR, RESIDENT = "koordination@dortmund.example", "buergerin@dortmund.example"
GREEN, ROADS, SUCCESSOR = "umweltamt@dortmund.example", "mobilitaet@dortmund.example", "nachfolge@dortmund.example"
PEOPLE = {
    RESIDENT: (),
    COORDINATOR: (("coordinator", "dortmund"),),
    GREEN: (("department", "environment-office-dortmund"),),
    SUCCESSOR: (("department", "environment-office-dortmund"),),
    ROADS: (("department", "mobility-office-dortmund"),),
}


@pytest.fixture
def app(database_url: str, appoint: Callable[..., None]) -> Iterator[App]:
    lifecycle = Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml"
    with open_workflow(database_url, lifecycle=lifecycle) as app:
        appoint(app, "idea-to-project", PEOPLE, NOW)
        yield app


def do(app: App, command: Command) -> str:
    return app.engine.execute(command, now=NOW).item.number


def owes(app: App, email: str) -> list[tuple[str, date | None]]:
    with app.database.reading() as connection:
        who = access.find(connection, email).id
        rows = worklist(connection, app.rules, who, NOW, view=View.MINE).rows
    return [(row.what, row.due) for row in rows if row.section is not Section.WAITING]


def done_of(app: App, number: str) -> list[tuple[str, int, int]]:
    with app.database.reading() as connection:
        found = find(connection, app.rules, number, COORDINATOR, NOW)
    open_now = tasks(found.lifecycle, found.snapshot, {})
    return [(one.kind.key, one.done, one.of) for one in shares(found.lifecycle, found.snapshot, open_now)]


def test_one_of_two_is_done_and_passing_on_carries_the_deadline_as_it_runs(app: App) -> None:
    data = {
        "title": "Bäume", "problem": "…", "cities": ["dortmund"], "fields": ["energy-and-environment"],
        "provenance": ["participation"],
    }  # fmt: skip
    number = do(app, Create(actor=RESIDENT, data=data))
    do(app, Advance(actor=RESIDENT, item=number, transition="submit"))
    do(app, Record(actor=COORDINATOR, item=number, kind="release", data={"released": True}))
    for person in (GREEN, ROADS):
        do(app, Assign(actor=COORDINATOR, item=number, role="department", person=person))
    checked = {"complete": True, "lawful": True, "competent": True}
    do(app, Advance(actor=COORDINATOR, item=number, transition="start_review", data=checked))
    assert done_of(app, number) == [("statement", 0, 2)]
    ((what, usual),) = owes(app, GREEN)
    assert what == "statement"

    do(app, Extend(actor=COORDINATOR, item=number, to=date(2026, 9, 30), reason="Vogelschutz"))
    assert owes(app, GREEN) == [("statement", date(2026, 9, 30))]
    assert usual != date(2026, 9, 30)
    do(app, Assign(actor=COORDINATOR, item=number, role="department", person=SUCCESSOR))
    do(app, Unassign(actor=COORDINATOR, item=number, role="department", person=GREEN))
    assert (owes(app, GREEN), owes(app, SUCCESSOR)) == ([], [("statement", date(2026, 9, 30))])
    assert done_of(app, number) == [("statement", 0, 2)]

    data = {"result": "recommended", "assessment": "Geht gut."}
    do(app, Record(actor=ROADS, item=number, kind="statement", key="mobility-office-dortmund", data=data))
    assert done_of(app, number) == [("statement", 1, 2)]
    assert owes(app, ROADS) == []
