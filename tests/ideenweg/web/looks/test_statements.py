"""Every page asks its database few things, and no more of them when there is more to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.copies import fill

from .installation import Installation, installed
from .visits import VISITS, Visit

MOST = 12
COPIES = 240
"""More ideas than a page shows."""

EMPTY = "/ideen?field=building-and-housing"
"""Nothing is there at first, so nothing is asked of what is there."""

OPENING = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SELECT 1 FROM sqlite_schema LIMIT 1")
"""How transactions begin and end."""

LOOKED_AT = [one for one in VISITS if one.status == 200 and not one.form]


@contextmanager
def running(made: Installation) -> Iterator[list[str]]:
    """The statements that SQLite runs meanwhile, but for those of its own full-text search (`--`)."""
    run: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith(("--", *OPENING)):
            run.append(statement)

    def follow(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(note)

    event.listen(made.app.database.engine, "checkout", follow)
    yield run
    event.remove(made.app.database.engine, "checkout", follow)


def statements(made: Installation) -> dict[str, int]:
    """Page -> how many statements it runs, once its rules are read."""
    browsers: dict[tuple[str | None, bool, bool], Any] = {}
    counts = {}
    with running(made) as run:
        for visit in LOOKED_AT:
            whose = (visit.who, visit.factor, visit.draft)
            if whose not in browsers:
                browsers[whose] = _browser(made, visit)
            run.clear()
            assert browsers[whose].get(visit.path.format(**made.places)).status_code == 200, visit.name
            counts[visit.name] = len(run)
    return counts


def _browser(made: Installation, visit: Visit) -> Any:
    browser = made.browser(visit.who, factor=visit.factor)
    if visit.draft:
        browser.cookies.set(*made.draft)
    browser.get("/")
    return browser


def test_no_page_runs_more_than_a_few_statements_nor_more_of_them_for_more_rows(tmp_path: Path) -> None:
    with installed(tmp_path) as made:
        statements(made)
        few = statements(made)
        fill(made.app, COPIES)
        many = statements(made)
    assert {page: number for page, number in many.items() if number > MOST} == {}
    assert {page: (few[page], number) for page, number in many.items() if number > few[page]} == {EMPTY: (7, 9)}
