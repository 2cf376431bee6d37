"""The mapping files under docs/examples name what exists: sheet fields, columns, entries of their programmes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from states.lifecycle import Lifecycle
from states.loader import load_lifecycle, load_programme
from states.programme import Programme

SHIPPED = Path(config.__file__).parent
EXAMPLES = SHIPPED.parent / "docs" / "examples"

ULM = (
    "ulm.map.yaml",
    SHIPPED / "programme.yaml",
    SHIPPED / "lifecycles" / "idea-to-project.yaml",
    "ulm_massnahmen.csv",
)
KOMMUKI = (
    "kommuki.map.yaml",
    EXAMPLES / "kommuki" / "programme.yaml",
    EXAMPLES / "kommuki" / "lifecycle.yaml",
    "kommuki_ideas.csv",
)


Example = tuple[dict[str, Any], Programme, Lifecycle, str]
"""The mapping, the programme and the lifecycle it is for, and the name of the table."""


@pytest.fixture(params=[ULM, KOMMUKI], ids=["ulm", "kommuki"])
def example(request: pytest.FixtureRequest) -> Example:
    name, programme, lifecycle, data = request.param
    return (
        yaml.safe_load((EXAMPLES / name).read_text("utf-8")),
        load_programme(programme.read_text("utf-8"), programme.name),
        load_lifecycle(lifecycle.read_text("utf-8"), lifecycle.name),
        data,
    )


def test_it_fills_fields_that_the_sheet_has(example: Example) -> None:
    mapping, _, lifecycle, _ = example
    assert mapping["lifecycle"] == lifecycle.key
    sheet = lifecycle.records[lifecycle.sheet or ""]
    assert set(mapping["fields"]) | {mapping.get("notes", "title")} <= set(sheet.fields)
    assert mapping["title"]["max"] <= sheet.fields["title"].schema["maxLength"]
    if "state" in mapping:
        assert mapping["state"]["to"]["constant"] in lifecycle.states


def test_its_fields_of_action_are_those_of_the_programme(
    example: Example,
) -> None:
    mapping, programme, _, _ = example
    for value in mapping["fields"]["fields"].get("map", {}).values():
        assert set(value["value"] if isinstance(value, dict) else value) <= set(programme.fields)


def test_every_column_of_the_real_table_is_used_or_left_out_on_purpose(example: Example, shared: Path) -> None:
    mapping, programme, _, table = example
    with (shared / "data" / table).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert set(mapping["source"]["key"]) <= set(rows[0])
    text = yaml.safe_dump(mapping, allow_unicode=True)
    assert [column for column in rows[0] if column not in text] == []

    fields = mapping["fields"]["fields"]
    cells = {row[fields["column"]] for row in rows}
    values = {part.strip() for cell in cells for part in cell.split(fields["split"])} if "split" in fields else cells
    labels = {term.label.de for term in programme.fields.values()}
    assert values <= set(fields.get("map", labels))
    if "column" in mapping["fields"]["cities"]:
        towns = {city.label.de for city in programme.cities.values()}
        assert {row[mapping["fields"]["cities"]["column"]] for row in rows} == towns
