"""The calls that docs/api.md shows do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from conftest import Api

ROOT = Path(__file__).parents[4]
TEXT = (ROOT / "docs" / "api.md").read_text()
CALLS = re.findall(r"^    curl (?:.*\\\n)*.*$", TEXT, re.MULTILINE)
WHO = "koordination@dortmund.example"


def test_every_call_of_the_page_is_answered_well(shown_on_sqlite: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    token = shown_on_sqlite.by(WHO).headers["Authorization"].removeprefix("Bearer ")
    known = {"$IDEENWEG": "", "$TOKEN": token, "$NUMBER": ""}
    assert len(CALLS) == 6
    for call in CALLS:
        text = call.replace("\\\n", " ")
        for name, value in known.items():
            text = text.replace(name, value)
        words = iter(shlex.split(text)[2:])
        headers, body, address = {}, None, ""
        for word in words:
            if word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = next(words)
            else:
                address = word
        answer = shown_on_sqlite.client.request("POST" if body else "GET", address, content=body, headers=headers)
        assert answer.is_success, (call, answer.text)
        if answer.status_code == 201:
            known["$NUMBER"] = answer.json()["item"]["number"]


def test_the_page_names_every_scope_and_every_status(shown_on_sqlite: Api) -> None:
    assert all(f"| `{one}` |" in TEXT for one in Scope)
    statuses = shown_on_sqlite.get("/openapi.json")["components"]["responses"]
    assert [
        one for one in statuses if not re.search(rf"^\|[^|]*{one.removeprefix('Problem')}", TEXT, re.MULTILINE)
    ] == []
