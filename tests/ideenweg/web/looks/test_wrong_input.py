"""What is asked for wrongly: each list says in words which filters there are; forms keep what was typed; whoever has
to sign in again comes back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from .installation import ADMINISTRATION, COORDINATION, Installation

LISTS: dict[str, tuple[str | None, dict[str, str]]] = {
    "/ideen": (
        None,
        {
            "stage": "Prüfung",
            "state": "Eingegangen",
            "field": "Energie und Umwelt",
            "city": "Schwerte",
            "provenance": "Beteiligung",
            "funding": "Eigenmittel",
            "order": "Titel",
            "after": "Beginnen Sie vorn",
        },
    ),
    "/aufgaben": (COORDINATION, {"view": "Noch frei", "section": "Überfällig"}),
    "/board": (
        COORDINATION,
        {"state": "Eingegangen", "city": "Schwerte", "lifecycle": "Auswahlrunde", "field": "Energie"},
    ),
    "/fristen": (
        COORDINATION,
        {"city": "Schwerte", "month": "2026-06", "day": "2026-06-10", "after": "Beginnen Sie vorn"},
    ),
    "/portfolio": (COORDINATION, {"city": "Schwerte", "funding": "Eigenmittel", "lifecycle": "Auswahlrunde"}),
    "/portfolio.csv": (COORDINATION, {"chart": "Verweildauer"}),
    "/auswahl": (COORDINATION, {"runde": "Dritte Auswahlrunde"}),
    "/verwaltung/protokoll": (
        ADMINISTRATION,
        {"kind": "Wählen Sie aus der Liste", "via": "aus der Liste", "since": "JJJJ-MM-TT", "until": "kein Tag"},
    ),
    "/verwaltung/personen": (ADMINISTRATION, {"role": "Koordination"}),
    "/verwaltung/ausgang": (ADMINISTRATION, {"state": "gesendet", "notice": "Ihre Idee [Nummer]", "channel": "E-Mail"}),
}
"""A list -> who may see it, and its filters, each with a word that its right values are named by."""


def words(text: str) -> str:
    main = text.partition("<main")[2].partition("</main>")[0]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


@pytest.mark.parametrize("path", LISTS)
def test_a_wrong_filter_is_told_with_the_right_ones_in_words(installation: Installation, path: str) -> None:
    who, filters = LISTS[path]
    browser = installation.browser(who)
    missing = {}
    for name, word in filters.items():
        answer = browser.get(f"{path}?q=baum&{name}=gibt-es-nicht")
        said = words(answer.text)
        if answer.status_code != 400 or word not in said:
            missing[name] = (answer.status_code, said[:600])
    assert missing == {}


def test_a_changed_item_shows_both_states_and_keeps_what_was_typed(installation: Installation) -> None:
    browser = installation.browser(COORDINATION)
    address = f"/ideen/{installation.places['submitted']}/schritt/reject"
    stale = {**hidden(browser.get(address).text), "revision": "1", "reason": "Gibt es <schon> im Stadtgarten."}
    answer = browser.post(address, data=stale)
    said = words(answer.text)
    assert answer.status_code == 409
    assert "Gibt es <schon> im Stadtgarten." in said
    assert "Freigabe zur Veröffentlichung eingetragen" in said, "what has happened since"
    assert "Ablehnen" in said, "what one was about to do"


def test_whoever_is_not_signed_in_any_more_comes_back_to_where_they_were(installation: Installation) -> None:
    browser = installation.browser(COORDINATION)
    browser.cookies.clear()
    for address in ("/aufgaben?view=office", "/board?city=schwerte&q=b%C3%A4che"):
        led = browser.get(address, follow_redirects=False)
        assert led.status_code == 303
        assert parse_qs(urlsplit(led.headers["location"]).query)["weiter"] == [address]


def hidden(text: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
