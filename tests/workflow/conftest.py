"""A workflow with the short lifecycle and the people who work in it, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ideenweg.wiring import App, open_workflow
from workflow.commands import Create
from workflow.engine import Outcome
from workflow.streams import Origin

SHORT = Path(__file__).parents[1] / "lifecycles" / "short.yaml"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")

PEOPLE = {
    "buergerin@dortmund.example": (),
    "buerger@schwerte.example": (),
    "koordination@dortmund.example": (("coordinator", "dortmund"),),
    "vertretung@dortmund.example": (("coordinator", "dortmund"),),
    "koordination@schwerte.example": (("coordinator", "schwerte"),),
    "tiefbauamt@dortmund.example": (("expert", "civil-engineering-dortmund"),),
    "verwaltung@dortmund.example": (("administrator", None),),
}


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None], tmp_path: Path) -> Iterator[App]:
    furnish(database_url, "short", partial(furnished, appoint))
    with open_workflow(database_url, documents_in=tmp_path / "documents") as app:
        app.engine.default = "short"
        yield app


def furnished(appoint: Callable[..., None], url: str) -> None:
    """Put the short lifecycle into a database, and everybody of PEOPLE with their roles since 2020."""
    with open_workflow(url, lifecycle=SHORT) as app:
        appoint(app, "short", PEOPLE, NOW)


@pytest.fixture
def create(app: App) -> Callable[..., Outcome]:
    """Creates an item of a citizen of Dortmund; keyword arguments are further fields of its sheet."""

    def create(actor: str = "buergerin@dortmund.example", **data: object) -> Outcome:
        sheet = {"title": "Sensoren an Brücken", "cities": ["dortmund"], **data}
        return app.engine.execute(Create(actor=actor, data=sheet), now=NOW)

    return create
