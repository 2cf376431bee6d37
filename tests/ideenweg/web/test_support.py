"""Residents support an idea: at once by an account, or by an address once its owner has said so; one each, by the
threshold and the window of the version that the item goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

import config
from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.wiring import App, open_workflow
from notifications import following
from workflow import access, followers
from workflow.commands import Advance, Create, Link, Support
from workflow.events import timestamp
from workflow.models import contact, follower, item, person, support
from workflow.queries.supporters import supporters_of
from workflow.streams import Origin

SHIPPED = Path(config.__file__).parent
LIFECYCLES = Path(__file__).parents[2] / "lifecycles"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
HOME = "http://localhost"
RESIDENT = "buergerin@dortmund.example"
OTHER = "buerger@schwerte.example"


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(
        database_url, lifecycle=LIFECYCLES / "short.yaml", outgoing=Outgoing(given_keys=(b"k" * 32,))
    ) as app:
        with app.database.writing() as connection:
            access.add(connection, OTHER, "", Origin("operator", "cli"), NOW)
        yield app


def released(app: App, title: str = "Trinkbrunnen") -> str:
    number = app.engine.execute(Create(actor=RESIDENT, data={"title": title}), now=NOW).item.number
    with app.database.writing() as connection:
        connection.execute(update(item).where(item.c.number == number).values(released=True))
    return number


def count(app: App, number: str) -> int:
    with app.database.reading() as connection:
        return supporters_of(connection, number).number


def test_an_account_supports_at_once_and_once(app: App, browsing: Callable[..., Any]) -> None:
    number = released(app)
    browser = browsing(app, OTHER, NOW)
    address = f"/ideen/{number}"
    shown = browser.get(address).text
    assert "0 Personen unterstützen" in shown
    assert 'href="#support">Unterstützen</a>' in shown, "named among the parts of the page"
    for said in ("ist gezählt", "schon"):
        browser.send_form(f"{address}/unterstuetzen", {}, on="/konto")
        assert said in browser.get(address).text
    assert "1 Person unterstützt" in browser.get(address).text
    assert "Sie unterstützen diese Idee." in browser.get(address).text
    assert browser.post("/ideen/2026-9999/unterstuetzen").status_code in (403, 404)


@pytest.mark.parametrize(("deed", "follows"), [("support", False), ("both", True)])
def test_an_address_supports_once_its_owner_has_said_so(app: App, deed: str, follows: bool) -> None:
    number, email = released(app), "nachbarin@dortmund.example"
    pages = TestClient(create_app(app, clock=lambda: NOW), base_url=HOME, headers={"Accept-Language": "de"})
    assert pages.post(f"/ideen/{number}/unterstuetzen", data={"email": "keine"}).status_code == 400
    pages.post(f"/ideen/{number}/unterstuetzen", data={"email": email})
    assert count(app, number) == 0
    with app.database.reading() as connection:
        who = str(connection.scalar(select(contact.c.person).where(contact.c.email == email)))
    link = f"/folgen/{following.token(app.outgoing.keys, who, number)}"
    assert "Nur unterstützen" in pages.get(link).text
    assert count(app, number) == 0  # a mail scanner has followed the link
    assert "ist gezählt" in pages.post(link, data={"go": deed}).text
    with app.database.reading() as connection:
        assert (who in followers.of(connection, number)) is follows
        assert connection.scalar(select(person.c.erased_at).where(person.c.id == who)) is None
    again = pages.post(link, data={"go": deed})
    assert again.status_code == (200 if follows else 404)
    assert count(app, number) == 1


def test_nothing_is_supported_that_is_not_public_or_counts_no_support(app: App) -> None:
    number = app.engine.execute(Create(actor=RESIDENT, data={"title": "Noch nicht"}), now=NOW).item.number
    pages = TestClient(create_app(app, clock=lambda: NOW), base_url=HOME)
    assert pages.post(f"/ideen/{number}/unterstuetzen", data={"email": OTHER}).status_code == 404
    with app.database.reading() as connection:
        assert connection.execute(select(follower)).all() == []


def test_threshold_and_window_are_those_of_the_item_s_version(database_url: str, tmp_path: Path) -> None:
    later = (LIFECYCLES / "petition.yaml").read_text("utf-8")
    first = later.replace("{minimum: 75, within: 6 weeks}", "{minimum: 100, within: 8 weeks}")
    (tmp_path / "first.yaml").write_text(first, "utf-8")
    (tmp_path / "later.yaml").write_text(later.replace("version: 1", "version: 2"), "utf-8")
    with open_workflow(database_url) as app:
        numbers = []
        for file in ("first.yaml", "later.yaml"):
            app.load(tmp_path / file, now=NOW)
            create = Create(actor=RESIDENT, lifecycle="petition", data={"title": f"Radweg {file}"})
            numbers.append(app.engine.execute(create, now=NOW).item.number)
            app.engine.execute(Advance(actor=RESIDENT, item=numbers[-1], transition="publish"), now=NOW)
        old, new = numbers
        with app.database.writing() as connection:
            access.add(connection, OTHER, "", Origin("operator", "cli"), NOW)
            people = [{"id": f"p-{n:03}", "created_at": timestamp(NOW)} for n in range(98)]
            connection.execute(insert(person), people)
            for number, many in ((old, 98), (new, 73)):
                rows = [{"item": number, "person": one["id"], "at": timestamp(NOW)} for one in people[:many]]
                connection.execute(insert(support), rows)

        def give(number: str, actor: str, weeks: int) -> str:
            moment = NOW + timedelta(weeks=weeks)
            return app.engine.execute(Support(actor=actor, item=number), now=moment).item.state

        assert give(new, RESIDENT, 5) == "collecting"  # 74
        assert give(new, OTHER, 7) == "collecting"  # the 75th, and too late
        assert give(old, RESIDENT, 7) == "collecting"  # 99
        assert give(old, OTHER, 7) == "before_committee"


def test_merging_moves_no_support(database_url: str, appoint: Callable[..., None], tmp_path: Path) -> None:
    shipped = (SHIPPED / "lifecycles" / "idea-to-project.yaml").read_text("utf-8")
    (tmp_path / "ideas.yaml").write_text(shipped.replace("sheet: sheet\n", "sheet: sheet\nsupport: true\n", 1), "utf-8")
    with open_workflow(database_url) as app:
        app.load(tmp_path / "ideas.yaml", now=NOW)
        appoint(app, "idea-to-project", {OTHER: [("coordinator", "dortmund")]}, NOW)
        sheet = {"title": "Trinkbrunnen", "problem": "Durst", "cities": ["dortmund"]}
        one, survivor = (app.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number for _ in range(2))
        app.engine.execute(Advance(actor=RESIDENT, item=one, transition="submit"), now=NOW)
        app.engine.execute(Support(actor=OTHER, item=one), now=NOW)
        app.engine.execute(Link(actor=OTHER, item=one, kind="merged_into", other=survivor), now=NOW)
        app.engine.execute(Advance(actor=OTHER, item=one, transition="merge", reason="Dasselbe Anliegen."), now=NOW)
        assert (count(app, one), count(app, survivor)) == (1, 0)
        assert app.engine.execute(Support(actor=OTHER, item=survivor), now=NOW).seqs == ()
