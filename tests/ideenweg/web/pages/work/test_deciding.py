"""`/sitzungen` and `/auswahl`: a whole session in one form, and the ranking with what if."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import config
from ideenweg.cli.session import Session
from ideenweg.cli.showing import as_document
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.accounts import sessions, tokens
from workflow.accounts.sessions import Way
from workflow.commands import Advance, Assign, Command, Correct, Create, Link, Record
from workflow.engine import Outcome
from workflow.queries.detail import find
from workflow.streams import Origin

SHIPPED = Path(config.__file__).parent
NOW = datetime(2026, 6, 9, 8, tzinfo=UTC)
COORDINATOR, OFFICE = "koordination@dortmund.example", "ratsbuero@dortmund.example"
ADMINISTRATOR, RESIDENT = "verwaltung@dortmund.example", "buergerin@dortmund.example"
PEOPLE = {
    COORDINATOR: [("coordinator", "dortmund")],
    OFFICE: [("session_office", "council-dortmund")],
    ADMINISTRATOR: [("administrator", None)],
    RESIDENT: (),
}


@pytest.fixture
def app(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[App]:
    furnish(database_url, "deciding", partial(furnished, appoint))
    with open_workflow(database_url) as app:
        yield app


def furnished(appoint: Callable[..., None], url: str) -> None:
    with open_workflow(url) as app:
        for file in sorted(SHIPPED.glob("lifecycles/*.yaml")):
            app.load(file, now=NOW)
        appoint(app, "idea-to-project", PEOPLE, NOW)


@pytest.fixture
def browser(app: App) -> Callable[[str], Any]:
    def sign_in(email: str) -> Any:
        def begin(connection: Any) -> str:
            return sessions.begin(connection, access.find(connection, email).id, Way.PASSWORD, NOW, factor=True)

        pages = create_app(app, clock=lambda: NOW)
        client = TestClient(pages, base_url="http://localhost", headers={"Accept-Language": "de"})
        client.cookies.set(cookie_name(pages.state.site), app.database.attempt(begin))
        return client

    return sign_in


def do(app: App, command: Command) -> Outcome:
    return app.engine.execute(command, now=NOW)


def idea(app: App, title: str) -> str:
    """An idea of Dortmund that the council is to decide on."""
    sheet = {"title": title, "problem": "…", "cities": ["dortmund"]}
    number = do(app, Create(actor=RESIDENT, data=sheet)).item.number
    do(app, Correct(item=number, to="before_bodies", reason="Altbestand", actor=ADMINISTRATOR))
    return number


@pytest.fixture
def sitting(app: App) -> tuple[str, list[str]]:
    """A session of the council that was held, with two ideas on its agenda."""
    sheet = {"title": "Rat, 9. Juni", "body": "council-dortmund", "cities": ["dortmund"], "date": "2026-06-09"}
    session = do(app, Create(actor=OFFICE, lifecycle="session", data=sheet)).item.number
    ideas = [idea(app, "Sensoren an Brücken"), idea(app, "Trinkbrunnen")]
    for number in ideas:
        do(app, Link(item=number, kind="on_agenda_of", other=session, actor=COORDINATOR))
    for step in ("close_agenda", "hold"):
        do(app, Advance(item=session, transition=step, actor=OFFICE))
    return session, ideas


def send(client: Any, address: str, **fields: str) -> Any:
    page = client.get(address)
    hidden = dict(re.findall(r'name="(csrf|command_id|spoken|in_place)" value="([^"]*)"', page.text))
    return client.post(address, data={**hidden, **fields}, follow_redirects=False)


def decision(app: App, number: str) -> dict[str, Any]:
    with app.database.reading() as connection:
        records = find(connection, app.rules, number, None, NOW).records
    return next((dict(one.data) for one in records if one.kind == "decision"), {})


def stand_in(app: App, deputy: str = COORDINATOR) -> str:
    """Let `deputy` act in the session office's place; the office's id."""
    with app.database.writing() as connection:
        days = {"valid_from": NOW.date(), "valid_to": NOW.date()}
        access.deputise(connection, OFFICE, deputy, Origin("operator", "cli"), NOW, **days)
        return access.find(connection, OFFICE).id


def test_a_session_is_recorded_in_one_form_and_what_was_left_empty_stays_open(
    app: App, sitting: tuple[str, list[str]], browser: Callable[[str], Any]
) -> None:
    session, ideas = sitting
    office = browser(OFFICE)
    listed = office.get("/sitzungen").text
    assert "Rat, 9. Juni" in listed
    assert "Frist: 12. Juni 2026" in listed
    address = f"/sitzungen/{session}"
    asked = office.get(address).text
    assert "Sensoren an Brücken" in asked
    assert 'value="9.6.2026"' in asked  # the day of the session, as it would be typed

    half = send(office, address, **{"i0.f.outcome": "approved", "i1.f.paper": "DS 2", "i0.f.paper": "DS 1"})
    assert half.status_code == 422  # the second has no outcome
    assert 'value="DS 1"' in half.text
    assert not decision(app, ideas[0])

    done = send(office, address, **{"i0.f.outcome": "approved", "i0.f.paper": "DS 1", "i0.f.date": "2026-06-09"})
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert decision(app, ideas[0]) == {"date": "2026-06-09", "paper": "DS 1", "outcome": "approved"}
    assert not decision(app, ideas[1])
    assert "Ergebnis ist eingetragen" in office.get(address).text


def test_what_is_odd_about_a_single_record_is_told_by_every_door_and_refuses_nothing(
    app: App, browser: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: Any = app.rules.programme.bodies
    monkeypatch.setitem(bodies, "council-dortmund", replace(bodies["council-dortmund"], size=90))
    number, told = idea(app, "Trinkbrunnen"), ["votes_exceed_body", "date_ahead"]
    odd = {"date": "2026-06-10", "paper": "DS 1", "outcome": "approved", "votes_for": 91}
    command = Record(item=number, kind="decision", data=odd, actor=OFFICE, command_id="once")
    for done in (do(app, command), do(app, command)):  # also to whoever asks again because no answer came
        assert [one.code for one in done.warnings] == told
    right = {**odd, "date": "2026-06-09", "votes_for": 90}
    assert do(app, Record(item=number, kind="decision", data=right, actor=OFFICE)).warnings == ()

    office, address = browser(OFFICE), f"/ideen/{number}/eintrag/decision"
    typed = {"f.date": "10.6.2026", "f.paper": "DS 2", "f.outcome": "approved", "f.votes_for": "91", "version": "2"}
    assert send(office, address, **typed).status_code == 303
    assert decision(app, number)["paper"] == "DS 2"
    shown = office.get(f"/ideen/{number}").text
    (notice,) = re.findall(r'--warning notice"[^„]*(„Beschluss“ ist gespeichert[^<]*)', shown)
    assert "Bitte prüfen: Es sind 91 Stimmen eingetragen; Rat der Stadt Dortmund hat 90 Mitglieder." in notice
    assert "„Datum“ liegt in der Zukunft: 10.6.2026." in notice

    token = app.database.attempt(lambda connection: tokens.issue(connection, OFFICE, [tokens.Scope.WRITE], NOW)[0])
    api = TestClient(create_app(app, clock=lambda: NOW), base_url="http://localhost")
    headers = {"Authorization": f"Bearer {token}"}
    answer = api.post(f"/api/v1/items/{number}/records/decision", json={"data": odd}, headers=headers)
    assert (answer.status_code, [one["code"] for one in answer.json()["warnings"]]) == (201, told)


def test_a_session_is_nobodys_but_those_who_record_it(
    app: App, sitting: tuple[str, list[str]], browser: Callable[[str], Any]
) -> None:
    led = browser(COORDINATOR).get(f"/sitzungen/{sitting[0]}", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, f"/ideen/{sitting[0]}"), "it is there to be looked at"
    assert browser(RESIDENT).get("/sitzungen").status_code == 403
    assert 'name="i0.' not in browser(OFFICE).get(f"/sitzungen/{sitting[1][0]}").text  # an idea is no session


def test_a_deputy_records_a_session_in_the_place_of_whom_they_stand_in_for(
    app: App, sitting: tuple[str, list[str]], browser: Callable[[str], Any]
) -> None:
    (session, ideas), office = sitting, stand_in(app)
    deputy, address = browser(COORDINATOR), f"/sitzungen/{session}"
    assert "In Vertretung von ratsbuero" in deputy.get(address).text
    for asked, leads in (("own", f"/ideen/{session}"), ("p-0000000000000000", f"/ideen/{session}")):
        assert deputy.get(f"{address}?in_place={asked}", follow_redirects=False).headers["location"] == leads
    assert send(deputy, address, **{"i0.f.outcome": "approved", "i0.f.paper": "DS 1"}).status_code == 303
    assert decision(app, ideas[0])["paper"] == "DS 1"
    with app.database.reading() as connection:
        history = find(connection, app.rules, ideas[0], None, NOW).history
    assert [one.on_behalf_of for one in history if one.kind == "recorded"][-1] == office

    assert "In wessen Namen" not in deputy.get(address).text, "there is no choice"
    role, told = app.rules.newest_of(app.database, "session").roles["session_office"], Origin("operator", "cli")
    with app.database.writing() as connection:
        programme, since = app.rules.programme, NOW.date()
        access.grant(connection, COORDINATOR, role, "council-dortmund", programme, told, NOW, valid_from=since)
    assert re.search(r'<option value="">Für mich selbst</option>\s*<option value="p-', deputy.get(address).text)
    for paper, place, whose in (("DS 1a", "", None), ("DS 1b", office, office)):
        sent = {"i0.f.outcome": "approved", "i0.f.paper": paper, "in_place": place}
        assert send(deputy, address, **sent).status_code == 303
        with app.database.reading() as connection:
            last = find(connection, app.rules, ideas[0], None, NOW).history[-1]
        assert (decision(app, ideas[0])["paper"], last.on_behalf_of) == (paper, whose)


def test_a_program_records_a_session_in_the_place_of_whom_its_person_stands_in_for(
    app: App, sitting: tuple[str, list[str]]
) -> None:
    session, ideas = sitting
    stand_in(app)
    api = TestClient(create_app(app, clock=lambda: NOW), base_url="http://localhost")
    token = app.database.attempt(lambda connection: tokens.issue(connection, COORDINATOR, [tokens.Scope.WRITE], NOW)[0])
    told = {"results": {ideas[1]: {"paper": "DS 2", "outcome": "approved"}}}
    for place, status in (({}, 403), ({"on_behalf_of": OFFICE}, 201)):
        sent = {"json": told | place, "headers": {"Authorization": f"Bearer {token}"}}
        assert api.post(f"/api/v1/items/{session}/agenda", **sent).status_code == status
    assert decision(app, ideas[1])["paper"] == "DS 2"


def test_the_ranking_shows_every_part_and_tries_other_weights(app: App, browser: Callable[[str], Any]) -> None:
    coordinator = browser(COORDINATOR)
    assert "Es gibt noch keine Auswahlrunde" in coordinator.get("/auswahl").text
    budget = [{"city": "dortmund", "euros": 50_000}]
    sheet = {"title": "Auswahl 2026", "budget": budget}
    number = do(app, Create(actor=COORDINATOR, lifecycle="selection-round", data=sheet)).item.number
    assert "Zu dieser Runde gehört noch keine Idee" in coordinator.get("/auswahl").text
    one = idea(app, "Trinkbrunnen")
    do(app, Correct(item=one, to="shortlisted", reason="Altbestand", actor=ADMINISTRATOR))
    do(app, Link(item=one, kind="candidate_of", other=number, actor=COORDINATOR))
    full = {"title": "Trinkbrunnen", "problem": "…", "cities": ["dortmund"], "cost": 60_000}
    do(app, Record(item=one, kind="sheet", data=full, actor=COORDINATOR))

    shown = coordinator.get("/auswahl").text
    assert "2 Bewertungen fehlen" in shown
    assert "60.000" in shown
    tried = coordinator.get("/auswahl", params={"runde": number, "w.social": "3,5"})
    assert "Sie sehen einen Versuch" in tried.text
    assert "× 3,5" in tried.text
    wrong = coordinator.get("/auswahl", params={"runde": number, "w.social": "viel"})
    assert wrong.status_code == 422
    assert ">Sozialer Zusammenhalt: Bitte eine Zahl ab 0" in wrong.text
    assert 'value="viel"' in wrong.text
    weighs = dict.fromkeys(re.findall(r'name="(w\.[^"]+)"', shown), "0")
    assert "Gewichte sind nicht negativ" in coordinator.get("/auswahl", params={"runde": number, **weighs}).text
    assert "berechtigt" in browser(OFFICE).get("/auswahl").text


def test_sessions_come_in_from_a_file_by_those_who_may_make_them(app: App, browser: Callable[[str], Any]) -> None:
    office = browser(OFFICE)
    hidden = dict(re.findall(r'name="(csrf)" value="([^"]*)"', office.get("/sitzungen").text))

    def upload(go: str, text: str) -> Any:
        data = {**hidden, "go": go, "body": "council-dortmund"}
        file = {"file": ("rat.csv", text.encode(), "text/csv")}
        return office.post("/sitzungen", data=data, files=file, follow_redirects=False)

    table = "Datum;Titel\n18.06.2026;Rat im Juni\n99.06.2026;Rat\n"
    tried = upload("check", table)
    assert tried.status_code == 422
    assert "Zeile 3" in tried.text
    assert "Es wären 1 neu" in tried.text
    assert "Rat im Juni" not in office.get("/sitzungen").text
    done = upload("take", table.replace("99.", "19."))
    assert (done.status_code, done.headers["location"]) == (303, "/sitzungen")
    page = office.get("/sitzungen").text
    assert "2 neue" in page
    assert "Rat im Juni" in page
    assert "nicht lesbar" in upload("take", "").text
    assert "Es fehlt die Spalte „Datum“. Die Spalten sind: Wann, Was." in upload("take", "Wann;Was\n1;2\n").text


def test_staff_begin_by_hand_what_is_theirs_to_begin(app: App, browser: Callable[[str], Any]) -> None:
    office, address = browser(OFFICE), "/anlegen/session"
    assert f'href="{address}"' in office.get("/sitzungen").text
    assert 'href="/anlegen/selection-round"' in browser(COORDINATOR).get("/auswahl").text
    board = browser(COORDINATOR).get("/board", params={"lifecycle": "strategy"}).text
    assert 'href="/anlegen/strategy"' in board

    wrong = send(office, address, **{"f.title": "Rat im Juli", "f.body": "council-dortmund"})
    assert wrong.status_code == 422
    assert 'value="Rat im Juli"' in wrong.text
    assert 'href="#f-date"' in wrong.text  # the fault leads to its field

    told = {"f.title": "Rat im Juli", "f.body": "council-dortmund", "f.date": "2026-07-02"}
    asked = office.get(address).text
    fields = {**dict(re.findall(r'name="(csrf|command_id|spoken|in_place)" value="([^"]*)"', asked)), **told}
    made, again = (office.post(address, data=fields, follow_redirects=False) for _ in range(2))
    assert made.status_code == 303
    assert re.fullmatch(r"/sitzungen/\d{4}-\d{4}", made.headers["location"])
    assert again.headers["location"] == made.headers["location"], "made once"
    assert office.get("/sitzungen").text.count("Rat im Juli") == 1

    for key in ("idea-to-project", "selection-round", "nothing"):  # handed in; the coordination's; not there
        assert office.get(f"/anlegen/{key}").status_code == 404


def test_a_deputy_begins_what_is_theirs_to_begin_in_whose_place_they_stand_in(
    app: App, browser: Callable[[str], Any]
) -> None:
    resident, address = browser(RESIDENT), "/anlegen/selection-round"
    office = stand_in(app, deputy=RESIDENT)
    assert resident.get(address).status_code == 404, "not theirs either"
    address = "/anlegen/session"
    assert f'href="{address}"' in resident.get("/sitzungen").text
    assert "In Vertretung von ratsbuero" in resident.get(address).text
    told = {"title": "Rat im Juli", "body": "council-dortmund", "date": "2026-07-02"}
    made = send(resident, address, **{f"f.{name}": value for name, value in told.items()})
    number = made.headers["location"].removeprefix("/sitzungen/")

    def hands(of: str) -> set[tuple[str, str | None]]:
        with app.database.reading() as connection:
            return {(one.actor, one.on_behalf_of) for one in find(connection, app.rules, of, None, NOW).history}

    with app.database.reading() as connection:
        both = {(access.find(connection, RESIDENT).id, office)}
    assert hands(number) == both, "who, and in whose place"

    token = app.database.attempt(lambda connection: tokens.issue(connection, RESIDENT, [tokens.Scope.WRITE], NOW)[0])
    api = TestClient(create_app(app, clock=lambda: NOW), base_url="http://localhost")
    for place, status in (({}, 403), ({"on_behalf_of": COORDINATOR}, 403), ({"on_behalf_of": OFFICE}, 201)):
        sent = {"json": {"lifecycle": "session", "data": told} | place, "headers": {"Authorization": f"Bearer {token}"}}
        answer = api.post("/api/v1/items", **sent)
        assert answer.status_code == status
    assert hands(answer.json()["item"]["number"]) == both
    held = app.engine.plan(Create(actor=RESIDENT, lifecycle="selection-round", on_behalf_of=OFFICE, data={}), now=NOW)
    assert [one.code for one in held.blockers][:1] == ["role"], "no more than the one away may"


def test_a_review_after_the_deadline_is_accepted_and_marked(app: App, browser: Callable[[str], Any]) -> None:
    number = idea(app, "Späte Bewertung")
    do(app, Correct(item=number, to="shortlisted", reason="Altbestand", actor=ADMINISTRATOR))
    do(app, Assign(item=number, role="reviewer", person=RESIDENT, actor=COORDINATOR))
    names = ("lawful", "feasible", "affordable", "maintainable")
    scores = app.rules.newest_of(app.database, "selection-round").ranking
    assert scores is not None
    data = {**dict.fromkeys(names, True), **dict.fromkeys(scores.weights, 3)}
    review = Record(item=number, kind="review", data=data, actor=RESIDENT)
    app.engine.execute(review, now=NOW + timedelta(days=90))
    coordinator = browser(COORDINATOR)
    assert "nach Ablauf der Frist" in coordinator.get(f"/ideen/{number}").text
    token = app.database.attempt(lambda connection: tokens.issue(connection, COORDINATOR, [tokens.Scope.READ], NOW))[0]
    address, headers = f"/api/v1/items/{number}/records/review", {"Authorization": f"Bearer {token}"}
    assert [one["late"] for one in coordinator.get(address, headers=headers).json()["records"]] == [True]
    shares = coordinator.get(f"/api/v1/items/{number}", headers=headers).json()["shares"]
    assert {"record": "cosignature", "done": 0, "of": 2} in shares
    with app.database.reading() as connection:
        seen = find(connection, app.rules, number, None, NOW)
    assert as_document(seen, Session({}), NOW)["shares"] == shares
    assert [one["late"] for one in as_document(seen, Session({}), NOW)["records"] if one["kind"] == "review"] == [True]
    early = idea(app, "Rechtzeitig")
    do(app, Correct(item=early, to="shortlisted", reason="Altbestand", actor=ADMINISTRATOR))
    do(app, Assign(item=early, role="reviewer", person=RESIDENT, actor=COORDINATOR))
    do(app, replace(review, item=early))
    assert "nach Ablauf der Frist" not in browser(COORDINATOR).get(f"/ideen/{early}").text


def test_an_indicator_without_a_unit_is_told_at_its_field(app: App) -> None:
    number = idea(app, "Ohne Einheit")
    do(app, Correct(item=number, to="shortlisted", reason="Altbestand", actor=ADMINISTRATOR))
    data = {"name": "Besuche", "baseline": 1, "target": 2}
    judged = app.engine.plan(
        Record(item=number, kind="indicator", key="besuche", data=data, actor=COORDINATOR), now=NOW
    )  # fmt: skip
    assert any("Einheit" in one.in_locale("de") for one in judged.blockers)
