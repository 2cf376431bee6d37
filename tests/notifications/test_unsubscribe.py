"""The link of an optional mail: looking at it changes nothing, one click switches that notice off."""

from __future__ import annotations

from fastapi.testclient import TestClient

from ideenweg.web.app import create_app
from ideenweg.wiring import App
from notifications.preferences import unsubscribe_token, wishes

from .conftest import BASE, KEYS, RESIDENT, person_of


def test_looking_changes_nothing_and_one_click_switches_it_off(app: App) -> None:
    person = person_of(app, RESIDENT)
    link = f"/abmelden/{unsubscribe_token(KEYS, person, 'step')}"
    with TestClient(create_app(app, base_url=BASE), base_url=BASE) as client:
        page = client.get(link)
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
        assert '<form method="post"' in page.text
        with app.database.reading() as connection:
            assert wishes(connection, [person]) == {}
        for _ in range(2):
            assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        with app.database.reading() as connection:
            assert wishes(connection, [person]) == {person: {"step": "off"}}


def test_a_link_that_was_not_signed_here_is_no_page(app: App) -> None:
    other = unsubscribe_token((b"x" * 32,), person_of(app, RESIDENT), "step")
    obligatory = unsubscribe_token(KEYS, person_of(app, RESIDENT), "rejected")
    with TestClient(create_app(app, base_url=BASE), base_url=BASE) as client:
        assert client.get(f"/abmelden/{other}").status_code == 404
        assert client.post(f"/abmelden/{other}").status_code == 404
        assert client.post(f"/abmelden/{obligatory}").status_code == 404
