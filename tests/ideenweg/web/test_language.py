"""In which language a page comes, and how a reader chooses another."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("de", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.4,en;q=0.5", "en"),
        ("fr", None),
        ("DE-ch , en", "de"),
        ("en;q=0, de;q=0.1", "de"),
        ("en;q=abc, de;q=0.1", "de"),
        ("*", None),
        (";;;,,q=1", None),
    ],
)
def test_the_browsers_wish_is_weighed(header: str, language: str | None) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(("accepts", "language"), [("en", "en"), ("de-DE,de", "de"), ("fr", "de"), ("", "de")])
def test_a_page_comes_in_the_preferred_language_and_says_so(pages: TestClient, accepts: str, language: str) -> None:
    answer = pages.get("/", headers={"Accept-Language": accepts})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language, Cookie"


def test_a_choice_in_the_address_holds_from_then_on(pages: TestClient) -> None:
    chosen = pages.get("/ideen?stage=review&lang=en")
    assert '<html lang="en">' in chosen.text
    assert "HttpOnly" in chosen.headers["Set-Cookie"]
    assert "SameSite=lax" in chosen.headers["Set-Cookie"]
    assert '<html lang="en">' in pages.get("/").text
    assert '<html lang="de">' in pages.get("/?lang=de").text
    assert '<html lang="de">' in pages.get("/", headers={"Accept-Language": "en"}).text


def test_a_language_that_there_is_not_is_no_choice(pages: TestClient) -> None:
    answer = pages.get("/?lang=fr")
    assert '<html lang="de">' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_other_language_shows_the_same_page(pages: TestClient) -> None:
    page = pages.get("/ideen?stage=review&q=a%26b&lang=de").text
    assert 'href="/ideen?stage=review&amp;q=a%26b&amp;lang=en" lang="en"' in page
    pages.cookies.clear()
    assert pages.get("/gibt-es-nicht", headers={"Accept-Language": "en"}).text.count("This page does not exist") == 2
