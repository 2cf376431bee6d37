"""What is like an idea is shown to whoever hands one in, and to those who may merge it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.commands import Advance, Create
from workflow.models import item

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
COORDINATOR, ELSEWHERE = "koordination@dortmund.example", "koordination@schwerte.example"


def released(demo: App) -> tuple[str, str]:
    with demo.database.reading() as connection:
        rows = connection.execute(select(item.c.number, item.c.title).where(item.c.released, item.c.state == "pooled"))
        number, title = next(iter(rows))
        return str(number), str(title)


def test_handing_in_shows_what_there_is_already_and_goes_on_all_the_same(demo: App, pages: TestClient) -> None:
    number, title = released(demo)
    assert pages.post("/einreichen/schritt/problem", data={"sheet:f.problem": "Es fehlt etwas."}).status_code == 200
    pages.post("/einreichen/schritt/idea", data={"sheet:f.title": title, "sheet:f.idea": title})
    page = pages.get("/einreichen/pruefen").text
    hints = page[page.index('id="alike"') :]
    assert f'<a class="text-link" href="/ideen/{number}">{title}</a>' in hints
    assert "Gibt es das schon?" in page
    assert 'action="/einreichen/pruefen"' in hints


def test_who_may_merge_an_idea_sees_what_it_is_like(demo: App, signed_in: Callable[[str], Any]) -> None:
    number, title = released(demo)
    sheet = {"title": title, "problem": "Noch einmal dasselbe.", "cities": ["dortmund"]}
    again = demo.engine.execute(Create(actor=COORDINATOR, data=sheet), now=NOW).item.number
    assert 'id="alike"' not in signed_in(COORDINATOR).get(f"/ideen/{again}").text  # a draft is not merged
    demo.engine.execute(Advance(actor=COORDINATOR, item=again, transition="submit"), now=NOW)
    page = signed_in(COORDINATOR).get(f"/ideen/{again}").text
    hints = page[page.index('id="alike"') :]
    assert f'href="/ideen/{number}"' in hints
    assert f"/ideen/{again}/verknuepfungen?q=" in hints
    elsewhere = {"title": title, "problem": "In der anderen Stadt, noch nicht öffentlich.", "cities": ["schwerte"]}
    there = demo.engine.execute(Create(actor=ELSEWHERE, data=elsewhere), now=NOW).item.number
    demo.engine.execute(Advance(actor=ELSEWHERE, item=there, transition="submit"), now=NOW)
    assert f'href="/ideen/{there}"' not in signed_in(COORDINATOR).get(f"/ideen/{again}").text
