"""What is changed: once, by those who may, and only what they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from conftest import Api

RESIDENT = "buergerin@dortmund.example"
COORDINATOR = "koordination@dortmund.example"
OTHER_CITY = "koordination@schwerte.example"
EXPERT = "tiefbauamt@dortmund.example"
ADMINISTRATOR = "verwaltung@dortmund.example"
ADMIN = Scope.ADMIN


def test_an_item_goes_its_way_by_the_api_alone(api: Api) -> None:
    resident, coordinator, expert = (api.by(one) for one in (RESIDENT, COORDINATOR, EXPERT))
    number = resident.create()
    assert resident.post(f"/items/{number}/transitions", {"transition": "submit"}, 200)["item"]["state"] == "in_review"

    steps = {one["transition"]: one for one in coordinator.get(f"/items/{number}/transitions")["transitions"]}
    assert steps["close"]["asks"] == ["reason"]
    assert steps["accept"]["asks"] == ["data"]

    who = api.by(ADMINISTRATOR, ADMIN).get("/persons?role=expert")["persons"][0]["id"]
    coordinator.post(f"/items/{number}/assignments", {"role": "expert", "person": EXPERT})
    assert {one["email"] for one in coordinator.get(f"/items/{number}/assignments")["assignments"]} == {
        RESIDENT,
        EXPERT,
    }
    expert.post(f"/items/{number}/records/opinion", {"data": {"feasible": True, "remark": "Geht."}})
    assert expert.get(f"/items/{number}/records/opinion")["records"][0]["data"] == {"feasible": True, "remark": "Geht."}
    taken = coordinator("DELETE", f"/items/{number}/assignments/expert/{who}")
    assert taken.status_code == 200

    coordinator.post(f"/items/{number}/comments", {"text": "Die Unterlagen liegen vor.", "public": True})
    assert coordinator.get(f"/items/{number}/comments")["comments"][0]["text"] == "Die Unterlagen liegen vor."
    longer = {"to": "2026-12-01", "reason": "Das Gutachten fehlt."}
    coordinator.post(f"/items/{number}/deadlines", longer, 200)
    assert coordinator.get(f"/items/{number}/deadlines")["deadlines"][0]["due"] == "2026-12-01"

    other = coordinator.create("Ein anderer Vorgang")
    coordinator.post(f"/items/{number}/links", {"kind": "hangs_on", "other": other})
    assert coordinator.get(f"/items/{other}/links")["links"][0]["number"] == number
    assert coordinator("DELETE", f"/items/{number}/links/hangs_on/{other}").status_code == 200
    assert coordinator("DELETE", f"/items/{number}/links/hangs_on/{other}").status_code == 404

    done = coordinator.post(f"/items/{number}/transitions", {"transition": "accept", "data": {"feasible": True}}, 200)
    assert done["item"]["state"] == "accepted"
    doors = {one["via"] for one in coordinator.get(f"/items/{number}/events?limit=200")["events"]}
    assert doors == {"api"}


def test_a_request_that_is_sent_again_happens_once(api: Api) -> None:
    resident = api.by(RESIDENT)
    sheet = {"lifecycle": "short", "data": {"title": "Eins", "cities": ["dortmund"]}}
    first = resident("POST", "/items", sheet, key="k-1")
    again = resident("POST", "/items", sheet, key="k-1")
    assert first.headers["Location"] == again.headers["Location"]
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    other = resident.post("/items", {**sheet, "data": {"title": "Zwei"}}, 422, key="k-1")
    assert other["blockers"][0]["code"] == "invalid_command_id"
    assert len(resident.get("/items")["items"]) == 1

    number = first.json()["item"]["number"]
    remind = {"number": number, "on": "2026-07-01", "note": "Nachfragen"}
    assert resident.post("/reminders", remind, key="k-2") == resident.post("/reminders", remind, key="k-2")
    assert resident.post("/reminders", {**remind, "note": "x"}, 422, key="k-2")["type"] == "/api#invalid"
    assert len(resident.get("/reminders")["reminders"]) == 1


def test_nobody_overwrites_what_they_did_not_see(api: Api) -> None:
    resident = api.by(RESIDENT)
    number = resident.create()
    seen = resident("GET", f"/items/{number}").headers["ETag"]
    resident.post(f"/items/{number}/transitions", {"transition": "submit"}, 200, seen=seen)
    late = resident.post(f"/items/{number}/transitions", {"transition": "submit"}, 412, seen=seen)
    assert late["current"] == {"number": number, "state": "in_review", "revision": int(seen.strip('"')) + 1}
    assert resident.post(f"/items/{number}/comments", {"text": "?"}, 400, seen='W/"3"')["type"] == "/api#wrong_filter"
    stale = resident.post(f"/items/{number}/records/sheet", {"data": {"title": "Neu"}, "version": 7}, 409)
    assert stale["type"] == "/api#conflict"


def test_a_refusal_names_every_blocker_in_both_languages(api: Api) -> None:
    number = api.by(RESIDENT).create()
    mine = api.by(RESIDENT).post(f"/items/{number}/transitions", {"transition": "close"}, 403)
    assert {one["code"] for one in mine["blockers"]} == {"role", "reason_missing"}
    assert "Koordination" in mine["blockers"][0]["message"]["de"]
    assert "Coordination" in mine["blockers"][0]["message"]["en"]
    early = api.by(COORDINATOR).post(f"/items/{number}/transitions", {"transition": "answer"}, 403)
    assert early["blockers"]
    unknown = api.by(COORDINATOR).post(f"/items/{number}/transitions", {"transition": "acept"}, 422)
    assert "accept" in unknown["detail"]
    wrong = api.by(COORDINATOR).post("/items", {"lifecycle": "short", "data": {"title": 7, "colour": "red"}}, 422)
    assert {one["path"] for one in wrong["blockers"]} == {"title", "colour"}
    nobody = api.by(COORDINATOR).post(f"/items/{number}/assignments", {"role": "expert", "person": "x@y.example"}, 422)
    assert nobody["blockers"][0]["code"] == "unknown_person"


IN_PLACE = (
    ("POST", "/items/{number}/transitions", {"transition": "submit"}),
    ("POST", "/items/{number}/records/opinion", {"data": {"feasible": True}}),
    ("POST", "/items/{number}/links", {"kind": "hangs_on", "other": "{other}"}),
    ("DELETE", "/items/{number}/links/hangs_on/{other}", None),
    ("POST", "/items/{number}/assignments", {"role": "expert", "person": EXPERT}),
    ("DELETE", "/items/{number}/assignments/expert/{expert}", None),
    ("POST", "/items/{number}/comments", {"text": "Die Unterlagen liegen vor."}),
    ("POST", "/items/{number}/deadlines", {"to": "2026-07-15", "reason": "Das Gutachten fehlt noch."}),
    ("POST", "/reminders", {"number": "{number}", "on": "2026-07-01"}),
    ("POST", "/items/{number}/transitions", {"transition": "close", "reason": "Erledigt."}),
)
"""Everything that a deputy may do with an item, in an order in which each can be done."""


def test_a_deputy_acts_in_the_place_of_whom_they_stand_in_for(api: Api) -> None:
    administrator = api.by(ADMINISTRATOR, ADMIN)
    away = administrator.get("/persons?role=coordinator")["persons"][0]
    assert away["email"] == COORDINATOR
    days = {"valid_from": "2026-06-01", "valid_to": "2026-06-30"}
    administrator.post(f"/persons/{away['id']}/deputies", {"deputy": OTHER_CITY, **days})
    names = {"number": api.by(RESIDENT).create(), "other": api.by(RESIDENT).create()}
    names["expert"] = administrator.get("/persons?role=expert")["persons"][0]["id"]
    deputy = api.by(OTHER_CITY)
    assert {one["number"] for one in deputy.get("/items")["items"]} == {names["number"], names["other"]}
    for method, path, sent in IN_PLACE:
        address = path.format(**names)
        body = {key: one.format(**names) if isinstance(one, str) else one for key, one in (sent or {}).items()}
        refused = deputy(method, address, body or None)
        assert (refused.status_code, refused.json()["blockers"][0]["code"]) == (403, "role"), address
        if sent is None:
            done = deputy(method, f"{address}?on_behalf_of={COORDINATOR}")
        else:
            done = deputy(method, address, {**body, "on_behalf_of": COORDINATOR})
        assert done.is_success, (address, done.text)
    history = deputy.get(f"/items/{names['number']}/events")["events"]
    acted = [one["on_behalf_of"] for one in history if one["kind"] != "created"]
    assert acted.count(away["id"]) == len(IN_PLACE) - 1, "all but the reminder, which no history speaks of"
    assert [one["person"] for one in deputy.get("/reminders")["reminders"]] == [COORDINATOR]
