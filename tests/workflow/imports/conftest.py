"""Tables and mapping files as a test writes them down, and imports of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from ideenweg.wiring import App, open_workflow
from workflow.imports.history import import_history
from workflow.imports.ideas import import_ideas
from workflow.imports.parsing import parse_mapping
from workflow.imports.report import Report
from workflow.verify import verify

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
SHIPPED = Path(config.__file__).parent

Import = Callable[..., Report]


@pytest.fixture
def ideas(app: App, tmp_path: Path) -> Iterator[Import]:
    """Imports a table of ideas, given as text or as a file; keyword arguments go to `import_ideas`."""

    def run(table: str | Path, mapping: str, **options: Any) -> Report:
        parsed = parse_mapping(mapping, "ideas.map.yaml", history=False)
        path = _file(tmp_path / "ideas.csv", table)
        return import_ideas(app.database, app.rules, path, parsed, **{"now": NOW, "account": "operator", **options})

    yield run
    _sound(app)


@pytest.fixture
def history(app: App, tmp_path: Path) -> Iterator[Import]:
    """Imports another tool's log, given as text; keyword arguments go to `import_history`."""

    def run(table: str | Path, mapping: str, **options: Any) -> Report:
        parsed = parse_mapping(mapping, "log.map.yaml", history=True)
        path = _file(tmp_path / "log.csv", table)
        return import_history(app.database, app.rules, path, parsed, **{"now": NOW, "account": "operator", **options})

    yield run
    _sound(app)


@pytest.fixture
def projects(database_url: str) -> Iterator[App]:
    """A workflow with the shipped lifecycle from idea to project, and nobody in it."""
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        yield app
        _sound(app)


def _sound(app: App) -> None:
    """After every test here the whole history verifies."""
    found = verify(app.database, app.rules)
    assert not found.findings, found.findings


def _file(path: Path, table: str | Path) -> Path:
    if isinstance(table, Path):
        return table
    path.write_text(table, encoding="utf-8")
    return path
