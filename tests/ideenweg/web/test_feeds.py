"""Calendars and the feed: of everybody's days, of one's own by a secret address, of the newest steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from sqlalchemy import select

from ideenweg.web.app import create_app
from ideenweg.wiring import SHIPPED, App, open_workflow
from workflow import access, feeds, reminders
from workflow.commands import Advance, Create, Extend, Record
from workflow.erasure import erase
from workflow.models import calendar_feed
from workflow.streams import Origin

NOW = datetime(2026, 5, 22, 9, tzinfo=UTC)
COORDINATION, RESIDENT = "koordination@dortmund.example", "anwohnerin@post.example"
OPERATOR = Origin("operator", "cli")
HOME = "http://localhost"


@pytest.fixture
def app(database_url: str, appoint: Callable[..., None]) -> Any:
    """An idea of Dortmund that waits for its pre-check until 9 June, and who does it."""
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        appoint(app, "idea-to-project", {COORDINATION: [("coordinator", "dortmund")]}, NOW)
        sheet = {
            "title": "Bänke & Bäume", "problem": "Es fehlt Schatten.", "cities": ["dortmund"],
            "fields": ["energy-and-environment"], "provenance": ["participation"],
        }  # fmt: skip
        number = app.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number
        app.engine.execute(Advance(actor=RESIDENT, item=number, transition="submit"), now=NOW)
        assert number == NUMBER
        yield app


NUMBER = "2026-0001"


def who(app: App, address: str) -> str:
    with app.database.reading() as connection:
        return access.find(connection, address).id


def browser(app: App) -> TestClient:
    return TestClient(create_app(app, clock=lambda: NOW), base_url=HOME)


def events(content: bytes) -> dict[str, Any]:
    """Summary -> event, of a calendar that says what RFC 5545 demands of each."""
    found = Calendar.from_ical(content).walk("VEVENT")
    for one in found:
        assert {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS"} <= set(one)
    assert len({str(one["UID"]) for one in found}) == len(found)
    return {str(one["SUMMARY"]): one for one in found}


def test_a_persons_calendar_follows_what_is_moved_and_what_is_done(app: App) -> None:
    token = app.database.attempt(lambda connection: feeds.make(connection, who(app, COORDINATION), NOW))
    pages, address = browser(app), f"/kalender/{token}.ics"
    reminders.add(
        app.database, app.rules, actor=COORDINATION, item=NUMBER, on=date(2026, 6, 3), note="Nachfragen!", now=NOW
    )
    first = pages.get(address)
    assert (first.status_code, first.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "private" in first.headers["Cache-Control"]
    summary = f"Eingegangen (Vorprüfung): {NUMBER} – Bänke & Bäume"
    before, noted = events(first.content)[summary], events(first.content)[f"{NUMBER} – Bänke & Bäume"]
    assert (before["DTSTART"].dt, before["STATUS"]) == (date(2026, 6, 9), "CONFIRMED")
    rings = [alarm["TRIGGER"].dt for alarm in before.walk("VALARM")]
    assert [moment.astimezone(app.rules.programme.zone).strftime("%d.%m. %H:%M") for moment in rings] == [
        "03.06. 07:00",
        "09.06. 07:00",
    ]
    assert (noted["DTSTART"].dt, str(noted["DESCRIPTION"])) == (date(2026, 6, 3), "Nachfragen!")

    same = pages.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")

    app.engine.execute(
        Extend(actor=COORDINATION, item=NUMBER, rule="precheck", to=date(2026, 6, 16), reason="Urlaub"), now=NOW
    )
    moved = events(pages.get(address, headers={"If-None-Match": first.headers["ETag"]}).content)[summary]
    assert (moved["UID"], moved["DTSTART"].dt) == (before["UID"], date(2026, 6, 16))
    assert moved["SEQUENCE"] > before["SEQUENCE"]

    app.engine.execute(Advance(actor=COORDINATION, item=NUMBER, transition="reject", reason="Schon verplant."), now=NOW)
    over = events(pages.get(address).content)[summary]
    assert (over["UID"], over["STATUS"], over.walk("VALARM")) == (before["UID"], "CANCELLED", [])
    assert over["SEQUENCE"] >= moved["SEQUENCE"]


def test_an_address_opens_one_calendar_until_it_is_taken_back(app: App) -> None:
    pages, person = browser(app), who(app, COORDINATION)
    old = app.database.attempt(lambda connection: feeds.make(connection, person, NOW))
    new = app.database.attempt(lambda connection: feeds.make(connection, person, NOW))
    with app.database.reading() as connection:
        (kept,) = connection.execute(select(calendar_feed)).all()
    assert new not in str(tuple(kept))
    answers = [pages.get(f"/kalender/{token}.ics") for token in (old, "x", new)]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[0].text.replace(old, "x") == answers[1].text
    assert app.database.attempt(lambda connection: feeds.revoke(connection, person))
    assert pages.get(f"/kalender/{new}.ics").status_code == 404


def test_nobody_finds_the_days_of_others_in_their_calendar(app: App) -> None:
    resident = app.database.attempt(lambda connection: feeds.make(connection, who(app, RESIDENT), NOW))
    assert events(browser(app).get(f"/kalender/{resident}.ics").content) == {}
    erase(app.database, app.rules, RESIDENT, OPERATOR, NOW)
    assert browser(app).get(f"/kalender/{resident}.ics").status_code == 404


def test_the_public_calendar_holds_what_is_released_and_marked_public(app: App) -> None:
    pages = browser(app)
    assert "keine öffentlichen Termine" in pages.get("/termine").text
    assert events(pages.get("/termine.ics").content) == {}
    app.engine.execute(Record(actor=COORDINATION, item=NUMBER, kind="release", data={"released": True}), now=NOW)
    page = pages.get("/termine").text
    assert "Juni 2026" in page
    assert re.search(r"9\. Juni 2026</time>\s*<span[^>]*><strong>Frist der Vorprüfung</strong>", page)
    shown = events(pages.get("/termine.ics").content)["Frist der Vorprüfung: Bänke & Bäume"]
    assert (shown["DTSTART"].dt, shown["DTEND"].dt) == (date(2026, 6, 9), date(2026, 6, 10))
    app.engine.execute(Advance(actor=COORDINATION, item=NUMBER, transition="reject", reason="Verplant."), now=NOW)
    assert "keine öffentlichen Termine" in pages.get("/termine").text
    assert events(pages.get("/termine.ics").content)["Frist der Vorprüfung: Bänke & Bäume"]["STATUS"] == "CANCELLED"


def test_the_feed_tells_the_newest_public_steps(app: App) -> None:
    pages = browser(app)
    atom = "{http://www.w3.org/2005/Atom}"
    assert ElementTree.fromstring(pages.get("/feed.atom").content).findall(f"{atom}entry") == []  # noqa: S314 – ours
    app.engine.execute(Record(actor=COORDINATION, item=NUMBER, kind="release", data={"released": True}), now=NOW)
    answer = pages.get("/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    (entry,) = ElementTree.fromstring(answer.content).findall(f"{atom}entry")  # noqa: S314 – ours
    assert entry.findtext(f"{atom}title") == "Bänke & Bäume: Eingegangen (Vorprüfung)"
    assert str(entry.findtext(f"{atom}id")).endswith(f":item:{NUMBER}:4")
    assert pages.get("/feed.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_one_makes_sees_once_and_takes_back_the_address(demo: App, signed_in: Callable[[str], Any]) -> None:
    browser = signed_in(COORDINATION)
    assert "Adresse erzeugen" in browser.get("/konto/kalender").text
    made = browser.send_form("/konto/kalender", {}, on="/konto/kalender").text
    (address,) = re.findall(r"(/kalender/[\w-]+\.ics)", made)
    assert len(events(browser.get(address).content)) > 3
    again = browser.get("/konto/kalender").text
    assert address not in again
    assert "Es gibt eine Adresse seit" in again
    browser.send_form("/konto/kalender/widerrufen", {}, on="/konto/kalender")
    assert browser.get(address).status_code == 404


def test_words_are_the_operators_where_they_wrote_some(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("programme.yaml", "lifecycles", "calendars"):
        (folder / name).symlink_to(SHIPPED / name)
    (folder / "pages" / "de").mkdir(parents=True)
    (folder / "pages" / "de" / "imprint.md").write_text(
        "# Wer wir sind\n\nStadt <script>alert(1)</script> **Musterstadt**\n\n[x](javascript:alert(1))\n", "utf-8"
    )
    (folder / "downloads").mkdir()
    (folder / "downloads" / "Strategie.pdf").write_bytes(b"%PDF-1.7")
    (folder / "downloads" / "page.html").write_text("<p>no</p>")
    with open_workflow(sqlite_url, config_dir=folder) as app:
        pages = browser(app)
        own = pages.get("/impressum").text
        assert '<h1 class="kern-heading-x-large">Wer wir sind</h1>' in own
        assert "<strong>Musterstadt</strong>" in own
        assert "<script>alert" not in own
        assert 'href="javascript' not in own
        assert "Imprint" in pages.get("/impressum", headers={"Accept-Language": "en"}).text  # the shipped words
        assert "Strategie.pdf" in pages.get("/downloads").text
        saved = pages.get("/downloads/Strategie.pdf")
        assert (saved.content, saved.headers["Content-Disposition"]) == (
            b"%PDF-1.7", 'attachment; filename="Strategie.pdf"',
        )  # fmt: skip
        for missing in ("page.html", "..%2Fprogramme.yaml", "nichts.pdf"):
            assert pages.get(f"/downloads/{missing}").status_code == 404


WORDS = {
    "/barrierefreiheit": ["BGG NRW", "BITV NRW", "Ombudsstelle", "mailto:ombudsstelle-barrierefreie-it@mags.nrw.de"],
    "/leichte-sprache": ["Leichte Sprache", "Fach-Leute"],
    "/gebaerdensprache": ["Deutscher Gebärdensprache"],
    "/datenschutz": ["nach sieben Tagen gelöscht"],
    "/impressum": ["Digitale-Dienste-Gesetzes"],
}


def test_every_page_of_words_is_there_and_in_the_footer(pages: TestClient) -> None:
    footer = pages.get("/ideen").text
    for address, said in WORDS.items():
        page = pages.get(address)
        assert page.status_code == 200
        assert [one for one in said if one not in page.text] == []
        assert f'href="{address}"' in footer
        assert pages.get(address, headers={"Accept-Language": "en"}).text != page.text
