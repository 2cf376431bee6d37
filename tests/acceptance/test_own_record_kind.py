"""A city adds a record kind and a guard on it by editing the lifecycle file alone: the pages, the command line and the
API have both at once (docs/lifecycle-files.md, "A form of one's own, and a guard on it")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from sqlalchemy import Connection

import config
from ideenweg.cli import root
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.accounts import sessions, tokens
from workflow.accounts.sessions import Way
from workflow.accounts.tokens import Scope
from workflow.commands import Advance, Correct, Create

ROOT = Path(config.__file__).parents[1]
NOW = datetime.now(UTC)
COORDINATOR, ADVISER = "koordination@dortmund.example", "datenschutz@dortmund.example"
ADMINISTRATOR, RESIDENT = "verwaltung@dortmund.example", "buergerin@dortmund.example"
PEOPLE = {
    COORDINATOR: [("coordinator", "dortmund")],
    ADVISER: [("adviser", "it-dortmund")],
    ADMINISTRATOR: [("administrator", None)],
    RESIDENT: (),
}
KIND, LABEL = "data_protection_check", "Datenschutzprüfung"


def edited() -> str:
    """The shipped file with what the documentation says to add."""
    documented = (ROOT / "docs" / "lifecycle-files.md").read_text("utf-8")
    section = documented[documented.index("## A form of one's own") :]
    kind, guard = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)[:2]
    shipped = (ROOT / "config" / "lifecycles" / "idea-to-project.yaml").read_text("utf-8")
    place = "      - recorded: {record: statement}\n"
    assert shipped.count(place) == 1
    text = shipped.replace("version: 1\n", "version: 2\n", 1).replace(place, place + guard, 1)
    return text.replace("\n  precheck:\n", f"\n{kind}  precheck:\n", 1)


@pytest.fixture
def app(database_url: str, appoint: Callable[..., None], tmp_path: Path) -> Iterator[App]:
    (tmp_path / "ideas.yaml").write_text(edited(), "utf-8")
    with open_workflow(database_url, lifecycle=tmp_path / "ideas.yaml") as app:
        appoint(app, "idea-to-project", PEOPLE, NOW)
        yield app


def test_it_is_a_form_on_the_page_on_the_command_line_and_in_the_api_and_the_guard_waits_for_it(app: App) -> None:
    numbers = [in_review(app) for _ in range(3)]
    for number, write in zip(numbers, (by_page, by_command_line, by_api), strict=True):
        assert any(LABEL in one for one in against(app, number)), write
        write(app, number, passed=False)
        assert any(LABEL in one for one in against(app, number)), "it was not passed"
        write(app, number, passed=True)
        assert not any(LABEL in one for one in against(app, number)), write


def in_review(app: App) -> str:
    sheet = {"title": "Sensoren an Brücken", "problem": "Risse", "cities": ["dortmund"]}
    number = app.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number
    correct = Correct(actor=ADMINISTRATOR, item=number, to="in_review", reason="Altbestand")
    app.engine.execute(correct, now=NOW)
    return number


def against(app: App, number: str) -> list[str]:
    """What stands against putting the idea into the pool."""
    judged = app.engine.plan(Advance(actor=COORDINATOR, item=number, transition="pool"), now=NOW)
    return [one.in_locale("de") for one in judged.blockers]


def by_page(app: App, number: str, *, passed: bool) -> None:
    def begin(connection: Connection) -> str:
        return sessions.begin(connection, access.find(connection, ADVISER).id, Way.PASSWORD, NOW, factor=True)

    pages = create_app(app, clock=lambda: NOW)
    client = TestClient(pages, base_url="http://localhost", headers={"Accept-Language": "de"})
    client.cookies.set(cookie_name(pages.state.site), app.database.attempt(begin))
    address = f"/ideen/{number}/eintrag/{KIND}"
    assert address in client.get(f"/ideen/{number}").text
    page = client.get(address).text
    assert LABEL in page
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields = {**hidden, "f.passed": "true" if passed else "false", "f.remark": "Ohne Personenbezug."}
    answer = client.post(address, data=fields, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def by_command_line(app: App, number: str, *, passed: bool) -> None:
    url = app.database.url.render_as_string(hide_password=False)
    arguments = ["item", "record", number, KIND, "--as", ADVISER, "--data", "-", "--json", "--database", url]
    done = call(arguments, json.dumps({"passed": passed}))
    assert done["item"]["number"] == number


def call(arguments: list[str], stdin: str) -> Any:
    from ideenweg.cli.session import Session

    result = CliRunner().invoke(root, arguments, input=stdin, obj=Session.of(arguments, {}), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def by_api(app: App, number: str, *, passed: bool) -> None:
    token = app.database.attempt(lambda connection: tokens.issue(connection, ADVISER, (Scope.WRITE,), NOW)[0])
    client = TestClient(create_app(app, clock=lambda: NOW), base_url="http://localhost")
    client.headers["Authorization"] = f"Bearer {token}"
    answer = client.post(f"/api/v1/items/{number}/records/{KIND}", json={"data": {"passed": passed}})
    assert answer.status_code == 201, answer.text
    described = client.get("/api/v1/lifecycles/idea-to-project").text
    assert KIND in described
