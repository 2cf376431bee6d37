"""What is the same for every page: who may ask for it, that its form is ours, how large it may be, where one is led."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from ideenweg.web import csrf
from ideenweg.web.app import PAGES, create_app
from ideenweg.web.forms import form_of
from ideenweg.web.recognition import cookie_name
from ideenweg.web.routes import Page, Who, back_to, get, local, post, route
from ideenweg.wiring import App
from workflow import access
from workflow.accounts import sessions
from workflow.accounts.sessions import Way

HOME = "http://localhost"


def answer(request: Request) -> Response:
    form = form_of(request)
    files = [(one.name, one.size, one.read().decode()) for name in form.files for one in form.files[name]]
    return PlainTextResponse(f"{ {name: form.all(name) for name in form.fields} } {files}")


PROBES: tuple[Page, ...] = (
    *(get(f"/{who.value}", answer, who) for who in Who),
    post("/public", answer, body=1000),
    post("/signed_in", answer, Who.SIGNED_IN, body=1000),
)


@dataclass
class Pages:
    """Pages that say what was sent to them, before the site of the demonstration."""

    app: Starlette
    site: Any
    now: Any
    found: dict[str, str] = field(default_factory=dict)

    def browser(self, email: str | None = None, *, factor: bool = True) -> TestClient:
        client = TestClient(self.app, base_url=HOME, headers={"Accept-Language": "de"}, follow_redirects=False)
        if email is not None:

            def begin(connection: Any) -> tuple[str, str]:
                who = access.find(connection, email).id
                value = sessions.begin(connection, who, Way.PASSWORD, self.now, factor=factor)
                session = sessions.find(connection, value, self.now)
                assert session is not None
                return value, csrf.mark(self.site.keys, session)

            value, client.headers["X-Mark"] = self.site.workflow.database.attempt(begin)
            client.cookies.set(cookie_name(self.site), value)
        return client


@pytest.fixture(scope="module")
def probed(demo: App) -> Pages:
    now = datetime(2026, 6, 10, 10, tzinfo=UTC)
    pages = create_app(demo, clock=lambda: now)
    pages.router.routes[:0] = [route(page) for page in PROBES]
    return Pages(pages, pages.state.site, now)


NOBODY, SUBMITTER, STAFF = None, "einreichung@dortmund.example", "umweltamt@dortmund.example"
REVIEWER, ADMINISTRATOR = "begutachtung@schwerte.example", "verwaltung@dortmund.example"


@pytest.mark.parametrize(
    ("email", "factor", "statuses"),
    [
        (NOBODY, True, [200, 303, 303, 303]),
        (SUBMITTER, True, [200, 200, 403, 403]),
        (STAFF, True, [200, 200, 200, 403]),
        (REVIEWER, True, [200, 200, 200, 403]),
        (ADMINISTRATOR, True, [200, 200, 200, 200]),
        (ADMINISTRATOR, False, [200, 200, 200, 303]),
    ],
)
def test_a_page_is_given_to_whom_it_is_for(probed: Pages, email: str | None, factor: bool, statuses: list[int]) -> None:
    browser = probed.browser(email, factor=factor)
    answers = [browser.get(f"/{who.value}?a=1") for who in Who]
    assert [one.status_code for one in answers] == statuses
    led = "/konto/zweiter-faktor" if email else "/anmelden"
    for who, one in zip(Who, answers, strict=True):
        if one.status_code == 303:
            assert one.headers["location"] == f"{led}?weiter=%2F{who.value}%3Fa%3D1"
        if one.status_code == 403:
            assert "Diese Seite ist nicht für Sie freigegeben" in one.text
        assert one.headers.get("cache-control") == ("no-store" if email else None) or one.status_code == 403


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(probed: Pages) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{HOME}/aufgaben?stadt=x"}
    for ask in (probed.browser().get, probed.browser().post):
        answer = ask("/signed_in", headers=headers)
        assert (answer.status_code, answer.text) == (200, "")
        assert answer.headers["HX-Redirect"] == "/anmelden?weiter=%2Faufgaben%3Fstadt%3Dx"


def test_a_form_of_somebody_signed_in_carries_the_mark_of_their_session(probed: Pages) -> None:
    browser, other = probed.browser(STAFF), probed.browser(SUBMITTER)
    mark = browser.headers["X-Mark"]
    assert browser.post("/signed_in", data={"a": "1", "csrf": mark}).status_code == 200
    assert browser.post("/signed_in", data={"a": "1"}, headers={"X-CSRF-Token": mark}).status_code == 200
    wrong = [{}, {"csrf": ""}, {"csrf": mark[:-1]}, {"csrf": other.headers["X-Mark"]}]
    answers = [browser.post(path, data={"a": "1", **one}) for one in wrong for path in ("/signed_in", "/public")]
    assert {one.status_code for one in answers} == {403}
    assert "Dieses Formular gilt nicht mehr" in answers[0].text
    ours = {"Sec-Fetch-Site": "same-origin"}
    stale = browser.post("/signed_in", data={"a": "<1>"}, headers=ours)
    assert stale.status_code == 409
    assert "&lt;1&gt;" in stale.text
    assert browser.post("/signed_in", headers={**ours, "HX-Request": "true"}).status_code == 403


def test_what_was_sent_is_given_as_it_was_typed(probed: Pages) -> None:
    browser = probed.browser()
    sent = browser.post("/public", data={"a": [" x\r\ny ", "z"], "b": ""}, files={"f": ("n.txt", b"inhalt")})
    assert sent.text == "{'a': ['x\\ny', 'z'], 'b': ['']} [('n.txt', 6, 'inhalt')]"
    assert browser.post("/public").text == "{} []"
    assert browser.post("/public", content=b"{}", headers={"Content-Type": "application/json"}).text == "{} []"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"a=" + b"x" * 1000, "application/x-www-form-urlencoded", 413),
        (b"a=%ff", "application/x-www-form-urlencoded", 200),
        (b"x", "multipart/form-data", 400),
    ],
)
def test_a_form_too_large_or_torn_is_not_looked_at(probed: Pages, content: bytes, kind: str, status: int) -> None:
    browser = probed.browser()
    assert browser.post("/public", content=content, headers={"Content-Type": kind}).status_code == status
    if status == 413:
        drops = (content[start : start + 100] for start in range(0, len(content), 100))
        assert browser.post("/public", content=drops, headers={"Content-Type": kind}).status_code == 413


@pytest.mark.parametrize(
    ("address", "led"),
    [
        ("/ideen?a=1#b", "/ideen?a=1#b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\nx", "/"),
        ("/ x", "/"),
        ("", "/"),
    ],
)
def test_only_own_paths_are_led_to(address: str, led: str) -> None:
    assert local(address) == led


def test_after_a_form_one_comes_back_to_the_page_it_stood_on() -> None:
    def asked(method: str, **headers: str) -> str:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": "/p", "query_string": b"q=1", "headers": raw}
        return back_to(Request(scope | {"server": ("localhost", 80), "scheme": "http"}))

    assert asked("GET") == "/p?q=1"
    assert asked("POST", referer="http://localhost/konto?x=1") == "/konto?x=1"
    assert asked("POST") == "/"


def test_every_page_has_an_address_of_its_own() -> None:
    names = [page.name for page in PAGES]
    assert len(names) == len(set(names))
    assert all(page.method in ("GET", "POST") for page in PAGES)


def test_light_and_dark_are_chosen_by_the_address_and_kept(probed: Pages) -> None:
    browser = probed.browser()
    assert "data-kern-theme" not in browser.get("/ideen").text
    assert '<html lang="de" data-kern-theme="dark">' in browser.get("/ideen?theme=dark").text
    page = browser.get("/ideen?stage=review").text
    assert 'data-kern-theme="dark"' in page
    assert 'href="/ideen?stage=review&amp;theme=light"' in page
    assert 'data-kern-theme="dark"' in browser.get("/ideen?theme=lila").text
    assert "data-kern-theme" not in browser.get("/ideen?theme=auto").text


def test_the_menu_offers_what_one_may_see(probed: Pages) -> None:
    def menu(email: str | None) -> list[bool]:
        page = probed.browser(email).get("/ideen").text
        return [f'href="/{one}' in page for one in ("anmelden", "konto", "aufgaben", "verwaltung")]

    assert menu(NOBODY) == [True, False, False, False]
    assert menu(SUBMITTER) == [False, True, True, False]  # their own idea may wait for an answer of theirs
    assert menu(STAFF) == [False, True, True, False]
    assert menu(ADMINISTRATOR) == [False, True, True, True]
