"""The file set for the funder: sheets, records and sums of an item and what is linked to it, with checksums."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import insert

from ideenweg.wiring import App
from workflow.engine import Outcome
from workflow.errors import NotFound
from workflow.models import link
from workflow.packages import Package, package_of

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
COORDINATOR, ELSEWHERE = "koordination@dortmund.example", "koordination@schwerte.example"


def made(app: App, number: str, reader: str | None) -> Package:
    with app.database.reading() as connection:
        return package_of(connection, app.rules, number, reader, "https://ideen.example", NOW)


def files_of(package: Package) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_has_what_its_reader_may_see_and_names_nobody(app: App, create: Callable[..., Outcome]) -> None:
    strategy, one = (create(title=title, contact="Wer es war").item.number for title in ("Strategie", "=Bänke <b>"))
    there = create(title="Anderswo", cities=["schwerte"]).item.number
    with app.database.writing() as connection:
        for place, number in enumerate((one, there), start=90):
            row = {"item": number, "seq": place, "kind": "part_of", "other": strategy}
            connection.execute(insert(link).values(row))
    package = made(app, strategy, COORDINATOR)
    assert (package.items, package.left_out) == ((strategy, one), (there,))
    assert package.content == made(app, strategy, COORDINATOR).content
    files = files_of(package)
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert (manifest["items"], manifest["left_out"]) == ([strategy, one], [there])
    assert set(files) == {f"items/{n}.{form}" for n in (strategy, one) for form in ("json", "html")} | {
        "records.csv", "sums.csv",
    }  # fmt: skip
    assert "=Bänke &lt;b&gt;" in files[f"items/{one}.html"].decode()
    assert not any(b"Wer es war" in content for content in files.values())
    rows = list(csv.DictReader(io.StringIO(files["records.csv"].decode("utf-8-sig"))))
    assert {row["number"] for row in rows} == {strategy, one}
    assert all(not row["value"].startswith("=") for row in rows)
    assert made(app, strategy, None).items == (strategy, one, there)
    for number, reader in (("2026-9999", None), (strategy, ELSEWHERE)):
        with pytest.raises(NotFound):
            made(app, number, reader)
