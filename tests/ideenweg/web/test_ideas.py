"""`/ideen`: the list narrowed down by the address, and addresses that ask for what there is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.pages import ideas


def titles(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'class="idea__title"><a href="[^"]+">(.+?)</a>', page)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=evaluation", {"Energieberichte, die in jeder Schule verstanden werden"}),
        ("state=rejected", {"Kameras mit Gesichtserkennung am Bahnhofsvorplatz"}),
        ("stage=integration&city=schwerte", {"Ein Datenportal für beide Städte"}),
        ("field=building-and-housing", set()),
        ("q=TRINKBRUNNEN", {"Trinkbrunnen finden und melden"}),
        ("q=städte+tal", set()),
        ("q=städte+datenp", {"Ein Datenportal für beide Städte"}),
        ("q=mängel", set()),
        ("q=STRASSENBAEUM", {"Junge Straßenbäume nach Bedarf gießen"}),
        (
            "field=digital-administration&city=dortmund&q=ein",
            {
                "Ein Datenportal für beide Städte",
                "Ein Termin für alle Anliegen",
                "Probelauf: Auskunft am Telefon rund um die Uhr",
            },
        ),
        ("utm_source=mail&stage=evaluation", {"Energieberichte, die in jeder Schule verstanden werden"}),
    ],
)
def test_filters_narrow_the_list_down(pages: TestClient, query: str, found: set[str]) -> None:
    answer = pages.get(f"/ideen?{query}")
    assert answer.status_code == 200
    assert set(titles(answer.text)) == found


def test_the_list_holds_released_ideas_alone(pages: TestClient) -> None:
    page = pages.get("/ideen").text
    assert "19 Ideen gefunden" in page
    assert len(titles(page)) == 19
    assert "Ein Verzeichnis der Dächer, auf denen noch Platz ist" not in page
    assert "Auswahlrunde" not in page


def test_the_strategy_s_projects_and_what_came_since_are_seen_at_a_glance(
    pages: TestClient, number: Callable[[str], str]
) -> None:
    strategy = number("Digitale Strategie für Dortmund und Schwerte")
    glance = pages.get("/ideen").text.split(f'href="/ideen/{strategy}"')[1].split("</ul>")[0]
    assert re.findall(r"<li[^>]*>([^<]+)</li>", glance) == [
        "5 Projekte der Strategie",
        "5 davon: Modellprojekte Smart Cities (BMWSB und KfW)",
        "2 davon: Eigenmittel der Stadt",
        "14 seit dem Beschluss (24. April 2023) dazugekommen",
    ]
    assert len(set(re.findall(r'href="/ideen/(\d{4}-\d{4})"', pages.get(f"/ideen/{strategy}").text))) == 5


def test_pages_follow_each_other_and_none_is_lost(pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = titles(pages.get("/ideen?city=dortmund").text)
    monkeypatch.setattr(ideas, "A_PAGE", 5)
    seen: list[str] = []
    address: str | None = "/ideen?city=dortmund"
    turns = 0
    while address:
        page = pages.get(address).text
        seen += titles(page)
        turns += 1
        assert ("Zurück zum Anfang" in page) == (turns > 1)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(following[1]) if following else None
    assert turns == 4
    assert seen == everything


def test_more_hits_than_are_counted_are_called_more(pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ideas, "COUNTED", 3)
    assert "Mehr als 3 Ideen gefunden" in pages.get("/ideen").text


@pytest.mark.parametrize(
    ("query", "language", "said"),
    [
        ("stage=quatsch", "de", ["„quatsch“ ist keine Angabe für „Phase“", ">Einreichung</a>", ">Verstetigung</a>"]),
        ("field=traffic", "en", ["“traffic” is no value of “Field of action”", ">Smart mobility</a>"]),
        ("city=unna", "de", [">Dortmund</a>", ">Schwerte</a>"]),
        ("state=%3Cscript%3E", "en", ["“&lt;script&gt;” is no value", ">Idea pool</a>", ">Rejected</a>"]),
        ("provenance=x", "de", [">Förderantrag</a>"]),
        ("order=x", "de", ["„x“ ist keine Angabe für „Sortierung“", ">Titel von A bis Z</a>"]),
        ("after=quatsch", "en", ["There is no such place in the list."]),
        ("before=2020-0001&order=title", "en", ["There is no such place in the list."]),
    ],
)
def test_a_wrong_filter_is_told_with_the_right_ones(
    pages: TestClient, query: str, language: str, said: list[str]
) -> None:
    answer = pages.get(f"/ideen?{query}", headers={"Accept-Language": language})
    assert answer.status_code == 400
    assert [one for one in said if one not in answer.text] == []


def test_a_filter_can_be_taken_away_again(pages: TestClient) -> None:
    page = pages.get("/ideen?stage=implementation&city=dortmund&q=baum").text
    without = {unescape(one) for one in re.findall(r'class="chip chip--remove" href="([^"]+)"', page)}
    assert without == {
        "/ideen?stage=implementation&city=dortmund",
        "/ideen?city=dortmund&q=baum",
        "/ideen?stage=implementation&q=baum",
    }


def test_the_form_keeps_what_was_asked(pages: TestClient) -> None:
    page = pages.get("/ideen?field=smart-mobility&q=%22Rad%22").text
    assert '<option value="smart-mobility" selected>' in page
    assert 'value="&#34;Rad&#34;"' in page
