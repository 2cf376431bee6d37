"""Files for others and from them by page: what a partner city gets and sends, and what the funder gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from fastapi.testclient import TestClient
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.models import item

COORDINATOR, GRANTS = "koordination@dortmund.example", "foerdermittel@dortmund.example"
PATH = "/einreichen/fuer-andere/projektblatt"


def test_a_released_project_is_offered_and_taken_in_elsewhere(
    demo: App, pages: TestClient, signed_in: Callable[[str], Any]
) -> None:
    with demo.database.reading() as connection:
        number = connection.scalar(select(item.c.number).where(item.c.state == "integrated", item.c.released))
    assert f'href="/ideen/{number}/projektblatt.json"' in pages.get(f"/ideen/{number}").text
    sheet = pages.get(f"/ideen/{number}/projektblatt.json")
    assert sheet.json()["from"]["number"] == number
    later = json.dumps({**sheet.json(), "version": 7, "title": "Nach dem Vorbild der Nachbarstadt"}).encode()

    browser = signed_in(COORDINATOR)
    assert PATH in browser.get("/einreichen/fuer-andere").text

    def send(go: str, content: bytes = b"", **more: str) -> Any:
        files = {"file": ("blatt.json", content)} if content else None
        return browser.send_form(PATH, {"go": go, **more}, files=files)

    for content, said in ((b"", "Wählen Sie eine Datei"), (b"\xff\xfe", "UTF-8"), (b"{}", "nicht übernommen werden")):
        answer = send("take", content)
        assert (answer.status_code, said in answer.text) == (422, True)
    checked = send("check", later).text
    assert "neueres Format" in checked
    assert "Städte: das bedeutet nur in der anderen Stadt etwas" in checked
    taken, again = (send("take", later, command_id="sheet-1") for _ in range(2))
    assert (taken.status_code, taken.headers["location"]) == (303, again.headers["location"])
    assert "im angehängten Blatt" in browser.get(taken.headers["location"]).text


def test_the_funders_file_set_is_whose_may_see_it(demo: App, signed_in: Callable[[str], Any]) -> None:
    with demo.database.reading() as connection:
        strategy = connection.scalar(select(item.c.number).where(item.c.lifecycle == "strategy"))
    grants = signed_in(GRANTS)
    assert f'href="/ideen/{strategy}/paket.zip"' in grants.get(f"/ideen/{strategy}").text
    with ZipFile(BytesIO(grants.get(f"/ideen/{strategy}/paket.zip").content)) as archive:
        sums, sheets = archive.read("sums.csv").decode("utf-8-sig"), json.loads(archive.read("manifest.json"))["items"]
        told = " ".join(archive.read(name).decode() for name in archive.namelist())
    assert sheets[0] == strategy
    assert len(sheets) > 4
    assert "strategy,dortmund + schwerte,,grant_notice,sum,Zuwendung in Euro,1," in sums
    assert "projektleitung" not in told.lower()
