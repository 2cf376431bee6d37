"""`/ideen/{number}`: what everybody may know of one idea, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.models import contact, person

Number = Callable[[str], str]


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_page_says_in_a_sentence_where_the_idea_is(pages: TestClient, number: Number) -> None:
    address = f"/ideen/{number('Freie Lernplätze auf einen Blick')}"
    german = words_of(pages.get(address).text)
    assert "Fachliche Prüfung seit 1. Juni 2026 Fachleute der Stadt prüfen Ihre Idee." in german
    assert "Einreichung – durchlaufen Prüfung – hier steht die Idee Auswahl – kommt noch" in german
    english = words_of(pages.get(address, headers={"Accept-Language": "en"}).text)
    assert "Expert review since 1 June 2026 Experts of the city are examining your idea." in english


def test_the_history_names_moves_days_and_roles_and_gives_public_reasons(pages: TestClient, number: Number) -> None:
    words = words_of(pages.get(f"/ideen/{number('Kameras mit Gesichtserkennung am Bahnhofsvorplatz')}").text)
    history = words[words.index("Verlauf ", words.index("Steckbrief")) :]
    parts = [
        "Abgelehnt Ablehnen · Koordination, Dortmund Begründung: Eine Erkennung von Gesichtern",
        "Fachliche Prüfung Fachliche Prüfung beginnen · Koordination, Dortmund",
        "Eingegangen (Vorprüfung) Einreichen · Einreichende Person",
        "Entwurf Angelegt · Einreichende Person",
    ]
    places = [history.index(part) for part in parts]
    assert places == sorted(places)


def test_what_the_system_did_is_nobodys(pages: TestClient, number: Number) -> None:
    words = words_of(pages.get(f"/ideen/{number('Infopunkte, die auch bei Stromausfall leuchten')}").text)
    assert "Förderentscheidung Beschlüsse vollständig · von selbst" in words


def test_decisions_are_there_with_body_day_paper_and_outcome(pages: TestClient, number: Number) -> None:
    words = words_of(pages.get(f"/ideen/{number('Eine Ehrenamtsbörse für Dortmund und Schwerte')}").text)
    assert re.search(
        r"Beschluss Ausschuss für Infrastruktur, Stadtentwicklung und Umwelt Schwerte Datum \d+\. \w+ 2026 "
        r"Drucksache X/1203 Ergebnis empfohlen Abstimmung einstimmig",
        words,
    )
    assert "Ja-Stimmen 31 Nein-Stimmen 4 Enthaltungen 3" in words
    assert "Rat der Stadt Dortmund (entscheidend)" in words


def test_figures_and_names_are_written_as_the_language_writes_them(pages: TestClient, number: Number) -> None:
    address = f"/ideen/{number('Ein Datenportal für beide Städte')}"
    german = words_of(pages.get(address).text)
    assert "Kosten in Euro 310.000" in german
    assert "Federführendes Amt Dortmunder Systemhaus" in german
    assert "Messung Gemeinsame Datensätze Wert 318" in german
    english = words_of(pages.get(address, headers={"Accept-Language": "en"}).text)
    assert "Cost in euros 310,000" in english
    assert "Leading office Dortmund IT services" in english
    assert "Verdict fully on course" in english


def test_public_notes_and_reports_are_shown(pages: TestClient, number: Number) -> None:
    words = words_of(pages.get(f"/ideen/{number('Junge Straßenbäume nach Bedarf gießen')}").text)
    assert "Mitteilung Koordination, Dortmund Am zweiten Samstag" in words
    assert "Ampel Gelb – gefährdet" in words


@pytest.mark.parametrize(
    ("title", "hidden"),
    [
        ("Pegel für kleine Bäche", ["An welchen Bächen fehlt"]),  # the question is the submitter's alone
        ("Junge Straßenbäume nach Bedarf gießen", ["Fachlich richtig und erprobt", "Personal in Personenmonaten"]),
        ("Ladezonen buchen statt suchen", ["Die Ausschreibung der Anzeigen muss wiederholt werden."]),
        ("Energieberichte, die in jeder Schule verstanden werden", ["01.15.02", "führen selbst Buch"]),
        ("Das Stadtarchiv von zu Hause besuchen", ["Die Klärung der Rechte dauerte"]),
    ],
)
def test_what_is_not_public_is_not_there(pages: TestClient, number: Number, title: str, hidden: list[str]) -> None:
    answer = pages.get(f"/ideen/{number(title)}")
    assert answer.status_code == 200
    assert [one for one in hidden if one in unescape(answer.text)] == []


def test_no_page_names_anybody(demo: App, pages: TestClient) -> None:
    with demo.database.reading() as connection:
        people = set(connection.scalars(select(person.c.id))) | set(connection.scalars(select(contact.c.email)))
    numbers = set(re.findall(r'href="/ideen/([\d-]+)"', pages.get("/ideen").text))
    assert people
    assert numbers
    for number in numbers:
        page = pages.get(f"/ideen/{number}").text
        assert [one for one in people if one in page] == []


def test_linked_items_lead_to_each_other(pages: TestClient, number: Number) -> None:
    merged, survivor = number("Karte der Wasserstellen"), number("Trinkbrunnen finden und melden")
    there = pages.get(f"/ideen/{merged}").text
    back = pages.get(f"/ideen/{survivor}").text
    assert f'href="/ideen/{survivor}"' in there
    assert f'href="/ideen/{merged}"' in back
    assert "Aufgegangen in Trinkbrunnen finden und melden" in words_of(there)
    assert "Hat aufgenommen Karte der Wasserstellen Zusammengeführt" in words_of(back)


def test_a_strategy_has_a_page_as_well(pages: TestClient, number: Number) -> None:
    words = words_of(pages.get(f"/ideen/{number('Digitale Strategie für Dortmund und Schwerte')}").text)
    assert "Die Strategie ist angenommen. Ihre Projekte werden umgesetzt." in words
    assert "Vorhaben der Strategie Ein Datenportal für beide Städte" in words
    assert "436-2" not in words.replace("Bescheid 436-2", "")


def test_an_idea_that_is_not_released_looks_like_none(pages: TestClient, number: Number) -> None:
    hidden = pages.get(f"/ideen/{number('Ein Verzeichnis der Dächer, auf denen noch Platz ist')}")
    missing = pages.get("/ideen/1999-0001")
    assert hidden.status_code == missing.status_code == 404
    without_address = [re.sub(r"/ideen/\d{4}-\d{4}", "", answer.text) for answer in (hidden, missing)]
    assert without_address[0] == without_address[1]
