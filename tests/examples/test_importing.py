"""What docs/importing.md shows is right, and its examples can be imported as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config
from ideenweg.wiring import App, open_workflow
from workflow.imports.history import import_history
from workflow.imports.ideas import import_ideas
from workflow.imports.parsing import parse_mapping
from workflow.verify import verify

SHIPPED = Path(config.__file__).parent
DOCS = SHIPPED.parent / "docs"
EXAMPLES = DOCS / "examples"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)

BLOCKS = re.findall(r"```yaml\n(.*?)```", (DOCS / "importing.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        yield app
        assert verify(app.database, app.rules).findings == ()


@pytest.mark.parametrize("block", BLOCKS, ids=["ideas", "history"])
def test_every_mapping_on_the_page_keeps_to_the_grammar(block: str) -> None:
    assert parse_mapping(block, "importing.md", history="activities:" in block).lifecycle == "idea-to-project"


def test_the_portfolio_enters_at_the_states_it_has(app: App) -> None:
    mapping = parse_mapping((EXAMPLES / "portfolio.map.yaml").read_text("utf-8"), "portfolio.map.yaml", history=False)
    report = import_ideas(app.database, app.rules, EXAMPLES / "portfolio.csv", mapping, now=NOW)
    assert report.states == {"pooled": 1, "in_progress": 1, "on_hold": 1, "in_evaluation": 1}
    assert (report.rows, len(report.skipped), report.unmapped) == (5, 1, ())


def test_the_log_fits_the_lifecycle(app: App) -> None:
    mapping = parse_mapping((EXAMPLES / "log.map.yaml").read_text("utf-8"), "log.map.yaml", history=True)
    report = import_history(app.database, app.rules, EXAMPLES / "log.csv", mapping, now=NOW)
    assert (report.items, report.steps, report.misfits) == (3, 8, ())
    assert report.states == {"submitted": 1, "rejected": 1, "referred": 1}
