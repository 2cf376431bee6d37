"""Signing in at a provider of identities that really runs: bound by issuer and subject, roles from claims."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient
from sqlalchemy import select

import config
from ideenweg.claims import read_claims
from ideenweg.oidc import Provider
from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.accounts import keeping
from workflow.errors import BadInput
from workflow.models import account, identity, role_grant
from workflow.streams import Origin

SHIPPED = Path(config.__file__).parent
HOME = "http://localhost"
PASSWORD = "brückenbau am kanal 1907"
USERS = [
    {"sub": "s-1", "email": "neu@dortmund.example", "name": "Koordination", "amr": ["pwd", "mfa"],
     "realm_access": {"roles": ["koordination-dortmund"]}},
    {"sub": "s-2", "email": "umweltamt@dortmund.example", "name": "Umweltamt"},
    {"sub": "s-3", "email": "fremd@example.org", "email_verified": False},
]  # fmt: skip

SIGN_IN = """
claims: [realm_access.roles]
roles:
  koordination-dortmund: {role: coordinator, scope: dortmund}
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider program in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    users = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    program = Path(sys.executable).with_name("oidc-provider-mock")
    with subprocess.Popen([program, "--port", str(port), *users], stderr=subprocess.DEVNULL) as process:
        address = f"http://localhost:{port}"
        for _ in range(200):
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield address
        process.kill()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    yield from opened(database_url, tmp_path)


def opened(database_url: str, tmp_path: Path) -> Iterator[App]:
    folder = tmp_path / "config"
    copytree(SHIPPED, folder, ignore=lambda *_: {"__pycache__"})
    (folder / "sign-in.yaml").write_text(SIGN_IN, encoding="utf-8")
    now = datetime.now(UTC)
    outgoing = Outgoing(HOME, given_keys=(b"k" * 32,))
    with open_workflow(database_url, config_dir=folder, outgoing=outgoing) as app:
        app.load(SHIPPED / "lifecycles" / "idea-to-project.yaml", now=now)
        with app.database.writing() as connection:
            who = access.add(connection, "umweltamt@dortmund.example", "Umweltamt", Origin("operator", "cli"), now)
            keeping.set_password(connection, who, PASSWORD, now)
        yield app


@pytest.fixture
def here(tmp_path: Path, issuer: str) -> Iterator[TestClient]:
    """A browser before a database in a file: where nothing is to be stored, one kind is enough."""
    for app in opened(f"sqlite:///{tmp_path}/here.db", tmp_path):
        yield browsing(app, issuer)


@pytest.fixture
def browser(app: App, issuer: str) -> TestClient:
    return browsing(app, issuer)


def browsing(app: App, issuer: str) -> TestClient:
    pages = create_app(app, provider=Provider(issuer, "ideenweg", "secret"))
    return TestClient(pages, base_url=HOME, headers={"Accept-Language": "de"}, follow_redirects=False)


def at_the_provider(address: str, subject: str) -> str:
    """What a person does there: choose who they are; the address that they are sent back to."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
    return answer.headers["location"]


def come_in(browser: TestClient, subject: str, weiter: str = "/aufgaben") -> Any:
    gone = browser.get("/anmelden/oidc", params={"weiter": weiter})
    assert gone.status_code == 303
    back = urlsplit(at_the_provider(gone.headers["location"], subject))
    return browser.get(f"{back.path}?{back.query}")


def grants(app: App) -> list[tuple[str, str | None, bool]]:
    with app.database.reading() as connection:
        rows = connection.execute(select(role_grant.c.role, role_grant.c.scope, role_grant.c.revoked_at))
        return [(row.role, row.scope, row.revoked_at is None) for row in rows]


def test_somebody_new_gets_an_account_with_the_roles_of_their_claims(app: App, browser: TestClient) -> None:
    answer = come_in(browser, "s-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/aufgaben")
    assert browser.get("/aufgaben").status_code == 200
    assert grants(app) == [("coordinator", "dortmund", True)]
    come_in(browser, "s-1")
    assert grants(app) == [("coordinator", "dortmund", True)]  # not twice

    (app.config_dir / "sign-in.yaml").write_text(SIGN_IN.replace("koordination-d", "andere-d"), encoding="utf-8")
    fresh = TestClient(create_app(app, provider=browser.app.state.site.provider), base_url=HOME, follow_redirects=False)
    come_in(fresh, "s-1")
    assert grants(app) == [("coordinator", "dortmund", False)]
    assert app.audit.verify().ok


def test_an_e_mail_address_binds_nothing_and_whoever_owns_the_account_binds_it_themselves(
    app: App, browser: TestClient
) -> None:
    refused = come_in(browser, "s-2")
    assert refused.status_code == 403
    assert "verbinden Sie beide" in refused.text
    with app.database.reading() as connection:
        assert connection.execute(select(identity)).all() == []

    mark = re.search(r'name="csrf" value="([^"]*)"', browser.get("/anmelden").text)
    assert mark is not None
    signed = browser.post(
        "/anmelden", data={"csrf": mark[1], "email": "umweltamt@dortmund.example", "password": PASSWORD}
    )
    assert signed.status_code == 303
    assert come_in(browser, "s-2").headers["location"] == "/konto/anmeldung"
    assert "s-2" in browser.get("/konto/anmeldung").text

    browser.cookies.clear()
    assert come_in(browser, "s-2", "/konto").headers["location"] == "/konto"
    with app.database.reading() as connection:
        assert len(connection.execute(select(account)).all()) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "another"}, 400),
        ({"code": None}, 403),
        ({"code": "made-up"}, 502),
    ],
)
def test_an_answer_that_does_not_fit_the_question_opens_nothing(
    here: TestClient, change: dict[str, str | None], status: int
) -> None:
    gone = here.get("/anmelden/oidc")
    back = urlsplit(at_the_provider(gone.headers["location"], "s-1"))
    asked = {name: values[0] for name, values in parse_qs(back.query).items()} | change
    answer = here.get(back.path, params={name: value for name, value in asked.items() if value is not None})
    assert answer.status_code == status
    assert here.get("/aufgaben").status_code == 303  # to the sign-in page


def test_without_the_cookie_of_whoever_asked_nobody_comes_in(here: TestClient) -> None:
    gone = here.get("/anmelden/oidc")
    back = urlsplit(at_the_provider(gone.headers["location"], "s-1"))
    here.cookies.clear()
    assert here.get(f"{back.path}?{back.query}").status_code == 400


def test_a_link_on_another_site_signs_nobody_in(here: TestClient) -> None:
    gone = here.get("/anmelden/oidc", headers={"Sec-Fetch-Site": "cross-site"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/anmelden")


def test_an_address_that_nobody_has_confirmed_makes_no_account(here: TestClient) -> None:
    assert "keine bestätigte E-Mail-Adresse" in come_in(here, "s-3").text


def test_a_provider_that_is_not_there_is_told_in_words(here: TestClient) -> None:
    app = here.app.state.site.workflow
    pages = create_app(app, provider=Provider("http://localhost:9", "ideenweg", "secret"))
    answer = TestClient(pages, base_url=HOME, follow_redirects=False).get("/anmelden/oidc")
    assert answer.status_code == 503
    assert TestClient(create_app(app), base_url=HOME).get("/anmelden/oidc").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims: x", "claims"),
        ("role: {}", "'role' was unexpected"),
        ("roles: {a: {scope: b}}", "'role'"),
        ("a: [", "read"),
    ],
)
def test_a_mapping_with_a_fault_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sign-in.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_claims(tmp_path)


def test_the_shipped_mapping_gives_no_roles() -> None:
    assert read_claims(SHIPPED).roles == {}
    found = read_claims(SHIPPED)
    assert found.values({"groups": ["a"], "realm_access": {"roles": ["b"]}, "roles": "c"}) == {"a", "b", "c"}
