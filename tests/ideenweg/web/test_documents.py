"""Documents on the pages: attached, opened, shown to everybody and removed; and a lifecycle that names no steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select, update

from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.accounts import sessions
from workflow.accounts.sessions import Way
from workflow.commands import Create
from workflow.models import document, item
from workflow.streams import Origin

LIFECYCLES = Path(__file__).parents[2] / "lifecycles"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
RESIDENT, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
PDF = b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF"


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[App]:
    since = date(2020, 1, 1)
    with open_workflow(sqlite_url, lifecycle=LIFECYCLES / "short.yaml", documents_in=tmp_path / "files") as app:
        with app.database.writing() as connection:
            for who in (RESIDENT, COORDINATOR):
                access.add(connection, who, who, OPERATOR, NOW)
            role = app.rules.newest_of(app.database, "short").roles["coordinator"]
            access.grant(
                connection, COORDINATOR, role, "dortmund", app.rules.programme, OPERATOR, NOW, valid_from=since
            )
        yield app


@pytest.fixture
def moment() -> list[datetime]:
    """The moment at which pages are asked; moved by putting another one there."""
    return [NOW]


@pytest.fixture
def browser(app: App, moment: list[datetime]) -> Callable[..., TestClient]:
    """A browser in which somebody is signed in, or nobody."""

    def browser(who: str | None = None) -> TestClient:
        pages = create_app(app, clock=lambda: moment[0])
        client = TestClient(pages, base_url="http://localhost", follow_redirects=False)
        client.headers["Accept-Language"] = "de"
        if who:
            with app.database.writing() as connection:
                value = sessions.begin(connection, access.find(connection, who).id, Way.PASSWORD, NOW, factor=True)
            client.cookies.set(cookie_name(pages.state.site), value)
        return client

    return browser


def mark(client: TestClient, number: str) -> str:
    """The mark of the forms of whoever is signed in."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(f"/ideen/{number}").text)
    assert found
    return found[1]


def test_a_document_goes_from_the_form_to_everybody_and_away(app: App, browser: Callable[..., TestClient]) -> None:
    sheet = {"title": "Bänke", "cities": ["dortmund"]}
    number = app.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number
    resident, coordinator, anybody = browser(RESIDENT), browser(COORDINATOR), browser()
    csrf = mark(resident, number)
    address = f"/ideen/{number}/dokumente"
    assert "/anmelden" in anybody.post(address, files={"file": ("a.pdf", PDF)}).text, "sign in first"
    assert resident.post(address, files={"file": ("a.pdf", PDF)}).status_code == 403, "no form of ours"
    wrong = resident.post(address, data={"csrf": csrf}, files={"file": ("a.html", b"<html>", "application/pdf")})
    assert wrong.status_code == 422
    assert "nicht angenommen" in wrong.text
    assert resident.post(address, data={"csrf": csrf}, files={"file": ("Plän 1.pdf", PDF)}).status_code == 303
    with app.database.reading() as connection:
        key = connection.scalars(select(document.c.id)).one()
    one = f"/dokumente/{key}"
    shown = resident.get(one)
    assert shown.content == PDF
    assert shown.headers["content-disposition"] == "attachment; filename*=UTF-8''Pl%C3%A4n%201.pdf"
    assert (shown.headers["cache-control"], shown.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert shown.headers["content-security-policy"].startswith("sandbox;")
    assert anybody.get(one).status_code == 404
    refused = resident.post(f"{one}/zeigen", data={"csrf": csrf, "public": "1"})
    assert refused.status_code == 403
    assert coordinator.post(f"{one}/zeigen", data={"csrf": mark(coordinator, number), "public": "1"}).status_code == 303
    assert anybody.get(one).status_code == 404, "the idea is not released"
    with app.database.writing() as connection:
        connection.execute(update(item).values(released=True))
    assert anybody.get(one).content == PDF
    assert resident.post(f"{one}/entfernen", data={"csrf": csrf}).status_code == 303
    assert resident.get(one).status_code == 404
    assert anybody.get("/dokumente/d-0").status_code == 404


def test_a_lifecycle_without_steps_is_handed_in_all_the_same(
    app: App, browser: Callable[..., TestClient], moment: list[datetime]
) -> None:
    app.engine.default = app.load(LIFECYCLES / "petition.yaml")[0].key
    anybody = browser()
    form = anybody.get("/einreichen/schritt/details")
    assert "Schritt 1 von 4" in form.text
    assert anybody.post("/einreichen/schritt/details", data={"go": "next", "sheet:f.title": ""}).status_code == 422
    for key, typed in (
        ("details", {"sheet:f.title": "Tempo 30"}),
        ("contact", {}),
        ("terms", {"agreed": ["licence", "privacy"]}),
    ):
        assert anybody.post(f"/einreichen/schritt/{key}", data={"go": "next", **typed}).status_code == 303
    moment[0] += timedelta(minutes=1)
    receipt = anybody.post("/einreichen/pruefen")
    mine = receipt.headers["location"].removesuffix("/eingang")
    statements: list[str] = []
    event.listen(app.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page = anybody.get(mine)
    assert "Tempo 30" in page.text
    assert "Veröffentlichen" in page.text, "what the petitioner may do is theirs by the link"
    assert len(statements) <= 12, statements
