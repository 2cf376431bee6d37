"""What is read: by everybody what is released, with a token what its person may see, and nobody's name but to those
who may know it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from ideenweg.wiring import App
from workflow.errors import NotFound
from workflow.models import item
from workflow.queries.detail import find
from workflow.queries.people import list_people

if TYPE_CHECKING:
    from conftest import Api

RESIDENT = "buergerin@dortmund.example"
COORDINATOR = "koordination@dortmund.example"
OTHER_CITY = "koordination@schwerte.example"
NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)


def everything(api: Api, path: str, name: str) -> list[Any]:
    """All entries of a list, page by page."""
    found: list[Any] = []
    while True:
        page = api.get(path)
        found += page[name]
        if page["next"] is None:
            return found
        path = f"{path.split('&cursor=')[0]}&cursor={page['next']}"


def people(app: App) -> list[Any]:
    with app.database.reading() as connection:
        return list(list_people(connection, limit=500).people)


def test_without_a_token_the_released_items_are_told_and_nobody_is_named(shown: Api) -> None:
    items = everything(shown, "/items?limit=5", "items")
    assert items
    assert all(one["released"] for one in items)
    assert not any(one["due"] or one["overdue"] for one in items)
    known = people(shown.app)
    for one in items:
        number = one["number"]
        parts = ("", "/events", "/links", "/comments")
        text = " ".join(json.dumps(shown.get(f"/items/{number}{part}"), ensure_ascii=False) for part in parts)
        assert [who.email for who in known if who.id in text or who.email in text] == []


def test_everybody_finds_in_the_list_just_what_they_may_open(shown: Api, demo: App) -> None:
    one_of_each = list({tuple(sorted({grant.role for grant in who.grants})): who for who in people(demo)}.values())
    with demo.database.reading() as connection:
        numbers = connection.scalars(select(item.c.number)).all()
        for who in one_of_each[::3]:
            listed = {one["number"] for one in everything(shown.by(who.email), "/items?limit=200", "items")}
            assert listed == {one for one in numbers if opens(connection, demo, one, who.id)}, who.email


def opens(connection: Connection, demo: App, number: str, who: str) -> bool:
    try:
        return bool(find(connection, demo.rules, number, who, NOW, stand_in=True))
    except NotFound:
        return False


def test_an_unreleased_item_is_nowhere_for_those_it_is_not_theirs(api: Api) -> None:
    number = api.by(RESIDENT).create()
    for stranger in (api, api.by(OTHER_CITY)):
        for part in ("", "/events", "/records/sheet", "/links", "/comments"):
            assert stranger.get(f"/items/{number}{part}", 404)["type"] == "/api#not_found"
        assert stranger.get("/items")["items"] == []
    for part in ("transitions", "comments", "links", "assignments", "deadlines", "records/sheet"):
        sent = {"transition": "submit"} if part == "transitions" else {}
        answer = api.by(OTHER_CITY)("POST", f"/items/{number}/{part}", sent)
        assert answer.status_code in (404, 422), answer.text
    refused = api.by(OTHER_CITY).post(f"/items/{number}/transitions", {"transition": "submit"}, 404)
    assert refused["detail"] == f"There is no item '{number}'."


def test_public_answers_may_be_kept_and_read_from_any_page_and_others_not(shown: Api) -> None:
    first = shown("GET", "/items")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Vary"] == "Authorization"
    again = shown("GET", "/items", known=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    head = shown("HEAD", "/items")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == first.headers["ETag"]

    private = shown.by(COORDINATOR)("GET", "/items")
    assert private.headers["Cache-Control"] == "private, no-cache"
    assert "Access-Control-Allow-Origin" not in private.headers
    preflight = shown.client.options(
        "/api/v1/items", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"


def test_a_wrong_filter_is_told_with_those_that_are_right(shown: Api) -> None:
    cases = {
        "state=nowhere": "in_review",
        "city=koeln": "dortmund",
        "stage=x": "selection",
        "lifecycle=x": "strategy",
        "field=x": "smart-mobility",
        "stat=in_review": "Possible: limit, cursor, lifecycle, state",
        "limit=0": "limit",
        "limit=1e3": "limit",
        "overdue=yes": "overdue",
        "cursor=2026": "no cursor",
        "cursor=%00": "character",
        "q=%ff": "UTF-8",
    }
    for query, said in cases.items():
        assert said in shown.get(f"/items?{query}", 400)["detail"]


def test_filters_narrow_the_list_and_pages_go_on_where_the_last_one_ended(shown: Api) -> None:
    all_of_them = everything(shown, "/items?limit=200", "items")
    assert everything(shown, "/items?limit=1", "items") == all_of_them
    of_city = everything(shown, "/items?limit=3&city=schwerte", "items")
    assert of_city == [one for one in all_of_them if "schwerte" in one["cities"]]
    assert 'rel="next"' in shown("GET", "/items?limit=1&city=dortmund").headers["Link"]
    assert "city=dortmund" in shown("GET", "/items?limit=1&city=dortmund").headers["Link"]
    word = all_of_them[0]["title"].split()[0]
    assert all_of_them[0] in shown.get(f"/items?q={word}")["items"]


def test_who_works_sees_whose_turn_it_is_what_is_due_and_what_stands_against_each_step(shown: Api) -> None:
    caller = shown.by(COORDINATOR)
    assert caller.get("/items?overdue=true")["items"]
    assert shown.get("/items?overdue=true", 401)["type"] == "/api#unauthenticated"
    task = caller.get("/worklist?limit=1")["tasks"][0]
    assert caller.get(f"/items/{task['number']}")["turn"] is not None
    steps = caller.get(f"/items/{task['number']}/transitions")["transitions"]
    blocked = next(one for one in steps if one["blockers"])
    assert not blocked["allowed"]
    assert blocked["blockers"][0]["message"]["de"] != blocked["blockers"][0]["message"]["en"]
    due = [one["ends_at"] for one in everything(caller, "/deadlines?limit=2", "deadlines")]
    assert due == sorted(due)


def test_a_lifecycle_tells_what_a_program_needs_to_fill_its_forms(shown: Api) -> None:
    from jsonschema import Draft202012Validator

    for line in shown.get("/lifecycles")["lifecycles"]:
        found = shown.get(f"/lifecycles/{line['key']}")
        states = {one["key"] for one in found["states"]}
        assert {source for move in found["transitions"] for source in move["from"]} <= states
        for kind in found["records"]:
            Draft202012Validator.check_schema(kind["schema"])
    assert shown.get("/lifecycles/nothing", 404)["detail"] == "There is no lifecycle 'nothing'."
    assert {one["key"] for one in shown.get("/programme")["cities"]} == {"dortmund", "schwerte"}
