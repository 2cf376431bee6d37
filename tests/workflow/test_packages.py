"""The file set for the funder: sheets, records and sums of what is linked to a strategy, with checksums."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import insert, update

from ideenweg.wiring import App
from workflow.engine import Outcome
from workflow.errors import BadInput, NotFound
from workflow.models import item, link
from workflow.packages import Package, package_of

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_a_package_has_every_released_project_with_its_checksum(app: App, create: Callable[..., Outcome]) -> None:
    def make() -> Package:
        with app.database.reading() as connection:
            return package_of(connection, app.rules, strategy, "https://ideen.example", "CC-BY-4.0", NOW)

    strategy, one, other = (create(title=title).item.number for title in ("Strategie", "=Bänke <b>", "Geheim"))
    with pytest.raises(BadInput, match="No released item"):
        make()
    with app.database.writing() as connection:
        for place, number in enumerate((one, other), start=90):
            row = {"item": number, "seq": place, "kind": "part_of", "other": strategy}
            connection.execute(insert(link).values(row))
        connection.execute(update(item).where(item.c.number == one).values(released=True))
    made = make()
    assert (made.projects, made.left_out) == ((one,), (other,))
    assert made.content == make().content
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert manifest["not_released"] == [other]
    assert set(files) == {f"projects/{one}.json", f"projects/{one}.html", "records.csv", "sums.csv"}
    assert "=Bänke &lt;b&gt;" in files[f"projects/{one}.html"].decode()
    rows = list(csv.DictReader(io.StringIO(files["records.csv"].decode("utf-8-sig"))))
    assert {row["number"] for row in rows} <= {one}
    assert all(not row["value"].startswith("=") for row in rows)
    with app.database.reading() as connection, pytest.raises(NotFound):
        package_of(connection, app.rules, "2026-9999", "", "", NOW)
