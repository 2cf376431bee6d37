"""What stands beside the API: its reference for people, and the figures for who watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.app import create_app
from ideenweg.wiring import App
from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from conftest import Api

WHO = "verwaltung@dortmund.example"


@pytest.fixture
def site(demo: App) -> Iterator[TestClient]:
    with TestClient(create_app(demo), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        yield client


def test_the_reference_shows_every_call_in_both_languages_with_an_example(site: TestClient) -> None:
    document = site.get("/api/v1/openapi.json").json()
    for language, title in (("de", "Schnittstelle für Programme"), ("en", "Interface for programs")):
        page = site.get("/api", headers={"Accept-Language": language}).text
        assert title in page
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                assert f"{method.upper()} /api/v1{path}" in page
                assert f'id="{operation["operationId"]}"' in page
    assert "http://" not in page.replace("http://localhost", "")
    assert "Sensoren für Straßenbäume" in page


def test_the_api_stands_beside_the_pages_with_their_headers(site: TestClient) -> None:
    answer = site.get("/api/v1/items?limit=1")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert site.get("/api/v1/line%0Abreak").headers["Content-Type"] == "application/problem+json"


def test_figures_are_for_the_machine_itself_or_a_token(site: TestClient, shown: Api) -> None:
    text = site.get("/metrics").text
    assert 'ideenweg_items{lifecycle="idea-to-project",state="' in text
    assert "# TYPE ideenweg_failed_deliveries gauge" in text
    proxied = {"X-Forwarded-For": "192.0.2.1"}
    assert site.get("/metrics", headers=proxied).status_code == 403
    for scope, status in ((Scope.METRICS, 200), (Scope.READ, 403)):
        assert site.get("/metrics", headers={**proxied, **shown.by(WHO, scope).headers}).status_code == status
