"""Whether the process lives and can serve, as whoever watches over it asks."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import text

from ideenweg.web.app import create_app
from ideenweg.wiring import open_workflow


def test_a_process_that_can_serve_says_so(pages: TestClient) -> None:
    for address in ("/health/live", "/health/ready"):
        answer = pages.get(address)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["Cache-Control"] == "no-store"


def test_with_tables_of_another_version_it_lives_but_is_not_ready(database_url: str) -> None:
    with open_workflow(database_url) as app:
        pages = TestClient(create_app(app), base_url="http://localhost")
        with app.database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert pages.get("/health/live").status_code == 200
        answer = pages.get("/health/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "SchemaTooNew"})
