"""Whether the process lives and can serve, as whoever watches over it asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from ideenweg.chores import seal_daily, verify_daily
from ideenweg.web.app import create_app
from ideenweg.wiring import open_workflow
from notifications.scheduler import Chore, Clock
from workflow.checkpoints import latest
from workflow.events import Kind, moment
from workflow.slots import VERIFIED, beat, forget, last, last_beat, take


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
        nothing = {"last": None, "hanging": [], "verified": None}
        assert pages.get("/health/clock").json() == {"status": "stands still", **nothing}
        beat(app.database, now - timedelta(minutes=4))
        assert pages.get("/health/clock").status_code == 503
        assert pages.get("/health/ready").status_code == 200
        beat(app.database, now)
        answer = pages.get("/health/clock")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_chore_of_this_process_that_hangs_is_told_by_name(database_url: str) -> None:
    chores = [Chore("dispatch", timedelta(seconds=30), print), Chore("sweep", timedelta(seconds=30), print)]
    with open_workflow(database_url) as app:
        application = create_app(app)
        pages = TestClient(application, base_url="http://localhost")
        application.state.clock = clock = Clock(chores)
        beat(app.database, datetime.now(UTC))
        assert pages.get("/health/clock").json()["status"] == "ok"
        clock._ended["dispatch"] -= timedelta(hours=2)
        answer = pages.get("/health/clock")
        assert (answer.status_code, answer.json()["status"], answer.json()["hanging"]) == (503, "hangs", ["dispatch"])
        assert pages.get("/health/ready").status_code == 200


def test_the_history_is_verified_once_a_night_and_a_finding_is_told(database_url: str) -> None:
    now = datetime.now(UTC)
    night = now.replace(hour=0, minute=30)  # half past one or two where the programme is
    with open_workflow(database_url) as app:
        pages = TestClient(create_app(app), base_url="http://localhost")
        beat(app.database, now)
        verify_daily(app, night)
        assert pages.get("/health/clock").json()["verified"] is None
        for hour in (4, 5, 5):
            verify_daily(app, now.replace(hour=hour))
        noted = [one for one in app.audit.list(limit=500).events if one.kind == Kind.VERIFIED]
        assert [(one.actor, one.via, one.details["ok"], one.details["findings"]) for one in noted] == [
            ("system", "clock", True, 0)
        ]
        assert pages.get("/health/clock").json()["verified"]["ok"] is True
        for hour in (0, 5, 6):
            seal_daily(app, now.replace(hour=hour, minute=30))
        with app.database.reading() as connection:
            sealed = latest(connection)
        assert sealed is not None
        assert moment(sealed.at) == now.replace(hour=5, minute=30), "one a night"
        with app.database.writing() as connection:
            guard = "event_kept ON event" if app.database.dialect == "postgresql" else "event_no_update"
            connection.execute(text(f"DROP TRIGGER {guard}"))
            connection.execute(text("UPDATE event SET actor = 'somebody' WHERE seq = 1"))
        verify_daily(app, now.replace(hour=5) + timedelta(days=1))
        answer = pages.get("/health/clock")
        assert (answer.status_code, answer.json()["status"]) == (503, "integrity broken")
        assert pages.get("/health/ready").status_code == 200


def test_a_verification_that_breaks_off_gives_the_day_back(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime(2026, 6, 9, 5, tzinfo=UTC)
    with open_workflow(database_url) as app:
        monkeypatch.setattr(app.audit, "verify", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            verify_daily(app, day)
        monkeypatch.undo()
        verify_daily(app, day)
        with app.database.reading() as connection:
            assert last(connection, VERIFIED) is not None


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
