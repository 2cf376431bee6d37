"""The worklist: the tasks of a person's roles and of those they stand in for, in sections, in pages, from indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert

from ideenweg.wiring import App, open_workflow
from states.calendar import due_at
from workflow.db import Database
from workflow.errors import BadInput
from workflow.events import timestamp
from workflow.models import contact, deputy, item, item_facet, person, role_grant, task
from workflow.numbers import numbered, ordinal
from workflow.queries.worklist import Section, View, WorkRow, sections, worklist
from workflow.rules import Rules
from workflow.tasks import NEVER

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)  # a Tuesday
ANNA, BERT, DORA, ERNA = "p-anna", "p-bert", "p-dora", "p-erna"
GRANTS = {
    ANNA: [("coordinator", "city", "dortmund")],
    BERT: [("coordinator", "city", "dortmund"), ("coordinator", "city", "schwerte")],
    DORA: [("department", "unit", "schools-dortmund")],
}

TASKS: list[dict[str, Any]] = [
    {"days": -2}, {"days": 0}, {"days": 3}, {"days": 5}, {"days": 9}, {"days": None},
    {"days": 1, "waiting": True, "by": "department"},
    {"days": 2, "person": ANNA},
    {"days": 2, "person": BERT},
    {"days": 4, "scope": "schwerte"},
    {"days": 1, "scope": "schools-dortmund", "scope_kind": "unit", "role": "department", "person": DORA},
    {"days": 6, "scope": "", "scope_kind": "", "role": "reviewer", "person": ANNA},
]  # fmt: skip
"""An item each, 2026-0001, …; without more words a task of the coordination of Dortmund that nobody has taken up."""


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url) as app:
        with app.database.writing() as connection:
            for who in (ANNA, BERT, DORA, ERNA):
                connection.execute(insert(person).values(id=who, locale="de", created_at=timestamp(NOW)))
                connection.execute(insert(contact).values(person=who, email=f"{who}@dortmund.example", name=who))
            granted = [
                {"id": f"g-{who}-{scope}", "person": who, "role": role, "scope_kind": kind, "scope": scope}
                for who, grants in GRANTS.items()
                for role, kind, scope in grants
            ]
            always = {"valid_from": "2020-01-01", "granted_at": timestamp(NOW)}
            connection.execute(insert(role_grant), [one | always for one in granted])
            for running, one in enumerate(TASKS, 1):
                put(connection, running, **one)
        yield app


def put(connection: Any, running: int, days: int | None = 0, **told: Any) -> None:
    number, place = numbered(2026, running), ordinal(2026, running)
    stamp = timestamp(NOW)
    connection.execute(
        insert(item).values(
            number=number, ordinal=place, lifecycle="idea-to-project", version=1, state="submitted", revision=1,
            head="0" * 64, visit=1, entered_at=stamp, created_at=stamp, title=f"Idee {running}",
        )
    )  # fmt: skip
    connection.execute(insert(item_facet).values(item=number, facet="cities", value="dortmund", ordinal=place))
    day = None if days is None else NOW.date() + timedelta(days=days)
    row = {"role": "coordinator", "scope_kind": "city", "scope": "dortmund", "person": "", "act": "move"}
    row |= {"what": "start_review", "key": "", "by": "coordinator", "rule": "precheck" if day else "", "waiting": False}
    at = {"local_date": day.isoformat() if day else None, "due_at": NEVER}
    if day:
        at["due_at"] = timestamp(due_at(day, Rules().programme.zone))
    row |= at | told
    connection.execute(insert(task).values(item=number, claimed=bool(row["person"]), **row))


def stand_in(app: App, away: str, acting: str, role: str | None = None) -> None:
    today = NOW.date().isoformat()
    with app.database.writing() as connection:
        connection.execute(
            insert(deputy).values(
                id=f"d-{away}-{acting}", person=away, deputy=acting, role=role, valid_from=today, valid_to=today
            )
        )


def shown(app: App, who: str, view: View = View.TODO) -> dict[str, list[int]]:
    with app.database.reading() as connection:
        found = sections(connection, app.rules, who, NOW, view=view)
    return {section.value: [int(row.number[-4:]) for row in rows] for section, rows in found.items()}


LISTS: list[tuple[str, View, dict[str, list[int]]]] = [
    (ANNA, View.TODO, {"overdue": [1], "week": [2, 8, 3, 4], "later": [12, 5, 6], "waiting": [7]}),
    (ANNA, View.MINE, {"week": [8], "later": [12]}),
    (ANNA, View.OFFICE, {"overdue": [1], "week": [2, 8, 9, 3, 4], "later": [5, 6], "waiting": [7]}),
    (ANNA, View.UNCLAIMED, {"overdue": [1], "week": [2, 3, 4], "later": [5, 6], "waiting": [7]}),
    (BERT, View.TODO, {"overdue": [1], "week": [2, 9, 3, 10, 4], "later": [5, 6], "waiting": [7]}),
    (DORA, View.TODO, {"week": [11]}),
    (ERNA, View.TODO, {}),
]
"""Who, which view -> the running numbers of the items in each section."""


def test_the_tasks_of_a_person_the_most_urgent_first(app: App) -> None:
    for who, view, expected in LISTS:
        assert shown(app, who, view) == expected, (who, view)


def test_a_deputy_finds_what_lies_with_whoever_is_away(app: App) -> None:
    for acting, role in ((ERNA, None), (DORA, "reviewer")):
        stand_in(app, ANNA, acting, role)
    assert shown(app, ERNA) == shown(app, ANNA)
    assert shown(app, DORA) == {"week": [11], "later": [12]}
    with app.database.reading() as connection:
        page = worklist(connection, app.rules, ERNA, NOW)
    assert {row.in_place_of for row in page.rows} == {ANNA}


def test_what_is_one_s_own_is_not_shown_again_for_somebody_else(app: App) -> None:
    stand_in(app, BERT, ANNA)
    with app.database.reading() as connection:
        rows = worklist(connection, app.rules, ANNA, NOW).rows
    assert len({row.number for row in rows}) == len(rows) == 11
    assert {row.number for row in rows if row.in_place_of} == {"2026-0009", "2026-0010"}


def test_pages_of_two_give_what_one_page_gives(app: App) -> None:
    for view in View:
        for section in (None, *Section):
            seen: list[WorkRow] = []
            cursor = None
            with app.database.reading() as connection:
                while True:
                    page = worklist(
                        connection, app.rules, BERT, NOW, section=section, view=view, limit=2, cursor=cursor
                    )
                    seen += page.rows
                    if (cursor := page.next) is None:
                        break
                whole = worklist(connection, app.rules, BERT, NOW, section=section, view=view)
            assert tuple(seen) == whole.rows


def test_a_row_says_what_is_to_be_done_by_when_and_where(app: App) -> None:
    with app.database.reading() as connection:
        row = worklist(connection, app.rules, DORA, NOW).rows[0]
    assert (row.number, row.title, row.cities, row.role, row.scope) == (
        "2026-0011", "Idee 11", ("dortmund",), "department", "schools-dortmund",
    )  # fmt: skip
    assert (row.due, row.claimed_by, row.in_place_of) == (date(2026, 6, 10), DORA, None)


def test_a_cursor_that_is_none_is_told(app: App) -> None:
    for cursor in ("", "x", "W10", "ü", "WyJsYXRlciJd"):
        with app.database.reading() as connection, pytest.raises(BadInput, match="is no cursor"):
            worklist(connection, app.rules, ANNA, NOW, cursor=cursor)


@pytest.fixture
def database(app: App) -> Database:
    return app.database


def test_the_list_is_answered_from_indexes(app: App, scans: Callable[[Callable[[Any], object]], list[str]]) -> None:
    stand_in(app, BERT, ANNA)
    with app.database.reading() as connection:
        cursor = worklist(connection, app.rules, ANNA, NOW, limit=2).next
    for view in View:
        for after in (None, cursor):
            asked = partial(worklist, rules=app.rules, person=ANNA, now=NOW, view=view, limit=2, cursor=after)
            assert scans(asked) == []
