"""What is part of the strategy, what pays for it, and what came since it was last adopted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import and_, true

from ideenweg.wiring import open_workflow
from workflow.commands import Advance, Create, Link, Unlink
from workflow.models import item
from workflow.queries.portfolio import Coverage, Strategy, coverage

from .conftest import Days

START = datetime(2023, 1, 2, 9, tzinfo=UTC)
WHO = "koordination@dortmund.example"

PLAN = """
lifecycle: plan
version: 1
initial: drafting
states: {drafting: {}, adopted: {}, over: {tags: [final]}}
transitions:
  adopt: {from: [drafting], to: adopted, roles: [anyone]}
  revise: {from: [adopted], to: drafting, roles: [anyone]}
  end: {from: [adopted], to: over, roles: [anyone]}
"""
PROJECT = """
lifecycle: project
version: 1
initial: new
sheet: sheet
states: {new: {}, over: {tags: [final]}}
transitions: {end: {from: [new], to: over, roles: [anyone]}}
records:
  sheet:
    write: [anyone]
    fields:
      title: {type: string, required: true, sets: title}
      cities: {type: array, items: {type: string, format: city}, sets: cities}
      funding: {type: array, items: {type: string, format: funding}, sets: funding}
links:
  part_of: {to: [plan], write: [anyone], portfolio: adopted}
  related: {to: [plan], write: [anyone]}
"""


class Desk(Days):
    """One thing after the other, a day each."""

    def project(self, *part_of: str, kind: str = "part_of", **data: Any) -> str:
        sheet = {"title": "Vorhaben", "cities": ["dortmund"], **data}
        number = self.do(Create(actor=WHO, lifecycle="project", data=sheet))
        for plan in part_of:
            self.do(Link(actor=WHO, item=number, kind=kind, other=plan))
        return number

    def advance(self, number: str, *transitions: str) -> None:
        for transition in transitions:
            self.do(Advance(actor=WHO, item=number, transition=transition))

    def found(self, within: Any = None, sees: Any = None) -> Coverage | None:
        lifecycle = self.app.rules.newest_of(self.app.database, "project")
        mine = and_(item.c.lifecycle == "project", true() if within is None else within)
        with self.app.database.reading() as connection:
            return coverage(connection, lifecycle, true() if sees is None else sees, mine)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with open_workflow(database_url) as app:
        for name, text in (("plan", PLAN), ("project", PROJECT)):
            file = tmp_path / f"{name}.yaml"
            file.write_text(text, encoding="utf-8")
            app.load(file, now=START)
        yield Desk(app, START)


def test_a_strategy_counts_what_it_lists_and_the_rest_since_its_last_adoption(desk: Desk) -> None:
    plan = desk.do(Create(actor=WHO, lifecycle="plan", data={"title": "Strategie"}))
    desk.project(plan, funding=["state", "own-funds"])
    desk.project()  # before, and not in it
    assert desk.found() is None  # nothing is adopted yet
    desk.advance(plan, "adopt")
    first = desk.now
    desk.project(plan, funding=["own-funds"])  # made later, and taken up
    desk.project(plan, kind="related", cities=["schwerte"])  # linked in another way: came since
    left = desk.project(plan)
    listed = Strategy(plan, "Strategie", 3, {"own-funds": 2, "state": 1})
    assert desk.found() == Coverage((listed,), first, 1)

    desk.do(Unlink(actor=WHO, item=left, kind="part_of", other=plan))
    desk.advance(plan, "revise", "adopt", "end")
    again = desk.now - timedelta(days=1)
    fresh = desk.project()
    listed = Strategy(plan, "Strategie", 2, {"own-funds": 2, "state": 1})
    assert desk.found() == Coverage((listed,), again, 1)
    assert desk.found(within=item.c.number != fresh) == Coverage((listed,), again, 0)
    assert desk.found(sees=item.c.number != plan) is None


def test_of_two_strategies_the_one_adopted_last_comes_first(desk: Desk) -> None:
    old, new, never = (
        desk.do(Create(actor=WHO, lifecycle="plan", data={"title": title})) for title in ("Alt", "Neu", "Nie")
    )
    desk.advance(old, "adopt")
    desk.project(old, never)
    desk.advance(new, "adopt")
    desk.project()
    found = desk.found()
    assert found is not None
    assert [(one.title, one.items) for one in found.strategies] == [("Neu", 0), ("Alt", 1)]
    assert (found.since, found.later) == (desk.now - timedelta(days=1), 1)
