"""The portfolio as files: what everybody may read and nothing else, the same in every format, whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ideenweg.wiring import App, open_workflow
from workflow import open_data
from workflow.commands import Advance, Create
from workflow.errors import BadInput
from workflow.open_data import Format, Portfolio
from workflow.queries import released
from workflow.queries.items import ItemFilter

NOW = datetime(2026, 6, 1, 23, tzinfo=UTC)  # in Dortmund it is the day after already
WHO = "einreichung@dortmund.example"

LIFECYCLE = """
lifecycle: open
version: 1
initial: new
sheet: sheet
stages: {begun: {label: {de: Begonnen, en: Begun}}}
states:
  new: {stage: begun, label: {de: Neu, en: New}}
  done: {label: {de: Fertig, en: Done}, tags: [final]}
transitions:
  finish: {label: {de: Abschließen, en: Finish}, from: [new], to: done, roles: [anyone]}
records:
  sheet:
    write: [anyone]
    read: {public: true}
    fields:
      title: {type: string, required: true, public: true, sets: title}
      cities: {type: array, items: {type: string, format: city_or_unknown}, public: true, sets: cities}
      funding: {type: array, items: {type: string, format: funding}, public: true, sets: funding}
      released: {type: boolean, sets: released}
      text: {type: string, format: text, public: true}
      office: {type: string, format: office, public: true}
      cost: {type: number, public: true}
      pilot: {type: boolean, public: true}
      size: {type: string, enum: {s: {de: klein, en: small}, l: {de: groß, en: large}}, public: true}
      address: {type: string, public: true}
      parts: {type: array, items: {type: object, properties: {name: {type: string}}}, public: true}
      inner: {type: string}
"""

RICH = {
    "title": '=HYPERLINK("http://böse.example")', "cities": ["dortmund", "unknown"], "funding": ["own-funds"],
    "released": True, "text": "Zwei\nZeilen, mit „Komma“", "office": "environment-office-dortmund", "cost": 12.5,
    "pilot": True, "size": "l", "address": "@Hafen", "parts": [{"name": "Teil"}], "inner": "nur für die Stadt",
}  # fmt: skip

COLUMNS = [
    "number", "title", "lifecycle", "stage", "stage_label", "state", "state_label", "cities", "fields", "provenance",
    "funding", "text", "office", "cost", "pilot", "size", "sheet_address", "created_on", "last_step", "last_step_on",
    "address",
]  # fmt: skip


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    file = tmp_path / "open.yaml"
    file.write_text(LIFECYCLE, encoding="utf-8")
    with open_workflow(database_url, lifecycle=file) as app:
        rich = create(app, **RICH)
        app.engine.execute(Advance(actor=WHO, item=rich, transition="finish"), now=NOW)
        create(app, title="Nicht veröffentlicht", cities=["dortmund"])
        for place in range(3):
            create(app, title=f"Idee {place}", cities=["schwerte"], released=True)
        yield app


def create(app: App, **data: object) -> str:
    return app.engine.execute(Create(actor=WHO, data=data), now=NOW).item.number


@pytest.fixture
def written(app: App, tmp_path: Path) -> Callable[..., Path]:
    def write(kind: Format, locale: str = "de", **keys: str) -> Path:
        file = tmp_path / f"portfolio-{locale}.{kind}"
        filters = ItemFilter(lifecycle="open", **keys)
        with app.database.reading() as connection:
            lifecycle = app.rules.newest_of(app.database, "open")
            asked = Portfolio(lifecycle, app.rules.programme, filters, "https://ideen.example/", locale)
            open_data.export(connection, app.rules, file, kind, asked)
        return file

    return write


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_row_has_what_everybody_may_read_in_words_and_nothing_that_a_spreadsheet_computes(
    written: Callable[..., Path],
) -> None:
    german, english = rows(written(Format.CSV))[-1], rows(written(Format.CSV, "en"))[-1]
    assert list(german) == COLUMNS
    assert german == {
        "number": "2026-0001",
        "title": '\'=HYPERLINK("http://böse.example")',
        "lifecycle": "open",
        "stage": "",
        "stage_label": "",
        "state": "done",
        "state_label": "Fertig",
        "cities": "Dortmund; unbekannt",
        "fields": "",
        "provenance": "",
        "funding": "Eigenmittel der Stadt",
        "text": "Zwei\nZeilen, mit „Komma“",
        "office": "Umweltamt Dortmund",
        "cost": "12.5",
        "pilot": "true",
        "size": "groß",
        "sheet_address": "'@Hafen",
        "created_on": "2026-06-02",
        "last_step": "Abschließen",
        "last_step_on": "2026-06-02",
        "address": "https://ideen.example/ideen/2026-0001",
    }
    assert (english["state_label"], english["size"], english["funding"]) == ("Done", "large", "City's own funds")


def test_every_format_has_the_released_items_once_however_many_pages_they_are(
    written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(released, "LARGEST_PAGE", 2)
    table = rows(written(Format.CSV))
    assert [one["number"] for one in table] == ["2026-0005", "2026-0004", "2026-0003", "2026-0001"]
    sheet = load_workbook(written(Format.XLSX)).active
    assert sheet is not None
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == [COLUMNS, *(list(one.values()) for one in table)]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    document = json.loads(written(Format.JSON).read_text("utf-8"))
    assert [one["number"] for one in document.pop("items")] == [one["number"] for one in table]
    assert document == {
        "format": "ideenweg portfolio",
        "version": 1,
        "licence": "CC-BY-4.0",
        "programme": document["programme"],
        "lifecycle": "open",
        "filter": {},
    }


def test_json_has_keys_and_the_whole_public_sheet(written: Callable[..., Path]) -> None:
    document = json.loads(written(Format.JSON, city="dortmund").read_text("utf-8"))
    (one,) = document["items"]
    assert document["filter"] == {"city": "dortmund"}
    assert one["sheet"] == {key: value for key, value in RICH.items() if key not in ("inner", "released")}
    assert (one["cities"], one["funding"]) == (["dortmund", "unknown"], ["own-funds"])
    assert one["state"] == {"key": "done", "label": {"de": "Fertig", "en": "Done"}}
    assert one["last_step"]["transition"] == "finish"
    assert not rows(written(Format.CSV, stage="begun", city="dortmund"))


def test_a_file_is_whole_or_is_not_there(
    app: App, written: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(Format.CSV)
    before = file.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        written(Format.CSV)
    assert file.read_bytes() == before

    def breaks(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setitem(open_data.WRITERS, Format.JSON, breaks)
    with pytest.raises(BadInput, match="cannot be written"):
        written(Format.JSON)
    assert sorted(one.suffix for one in tmp_path.glob("portfolio*")) == [".csv"]
