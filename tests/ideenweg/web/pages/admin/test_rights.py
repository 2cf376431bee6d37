"""Administration is for administrators alone, speaks both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.pages.admin import ROUTES
from ideenweg.web.routes import Who

ADMIN, COORDINATOR = "verwaltung@dortmund.example", "koordination@dortmund.example"

ADDRESSES = (
    "/verwaltung",
    "/verwaltung/zustand",
    "/verwaltung/protokoll",
    "/verwaltung/protokoll?kind=advanced&via=cli&since=2024-01-01&order=log",
    "/verwaltung/protokoll/pruefung",
    "/verwaltung/protokoll/eintrag/system/1",
    "/verwaltung/personen",
    "/verwaltung/personen?q=koord&role=coordinator",
    "/verwaltung/rollen",
    "/verwaltung/import",
    "/verwaltung/lebenszyklen",
    "/verwaltung/lebenszyklen/idea-to-project",
    "/verwaltung/lebenszyklen/idea-to-project/bild.svg",
    "/verwaltung/lebenszyklen/idea-to-project/1.yaml",
    "/verwaltung/lebenszyklen/schema.json",
    "/verwaltung/kalender",
    "/verwaltung/nachrichten",
    "/verwaltung/nachrichten?check=1",
    "/verwaltung/nachrichten/received",
    "/verwaltung/nachrichten/received/de.html",
    "/verwaltung/ausgang",
    "/verwaltung/ausgang?state=sent&channel=email",
    "/verwaltung/webhooks",
)


def test_every_page_answers_in_both_languages(signed_in: Callable[[str], TestClient]) -> None:
    browser = signed_in(ADMIN)
    for address, language in zip(ADDRESSES, cycle(("de", "en")), strict=False):
        answer = browser.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "no-store", address


def test_nobody_but_an_administrator_gets_in(pages: TestClient, signed_in: Callable[[str], TestClient]) -> None:
    coordinator = signed_in(COORDINATOR)
    values = {"person": "p-1", "key": "x", "stream": "system", "seq": "1", "version": "1", "notice": "received"}
    for page in ROUTES:
        assert page.who is Who.ADMINISTRATOR, page.name
        address = re.sub(r"{(\w+)(?::\w+)?}", lambda found: values.get(found[1], "de"), page.path)
        if page.method == "GET":
            gone = pages.get(address, follow_redirects=False)
            assert (gone.status_code, gone.headers["location"].partition("?")[0]) == (303, "/anmelden"), page.name
            assert coordinator.get(address).status_code == 403, page.name
        else:
            assert coordinator.post(address).status_code == 403, page.name


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kind=nonsense", "Wählen Sie aus der Liste"),
        ("via=window", "Wählen Sie aus der Liste"),
        ("since=gestern", "JJJJ-MM-TT"),
        ("person=niemand@dortmund.example", "Diese Adresse ist nicht bekannt"),
    ],
)
def test_a_wrong_filter_is_told_at_its_field(signed_in: Callable[[str], TestClient], query: str, said: str) -> None:
    answer = signed_in(ADMIN).get(f"/verwaltung/protokoll?{query}")
    assert answer.status_code == 400
    assert said in answer.text


def test_the_history_is_turned_forth_and_back_and_passed_on_without_a_name(
    signed_in: Callable[[str], TestClient],
) -> None:
    browser = signed_in(ADMIN)

    def entries(text: str) -> list[str]:
        return re.findall(r"/verwaltung/protokoll/eintrag/([^\"]+)", text)

    def link(text: str, rel: str) -> str:
        found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
        assert found, rel
        return found[1].replace("&amp;", "&")

    first = browser.get("/verwaltung/protokoll?via=cli").text
    second = browser.get(link(first, "next")).text
    assert entries(first) != entries(second)
    assert entries(browser.get(link(second, "prev")).text) == entries(first)
    assert 'rel="prev"' not in first
    answer = browser.get(f"/verwaltung/protokoll?person={COORDINATOR}", follow_redirects=False)
    assert answer.status_code == 303
    assert "@" not in answer.headers["location"]
    assert "person=p-" in answer.headers["location"]
