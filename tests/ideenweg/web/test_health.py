"""Whether the process lives and can serve, as whoever watches over it asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient
from sqlalchemy import text

from ideenweg.web.app import create_app
from ideenweg.wiring import open_workflow
from workflow.slots import beat, forget, last_beat, take


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


def test_a_clock_that_stands_still_is_told_and_the_pages_stay_ready(database_url: str) -> None:
    now = datetime.now(UTC)
    with open_workflow(database_url) as app:
        pages = TestClient(create_app(app), base_url="http://localhost")
        assert pages.get("/health/clock").json() == {"status": "stands still", "last": None}
        beat(app.database, now - timedelta(minutes=4))
        assert pages.get("/health/clock").status_code == 503
        assert pages.get("/health/ready").status_code == 200
        beat(app.database, now)
        answer = pages.get("/health/clock")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_slot_is_taken_once_and_forgotten_after_a_month(database_url: str) -> None:
    now = datetime(2026, 6, 9, 5, tzinfo=UTC)
    with open_workflow(database_url) as app:
        taken = [take(app.database, "digest", day, now) for day in ("2026-06-09", "2026-06-09", "2026-06-10")]
        assert taken == [True, False, True]
        beat(app.database, now)
        assert app.database.attempt(lambda connection: forget(connection, now + timedelta(days=29))) == 0
        assert app.database.attempt(lambda connection: forget(connection, now + timedelta(days=31))) == 3
        with app.database.reading() as connection:
            assert last_beat(connection) is None
