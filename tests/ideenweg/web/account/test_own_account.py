"""The first administrator, invitations and lost passwords, and what people set about themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
from sqlalchemy import func, select

from notifications.apart import send_link
from workflow import access
from workflow.accounts import keeping, links
from workflow.accounts.links import Purpose
from workflow.models import metadata

EMAIL, PASSWORD, OTHER = "koordination@dortmund.example", "Brombeere Ufer Kanzel", "Laterne quer Aquarell"
KEY = (b"the key of an installation of a test",)
Call = Callable[..., Any]


def test_a_forgotten_password_is_set_anew_by_a_mail(house: Any, send: Call, sign_in: Call, words: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    signed = house.browser()
    sign_in(signed, EMAIL, PASSWORD)
    browser = house.browser()
    asked = [send(browser, "/passwort-vergessen", email=one) for one in (EMAIL.title(), "niemand@dortmund.example")]
    assert len({words(one.text) for one in asked}) == 1
    assert send(browser, "/passwort-vergessen", email="niemand").status_code == 422
    assert house.app.dispatch(now=house.now).sent == 1
    [(to, subject, text)] = house.post.mails
    assert (to, subject) == (EMAIL, "Neues Passwort für DOS 2030 – Digital Operating System Dortmund Schwerte")
    link = re.search(r"https://ideen\.example\.org(/passwort/\S+)", text)
    assert link
    with house.app.database.reading() as connection:
        kept = [str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert not any(link[1].rpartition("/")[2] in row for row in kept)

    page = browser.get(link[1])
    assert page.headers["referrer-policy"] == "no-referrer"
    weak = send(browser, link[1], password="kurz")
    assert (weak.status_code, "mindestens 15 Zeichen" in words(weak.text)) == (422, True)
    assert "leicht zu erraten" in words(send(browser, link[1], password="Dortmund-Schwerte-2026").text)
    assert send(browser, link[1], password=OTHER).headers["location"] == "/"
    assert "Ihr Passwort ist festgelegt." in browser.get("/konto").text
    assert signed.get("/konto").status_code == 303
    assert house.browser().get(link[1]).status_code == 404
    assert sign_in(house.browser(), EMAIL, PASSWORD).status_code == 422
    assert sign_in(house.browser(), EMAIL, OTHER).status_code == 303


def test_only_a_few_mails_are_sent_to_one_address(house: Any, send: Call) -> None:
    browser = house.browser()
    assert {send(browser, "/passwort-vergessen", email=EMAIL).status_code for _ in range(6)} == {200}
    with house.app.database.reading() as connection:
        sent = connection.scalar(select(func.count()).select_from(metadata.tables["delivery"]))
    assert sent == 3
    done = house.app.dispatch(now=house.now)
    assert (done.sent, done.left_out) == (1, 2)  # the link of the latest mail is the one that works


def test_an_invitation_lasts_a_week(house: Any, send: Call, sign_in: Call) -> None:
    def invite(connection: Any) -> None:
        send_link(connection, house.app.post, Purpose.INVITE, access.find(connection, EMAIL).id, house.now)

    house.do(invite)
    house.app.dispatch(now=house.now)
    [(_, subject, text)] = house.post.mails
    assert subject.startswith("Ihr Zugang zu ")
    assert "7 Tage" in text
    link = re.search(r"org(/passwort/\S+)", text)
    assert link
    house.later(days=6)
    assert send(house.browser(), link[1], password=PASSWORD).status_code == 303
    assert sign_in(house.browser(), EMAIL, PASSWORD).status_code == 303
    house.do(invite)
    house.later(days=8)
    assert house.app.dispatch(now=house.now).left_out == 1


def test_a_link_for_a_password_of_whoever_has_a_second_factor_does_not_stand_in_for_it(house: Any, send: Call) -> None:
    house.give_password(EMAIL, PASSWORD)

    def prepare(connection: Any) -> str:
        from workflow.accounts import factors

        who = access.find(connection, EMAIL).id
        factors.turn_on(connection, KEY, who, factors.new_secret(), 1, house.now)
        return links.token(KEY, links.make(connection, Purpose.RESET, who, house.now))

    token = house.do(prepare)
    browser = house.browser()
    assert send(browser, f"/passwort/{token}", password=OTHER).headers["location"] == "/anmelden"
    assert browser.get("/konto").status_code == 303


def test_the_first_administrator_sets_the_installation_up(house: Any, send: Call, hidden: Call, words: Call) -> None:
    def link(connection: Any) -> str:
        return links.token(KEY, links.make(connection, Purpose.SET_UP, None, house.now))

    address = f"/einrichten/{house.do(link)}"
    browser = house.browser()
    assert browser.get("/einrichten/x.y").status_code == 404
    assert browser.get(address.replace("einrichten", "passwort")).status_code == 404
    wrong = send(browser, address, name="", email="ohne", password="kurz")
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (422, 3)
    typed = {"name": "Leitung", "email": "leitung@dortmund.example", "password": PASSWORD}
    answer = send(browser, address, **typed)
    assert answer.headers["location"] == "/konto/zweiter-faktor?weiter=/verwaltung"
    page = browser.get(answer.headers["location"]).text
    assert "Für die Verwaltung ist ein zweiter Faktor nötig" in words(page)
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert secret
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(house.now)
    codes = browser.post("/konto/zweiter-faktor", data={**hidden(page), "code": code})
    assert 'href="/verwaltung"' in codes.text
    assert house.browser().get(address).status_code == 404
    with house.app.database.reading() as connection:
        assert keeping.has_administrator(connection, house.app.rules.programme, house.now.date())


def test_a_password_is_changed_by_whoever_knows_it_and_other_sessions_end(
    house: Any, send: Call, sign_in: Call
) -> None:
    house.give_password(EMAIL, PASSWORD)
    here, there = house.browser(), house.browser()
    for browser in (here, there):
        sign_in(browser, EMAIL, PASSWORD)
    before = here.cookies["session"]
    wrong = send(here, "/konto/passwort", present="falsch", password=OTHER)
    assert (wrong.status_code, "Das ist nicht Ihr jetziges Passwort." in wrong.text) == (422, True)
    assert send(here, "/konto/passwort", present=PASSWORD, password="Koordination-Koordination").status_code == 422
    assert send(here, "/konto/passwort", present=PASSWORD, password=OTHER).headers["location"] == "/konto"
    assert here.cookies["session"] != before
    assert "Ihr Passwort ist geändert." in here.get("/konto").text
    assert there.get("/konto").status_code == 303


def test_name_language_and_clocks_are_ones_own(house: Any, send: Call, sign_in: Call) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    del browser.headers["Accept-Language"]
    for name, locale, zone, wrong in (
        ("", "de", "", 1),
        ("x" * 201, "fr", "", 2),
        ("Büro", "en", "Europe/Nirgends", 1),
    ):
        answer = send(browser, "/konto", name=name, locale=locale, zone=zone)
        assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, wrong)
    assert "Mein Konto" in browser.get("/konto").text
    assert send(browser, "/konto", name="Büro", locale="en", zone="Europe/Lisbon").status_code == 303
    page = browser.get("/konto").text
    assert "My account" in page
    assert 'value="Europe/Lisbon" selected' in page
    assert 'value="Büro"' in page


def test_notices_are_chosen_in_general_and_the_optional_ones_one_by_one(
    house: Any, send: Call, sign_in: Call, words: Call
) -> None:
    house.give_password(EMAIL, PASSWORD)
    browser = house.browser()
    sign_in(browser, EMAIL, PASSWORD)
    address = "/konto/benachrichtigungen"
    page = browser.get(address).text
    assert re.search(r'value="usual" checked', page)
    assert 'value="received"' not in page  # it cannot be switched off
    send(browser, address, general="digest", off=["step", "received"])
    page = browser.get(address).text
    assert re.search(r'value="digest" checked', page)
    assert re.findall(r'value="(\w+)" checked', page) == ["digest", "step"]
    send(browser, address, general="usual")
    assert re.findall(r'value="(\w+)" checked', browser.get(address).text) == ["usual"]
