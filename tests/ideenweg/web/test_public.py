"""What every public page keeps to: few statements, little to load, a picture's table, no barrier that axe finds."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from ideenweg.web import markdown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Number = Callable[[str], str]

PAGES = [
    "/",
    "/ideen",
    "/ideen?order=title&city=dortmund&q=ein",
    "/termine",
    "/termine.ics",
    "/feed.atom",
    "/impressum",
    "/catalog.ttl",
    "/ideen.csv",
    "/ideen.json",
]
RICH = "Junge Straßenbäume nach Bedarf gießen"
FIRST_VISIT = 200_000
"""Bytes over the wire that a cold visitor loads for the first page, fonts apart."""


def test_the_first_page_is_light(pages: TestClient) -> None:
    page = pages.get("/")
    loaded = len(gzip.compress(page.content))
    wanted = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    for sheet in [one for one in wanted if ".css" in one]:
        text = pages.get(sheet).text
        folder = urlsplit(sheet).path.rpartition("/")[0]
        inner = re.findall(r"url\([\"']?(?!data:)([^)\"']+\.svg)", text)
        wanted |= {f"{folder}/{one}" for one in inner if not one.startswith("/")}
    sizes = {}
    for address in wanted:
        answer = pages.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, address
        sizes[address] = answer.num_bytes_downloaded
        loaded += sizes[address]
    assert any(".css" in one for one in wanted)
    assert loaded < FIRST_VISIT, sizes


def test_a_picture_says_what_its_table_says(pages: TestClient, number: Number) -> None:
    page = pages.get(f"/ideen/{number('Ein Datenportal für beide Städte')}").text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert 'aria-label="Von 40 bis zum Ziel 300 Datensätze, zuletzt gemessen: 412 Datensätze."' in page
    assert "Ausgangswert 40 Datensätze Gemessen 318 Datensätze 30. Oktober 2024" in words
    assert "Meilenstein. 2 von 2 erreicht." in words
    assert "1 Portal läuft im Testbetrieb" in words


def test_the_page_of_an_idea_keeps_its_order(pages: TestClient, number: Number) -> None:
    page = pages.get(f"/ideen/{number('Freie Lernplätze auf einen Blick')}").text
    order = re.findall(r'<h2[^>]* id="([\w-]+)"', page)
    assert [one for one in order if one != "relations"] == ["status", "next", "sheet", "facts", "history", "follow"]
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Fachliche Stellungnahme Zuständig: Schulverwaltung Dortmund. Vorgesehen bis 30. Juni 2026." in words
    bodies = pages.get(f"/ideen/{number('Eine Ehrenamtsbörse für Dortmund und Schwerte')}").text
    assert "Zuständig: Rat der Stadt Dortmund." in bodies
    assert "decisions" in re.findall(r'<h2[^>]* id="([\w-]+)"', bodies)


def test_a_mistyped_address_is_kept_and_told_at_the_field(pages: TestClient, number: Number) -> None:
    address = f"/ideen/{number(RICH)}"
    answer = pages.post(f"{address}/folgen", data={"email": "keine<Adresse"})
    assert answer.status_code == 400
    assert 'value="keine&lt;Adresse"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_report_without_words_is_told_and_kept(pages: TestClient) -> None:
    page = pages.get("/barrierefreiheit").text
    assert "mailto:smartcity@dortmund.example" in page  # no mail server is set here
    answer = pages.post("/barrierefreiheit", data={"message": " ", "email": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Zwei\nZeilen", "<p>Zwei<br>\nZeilen</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("# Titel", "<p># Titel</p>\n"),
        ("![x](https://e.example/x.png)", '<p>!<a href="https://e.example/x.png" rel="noopener nofollow">x</a></p>\n'),
        ("[x](https://e.example)", '<p><a href="https://e.example" rel="noopener nofollow">x</a></p>\n'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
    ],
)
def test_what_people_write_becomes_harmless_html(text: str, html: str) -> None:
    assert markdown.rendered(text) == html


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_the_public_pages_have_no_barrier_and_nothing_sticks_out(
    browser: Browser, demo_site: str, width: int, scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="de-DE")
    page = context.new_page()
    page.goto(f"{demo_site}/ideen?q=datenportal")
    idea = page.locator(".idea__title a").get_attribute("href") or ""
    for address in ("/", idea, "/ideen", "/termine", "/barrierefreiheit"):
        page.goto(demo_site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
    context.close()
