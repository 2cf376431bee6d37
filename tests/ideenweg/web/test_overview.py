"""`/`: where the ideas are, in figures and in words; what to do where there are none."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.app import create_app
from ideenweg.wiring import SHIPPED, open_workflow

HOME = "http://localhost"


def words_of(page: str) -> str:
    """What a reader sees of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "de",
            [
                "DOS 2030 – Digital Operating System Dortmund Schwerte",
                "Zurzeit sind 19 Ideen veröffentlicht: 2 in der Phase Einreichung, 4 in der Phase Prüfung,",
                "2 in der Phase Verstetigung und 4 haben ihren Weg beendet.",
                "3 Ideen: Umsetzung",
                "Abgelehnt 1",
                "Alle Ideen, Beschlüsse und Zahlen auf diesen Seiten sind erfunden.",
            ],
        ),
        (
            "en",
            [
                "19 ideas are public at present: 2 in the stage Submission, 4 in the stage Review,",
                "3 ideas: Implementation",
                "1 idea: Evaluation",
                "Rejected 1",
                "All ideas, decisions and figures on these pages are made up.",
            ],
        ),
    ],
)
def test_the_overview_tells_how_many_ideas_are_where(pages: TestClient, language: str, said: list[str]) -> None:
    answer = pages.get("/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    words = words_of(answer.text)
    assert [one for one in said if one not in words] == []


def test_the_newest_ideas_and_steps_come_first(pages: TestClient) -> None:
    page = pages.get("/").text
    numbers = re.findall(r'class="idea__title"><a href="/ideen/([\d-]+)"', page)
    assert len(numbers) == 6
    assert numbers == sorted(numbers, reverse=True)
    days = re.findall(r'class="news__day" datetime="([^"]+)"', page)
    assert len(days) == 8
    assert days == sorted(days, reverse=True)


def test_a_stage_leads_to_its_ideas(pages: TestClient) -> None:
    page = pages.get("/").text
    addresses = set(re.findall(r'href="(/ideen\?[^"]+)"', page))
    assert {address for address in addresses if "stage=" in unescape(address)}
    for address in addresses:
        assert pages.get(unescape(address)).status_code == 200


def test_what_is_not_released_counts_for_nothing(pages: TestClient) -> None:
    assert "Ein Verzeichnis der Dächer" not in pages.get("/").text


def test_without_ideas_the_page_says_what_to_do_next(database_url: str) -> None:
    with (
        open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app,
        TestClient(create_app(app), base_url=HOME) as pages,
    ):
        page = words_of(pages.get("/").text)
        assert "Noch keine Ideen" in page
        assert "ideenweg item create" in page
        assert "erfunden" not in page
        assert "Keine Idee gefunden" in words_of(pages.get("/ideen").text)


def test_without_a_lifecycle_the_page_says_how_to_load_it(database_url: str) -> None:
    with open_workflow(database_url) as app, TestClient(create_app(app), base_url=HOME) as pages:
        for address in ("/", "/ideen"):
            assert "ideenweg lifecycle load idea-to-project" in words_of(pages.get(address).text)
        assert pages.get("/lebenszyklus/idea-to-project").status_code == 404
