"""A workflow with the short lifecycle and the people who work in it, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ideenweg.wiring import App, open_workflow
from workflow import access
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
def app(database_url: str, furnish: Callable[..., None], tmp_path: Path) -> Iterator[App]:
    furnish(database_url, "short", furnished)
    with open_workflow(database_url, documents_in=tmp_path / "documents") as app:
        app.engine.default = "short"
        yield app


def furnished(url: str) -> None:
    """Put the short lifecycle into a database, and everybody of PEOPLE with their roles since 2020."""

    def make(connection: object) -> None:
        for email, roles in PEOPLE.items():
            access.add(connection, email, email.split("@")[0], OPERATOR, NOW)  # type: ignore[arg-type]
            for role, scope in roles:
                access.grant(
                    connection,  # type: ignore[arg-type]
                    email,
                    app.rules.newest_of(app.database, "short").roles[role],
                    scope,
                    app.rules.programme,
                    OPERATOR,
                    NOW,
                    valid_from=date(2020, 1, 1),
                )

    with open_workflow(url, lifecycle=SHORT) as app:
        app.database.attempt(make)


@pytest.fixture
def create(app: App) -> Callable[..., Outcome]:
    """Creates an item of a citizen of Dortmund; keyword arguments are further fields of its sheet."""

    def create(actor: str = "buergerin@dortmund.example", **data: object) -> Outcome:
        sheet = {"title": "Sensoren an Brücken", "cities": ["dortmund"], **data}
        return app.engine.execute(Create(actor=actor, data=sheet), now=NOW)

    return create
