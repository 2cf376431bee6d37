"""Following an item: a confirmed address, a mail for each public step, one click that ends it, and a merge."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from ideenweg.web.app import create_app
from ideenweg.wiring import App
from workflow import followers
from workflow.commands import Advance, Link, Record
from workflow.erasure import told
from workflow.errors import BadInput, NotFound
from workflow.models import contact, follower, outbox

from .conftest import BASE, DEPARTMENT, DORTMUND, NOW, OPERATOR, RESIDENT, Server, person_of, rows

READER = "leserin@post.example"


def ask(app: App, number: str, address: str = READER, now: datetime = NOW) -> None:
    app.database.attempt(lambda connection: followers.ask(connection, number, address, "de", now))


def links(text: str, page: str) -> list[str]:
    return re.findall(rf"{re.escape(BASE)}(/{page}/\S+)", text)


def body(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n")


@pytest.fixture
def followed(app: App, server: Server, reviewed: Callable[..., str]) -> tuple[str, TestClient]:
    """An idea under review, and a browser whose reader follows it: asked on the page, confirmed by the mail's link."""
    number = reviewed()
    client = TestClient(create_app(app, base_url=BASE, clock=lambda: NOW), base_url=BASE)
    sent = client.post(f"/ideen/{number}/folgen", data={"email": f" {READER.upper()} "}, follow_redirects=False)
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/ideen/{number}#follow")
    app.dispatch(now=NOW)
    (mail,) = server.to(READER)
    assert mail["Subject"] == f"Bitte bestätigen: Sie möchten der Idee „Bänke & Bäume für den Markt“ ({number}) folgen"
    (link,) = links(body(mail), "folgen")
    assert f"Idee „Bänke &amp; Bäume für den Markt“ ({number})" in client.get(link).text
    with app.database.reading() as connection:
        assert followers.of(connection, number) == ()  # looking at the page changes nothing
    assert client.post(link).status_code == 200
    with app.database.reading() as connection:
        assert followers.of(connection, number) == (person_of(app, READER),)
    server.mails.clear()
    return number, client


def pool(app: App, number: str) -> None:
    data = {"result": "recommended", "assessment": "Gut machbar."}
    app.engine.execute(Record(actor=DEPARTMENT, item=number, kind="statement", data=data), now=NOW)
    app.engine.execute(Advance(actor=DORTMUND, item=number, transition="pool"), now=NOW)


def test_an_address_that_asks_twice_at_once_is_asked_once(app: App, reviewed: Callable[..., str]) -> None:
    number = reviewed()
    addresses = [f"leserin{place}@post.example" for place in range(5)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda address: ask(app, number, address), [one for one in addresses for _ in range(4)]))
    with app.database.reading() as connection:
        followed_by = connection.scalars(select(contact.c.email).join(follower, follower.c.person == contact.c.person))
        assert sorted(followed_by) == addresses


def test_a_follower_hears_of_each_public_step_and_ends_it_with_one_click(
    app: App, server: Server, followed: tuple[str, TestClient]
) -> None:
    number, client = followed
    pool(app, number)
    app.dispatch(now=NOW)
    (mail,) = server.to(READER)
    text = body(mail)
    assert mail["Subject"] == f"Neuer Stand bei {number}: Ideenpool"
    assert f"{BASE}/ideen/{number}\n" in text
    assert "weil Sie diesem Vorgang folgen" in text
    (stop,) = links(text, "abmelden")
    assert mail["List-Unsubscribe"] == f"<{BASE}{stop}>"
    assert client.get(stop).status_code == 200
    for _ in range(2):
        assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    app.engine.execute(
        Advance(actor=DORTMUND, item=number, transition="reject", reason="Der Platz ist verplant."), now=NOW
    )
    app.dispatch(now=NOW)
    assert len(server.to(READER)) == 1
    with app.database.reading() as connection:  # who follows nothing any more and was nothing else is forgotten
        assert connection.scalar(select(contact.c.person).where(contact.c.email == READER)) is None


def test_of_what_is_taken_back_nobody_hears(app: App, server: Server, followed: tuple[str, TestClient]) -> None:
    number, _ = followed
    pool(app, number)
    app.engine.execute(Record(actor=DORTMUND, item=number, kind="release", data={"released": False}), now=NOW)
    app.dispatch(now=NOW)
    assert server.to(READER) == []
    (row,) = rows(app, recipient=person_of(app, READER), role="@followers")
    assert (row.status, row.result) == ("left_out", "item_not_public")


def test_without_a_follower_nothing_is_written_for_them(app: App, reviewed: Callable[..., str]) -> None:
    number = reviewed()
    pool(app, number)
    with app.database.reading() as connection:
        assert connection.execute(select(outbox.c.id).where(outbox.c.notice == "followed")).all() == []


def test_who_handed_it_in_is_told_once(app: App, server: Server, reviewed: Callable[..., str]) -> None:
    number = reviewed()
    ask(app, number, RESIDENT)
    app.database.attempt(lambda it: followers.confirm(it, number, person_of(app, RESIDENT), NOW))
    app.dispatch(now=NOW)
    server.mails.clear()
    pool(app, number)
    app.dispatch(now=NOW)
    assert [mail["Subject"] for mail in server.to(RESIDENT)] == [f"Ihre Idee {number}: Ideenpool"]


def test_followers_move_along_when_an_idea_goes_into_another(
    app: App, server: Server, followed: tuple[str, TestClient], reviewed: Callable[..., str]
) -> None:
    merged, survivor = followed[0], reviewed()
    app.engine.execute(Link(actor=DORTMUND, item=merged, kind="merged_into", other=survivor), now=NOW)
    app.engine.execute(
        Advance(actor=DORTMUND, item=merged, transition="merge", reason="Beide wollen dasselbe."), now=NOW
    )
    pool(app, survivor)
    app.dispatch(now=NOW)
    assert [mail["Subject"] for mail in server.to(READER)] == [
        f"Neuer Stand bei {merged}: Zusammengeführt",
        f"Neuer Stand bei {survivor}: Ideenpool",
    ]
    assert "Beide wollen dasselbe." in body(server.to(READER)[0])


def test_nobodys_mailbox_is_filled_from_a_public_page(app: App, reviewed: Callable[..., str]) -> None:
    numbers = [reviewed() for _ in range(followers.MOST_ASKED + 1)]
    for number in (*numbers, numbers[0]):
        ask(app, number)
    with app.database.reading() as connection:
        asked = connection.execute(select(outbox.c.item).where(outbox.c.notice == followers.CONFIRM)).all()
    assert len(asked) == followers.MOST_ASKED
    ask(app, numbers[0], now=NOW + followers.ANEW)
    with app.database.reading() as connection:
        assert len(connection.execute(select(outbox).where(outbox.c.notice == followers.CONFIRM)).all()) == 6


def test_an_address_that_nobody_confirms_is_forgotten(app: App, reviewed: Callable[..., str]) -> None:
    number = reviewed()
    ask(app, number)
    late = NOW + followers.KEPT
    assert app.database.attempt(lambda it: followers.purge(it, late)) == 0
    assert app.database.attempt(lambda it: followers.purge(it, late + timedelta(seconds=1))) == 1
    with app.database.reading() as connection:
        assert connection.scalar(select(contact.c.person).where(contact.c.email == READER)) is None
        assert connection.execute(select(follower)).all() == []
    assert app.audit.verify().findings == ()


def test_what_is_not_public_cannot_be_followed(app: App, submitted: Callable[..., str]) -> None:
    for number in (submitted(), "2026-9999"):
        with pytest.raises(NotFound):
            ask(app, number)
    with pytest.raises(BadInput):
        ask(app, submitted(), "keine Adresse")


def test_a_person_is_told_what_they_follow(app: App, followed: tuple[str, TestClient]) -> None:
    kept = app.database.attempt(lambda it: told(it, app.rules, READER, OPERATOR, NOW))
    assert [(one["item"], one["confirmed_at"] is not None) for one in kept["following"]] == [(followed[0], True)]


def test_a_reported_barrier_reaches_the_office_that_coordinates(app: App, server: Server) -> None:
    client = TestClient(create_app(app, base_url=BASE, clock=lambda: NOW), base_url=BASE)
    wrong = client.post("/barrierefreiheit", data={"message": "", "email": "keine Adresse"})
    assert wrong.status_code == 400
    assert wrong.text.count('aria-invalid="true"') == 2
    sent = client.post("/barrierefreiheit", data={"message": "Der <Filter> fehlt.", "email": READER})
    assert "Ihre Meldung ist unterwegs" in sent.text
    app.dispatch(now=NOW)
    (mail,) = server.to("smartcity@dortmund.example")
    assert (mail["Subject"], mail["Reply-To"].addresses[0].addr_spec) == ("Barriere gemeldet", READER)
    assert "Der <Filter> fehlt." in body(mail)
