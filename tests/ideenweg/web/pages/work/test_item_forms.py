"""Working on an item by its forms: what is done, what is refused where, what happens to whoever comes too late."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from workflow import access, reminders
from workflow.accounts import sessions
from workflow.accounts.sessions import Way
from workflow.commands import Advance, Assign, Create, Record
from workflow.models import document, event
from workflow.queries.detail import Detail, find
from workflow.streams import Origin

NOW = datetime(2026, 6, 9, 8, tzinfo=UTC)
HERE = Path(__file__).parent
SUBMITTER, COORDINATOR, ADMINISTRATOR = "buergerin@works.example", "koordination@works.example", "admin@works.example"
FIRST, SECOND, AWAY = "eins@works.example", "zwei@works.example", "vertretung@works.example"
SHEET = {"title": "Sensoren an Brücken", "idea": "Alte Idee.", "contact": "0231 555"}

ON_BOTH = pytest.mark.parametrize("app", ["sqlite", "postgresql"], indirect=True)
"""What asks or locks in a way of its own; the rest is the engine's, which is tested on both."""

Open = Callable[[str], "Hand"]


class Hand(TestClient):
    """The browser of somebody who is signed in; sends forms as the page that they stand on has them."""

    def fill(self, address: str, fields: Mapping[str, object], on: str) -> tuple[int, str]:
        """Fill in the form of page `on` that is sent to `address` and send it; the status and the text of the answer,
        after a redirect that of the page it leads to."""
        page = self.get(on).text
        found = re.search(rf'<form[^>]*method="post" action="{re.escape(address)}"[^>]*>(.*?)</form>', page, re.DOTALL)
        assert found, f"{on} has no form for {address}"
        return self.answer(address, {**hidden_of(found[1]), **fields})

    def answer(self, address: str, fields: Mapping[str, object]) -> tuple[int, str]:
        files = {"file": ("a.pdf", fields["file"])} if "file" in fields else None
        response = self.post(
            address, data={name: value for name, value in fields.items() if name != "file"}, files=files
        )
        return response.status_code, response.text


def hidden_of(text: str) -> dict[str, object]:
    """The hidden fields of a page, as its last form has them."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))


@pytest.fixture(params=["sqlite"])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    database_url: str = request.getfixturevalue(f"{request.param}_url")
    origin = Origin("operator", "cli")
    with open_workflow(database_url, lifecycle=HERE / "works.yaml") as app:
        roles = app.rules.newest_of(app.database, "works").roles
        with app.database.writing() as connection:
            for email in (SUBMITTER, COORDINATOR, ADMINISTRATOR, FIRST, SECOND, AWAY):
                access.add(connection, email, email.split("@")[0], origin, NOW)
            for email, role, scope in (
                (COORDINATOR, "coordinator", "dortmund"),
                (ADMINISTRATOR, "administrator", None),
            ):
                access.grant(
                    connection, email, roles[role], scope, app.rules.programme, origin, NOW,
                    valid_from=date(2026, 1, 1),
                )  # fmt: skip
        yield app


@pytest.fixture
def opens(app: App) -> Open:
    pages = create_app(app, clock=lambda: NOW)

    def sign_in(email: str) -> Hand:
        def begin(connection: Connection) -> str:
            who = access.find(connection, email).id
            return sessions.begin(connection, who, Way.PASSWORD, NOW, factor=True)

        hand = Hand(pages, base_url="http://localhost", headers={"Accept-Language": "de"})
        hand.cookies.set(cookie_name(pages.state.site), app.database.attempt(begin))
        return hand

    return sign_in


@pytest.fixture
def number(app: App) -> str:
    return app.engine.execute(Create(actor=SUBMITTER, data=SHEET), now=NOW).item.number


@pytest.fixture
def in_review(app: App, number: str) -> str:
    """The item in review, with two reviewers."""
    for reviewer in (FIRST, SECOND):
        app.engine.execute(Assign(actor=COORDINATOR, item=number, role="reviewer", person=reviewer), now=NOW)
    begin = Advance(actor=COORDINATOR, item=number, transition="begin", data={"complete": True})
    app.engine.execute(begin, now=NOW)
    return number


def seen(app: App, number: str, reader: str | None = None) -> Detail:
    with app.database.reading() as connection:
        return find(connection, app.rules, number, reader, NOW)


def latest(app: App, number: str, kind: str) -> dict[str, object]:
    return next(dict(one.data) for one in reversed(seen(app, number).records) if one.kind == kind)


@ON_BOTH
def test_a_step_is_taken_with_its_form_once_however_often_it_is_sent(app: App, opens: Open, number: str) -> None:
    page, people = f"/ideen/{number}", f"/ideen/{number}/beteiligte"
    hand = opens(COORDINATOR)
    status, text = hand.fill(people, {"role": "reviewer", "people": f"{FIRST}, {SECOND}"}, people)
    assert (status, "Begutachtung: 2 Personen bestimmt." in text) == (200, True)
    fields: dict[str, object] = {"f.complete": "true", "f.cost": "1.250,50", "reason": ""}
    fields |= hidden_of(hand.get(f"{page}/schritt/begin").text)
    for _ in range(2):
        status, text = hand.answer(f"{page}/schritt/begin", fields)
        assert status == 200
        assert "„Prüfung beginnen“ ist erledigt. Neuer Stand: In Prüfung." in text
    assert latest(app, number, "check") == {"complete": True, "cost": 1250.5}
    assert [one.transition for one in seen(app, number).history if one.kind == "advanced"] == ["begin"]
    with app.database.reading() as connection:
        assert set(connection.scalars(select(event.c.via).where(event.c.kind == "advanced"))) == {"page"}


def test_a_refusal_says_at_each_place_what_is_wrong_and_keeps_what_was_typed(opens: Open, number: str) -> None:
    step = f"/ideen/{number}/schritt/begin"
    status, text = opens(COORDINATOR).fill(step, {"f.cost": "viel", "reason": "Weil <b>"}, step)
    assert status == 422
    assert "„Vollständig“ fehlt." in text
    assert 'href="#f-complete"' in text
    assert re.search(r'id="f-cost"[^>]*value="viel"[^>]*aria-invalid="true"', text)
    assert "Weil &lt;b&gt;</textarea>" in text
    assert "Begutachtung: zugewiesen 0 von 1." in text
    assert f'href="/ideen/{number}/beteiligte?role=reviewer"' in text


@ON_BOTH
def test_whoever_comes_too_late_sees_both_states_and_may_send_again(app: App, opens: Open, in_review: str) -> None:
    step = f"/ideen/{in_review}/schritt/finish"
    hand = opens(COORDINATOR)
    fields = hidden_of(hand.get(step).text)
    app.engine.execute(Record(actor=FIRST, item=in_review, kind="review", data={"score": 5}), now=NOW)
    status, text = hand.answer(step, {**fields, "reason": "Alles geprüft."})
    assert status == 409
    assert "Inzwischen hat jemand anderes etwas geändert" in text
    assert text.count("In Prüfung") >= 2  # what they saw, and what is now
    assert "Bewertung eingetragen" in text
    assert "Alles geprüft.</textarea>" in text
    again = hidden_of(text)
    status, text = hand.answer(step, {**again, "reason": "Alles geprüft."})
    assert (status, seen(app, in_review).item.state) == (200, "done")


def test_a_record_that_was_overtaken_shows_what_it_says_by_now(app: App, opens: Open, number: str) -> None:
    form = f"/ideen/{number}/eintrag/sheet"
    hand = opens(COORDINATOR)
    fields = hidden_of(hand.get(form).text)
    app.engine.execute(
        Record(actor=SUBMITTER, item=number, kind="sheet", data={**SHEET, "idea": "Neue Idee."}), now=NOW
    )
    typed = {"f.title": "Sensoren an Brücken", "f.idea": "Meine Idee.", "f.contact": "0231 555"}
    status, text = hand.answer(form, {**fields, **typed})
    assert status == 409
    assert "Neue Idee." in text
    assert "Meine Idee.</textarea>" in text
    again = hidden_of(text)
    assert hand.answer(form, {**again, **typed})[0] == 200
    compared = hand.get(f"{form}/fassungen").text
    assert "<del>Neue</del>" in compared
    assert "<ins>Meine</ins>" in compared
    assert "Alte" in hand.get(f"{form}/fassungen?von=1&bis=2").text
    assert 'value="3" selected' in compared


def test_rows_are_added_and_taken_out_without_script(app: App, opens: Open, number: str) -> None:
    form = f"/ideen/{number}/eintrag/milestone"
    hand = opens(COORDINATOR)
    typed: dict[str, object] = {"f.name": "Aufbau", "f.days.0": "9.6.2026", "f.days.1": "2026-07-01"}
    status, text = hand.fill(form, {**typed, "more": "f.days"}, form)
    assert (status, text.count('type="date"')) == (200, 5)
    status, text = hand.fill(form, {**typed, "less": "f.days.0"}, form)
    assert 'value="2026-07-01"' in text
    assert "Aufbau" in text
    assert hand.fill(form, typed, form)[0] == 200
    assert latest(app, number, "milestone") == {"name": "Aufbau", "days": ["2026-06-09", "2026-07-01"]}


def test_a_form_of_one_of_several_offices_asks_for_which(app: App, opens: Open, in_review: str) -> None:
    step = f"/ideen/{in_review}/schritt/hear"
    hand = opens(COORDINATOR)
    status, text = hand.fill(step, {"f.said": "Einverstanden"}, step)
    assert (status, 'value="Einverstanden"' in text) == (422, True)
    status, text = hand.fill(step, {"f.said": "Einverstanden", "key": "it-dortmund"}, step)
    assert (status, "Anhörung: Dortmunder Systemhaus" in text) == (200, True)


def test_reviews_are_blind_until_ones_own_is_in_and_bias_takes_one_click(app: App, opens: Open, in_review: str) -> None:
    page = f"/ideen/{in_review}"
    first, second = opens(FIRST), opens(SECOND)
    form = f"{page}/eintrag/review"
    status, text = first.fill(form, {"f.score": "4", "f.remark": "Sehr nützlich."}, page)
    assert (status, "Sehr nützlich." in text) == (200, True)
    assert "Sehr nützlich." not in second.get(page).text
    assert second.fill(f"{page}/befangen", {"reason": "Mein Haus."}, page)[0] == 200
    assert latest(app, in_review, "conflict") == {"conflicted": True, "why": "Mein Haus."}
    assert "Mein Haus." not in opens(COORDINATOR).get(page).text
    assert "befangen" not in second.get(page).text.split('id="missing"')[0].split('class="page next"')[1]


STANDING_IN = (
    (COORDINATOR, "/aufgaben", "/aufgaben/{number}/uebernehmen", {}),
    (COORDINATOR, "/aufgaben", "/aufgaben/{number}/wiedervorlage", {"on": "2026-06-20", "note": "Angebot"}),
    (COORDINATOR, "{page}/beteiligte", "{page}/beteiligte", {"role": "reviewer", "people": f"{FIRST}, {SECOND}"}),
    (COORDINATOR, "{page}", "{page}/kommentar", {"text": "Unter uns."}),
    (COORDINATOR, "{page}/frist", "{page}/frist", {"clock": "look", "to": "2026-07-10", "reason": "Urlaub"}),
    (COORDINATOR, "{page}/wiedervorlage", "{page}/wiedervorlage", {"on": "2026-06-21", "note": "Gutachten"}),
    (COORDINATOR, "{page}/verknuepfungen?q=kanal", "{page}/verknuepfungen", {"kind": "related"}),
    (COORDINATOR, "{page}/verknuepfungen", "{page}/verknuepfungen/loesen", {}),
    (COORDINATOR, "{page}/abspalten", "{page}/abspalten", {"link": "related", "f.title": "Nur der Kanal"}),
    (COORDINATOR, "{page}", "{page}/dokumente", {"file": b"%PDF-1.4 %%EOF"}),
    (COORDINATOR, "{page}", "/dokumente/{document}/zeigen", {}),
    (COORDINATOR, "{page}", "/dokumente/{document}/entfernen", {}),
    (COORDINATOR, "{page}/eintrag/milestone", "{page}/eintrag/milestone", {"f.name": "Beginn"}),
    (COORDINATOR, "{page}", "{page}/schritt/begin", {"f.complete": "true"}),
    (FIRST, "{page}", "{page}/eintrag/review", {"f.score": "4"}),
    (SECOND, "{page}", "{page}/befangen", {}),
    (COORDINATOR, "{page}/beteiligte", "{page}/beteiligte/zurueck", {}),
    (ADMINISTRATOR, "{page}/korrektur", "{page}/korrektur", {"to": "done", "reason": "Doppelt."}),
)
"""In whose place, on which page, which form, filled in how: every form with which an item is worked on."""


@ON_BOTH
def test_a_deputy_sends_every_form_in_the_place_of_whom_they_stand_in_for(app: App, opens: Open, number: str) -> None:
    app.engine.execute(Create(actor=SUBMITTER, data={"title": "Radweg am Kanal"}), now=NOW)
    with app.database.writing() as connection:
        known = {who: access.find(connection, who).id for who in (COORDINATOR, FIRST, SECOND, ADMINISTRATOR)}
        deputy = access.find(connection, AWAY).id
        for away in known:
            access.deputise(
                connection, away, AWAY, Origin("operator", "cli"), NOW,
                valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30),
            )  # fmt: skip
    hand, page, told = opens(AWAY), f"/ideen/{number}", Counter[str | None]()
    for place, on, address, fields in STANDING_IN:
        with app.database.reading() as connection:
            documents = connection.scalars(select(document.c.id)).all()
        names = {"number": number, "page": page, "document": documents[0] if documents else ""}
        asked = f"in_place={known[place]}"
        form = address.format(**names) + (f"?{asked}" if address.startswith("{page}") else "")
        status, _ = hand.fill(form, fields, f"{on.format(**names)}{'&' if '?' in on else '?'}{asked}")
        assert status == 200, address
        with app.database.reading() as connection:
            acted = connection.scalars(select(event.c.on_behalf_of).where(event.c.actor == deputy)).all()
        new, told = Counter(acted) - told, Counter(acted)
        assert set(new) == (set() if "wiedervorlage" in address else {known[place]}), address
    assert seen(app, number).item.state == "done"
    with app.database.reading() as connection:
        mine = reminders.open_reminders(connection, COORDINATOR, NOW.date())
        assert [(one.person, one.note) for one in mine] == [(COORDINATOR, "Angebot"), (COORDINATOR, "Gutachten")]


@ON_BOTH
def test_a_deputy_sees_in_whose_place_they_act_and_so_does_the_history(app: App, opens: Open, in_review: str) -> None:
    with app.database.writing() as connection:
        access.deputise(
            connection, COORDINATOR, AWAY, Origin("operator", "cli"), NOW,
            valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30),
        )  # fmt: skip
    app.engine.execute(Record(actor=FIRST, item=in_review, kind="review", data={"score": 5}), now=NOW)
    app.engine.execute(Record(actor=SECOND, item=in_review, kind="review", data={"score": 5}), now=NOW)
    hand, page = opens(AWAY), f"/ideen/{in_review}"
    text = hand.get(page).text
    assert "In Vertretung von koordination" in text
    assert "Abschließen" in text.split('class="page next"')[1].split("</section>")[0]
    status, text = hand.fill(f"{page}/schritt/finish", {"reason": "Gut."}, page)
    assert (status, "vertretung · In Vertretung von koordination" in text) == (200, True)
    last = next(one for one in reversed(seen(app, in_review).history) if one.kind == "advanced")
    assert last.on_behalf_of is not None


def test_comments_reminders_and_deadlines(app: App, opens: Open, number: str) -> None:
    page, hand = f"/ideen/{number}", opens(COORDINATOR)
    assert hand.fill(f"{page}/kommentar", {"text": "Unter uns."}, page)[0] == 200
    assert hand.fill(f"{page}/kommentar", {"text": "Für alle.", "public": "1"}, page)[0] == 200
    status, text = hand.fill(f"{page}/kommentar", {"text": " "}, page)
    assert (status, "Schreiben Sie einen oder zwei Sätze dazu." in text) == (422, True)
    theirs = opens(SUBMITTER).get(page).text
    assert ("Für alle." in theirs, "Unter uns." in theirs) == (True, False)
    form = f"{page}/wiedervorlage"
    status, text = hand.fill(form, {"on": "2026-06-01", "note": "Nachsehen"}, form)
    assert (status, "Nachsehen</textarea>" in text, "Der 1.6.2026 ist vorbei." in text) == (422, True, True)
    assert "Nachsehen" in hand.fill(form, {"on": "2026-06-20", "note": "Nachsehen"}, form)[1]
    with app.database.reading() as connection:
        assert [one.note for one in reminders.open_reminders(connection, COORDINATOR, NOW.date())] == ["Nachsehen"]
    form = f"{page}/frist"
    status, text = hand.fill(form, {"clock": "look", "to": "2026-06-10", "reason": "Urlaub"}, form)
    assert (status, re.findall(r"Die Frist läuft bis \d+\.\d+\.2026\.", text) != []) == (422, True)
    status, text = hand.fill(form, {"clock": "look", "to": "2026-07-10", "reason": "Urlaub"}, form)
    assert (status, "Die Frist läuft jetzt bis 10. Juli 2026." in text) == (200, True)


@ON_BOTH
def test_links_are_searched_for_and_ended(app: App, opens: Open, number: str) -> None:
    other = app.engine.execute(Create(actor=SUBMITTER, data={"title": "Radweg am Kanal"}), now=NOW).item.number
    hand, page = opens(COORDINATOR), f"/ideen/{number}/verknuepfungen"
    assert f'name="other" value="{other}"' in hand.get(f"{page}?q=kanal").text
    assert f'name="other" value="{other}"' in hand.get(f"{page}?q={other}").text
    assert hand.fill(page, {"kind": "related", "other": other}, f"{page}?q=kanal")[0] == 200
    assert [(one.kind, one.number) for one in seen(app, number).ties] == [("related", other)]
    assert hand.fill(f"{page}/loesen", {}, page)[0] == 200
    assert seen(app, number).ties == ()


def test_a_role_is_passed_on_and_taken_back_and_nobody_unknown_gets_one(app: App, opens: Open, in_review: str) -> None:
    people = f"/ideen/{in_review}/beteiligte"
    status, text = opens(COORDINATOR).fill(people, {"role": "reviewer", "people": "niemand@works.example"}, people)
    assert (status, "ist niemand bekannt" in text, "niemand@works.example" in text) == (422, True, True)
    first = opens(FIRST)
    sent = {"role": "reviewer", "people": AWAY, "pass_on": "1"}
    assert "Ihre Zuständigkeit ist abgegeben." in first.fill(people, sent, people)[1]
    names = {
        seen(app, in_review).names[one.person][0] for one in seen(app, in_review).assigned if one.role == "reviewer"
    }
    assert names == {"zwei", "vertretung"}


def test_an_administrator_corrects_with_a_reason_and_nobody_else_does(app: App, opens: Open, number: str) -> None:
    form = f"/ideen/{number}/korrektur"
    assert opens(COORDINATOR).get(form).status_code == 404
    hand = opens(ADMINISTRATOR)
    status, text = hand.fill(form, {"to": "done", "reason": ""}, form)
    assert (status, 'value="done" selected' in text) == (422, True)
    assert hand.fill(form, {"to": "done", "reason": "Doppelt erfasst."}, form)[0] == 200
    assert seen(app, number).item.state == "done"
