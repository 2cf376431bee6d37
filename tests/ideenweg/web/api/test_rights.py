"""Every operation and everybody who may call it, held against a table: one that is not in it fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from conftest import Api

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
SUBMITTER, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
ELSEWHERE, EXPERT = "koordination@schwerte.example", "tiefbauamt@dortmund.example"
ADMINISTRATOR = "verwaltung@dortmund.example"
CALLERS = (None, SUBMITTER, COORDINATOR, ELSEWHERE, EXPERT, ADMINISTRATOR)

# An item of Dortmund that is not released. The expert has nothing to do with it yet; the administrator's role is
# granted for everything.
PUBLIC = (200, 200, 200, 200, 200, 200)
ITEM = (404, 200, 200, 404, 404, 200)
ITEM_WITH_TOKEN = (401, 200, 200, 404, 404, 200)
CHANGE = (401, 412, 412, 404, 404, 412)  # as of another revision: whoever sees the item gets as far as that
NOWHERE = (401, 404, 404, 404, 404, 404)  # the item is neither a round nor a session
ANY_TOKEN = (401, 200, 200, 200, 200, 200)
ADMINISTRATORS = (401, 403, 403, 403, 403, 200)
ADMINISTRATORS_MAKE = (401, 403, 403, 403, 403, 422)
ADMINISTRATORS_SEEK = (401, 403, 403, 403, 403, 404)

TABLE = {
    "find_items": PUBLIC,
    "create_item": (401, 422, 422, 422, 422, 422),
    "read_item": ITEM,
    "item_events": ITEM,
    "list_transitions": ITEM_WITH_TOKEN,
    "fire_transition": CHANGE,
    "fire_transitions": ANY_TOKEN,  # what one does not see is held
    "read_ranking": NOWHERE,
    "read_agenda": NOWHERE,
    "record_agenda": NOWHERE,
    "list_answers": ANY_TOKEN,
    "find_alike": (400,) * 6,  # a text is wanted
    "read_sheet": (404,) * 6,  # it is not released
    "take_sheet": (401, 422, 422, 422, 422, 422),
    "read_package": ITEM_WITH_TOKEN,
    "read_paper": (401, 400, 400, 400, 400, 400),
    "take_sessions": (401, 400, 400, 400, 400, 400),
    "split_item": (401, 422, 422, 404, 404, 422),
    "add_support": CHANGE,
    "list_documents": ITEM,
    "attach_document": (401, 400, 400, 400, 400, 400),
    "read_document": (404, 404, 404, 404, 404, 404),
    "read_records": ITEM,
    "read_versions": ITEM_WITH_TOKEN,
    "write_record": CHANGE,
    "list_links": ITEM,
    "add_link": CHANGE,
    "end_link": CHANGE,
    "list_assignments": ITEM_WITH_TOKEN,
    "add_assignment": CHANGE,
    "end_assignment": CHANGE,
    "list_comments": ITEM,
    "add_comment": CHANGE,
    "due_deadlines": ANY_TOKEN,
    "item_deadlines": ITEM_WITH_TOKEN,
    "extend_deadline": CHANGE,
    "list_reminders": ANY_TOKEN,
    "add_reminder": (401, 422, 422, 422, 422, 422),
    "read_worklist": ANY_TOKEN,
    "list_lifecycles": PUBLIC,
    "read_lifecycle": PUBLIC,
    "read_programme": PUBLIC,
    "read_differences": (400,) * 6,  # two versions are wanted
    "migrate_items": ADMINISTRATORS_SEEK,
    "read_history": ADMINISTRATORS,
    "read_checkpoint": PUBLIC,
    "list_webhooks": ADMINISTRATORS,
    "add_webhook": ADMINISTRATORS_MAKE,
    "rotate_webhook": ADMINISTRATORS_SEEK,
    "remove_webhook": ADMINISTRATORS_SEEK,
    "list_deliveries": ADMINISTRATORS_SEEK,
    "list_persons": ADMINISTRATORS,
    "add_person": ADMINISTRATORS_MAKE,
    "read_person": ADMINISTRATORS_SEEK,
    "grant_role": ADMINISTRATORS_MAKE,
    "revoke_role": ADMINISTRATORS_SEEK,
    "add_deputy": ADMINISTRATORS_SEEK,
}

BODIES = {
    "create_item": {"lifecycle": "nothing", "data": {}},
    "fire_transition": {"transition": "submit"},
    "fire_transitions": {"items": ["2026-0001"], "transition": "submit", "preview": True},
    "record_agenda": {"results": {"2026-0001": {"outcome": "approved"}}},
    "take_sheet": {},
    "split_item": {"link": "hangs_on", "data": {}},
    "migrate_items": {"to": 1},
    "write_record": {"data": {"title": "x"}},
    "add_link": {"kind": "hangs_on", "other": "2026-0001"},
    "add_assignment": {"role": "expert", "person": EXPERT},
    "add_comment": {"text": "x"},
    "extend_deadline": {"to": "2026-12-01", "reason": "x"},
    "add_reminder": {"number": "2026-0002", "on": "2026-12-01"},
    "add_webhook": {"url": "x"},
    "add_person": {"email": "x@", "name": "x"},
    "grant_role": {"role": "nothing"},
    "add_deputy": {"deputy": EXPERT, "valid_from": "2026-07-01", "valid_to": "2026-07-02"},
}
PARTS = {
    "kind": "sheet", "other": "2026-0002", "role": "expert", "person": "p-0000000000000000",
    "grant_id": "g-0000000000000000", "document_id": "d-0000000000000000",
}  # fmt: skip


def test_everybody_gets_what_the_table_says(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    number = api.by(SUBMITTER).create()
    api.app.audit.checkpoint(NOW)
    callers = [api.by(who, *Scope) if who else api for who in CALLERS]
    found = {}
    for template, operations in api.get("/openapi.json")["paths"].items():
        for method, operation in operations.items():
            name = operation["operationId"]
            key = "short" if name == "read_lifecycle" else "w-0000000000000000"
            path = template.format(number=number, key=key, **PARTS)
            body = BODIES.get(name)
            seen = {"seen": '"999"'} if TABLE.get(name) is CHANGE else {}
            found[name] = tuple(caller(method.upper(), path, body, **seen).status_code for caller in callers)
    assert found == TABLE


def test_a_token_that_may_only_read_changes_nothing(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    number = api.by(COORDINATOR).create()
    reader = api.by(COORDINATOR, Scope.READ)
    for template, operations in api.get("/openapi.json")["paths"].items():
        for method, operation in operations.items():
            if method != "get":
                path = template.format(number=number, key="w-0000000000000000", **PARTS)
                answer = reader(method.upper(), path, BODIES.get(operation["operationId"]))
                assert answer.status_code == 403, operation["operationId"]
