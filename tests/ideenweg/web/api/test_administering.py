"""What administrators do by the API, and that nobody else does."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from conftest import Api

RESIDENT = "buergerin@dortmund.example"
COORDINATOR = "koordination@dortmund.example"
ADMINISTRATOR = "verwaltung@dortmund.example"
ADMIN = Scope.ADMIN

ADMINISTRATION = ("/events", "/webhooks", "/persons")


def test_a_token_does_no_more_than_its_scope_and_its_person_may(api: Api) -> None:
    for path in ADMINISTRATION:
        assert api.get(path, 401)["type"] == "/api#unauthenticated"
        assert "insufficient_scope" in api.by(ADMINISTRATOR)("GET", path).headers["WWW-Authenticate"]
        assert api.by(COORDINATOR, *Scope).get(path, 403)["detail"] == "This is up to administrators."
        api.by(ADMINISTRATOR, *Scope).get(path)
    assert api.by(COORDINATOR, Scope.READ).post("/items", {"data": {"title": "x"}}, 403)["type"] == "/api#forbidden"
    for wrong in ("Bearer idw_unknown", "Bearer", "Basic eDp5", "idw_"):
        answer = api.client.get("/api/v1/items", headers={"Authorization": wrong})
        assert answer.status_code == 401
        assert "invalid_token" in answer.headers["WWW-Authenticate"]
    api.client.cookies.set("session", "anything")
    assert api.get("/persons", 401)["type"] == "/api#unauthenticated"


def test_the_history_proves_itself_to_whoever_keeps_it_elsewhere(api: Api) -> None:
    number = api.by(RESIDENT).create()
    auditor = api.by(ADMINISTRATOR, Scope.AUDIT)
    events = auditor.get(f"/events?item={number}&limit=200")["events"]
    before = "0" * 64
    for one in events:
        assert one["prev_hash"] == before
        before = sha256(f"ideenweg event v1\n{before}\n{one['payload']}".encode()).hexdigest()
        assert one["hash"] == before
    newest = auditor.get("/events?newest_first=true&limit=1")["events"][0]
    assert newest["recorded_at"] >= events[-1]["recorded_at"]
    assert {one["kind"] for one in auditor.get("/events?kind=created&via=api")["events"]} == {"created"}
    assert "advanced" in auditor.get("/events?kind=moved", 400)["detail"]
    since = auditor.get("/events?since=2026-06-10T12:00:00", 400)
    assert since["blockers"][0]["path"] == "since"


def test_people_get_roles_and_lose_them(api: Api) -> None:
    administrator = api.by(ADMINISTRATOR, Scope.ADMIN)
    new = {"email": "Umweltamt@Dortmund.example", "name": "Umweltamt"}
    made = administrator.post("/persons", new, key="p-1")
    assert administrator.post("/persons", new, key="p-1") == made
    assert made["email"] == "umweltamt@dortmund.example"
    assert "known already" in administrator.post("/persons", new, 422)["detail"]
    assert "ideenweg" not in administrator.post("/persons", new, 422)["detail"]

    place = f"/persons/{made['id']}"
    granted = administrator.post(f"{place}/grants", {"role": "coordinator", "scope": "dortmund"})["grants"]
    assert [(one["role"], one["scope"], one["valid_from"]) for one in granted] == [
        ("coordinator", "dortmund", "2026-06-10")
    ]
    assert "no city" in administrator.post(f"{place}/grants", {"role": "coordinator", "scope": "koeln"}, 422)["detail"]
    assert administrator.post(f"{place}/grants", {"role": "nobody"}, 422)["type"] == "/api#invalid"
    gone = administrator("DELETE", f"{place}/grants/{granted[0]['id']}")
    assert gone.json()["grants"] == []
    assert administrator("DELETE", f"{place}/grants/{granted[0]['id']}").status_code == 404
    everybody = administrator.get("/persons?limit=2")
    assert everybody["next"] == everybody["persons"][-1]["email"]


def test_a_webhook_is_set_up_rotated_and_removed(api: Api) -> None:
    administrator = api.by(ADMINISTRATOR, Scope.ADMIN)
    made = administrator.post("/webhooks", {"url": "https://portal.dortmund.example/in"}, key="w-1")
    assert administrator.post("/webhooks", {"url": "https://portal.dortmund.example/in"}, key="w-1") == made
    assert made["secret"].startswith("whsec_")
    rotated = administrator.post(f"/webhooks/{made['id']}/rotation", None, key="w-2", status=200)
    again = administrator.post(f"/webhooks/{made['id']}/rotation", None, key="w-2", status=200)
    assert made["secret"] != rotated["secret"] == again["secret"]
    assert "secret" not in administrator.get("/webhooks")["webhooks"][0]
    assert administrator.get(f"/webhooks/{made['id']}/deliveries")["deliveries"] == []
    removed = administrator("DELETE", f"/webhooks/{made['id']}").json()
    assert removed["disabled_at"] is not None
    for url in ("http://portal.dortmund.example/", "https://127.0.0.1/", "https://localhost/", "x"):
        problem = administrator.post("/webhooks", {"url": url}, 422)
        assert "--private" not in problem["detail"]
