"""Open data on the pages: what the catalogue names can be had, by anybody's program, and is not sent twice."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.pages import open_data

ADDRESSES = {
    "/catalog.ttl": "text/turtle; charset=utf-8",
    "/ideen.csv?lang=de": "text/csv; charset=utf-8",
    "/ideen.csv?lang=en": "text/csv; charset=utf-8",
    "/ideen.json": "application/json",
}


def test_what_the_catalogue_names_can_be_had(pages: TestClient) -> None:
    catalogue = pages.get("/catalog.ttl").text
    named = set(re.findall(r"(?:accessURL|endpointDescription|homepage|landingPage) <([^>]+)>", catalogue))
    assert len(named) == 7
    for address in named:
        there = urlsplit(address)
        answer = pages.get(f"{there.path}?{there.query}")
        assert answer.status_code == 200, address
        if there.path in ("/ideen.json", "/api/v1/items"):
            assert len(answer.json()["items"]) == 19
    table = list(csv.DictReader(io.StringIO(pages.get("/ideen.csv").content.decode("utf-8-sig"))))
    assert len(table) == 19
    assert "Ein Verzeichnis der Dächer, auf denen noch Platz ist" not in {one["title"] for one in table}
    assert {one["state_label"] for one in table} >= {"In Umsetzung", "Ideenpool"}
    assert "Continue operation" in pages.get("/ideen.csv?lang=en").text


def test_anybodys_program_may_keep_it_and_is_told_when_it_is_the_same(pages: TestClient) -> None:
    for address, kind in ADDRESSES.items():
        first = pages.get(address)
        assert (first.status_code, first.headers["Content-Type"]) == (200, kind)
        assert first.headers["Cache-Control"] == "public, max-age=300"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        again = pages.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = pages.get(address, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)


def test_a_large_file_is_sent_in_blocks(pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pages.get("/ideen.json").content
    monkeypatch.setattr(open_data, "BLOCK", 1000)
    assert pages.get("/ideen.json").content == whole
    assert len(whole) > 10_000


def test_people_find_it_from_every_page(pages: TestClient) -> None:
    assert '<a href="/downloads#offene-daten">Offene Daten</a>' in pages.get("/impressum").text
    page = pages.get("/downloads").text
    assert 'id="offene-daten"' in page
    for address in ("/ideen.csv?lang=de", "/ideen.json", "/catalog.ttl", "/api"):
        assert f'href="{address}"' in page
