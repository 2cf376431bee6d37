"""Real tables, as others wrote them: not a row is lost, and what was decided is decided here."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

import config
from ideenweg.wiring import App, open_workflow
from workflow.imports.ideas import import_ideas
from workflow.imports.parsing import parse_mapping
from workflow.models import event, item, item_facet, record
from workflow.verify import verify

SHIPPED = Path(config.__file__).parent
EXAMPLES = SHIPPED.parent / "docs" / "examples"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def measures(shared: Path) -> Path:
    return shared / "data" / "ulm_massnahmen.csv"


@pytest.fixture
def motions(shared: Path) -> Path:
    return shared / "data" / "kommuki_ideas.csv"


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        yield app


@pytest.fixture(scope="module")
def kommuki() -> ModuleType:
    """docs/examples/kommuki/decide.py."""
    spec = spec_from_file_location("decide", EXAMPLES / "kommuki" / "decide.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def query(app: App, statement: Any) -> list[Any]:
    with app.database.reading() as connection:
        return list(connection.execute(statement))


def test_all_measures_of_ulm_become_ideas_of_a_partner_city(app: App, measures: Path) -> None:
    name = EXAMPLES / "ulm.map.yaml"
    mapping = parse_mapping(name.read_text("utf-8"), str(name), history=False)
    report = import_ideas(app.database, app.rules, measures, mapping, now=NOW)

    table = cells(measures)
    assert (report.rows, report.items, report.problems, report.skipped, report.unmapped) == (138, 138, (), (), ())
    assert report.states == {"submitted": 138}
    titles = Counter(title for (title,) in query(app, select(item.c.title)))
    assert titles == Counter(row["titel"] if row["titel"] != "-" else row["beschreibung"] for row in table)
    # Whatever the mapping decided is told: the one row without a title, the chapter that is no field of action.
    told = Counter((remark.line, remark.column) for remark in report.remarks)
    assert told == Counter(
        [(at, "titel") for at, row in enumerate(table, start=2) if row["titel"] == "-"]
        + [(at, "kapitel") for at, row in enumerate(table, start=2) if row["kapitel"].startswith("Organisatorisch")]
    )
    without_field = set(query(app, select(item.c.number))) - set(
        query(app, select(item_facet.c.item).where(item_facet.c.facet == "fields"))
    )
    assert len(without_field) == sum(row["kapitel"].startswith("Organisatorisch") for row in table)

    again = import_ideas(app.database, app.rules, measures, mapping, now=NOW)
    assert (again.items, again.known, again.changed) == (0, 138, ())
    assert query(app, select(func.count()).select_from(item)) == [(138,)]
    assert verify(app.database, app.rules).findings == ()


def test_each_youth_motion_comes_to_the_decisions_it_really_had(
    database_url: str, motions: Path, kommuki: ModuleType
) -> None:
    with open_workflow(database_url, config_dir=EXAMPLES / "kommuki", lifecycle=kommuki.LIFECYCLE) as app:
        kommuki.decide(app, motions)
        assert kommuki.counted(app) == kommuki.expected(motions)

        table = cells(motions)
        assert query(app, select(func.count()).select_from(item)) == [(834,)]
        votes = query(app, select(func.count()).select_from(record).where(record.c.kind == "committee_vote"))
        committees = sum(len(row["Ausschuss"].split(",")) for row in table if row["im Ausschuss genehmigt"])
        assert votes == [(committees,)], "one record for each committee"
        subjects = query(
            app,
            select(item_facet.c.value, func.count()).where(item_facet.c.facet == "fields").group_by(item_facet.c.value),
        )
        names = {app.rules.programme.fields[key].label.de: number for key, number in subjects}
        assert names == Counter(name.strip() for row in table for name in row["Ausschuss"].split(","))

        before = query(app, select(func.count()).select_from(event))
        kommuki.decide(app, motions)
        assert query(app, select(func.count()).select_from(event)) == before, "another run changes nothing"
        assert verify(app.database, app.rules).findings == ()
