"""Whatever is sent, it is answered with a problem that says what is wrong, and never with a fault."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import patch

from limits import RateLimitItemPerMinute
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ideenweg.web.api.app import Mounted, create_api
from ideenweg.web.api.throttle import Throttle
from workflow.db import Database
from workflow.errors import Busy

if TYPE_CHECKING:
    from conftest import Api

WHO = "koordination@dortmund.example"
JSON = "application/json"
NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)

BODIES = [
    (b"", JSON, 422, "missing"),
    (b"{", JSON, 400, "line 1, column 2"),
    (b"[]", JSON, 422, "object"),
    (b'"x"', JSON, 422, "object"),
    (b'{"data": NaN}', JSON, 400, "NaN"),
    (b'{"data": {"title": 1e999}}', JSON, 400, "too large"),
    (b'{"data": {"title": 123456789012345678901234567890}}', JSON, 400, "2^53"),
    (b'{"data": {"title": ' + b"9" * 5000 + b"}}", JSON, 400, "2^53"),
    (b'{"data": {"title": "a", "title": "b"}}', JSON, 400, "twice"),
    (rb'{"data": {"title": "\ud800"}}', JSON, 400, "surrogate"),
    (rb'{"data": {"\ud800": "x"}}', JSON, 400, "surrogate"),
    (rb'{"data": {"title": "\u0000"}}', JSON, 400, "NUL"),
    (b'{"data": {"title": "\xff"}}', JSON, 400, "UTF-8"),
    (b"[" * 100_000, JSON, 400, "deeper"),
    (b'{"data": ' * 40 + b"1" + b"}" * 40, JSON, 400, "deeper"),
    (b'{"data": {"title": "x"}, "colour": 1}', JSON, 422, "colour"),
    (b'{"data": {"title": "x"}, "on_behalf_of": 7}', JSON, 422, "on_behalf_of"),
    (b'{"data": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "larger"),
    (b'{"data": {}}', "text/plain", 415, "application/json"),
    (b'{"data": {}}', "application/x-www-form-urlencoded", 415, "application/json"),
    (b'{"data": {}}', "application/json; charset=utf-16", 415, "UTF-8"),
    (b'{"data": {}}', "nonsense; charset", 415, "application/json"),
]


def test_a_body_is_read_in_one_way_only(shown: Api) -> None:
    headers = shown.by(WHO).headers
    for body, kind, status, said in BODIES:
        answer = shown.client.post("/api/v1/items", content=body, headers={**headers, "Content-Type": kind})
        assert answer.status_code == status, (body[:60], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert said in answer.json()["detail"], (body[:60], answer.text)


def test_an_address_is_read_in_one_way_only(shown: Api) -> None:
    caller = shown.by(WHO)
    cases = {
        "/items/2026-0001%00": 404,
        "/items/2026-0001%0A": 404,
        "/items/%F0%9F%98%80": 404,
        "/items/99999-99999999999": 404,
        "/items/9999-9999999": 404,
        "/items/2026-0001/records/" + "x" * 500: 404,
        "/items/2026-0001/records/nothing": 404,
        "/items/2026-0001/events?cursor=-1": 400,
        "/items/2026-0001/events?cursor=99999999999999999999": 400,
        "/deadlines?cursor=" + "A" * 399: 400,
        "/deadlines?cursor=bnVsbA": 400,
        "/deadlines?cursor=WzEsMiwzLDRd": 200,
        "/worklist?cursor=bnVsbA": 400,
        "/worklist?section=never": 400,
        "/items?cursor=0000-0000": 200,
        "/items?q=" + "%F0%9F%98%80" * 200: 200,
        "/items?q=" + "a+" * 101: 400,
        "/nothing": 404,
        "/../items": 404,
    }
    for path, status in cases.items():
        answer = caller("GET", path)
        assert answer.status_code == status, (path, answer.text)
    for headers in ({"key": "two words"}, {"key": "x" * 201}, {"seen": "17"}, {"seen": ""}):
        answer = caller("POST", "/items/2026-0001/comments", {"text": "x"}, **headers)
        assert answer.status_code == 400, (headers, answer.text)


def test_a_method_that_there_is_not_is_told_with_those_that_there_are(shown: Api) -> None:
    answer = shown("PATCH", "/items")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST, HEAD")
    assert shown("DELETE", "/programme").headers["Allow"] == "GET, HEAD"


def test_who_calls_in_a_circle_is_told_when_to_come_again(shown: Api) -> None:
    few = Throttle(token=RateLimitItemPerMinute(2), address=RateLimitItemPerMinute(2))
    place = Mounted(create_api(shown.app, clock=lambda: NOW, throttle=few))
    client = TestClient(Starlette(routes=[place]), base_url="http://localhost")
    for headers in ({}, shown.by(WHO).headers):
        answers = [client.get("/api/v1/programme", headers=headers) for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert client.get("/api/v1/programme", headers=shown.by("einreichung@dortmund.example").headers).is_success


def test_a_problem_is_told_in_the_language_of_the_caller(shown: Api) -> None:
    number = shown.by(WHO).get("/items")["items"][0]["number"]
    told = {
        ("GET", "/items/2026-9999", b""): ("„2026-9999“ gibt es nicht.", "There is no item '2026-9999'."),
        ("GET", "/items?colour=1", b""): ("Diese Angabe gibt es hier nicht.", "There is no such parameter."),
        ("GET", "/items?state=x", b""): ("„x“ gibt es für „state“ nicht.", "There is no state “x”."),
        ("POST", "/items", b"{"): ("Der Inhalt ist kein JSON", "The body is not JSON"),
        ("POST", f"/items/{number}/comments", b'{"text": " "}'): (
            "Schreiben Sie einen oder zwei Sätze dazu.",
            "Add a sentence or two.",
        ),
    }
    for (method, address, body), said in told.items():
        kinds = set()
        for sentence, language in zip(said, ("de-DE, en;q=0.5", "fr"), strict=True):
            headers = {**shown.by(WHO).headers, "Accept-Language": language, "Content-Type": JSON}
            answer = shown.client.request(method, f"/api/v1{address}", content=body, headers=headers)
            assert sentence in answer.json()["detail"], answer.text
            assert answer.headers["Content-Language"] == ("de" if language.startswith("de") else "en")
            assert "Accept-Language" in answer.headers["Vary"]
            kinds.add((answer.status_code, answer.json()["type"], str(answer.json()["blockers"])))
        assert len(kinds) == 1, "what programs look at stays"


def test_a_database_that_does_not_answer_is_told_without_a_word_of_how_it_is_made(shown: Api) -> None:
    with patch.object(Database, "reading", side_effect=Busy(30)):
        answer = shown("GET", "/items")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    with patch.object(Database, "reading", side_effect=RuntimeError("a secret")):
        answer = shown("GET", "/items")
    assert answer.status_code == 500
    assert "secret" not in answer.text
