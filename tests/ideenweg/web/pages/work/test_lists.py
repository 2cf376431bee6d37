"""The lists of work as their people see them: tasks, board, deadlines, portfolio."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

COORDINATION = "koordination@dortmund.example"


def test_each_role_finds_its_own_tasks(signed_in: Callable[[str], Any]) -> None:
    found = {
        who: re.findall(r'<h3 class="task__verb"><a href="([^"]*)"', signed_in(who).get("/aufgaben").text)
        for who in (
            COORDINATION,
            "schulen@dortmund.example",
            "begutachtung@dortmund.example",
            "ratsbuero@dortmund.example",
            "foerdermittel@dortmund.example",
            "kultur@dortmund.example",
            "projektleitung@dortmund.example",
        )
    }
    steps = {who: {re.sub(r"/ideen/[\d-]+", "", one) for one in some} for who, some in found.items()}
    assert {"/eintrag/paper?key=council-dortmund", "/schritt/start_review", "/schritt/hand_over"} <= steps[COORDINATION]
    assert "/eintrag/statement?key=schools-dortmund" in steps["schulen@dortmund.example"]
    assert any(one.startswith("/eintrag/review?key=p-") for one in steps["begutachtung@dortmund.example"])
    assert "/eintrag/decision?key=council-dortmund" in steps["ratsbuero@dortmund.example"]
    assert "/schritt/fund" in steps["foerdermittel@dortmund.example"]
    assert "/schritt/integrate" in steps["kultur@dortmund.example"]
    assert {"/schritt/start", "/schritt/complete"} <= steps["projektleitung@dortmund.example"]


def test_who_has_nothing_to_do_is_told(signed_in: Callable[[str], Any]) -> None:
    page = signed_in("amtsleitung@dortmund.example").get("/aufgaben?view=mine").text
    assert "Ihnen ist nichts zugewiesen." in page
    assert "/aufgaben?view=office" in page
    assert "/aufgaben?view=office" not in signed_in("einreichung@dortmund.example").get("/aufgaben").text


def test_the_board_shows_stages_with_their_states_and_what_is_late_first(signed_in: Callable[[str], Any]) -> None:
    browser = signed_in(COORDINATION)
    page = browser.get("/board").text
    stages = re.findall(r'<h2 class="stage__title" id="[^"]*">([^<]*)<', page)
    assert stages == ["Einreichung", "Prüfung", "Auswahl", "Umsetzung", "Evaluation", "Verstetigung"]
    late = re.findall(r'<li class="slip( slip--late)?"', browser.get("/board?overdue=1").text)
    assert late == [" slip--late"]
    assert browser.get("/board?city=atlantis").status_code == 400


def test_the_menu_of_a_card_holds_the_moves_that_are_open(signed_in: Callable[[str], Any], number: Any) -> None:
    browser, item = signed_in(COORDINATION), number("Trinkbrunnen finden und melden")
    menu = browser.get(f"/board/{item}", headers={"HX-Request": "true"}).text
    assert "<html" not in menu
    assert f"/ideen/{item}/schritt/reject" in menu
    assert "/schritt/withdraw" not in menu
    assert f"/ideen/{item}/schritt/reject" in browser.get(f"/board/{item}").text
    dropped = browser.get(f"/board/{item}/needs_information", follow_redirects=False)
    assert dropped.headers["location"] == f"/ideen/{item}/schritt/ask"
    nowhere = browser.get(f"/board/{item}/integrated").text
    assert "führt von hier kein Schritt" in nowhere
    assert f'href="/ideen/{item}#missing"' in nowhere  # where it says what is missing


def test_the_calendar_shows_the_deadlines_of_its_days(signed_in: Callable[[str], Any], number: Any) -> None:
    browser = signed_in(COORDINATION)
    page = browser.get("/fristen?month=2026-06").text
    day = page.split('datetime="2026-06-18"')[1].split("</ul>")[0]
    assert f"/ideen/{number('Trinkbrunnen finden und melden')}" in day
    assert browser.get("/fristen?month=2026-13").status_code == 400
    assert browser.get("/fristen?after=x").status_code == 400
    late = "Beratung und Beschluss · Beschluss · zuständig: Sitzungsdienst (Rat der Stadt Dortmund)"
    assert late in browser.get("/fristen").text, "several of one idea are told apart"


def test_a_chart_s_table_is_a_file_too(signed_in: Callable[[str], Any]) -> None:
    browser = signed_in(COORDINATION)
    page = browser.get("/portfolio").text
    for chart in re.findall(r'href="(/portfolio\.csv\?[^"]*)"', page):
        answer = browser.get(chart)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert len(rows) > 1, chart
        assert {len(row) for row in rows} == {len(rows[0])}, chart
    assert browser.get("/portfolio.csv?chart=people").status_code == 400
    strategy = browser.get("/portfolio.csv?chart=strategy&city=schwerte").content.decode("utf-8-sig").splitlines()
    assert strategy[1].startswith("In der Strategie „Digitale Strategie für Dortmund und Schwerte“,")


def test_an_office_with_one_person_has_no_rate(signed_in: Callable[[str], Any]) -> None:
    table = signed_in(COORDINATION).get("/portfolio.csv?chart=offices").content.decode("utf-8-sig")
    assert "Schulverwaltung Dortmund,zu wenige Angaben," in table
    assert not re.search(r",\d", table)
