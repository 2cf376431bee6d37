"""`/lebenszyklus/{key}`: the way of every idea, in words and as a picture."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


def test_every_state_is_told_with_its_public_sentence(pages: TestClient) -> None:
    page = pages.get("/lebenszyklus/idea-to-project", headers={"Accept-Language": "en"}).text
    for said in ("Expert review", "Experts of the city are examining your idea.", "Discontinued", "How a way can end"):
        assert said in page


@pytest.mark.parametrize(("language", "said"), [("de", "Fachliche Prüfung"), ("en", "Expert review")])
def test_the_picture_is_in_the_language_of_the_page(pages: TestClient, language: str, said: str) -> None:
    answer = pages.get(f"/lebenszyklus/idea-to-project.svg?lang={language}")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
    assert said in answer.text


@pytest.mark.parametrize("address", ["/lebenszyklus/nichts", "/lebenszyklus/nichts.svg"])
def test_a_lifecycle_that_there_is_not_is_not_found(pages: TestClient, address: str) -> None:
    assert pages.get(address).status_code == 404
