"""Lifecycles, notices, outbox and webhooks on their pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ideenweg.wiring import SHIPPED, App
from notifications.channels import Letter, Parcel
from workflow.commands import Advance, Create

SOURCE = (SHIPPED / "lifecycles" / "idea-to-project.yaml").read_text()
PAGE = "/verwaltung/lebenszyklen"
RESIDENT = "buergerin@dortmund.example"
NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)


def sent(admin: Any, source: str) -> Any:
    return admin.send_form(PAGE, {}, files={"file": ("new.yaml", source.encode())})


def test_a_lifecycle_is_checked_compared_and_loaded(own: App, admin: Any) -> None:
    faulty = sent(admin, SOURCE.replace("initial: draft", "initial: drafft"))
    assert faulty.status_code == 422
    assert "Fehler; die Datei wird so nicht geladen" in faulty.text
    assert re.search(r'<td class="number">\d+:\d+</td>', faulty.text), "with its line"
    assert 'Es gibt den Zustand „drafft“ nicht.</td><td class="wide">Meinten Sie draft?' in faulty.text
    changed = SOURCE.replace("Von der Idee zum Projekt", "Neuer Name")
    clash = sent(admin, changed)
    assert "schon mit einem anderen Text geladen" in clash.text
    assert 'value="load"' not in clash.text
    newer = changed.replace("\nversion: 1\n", "\nversion: 2\n")
    checked = sent(admin, newer)
    assert "Version 2, ist in Ordnung" in checked.text
    assert "Neuer Name" in checked.text
    mark = re.search(r'name="csrf" value="([^"]*)"', checked.text)
    assert mark
    loaded = admin.post(PAGE, data={"csrf": mark[1], "what": "load", "source": newer, "name": "new.yaml"})
    assert "idea-to-project 2 ist geladen" in loaded.text
    assert "Neuer Name" in admin.get(f"{PAGE}/idea-to-project/2/unterschied").text
    assert admin.get(f"{PAGE}/idea-to-project/2.yaml").text == newer.rstrip()
    assert admin.get(f"{PAGE}/idea-to-project/3.yaml").status_code == 404


def test_an_event_shows_what_it_changed_as_people_read_it(own: App, admin: Any) -> None:
    sheet = {"title": "Bänke am Markt", "idea": "Mehr Bänke.", "cities": ["dortmund"]}
    number = own.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number
    shown = admin.get(f"/verwaltung/protokoll/eintrag/item:{number}/2").text
    assert "</span>Dortmund</dd>" in shown
    assert shown.index("<dt>Titel</dt>") < shown.index("<dt>Was ist die Idee?</dt>"), "in the order of the form"


def test_the_outbox_is_held_and_let_go(own: App, admin: Any) -> None:
    page = "/verwaltung/ausgang"
    sheet = {"title": "Bänke am Markt", "idea": "Mehr Bänke für alle."}
    number = own.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number
    own.engine.execute(Advance(item=number, transition="submit", actor=RESIDENT), now=NOW)
    waiting = admin.get(f"{page}?item={number}&notice=received").text
    assert "noch nicht verteilt" in waiting
    assert 'Ihre Idee [Nummer] ist eingegangen<br><code class="muted">received</code>' in waiting
    assert "[Titel] ([Stand])</option>" in waiting, "chosen by the same names"
    assert "Einreichende Person" in waiting, "roles by their names"
    own.dispatch(now=NOW)
    left_out = admin.get(f"{page}?result=nobody_has_the_role").text
    assert "niemand hat diese Rolle" in left_out
    assert number in left_out
    held = admin.send_form(f"{page}/anhalten", {}, on=page)
    assert "angehalten" in admin.get(held.headers["location"]).text
    entry = re.search(r'/verwaltung/ausgang/eintrag\?id=([^"]+)', admin.get(f"{page}?state=held").text)
    assert entry
    assert "Message-ID" in admin.get(f"{page}/eintrag?id={entry[1]}").text
    admin.send_form(f"{page}/erneut", {"state": "held"}, on=f"{page}?state=held")
    assert number not in admin.get(f"{page}?state=held").text
    assert admin.get(f"{page}/eintrag?id=nothing").status_code == 404


class Post:
    """A mail server that keeps what it gets."""

    name = "email"

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes]] = []

    def build(self, letter: Letter) -> bytes:
        return f"{letter.rendered.subject}".encode()

    def send(self, parcel: Parcel, now: datetime) -> str:
        self.kept.append((parcel.to, parcel.message))
        return "250 taken"

    def close(self) -> None:
        """Nothing is open."""


def test_a_notice_is_shown_in_a_frame_of_its_own_and_sent_to_try_it(
    sqlite_url: str, opened: Callable[..., Any]
) -> None:
    post = Post()
    admin = opened(sqlite_url, mail=post)
    page = "/verwaltung/nachrichten/received"
    shown = admin.get(page)
    assert "frame-src 'self'" in shown.headers["content-security-policy"]
    assert '<iframe class="frame" sandbox' in shown.text
    assert "This takes until Tue, 9 June" in shown.text
    assert "Ihre Idee [Nummer] ist eingegangen</a>" in admin.get("/verwaltung/nachrichten").text
    letter = admin.get(f"{page}/de.html")
    assert "sandbox" in letter.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in letter.headers["content-security-policy"]
    assert "script-src" not in letter.headers["content-security-policy"]
    assert "There is no item" in admin.get(f"{page}?item=2026-9999").text
    assert admin.get("/verwaltung/nachrichten/nothing").status_code == 404
    assert admin.send_form(page, {"to": "keine", "locale": "de"}).status_code == 422
    done = admin.send_form(page, {"to": "wer@dortmund.example", "locale": "de"})
    assert "250 taken" in admin.get(done.headers["location"]).text
    assert [to for to, _ in post.kept] == ["wer@dortmund.example"]


def test_a_webhook_shows_its_secret_once_is_rotated_and_switched(own: App, admin: Any) -> None:
    page = "/verwaltung/webhooks"
    close = "http://127.0.0.1:9/in"
    assert admin.send_form(page, {"url": close}).status_code == 422, "without TLS only in the own network"
    assert admin.send_form(page, {"url": close, "private": "1"}).status_code == 200
    made = admin.send_form(page, {"url": "https://portal.example/in"})
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)
    assert secret
    found = re.search(r"/verwaltung/webhooks/(w-[0-9a-f]+)/geheimnis", made.text)
    assert found
    hook = f"{page}/{found[1]}"
    assert "whsec_" not in admin.get(hook).text.replace("hinter whsec_", "")
    other = re.search(r"whsec_[A-Za-z0-9+/=]+", admin.send_form(f"{hook}/geheimnis", {}, on=hook).text)
    assert other
    assert other[0] != secret[0]
    admin.send_form(f"{hook}/schalter", {"on": "0"}, on=hook)
    assert "Aus seit" in admin.get(hook).text
    replayed = admin.send_form(f"{hook}/erneut", {"hours": "24"}, on=hook)
    assert "Schalten Sie ihn zuerst ein" in admin.get(replayed.headers["location"]).text
    admin.send_form(f"{hook}/schalter", {"on": "1"}, on=hook)
    assert "Aus seit" not in admin.get(hook).text
