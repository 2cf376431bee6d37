"""Many items at once, rounds, sessions and documents: what the pages can do, other programs can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from ideenweg.wiring import SHIPPED, open_workflow
from workflow.accounts.tokens import Scope
from workflow.commands import Advance, Correct, Create, Link, Record
from workflow.streams import Origin

from .conftest import COORDINATOR, NOW, RESIDENT, Api, served

ADMINISTRATOR, OTHER_CITY = "verwaltung@dortmund.example", "koordination@schwerte.example"
OFFICE = "ratsbuero@dortmund.example"


def test_a_transition_on_many_is_looked_at_then_done_once_under_one_batch(api: Api) -> None:
    coordinator, elsewhere = api.by(COORDINATOR), api.by(OTHER_CITY)
    numbers = [coordinator.create(f"Bank {place}") for place in range(3)]
    other = elsewhere.create("Steg", cities=["schwerte"])
    sent = {"items": [*numbers, other], "transition": "close", "reason": "Doppelt"}

    seen = coordinator.post("/transitions", {**sent, "preview": True}, 200)
    assert (seen["batch"], seen["allowed"]) == (None, numbers)
    assert [(one["number"], one["blockers"][0]["code"]) for one in seen["held"]] == [(other, "unknown_item")]
    none = coordinator.post("/transitions", {**sent, "whole": True}, 200)
    assert (none["allowed"], len(none["held"])) == ([], 1)
    assert coordinator.get(f"/items/{numbers[0]}")["state"] == "draft"

    first = coordinator.post("/transitions", sent, 200, key="k-1")
    assert (first["batch"], first["allowed"]) == ("k-1", numbers)
    assert coordinator.post("/transitions", sent, 200, key="k-1") == first
    auditor = api.by(ADMINISTRATOR, Scope.AUDIT)
    events = auditor.get("/events?batch=k-1")["events"]
    assert [one["number"] for one in events if one["kind"] == "advanced"] == numbers
    assert elsewhere.get(f"/items/{other}")["state"] == "draft"
    assert coordinator.post("/transitions", {**sent, "items": []}, 422)


def test_a_document_is_attached_listed_and_read_by_those_who_may(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    resident, coordinator, elsewhere = (api.by(one) for one in (RESIDENT, COORDINATOR, OTHER_CITY))
    number = resident.create()
    content = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

    def attach(who: Api, name: str, body: bytes, **headers: str) -> int:
        path = f"/api/v1/items/{number}/documents?name={name}"
        told = {**who.headers, "Content-Type": "application/octet-stream", **headers}
        return int(who.client.post(path, content=body, headers=told).status_code)

    assert attach(resident, "skizze.pdf", content, **{"Idempotency-Key": "d-1"}) == 201
    assert attach(resident, "skizze.pdf", content, **{"Idempotency-Key": "d-1"}) == 201
    assert attach(resident, "skizze.pdf", b"MZ") == 422
    assert attach(resident, "skizze.pdf", content, **{"If-Match": '"999"'}) == 412
    assert attach(elsewhere, "skizze.pdf", content) == 404
    assert attach(api, "skizze.pdf", content) == 401
    (one,) = coordinator.get(f"/items/{number}/documents")["documents"]
    assert (one["name"], one["media_type"], one["size"]) == ("skizze.pdf", "application/pdf", len(content))
    read = coordinator("GET", f"/documents/{one['id']}")
    assert (read.content, read.headers["Content-Type"]) == (content, "application/pdf")
    assert [who("GET", f"/documents/{one['id']}").status_code for who in (api, elsewhere)] == [404, 404]


@pytest.fixture
def decided(sqlite_url: str, appoint: Callable[..., None]) -> Iterator[tuple[Api, str, str, list[str]]]:
    """The API on the shipped lifecycles; a round, a session that was held, and two ideas on its agenda."""

    with open_workflow(sqlite_url) as app:
        for file in sorted(SHIPPED.glob("lifecycles/*.yaml")):
            app.load(file, now=NOW)
        people = {
            RESIDENT: (),
            COORDINATOR: [("coordinator", "dortmund")],
            OFFICE: [("session_office", "council-dortmund")],
            ADMINISTRATOR: [("administrator", None)],
        }
        appoint(app, "idea-to-project", people, NOW)

        def make(actor: str, lifecycle: str, **sheet: object) -> str:
            create = Create(actor=actor, lifecycle=lifecycle, data={"cities": ["dortmund"], **sheet})
            return app.engine.execute(create, now=NOW).item.number

        budget = [{"city": "dortmund", "euros": 1000}]
        create = Create(actor=COORDINATOR, lifecycle="selection-round", data={"title": "Runde", "budget": budget})
        a_round = app.engine.execute(create, now=NOW).item.number
        session = make(OFFICE, "session", title="Rat", body="council-dortmund", date="2026-06-09")
        ideas = [make(RESIDENT, "idea-to-project", title=title, problem="…") for title in ("Bank", "Baum")]
        for number in ideas:
            back = Correct(item=number, to="before_bodies", reason="Altbestand", actor=ADMINISTRATOR)
            app.engine.execute(back, now=NOW)
            app.engine.execute(Link(item=number, kind="on_agenda_of", other=session, actor=COORDINATOR), now=NOW)
        for step in ("close_agenda", "hold"):
            app.engine.execute(Advance(item=session, transition=step, actor=OFFICE), now=NOW)
        api = Api(app, TestClient(served(app), base_url="http://localhost"), {})
        yield api, a_round, session, ideas


def test_a_round_is_ranked_and_a_session_recorded_as_on_the_pages(
    decided: tuple[Api, str, str, list[str]],
) -> None:
    api, a_round, session, ideas = decided
    coordinator, office = api.by(COORDINATOR), api.by(OFFICE)
    ranking = coordinator.get(f"/items/{a_round}/ranking?weight=sustainability:7&budget=dortmund:250000")
    assert (ranking["weights"]["sustainability"], ranking["left"], ranking["places"]) == (7, {"dortmund": 250000}, [])
    assert coordinator.get(f"/items/{a_round}/ranking")["left"] == {"dortmund": 1000}
    assert coordinator.get(f"/items/{a_round}/ranking?weight=nothing:1", 400)["type"] == "/api#wrong_filter"
    coordinator.get(f"/items/{ideas[0]}/ranking", 404)

    agenda = office.get(f"/items/{session}/agenda")
    assert (agenda["body"], [one["number"] for one in agenda["entries"]]) == ("council-dortmund", ideas)
    half = {"results": {ideas[0]: {"outcome": "approved", "paper": "DS 1"}, ideas[1]: {"paper": "DS 2"}}}
    assert office.post(f"/items/{session}/agenda", half, 422)["blockers"]
    assert [one["data"] for one in office.get(f"/items/{session}/agenda")["entries"]] == [{}, {}]
    whole = {"results": {ideas[0]: {"outcome": "approved", "paper": "DS 1"}}}
    done = office.post(f"/items/{session}/agenda", whole, key="k-1")
    assert (done["batch"], done["recorded"]) == ("k-1", [session, ideas[0]])
    assert office.get(f"/items/{session}/agenda")["entries"][0]["data"]["outcome"] == "approved"
    coordinator.get(f"/items/{ideas[0]}/agenda", 404)


def test_files_go_out_and_come_in_as_by_page_and_command(decided: tuple[Api, str, str, list[str]]) -> None:
    api, a_round, session, (bench, tree) = decided
    coordinator, office = api.by(COORDINATOR), api.by(OFFICE)
    api.app.engine.execute(
        Record(item=bench, kind="release", data={"released": True}, actor=COORDINATOR), now=NOW
    )  # fmt: skip
    api.get(f"/items/{tree}/sheet", 404)
    sheet = api.get(f"/items/{bench}/sheet?licence=CC0-1.0")
    assert (sheet["licence"], sheet["from"]["number"], sheet["title"]) == ("CC0-1.0", bench, "Bank")
    later = {**sheet, "version": 9, "climate": 1}
    seen = coordinator.post("/sheets?preview=true", later, 200)
    assert (seen["number"], seen["newer"], seen["data"]["external_number"]) == (None, True, bench)
    assert seen["left"]["climate"]
    assert "sheet.data.cities" in seen["left"]
    taken = coordinator.post("/sheets", later, 200, key="s-1")["number"]
    assert coordinator.post("/sheets", later, 200, key="s-1")["number"] == taken
    assert len(coordinator.get(f"/items/{taken}/documents")["documents"]) == 1
    assert coordinator.post("/sheets", {"title": "nichts"}, 422)["detail"].startswith("This is no project sheet")
    assert [who.get("/alike?q=Bank")["items"][0]["number"] for who in (coordinator, api)] == [bench, bench]
    assert [len(who.get("/alike?q=Baum")["items"]) for who in (coordinator, api)] == [1, 0]

    package = coordinator("GET", f"/items/{session}/package")
    with ZipFile(BytesIO(package.content)) as archive:
        assert {f"items/{one}.json" for one in (session, bench, tree)} < set(archive.namelist())
    paper = office("GET", f"/items/{bench}/paper?body=council-dortmund")
    assert paper.content.startswith(b"PK")
    assert paper.headers["Content-Type"].endswith("document")
    coordinator.get(f"/items/{bench}/paper?body=nothing", 400)
    coordinator.get(f"/items/{a_round}/paper?body=council-dortmund", 400)

    table = b"date;title\n2026-09-17;Rat im September\n31.02.2026;Rat ohne Tag\n"

    def send(**query: str) -> dict[str, Any]:
        address = f"/api/v1/sessions?{urlencode({'name': 'rat.csv', 'body': 'council-dortmund', **query})}"
        told = {**office.headers, "Content-Type": "application/octet-stream"}
        answer = office.client.post(address, content=table, headers=told)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert [one["number"] for one in send(preview="true")["new"]] == [None]
    first = send()
    assert ([one["line"] for one in first["faults"]], len(first["new"]), send()["same"]) == ([3], 1, 1)


def test_a_part_is_split_off_a_reason_filled_in_and_two_versions_compared(
    decided: tuple[Api, str, str, list[str]],
) -> None:
    api, _, _, (bench, tree) = decided
    coordinator, administrator = api.by(COORDINATOR), api.by(ADMINISTRATOR, Scope.ADMIN)
    part = {"link": "split_from", "data": {"title": "Lehne", "problem": "…", "cities": ["dortmund"]}}
    made = coordinator.post(f"/items/{bench}/parts", part, key="p-1")
    assert made["unlinked"] == []
    assert coordinator.post(f"/items/{bench}/parts", part, key="p-1")["repeated"]
    number = made["item"]["number"]
    assert [(one["kind"], one["number"]) for one in coordinator.get(f"/items/{number}/links")["links"]] == [
        ("split_from", bench)
    ]
    assert coordinator.post(f"/items/{bench}/parts", {**part, "link": "nothing"})["unlinked"]

    name = coordinator.get("/answers")["answers"][0]["name"]
    sent = {"items": [bench, tree], "transition": "reject", "answer": name, "preview": True}
    assert coordinator.post("/transitions", sent, 200)["held"] == []
    coordinator.post("/transitions", {**sent, "reason": "und noch einer"}, 422)
    coordinator.post("/transitions", {**sent, "answer": "de/nothing"}, 422)
    assert coordinator.post(f"/items/{bench}/support", None, 409)["blockers"]

    text = (SHIPPED / "lifecycles" / "idea-to-project.yaml").read_text("utf-8").replace("version: 1", "version: 2", 1)
    changed = api.app.check(text.replace("In Umsetzung", "In Arbeit"), "two.yaml")
    api.app.store(changed, Origin("operator", "cli"), NOW)
    (one,) = api.get("/lifecycles/idea-to-project/differences?before=1&after=2")["differences"]
    assert (one["section"], one["key"], one["what"]) == ("states", "in_progress", "changed")
    path, moves = "/lifecycles/idea-to-project/migrations", {"to": 2}
    seen = administrator.post(path, {**moves, "preview": True}, 200)
    assert coordinator.get(f"/items/{bench}")["version"] == 1
    assert administrator.post(path, {**moves, "map": {"states": {"in_review": "nowhere"}}}, 422)
    assert administrator.post(path, moves, 200) == seen
    assert sum(one["items"] for one in seen["moved"]) >= 3
    assert coordinator.get(f"/items/{bench}")["version"] == 2
    administrator.post(path, moves, 422)
