"""A project goes to a partner city as an open file, and is taken in there as an idea with a link back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import config
from ideenweg.wiring import App, open_workflow
from states.transfer import sheet_schema
from workflow.commands import Advance, Create, Record
from workflow.errors import BadInput, NotFound
from workflow.packages import package_of
from workflow.queries import documents
from workflow.queries.detail import find
from workflow.transfer import read_sheet, sheet_of, take_in

ROOT = Path(config.__file__).parents[1]
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
HOME = "https://ideen.dortmund.example"
COORDINATOR, RESIDENT = "koordination@dortmund.example", "buergerin@dortmund.example"


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[App]:
    furnish(database_url, "transfer", partial(furnished, appoint))
    with open_workflow(database_url) as app:
        yield app


def furnished(appoint: Callable[..., None], url: str) -> None:
    with open_workflow(url) as app:
        app.load(ROOT / "config" / "lifecycles" / "idea-to-project.yaml", now=NOW)
        appoint(app, "idea-to-project", {COORDINATOR: [("coordinator", "dortmund")]}, NOW)


@pytest.fixture
def number(app: App) -> str:
    """A released idea of Dortmund with cost and a leading office."""
    data = {"title": "Sensoren an Brücken", "problem": "Risse sieht man spät.", "cities": ["dortmund"]}
    number = app.engine.execute(Create(actor=RESIDENT, data=data), now=NOW).item.number
    full = {**data, "cost": 120000, "lead_office": "civil-engineering-dortmund", "fields": ["safety-and-trust"]}
    app.engine.execute(Advance(item=number, transition="submit", actor=RESIDENT), now=NOW)
    for kind, more in (("sheet", full), ("release", {"released": True})):
        app.engine.execute(Record(item=number, kind=kind, data=more, actor=COORDINATOR), now=NOW)
    return number


def exported(app: App, number: str) -> dict[str, Any]:
    with app.database.reading() as connection:
        return sheet_of(connection, app.rules, number, HOME, "CC-BY-4.0")


def test_a_sheet_keeps_to_its_published_schema_and_names_office_and_licence(app: App, number: str) -> None:
    sheet = exported(app, number)
    Draft202012Validator.check_schema(sheet_schema())
    Draft202012Validator(sheet_schema()).validate(sheet)
    assert json.loads((ROOT / "docs" / "project-sheet.schema.json").read_text("utf-8")) == sheet_schema()
    assert sheet["from"]["address"] == f"{HOME}/ideen/{number}"
    assert sheet["from"]["contact"][0]["office"]["de"] == "CIIO-Büro Dortmund"
    assert (sheet["licence"], sheet["sheet"]["data"]["cost"]) == ("CC-BY-4.0", 120000)
    assert "p-" not in json.dumps(sheet)


def test_a_package_sums_what_each_item_says_once(app: App, number: str) -> None:
    with app.database.reading() as connection:
        content = package_of(connection, app.rules, number, COORDINATOR, HOME, NOW).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (row,) = csv.DictReader(io.StringIO(archive.read("sums.csv").decode("utf-8-sig")))
        sheet = json.loads(archive.read(f"items/{number}.json"))
    assert row == {
        "lifecycle": "idea-to-project", "cities": "dortmund", "funding": "", "form": "sheet", "field": "cost",
        "label": "Kosten in Euro", "items": "1", "sum": "120000",
    }  # fmt: skip
    Draft202012Validator(sheet_schema()).validate(sheet)


def test_what_is_not_released_is_not_offered(app: App) -> None:
    data = {"title": "Noch nicht", "problem": "…"}
    number = app.engine.execute(Create(actor=RESIDENT, data=data), now=NOW).item.number
    with pytest.raises(NotFound):
        exported(app, number)


def test_a_partner_takes_it_in_with_a_link_back_and_loses_nothing(app: App, number: str) -> None:
    sheet = {**exported(app, number), "version": 2, "climate": {"co2": 3}}
    sheet["sheet"]["data"] |= {"mascot": "Igel", "staff": "viele"}
    text = json.dumps(sheet, ensure_ascii=False)
    with app.database.reading() as connection:
        read = read_sheet(app.rules, connection, text, COORDINATOR, lifecycle="idea-to-project")
    assert read.newer
    assert read.taken.data == {
        "title": "Sensoren an Brücken", "problem": "Risse sieht man spät.", "cost": 120000,
        "fields": ["safety-and-trust"], "source": f"{HOME}/ideen/{number}", "external_number": number,
        "provenance": ["partner-city"],
    }  # fmt: skip
    assert read.taken.left.keys() == {
        "climate", "sheet.data.cities", "sheet.data.lead_office", "sheet.data.mascot", "sheet.data.staff",
    }  # fmt: skip
    assert take_in(app.engine, app.files, text, COORDINATOR, NOW, dry_run=True)[1] is None
    first, again = (take_in(app.engine, app.files, text, COORDINATOR, NOW, command_id="once") for _ in range(2))
    taken_in = first[1] or ""
    assert again[1] == taken_in
    with app.database.reading() as connection:
        detail = find(connection, app.rules, taken_in, COORDINATOR, NOW)
        (kept,) = documents.of_item(connection, detail.lifecycle, taken_in, detail.view.reader)
    assert detail.facets["provenance"] == ("partner-city",)
    assert (kept.name, kept.public) == (f"projektblatt-{number}-20260601.txt", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no project sheet"),
        ('{"format": "ideenweg-project-sheet"}', "'version' is a required property"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_sheet_is_told_with_its_place(app: App, text: str, said: str) -> None:
    with app.database.reading() as connection, pytest.raises(BadInput, match=said):
        read_sheet(app.rules, connection, text, COORDINATOR, lifecycle="idea-to-project")
