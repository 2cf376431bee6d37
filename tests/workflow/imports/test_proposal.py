"""A mapping is proposed by the names of columns and the look of their cells, and changed column by column."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ideenweg.wiring import SHIPPED, checked_lifecycle
from states.lifecycle import Lifecycle
from states.loader import load_programme
from states.programme import Programme
from workflow.imports import proposal
from workflow.imports.files import read_table
from workflow.imports.parsing import parse_mapping
from workflow.imports.tables import Table

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@pytest.fixture(scope="module")
def lifecycle() -> Lifecycle:
    return checked_lifecycle(SHIPPED / "lifecycles" / "idea-to-project.yaml", SHIPPED)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme((SHIPPED / "programme.yaml").read_text(), "programme.yaml")


@pytest.fixture(scope="module")
def portfolio() -> Table:
    return read_table(EXAMPLES / "portfolio.csv")


def test_columns_find_their_fields(lifecycle: Lifecycle, programme: Programme, portfolio: Table) -> None:
    data = proposal.proposed(portfolio, lifecycle, programme, "Bestand 2026.csv")
    parse_mapping(proposal.dumped(data), "map", history=False)
    assert data["source"] == {"name": "Bestand-2026"}
    assert data["title"] == {"columns": ["Projekt"]}
    assert data["fields"]["cities"] == {"column": "Städte", "split": "/"}
    assert data["fields"]["fields"] == {"column": "Handlungsfelder", "split": "/"}
    assert data["state"]["to"] == {"column": "Stand"}
    assert data["state"]["since"]["format"] == ["%d.%m.%Y", "%m/%Y", "%Y"]
    assert set(data["unused"]) == set(portfolio.columns) - proposal.assigned(data).keys()


def test_another_column_keeps_the_rest_of_the_mapping(portfolio: Table) -> None:
    data = yaml.safe_load((EXAMPLES / "portfolio.map.yaml").read_text())
    chosen = {**proposal.assigned(data), "Kurzbeschreibung": "field:problem", "Finanzierung": "field:problem"}
    new = proposal.arranged(data, portfolio, chosen)
    parse_mapping(proposal.dumped(new), "map", history=False)
    assert new["fields"]["problem"] == {"columns": ["Kurzbeschreibung", "Finanzierung"], "join": ", "}
    assert "funding" not in new["fields"]
    assert new["fields"]["cities"] == data["fields"]["cities"], "with its split"
    assert new["fields"]["provenance"] == {"constant": ["other"]}, "what no column fills stays"
    assert (new["records"], new["skip"]) == (data["records"], data["skip"])
    assert "Bescheid" not in new.get("unused", []), "the records speak of it"
    without = proposal.arranged(new, portfolio, {"Projekt": "title"})
    assert "state" not in without
    assert "Städte" in without["unused"]


def test_a_log_is_proposed_with_the_steps_that_are_called_like_transitions(
    lifecycle: Lifecycle, programme: Programme
) -> None:
    data = proposal.proposed_log(read_table(EXAMPLES / "log.csv"), lifecycle, programme, "log.csv")
    parse_mapping(proposal.dumped(data), "map", history=True)
    assert (data["case"], data["activity"]) == ("Vorgang", "Schritt")
    assert data["time"] == {"column": "Zeitpunkt", "format": ["%d.%m.%Y %H:%M"]}
    assert data["activities"]["Eingereicht"] == "submit"
    assert "ignore" in data["activities"]["Gelesen"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Maßnahmen 2026.xlsx", "Massnahmen-2026"), ("..", "table"), ("a/b\\c.csv", "a-b-c"), ("ÄÖ", "AO")],
)
def test_a_source_is_called_after_its_file(name: str, slug: str) -> None:
    assert proposal.slug(name) == slug
