"""Signing in and out, by password and second factor; sessions that end, and forms that outlive them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select

from workflow import access, erasure
from workflow.accounts import log, sessions
from workflow.models import metadata
from workflow.streams import Origin

EMAIL, PASSWORD = "koordination@dortmund.example", "Brombeere Ufer Kanzel"
Call = Callable[..., Any]


def test_whoever_knows_the_password_comes_back_to_where_they_wanted(house: Any, sign_in: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    asked = browser.get("/konto/sitzungen?lang=de")
    assert (asked.status_code, asked.headers["location"]) == (303, "/anmelden?weiter=%2Fkonto%2Fsitzungen%3Flang%3Dde")
    answer = sign_in(browser, " Koordination@Dortmund.example", PASSWORD, "/konto/sitzungen")
    assert (answer.status_code, answer.headers["location"]) == (303, "/konto/sitzungen")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = browser.get("/konto/sitzungen")
    assert "Dieses Gerät" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert browser.get("/anmelden?weiter=/ideen").headers["location"] == "/ideen"


def test_nobody_is_led_elsewhere(house: Any) -> None:
    house.give_password(EMAIL, PASSWORD)
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\tx", ""):
        browser = house.browser()
        assert 'name="weiter" value="/"' in browser.get("/anmelden", params={"weiter": back}).text
        typed = {"email": EMAIL, "password": PASSWORD, "weiter": back}
        assert browser.post("/anmelden", data=typed).headers["location"] == "/"


def test_nobody_learns_who_is_known_and_who_guesses_is_slowed_down(house: Any, sign_in: Call, words: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    tries = [
        (EMAIL, "falsch"),
        ("verwaltung@dortmund.example", PASSWORD),
        ("niemand@dortmund.example", PASSWORD),
        ("", ""),
    ]
    answers = [sign_in(browser, *one) for one in tries]
    assert {one.status_code for one in answers} == {422}
    assert len({words(one.text) for one in answers}) == 1
    assert "E-Mail-Adresse oder Passwort stimmt nicht." in words(answers[0].text)
    statuses = [sign_in(browser, EMAIL, "falsch").status_code for _ in range(10)]
    assert statuses == [422] * 9 + [429]
    assert sign_in(browser, EMAIL, PASSWORD).status_code == 429
    with house.app.database.reading() as connection:
        noted = [one.what for one in log.latest(connection, access.find(connection, EMAIL).id)]
    assert noted == ["refused"] * 10


def test_a_form_of_another_site_is_not_looked_at(house: Any, sign_in: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    typed = {"email": EMAIL, "password": PASSWORD}
    foreign: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"}, {"Origin": "null"},
    ]  # fmt: skip
    assert {browser.post("/anmelden", data=typed, headers=one).status_code for one in foreign} == {403}
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/anmelden", data=typed, headers=ours).status_code == 303
    assert browser.post("/konto", data={"name": "x", "locale": "de"}).status_code == 403  # without the session's mark
    again = browser.post("/konto", data={"name": "Neu", "locale": "de"}, headers=ours)
    assert (again.status_code, "Ihre Eingabe ist noch da" in again.text) == (409, True)


def test_signing_out_ends_the_session_for_good(house: Any, sign_in: Call, send: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    value = browser.cookies["session"]
    answer = send(browser, "/konto", "/abmelden")
    assert answer.headers["location"] == "/"
    assert "Sie sind abgemeldet." in browser.get("/").text
    assert "Sie sind abgemeldet." not in browser.get("/").text
    browser.cookies.set("session", value)
    assert browser.get("/konto").status_code == 303


def test_a_session_from_before_the_sign_in_opens_nothing(house: Any, sign_in: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    browser.cookies.set("session", "planted")
    sign_in(browser, EMAIL, PASSWORD)
    planted = house.browser()
    planted.cookies.set("session", "planted")
    assert planted.get("/konto").status_code == 303


def test_what_was_typed_outlives_the_session(house: Any, sign_in: Call, send: Call, hidden: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    form = hidden(browser.get("/konto").text)
    house.later(hours=2)
    kept = browser.post("/konto", data={**form, "name": "Büro <Mitte>\r\nzwei", "locale": "en"})
    assert kept.status_code == 200
    assert "Was Sie eingegeben haben, ist noch da." in kept.text
    typed = {**hidden(kept.text), "email": EMAIL, "password": "falsch"}
    wrong = browser.post("/anmelden", data=typed)
    offered = browser.post("/anmelden", data={**hidden(wrong.text), "email": EMAIL, "password": PASSWORD})
    assert offered.status_code == 200
    assert 'action="/konto"' in offered.text
    values = dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', offered.text, re.DOTALL))
    values = {name: unescape(value) for name, value in values.items()}
    assert values == {"name": "Büro <Mitte>\r\nzwei", "locale": "en"}
    assert browser.post("/konto", data={**hidden(offered.text), **values}).headers["location"] == "/konto"
    assert "Büro &lt;Mitte&gt;\nzwei" in browser.get("/konto").text
    forged = {**hidden(browser.get("/konto").text), "kept": "e30.AAAA"}
    assert "action" not in send(house.browser(), "/anmelden", email=EMAIL, password=PASSWORD, **forged).text


@pytest.mark.parametrize("code", ["app", "paper"])
def test_a_second_factor_is_asked_for_after_the_password(
    house: Any, sign_in: Call, hidden: Call, send: Call, code: str
) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    page = browser.get("/konto/zweiter-faktor").text
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert secret
    generator = pyotp.TOTP(secret[1].replace(" ", ""))
    wrong = browser.post("/konto/zweiter-faktor", data={**hidden(page), "code": "12"})
    assert (wrong.status_code, secret[1] in wrong.text) == (422, True)
    before = browser.cookies["session"]
    done = browser.post("/konto/zweiter-faktor", data={**hidden(page), "code": generator.at(house.now)})
    papers = re.findall(r"<li><code[^>]*>([a-z0-9-]{14})</code>", done.text)
    assert len(papers) == 10
    assert browser.cookies["session"] != before

    house.later(minutes=5)
    other = house.browser()
    asked = sign_in(other, EMAIL, PASSWORD, "/ideen")
    assert asked.status_code == 200
    assert other.get("/konto").status_code == 303  # the password alone opens nothing
    good = generator.at(house.now) if code == "app" else papers[0]
    refused = other.post("/anmelden/code", data={**hidden(asked.text), "code": "000000"})
    assert refused.status_code == 422
    answer = other.post("/anmelden/code", data={**hidden(refused.text), "code": good})
    assert answer.headers["location"] == "/ideen"
    assert "mit zweitem Faktor" in other.get("/konto/sitzungen").text
    replayed = house.browser().post("/anmelden/code", data={**hidden(asked.text), "code": good})
    assert replayed.status_code == 422

    house.later(minutes=10)
    late = house.browser().post("/anmelden/code", data={**hidden(asked.text), "code": generator.at(house.now)})
    assert "Das hat zu lange gedauert." in late.text
    gone = send(other, "/konto/zweiter-faktor", "/konto/zweiter-faktor/entfernen", code=papers[1])
    assert gone.headers["location"] == "/konto/zweiter-faktor"
    assert sign_in(house.browser(), EMAIL, PASSWORD).status_code == 303


def test_sessions_are_listed_and_ended_elsewhere(house: Any, sign_in: Call, send: Call, hidden: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browsers = [house.browser() for _ in range(4)]
    for browser in browsers:
        sign_in(browser, EMAIL, PASSWORD)
    here, one, *others = browsers
    page = here.get("/konto/sitzungen").text
    assert page.count('class="record"') == 4
    assert page.index("Dieses Gerät") < page.index("Angemeldet seit")
    with house.app.database.reading() as connection:
        key = sessions.find(connection, one.cookies["session"], house.now).id
    assert here.post(f"/konto/sitzungen/{key}/beenden", data=hidden(page)).status_code == 303
    assert one.get("/konto").status_code == 303
    assert here.post(f"/konto/sitzungen/{key}/beenden", data=hidden(page)).status_code == 404
    assert here.post("/konto/sitzungen/beenden", data=hidden(page)).status_code == 303
    assert "2 andere Anmeldungen sind beendet." in here.get("/konto/sitzungen").text
    assert {browser.get("/konto").status_code for browser in others} == {303}
    assert here.get("/konto").status_code == 200


def test_a_session_can_be_prolonged_until_its_last_hour(house: Any, sign_in: Call, hidden: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    mark = hidden(browser.get("/konto").text)
    left = []
    for _ in range(14):
        house.later(minutes=50)
        left.append(int(browser.post("/konto/sitzung", data=mark).headers["X-Session-Seconds"]))
    assert left[:13] == [3600] * 13
    assert left[13] == 20 * 60
    house.later(minutes=20)
    assert "X-Session-Seconds" not in browser.post("/konto/sitzung", data=mark).headers


OWN_MACHINE: list[tuple[str, dict[str, Any], bool]] = [
    ("127.0.0.1", {"demo": True}, True),
    ("127.0.0.1", {}, False),
    ("192.0.2.7", {"demo": True}, False),
    ("127.0.0.1", {"demo": True, "base_url": "https://localhost"}, False),
]


def test_the_demonstration_is_entered_by_a_click_on_the_own_machine_alone(house: Any, send: Call) -> None:
    for client, options, offered in OWN_MACHINE:
        browser = house.browser(client=client, **options)
        assert ("In der Vorführung anmelden" in browser.get("/anmelden").text) is offered
        door = ("/anmelden", "/anmelden/vorfuehrung")
        answer = send(browser, *door, email="verwaltung@dortmund.example", weiter="/ideen")
        assert answer.status_code == (303 if offered else 404)
        unknown = send(house.browser(client=client, **options), *door, email="x@example.org")
        assert unknown.status_code == 404


def test_whoever_is_erased_is_signed_out_and_told_of_before(house: Any, sign_in: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    app, origin = house.app, Origin("operator", "cli")
    told = house.do(lambda connection: erasure.told(connection, app.rules, EMAIL, origin, house.now))
    assert [len(told[name]) for name in ("account", "sessions", "sign_ins")] == [1, 1, 1]
    assert not any(secret in str(told) for secret in ("argon2", browser.cookies["session"]))
    app.erase(EMAIL, origin, house.now)
    assert browser.get("/konto").status_code == 303
    with app.database.reading() as connection:
        for name in ("account", "session", "security_log"):
            assert connection.scalar(select(func.count()).select_from(metadata.tables[name])) == 0, name
