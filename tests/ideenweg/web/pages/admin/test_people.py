"""Who administers adds people, gives and takes roles, sets deputies, and erases; each is an event of the person."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from ideenweg.wiring import App
from workflow.access import find
from workflow.history import AuditFilter
from workflow.models import delivery, one_time_link

CITIZEN = "koordination@dortmund.example"


def kinds(app: App, person: str) -> list[str]:
    return [one.kind for one in app.audit.list(AuditFilter(stream=f"person:{person}")).events]


def test_a_person_is_added_given_a_role_deputised_and_erased(own: App, admin: Any) -> None:
    wrong = admin.send_form("/verwaltung/personen", {"email": "keine", "name": ""})
    assert wrong.status_code == 422
    assert "Das ist keine E-Mail-Adresse" in wrong.text
    assert 'value="keine"' in wrong.text, "what was typed is kept"
    made = admin.send_form("/verwaltung/personen", {"email": CITIZEN, "name": "Koordination", "language": "en"})
    page = made.headers["location"]
    person = page.rpartition("/")[2]
    shown = admin.get(page).text
    assert "Koordination ist aufgenommen" in shown
    assert CITIZEN in shown
    again = admin.send_form("/verwaltung/personen", {"email": CITIZEN, "name": "Koordination"})
    assert "Diese Adresse ist schon bekannt" in again.text
    assert CITIZEN not in admin.get("/verwaltung/personen").text
    admin.get(page)
    assert kinds(own, person).count("person:contact_read") == 1, "noted once a day"

    form = f"{page}/rolle?role=coordinator"
    assert "Fachliche Prüfung beginnen" in admin.get(form).text, "what the role may do is seen before"
    refused = admin.send_form(f"{page}/rolle", {"role": "coordinator", "scope": "", "to": "2020-01-01"}, on=form)
    assert refused.status_code == 422
    assert "Wählen Sie, wofür die Rolle gilt" in refused.text
    assert "Das Ende liegt vor dem Anfang" in refused.text
    admin.send_form(f"{page}/rolle", {"role": "coordinator", "scope": "dortmund"}, on=form)
    shown = admin.get(page).text
    assert "Koordination (Dortmund)" in admin.get("/verwaltung/personen").text
    grant = re.search(r'value="(g-[0-9a-f]+)"', shown)
    assert grant
    admin.send_form(f"{page}/rolle/ende", {"id": grant[1]}, on=page)
    assert grant[1] not in admin.get(page).text

    away = {"deputy": "verwaltung@dortmund.example", "deputy_from": "2026-06-01", "deputy_to": "2026-06-30"}
    assert "Nobody" not in admin.send_form(f"{page}/vertretung", {**away, "deputy": CITIZEN}, on=page).text
    admin.send_form(f"{page}/vertretung", away, on=page)
    deputy = re.search(r'value="(d-[0-9a-f]+)"', admin.get(page).text)
    assert deputy
    admin.send_form(f"{page}/vertretung/ende", {"id": deputy[1]}, on=page)
    assert deputy[1] not in admin.get(page).text
    admin.send_form(f"{page}/sprache", {"language": "de"}, on=page)
    told = admin.send_form(f"{page}/auskunft", {}, on=page)
    assert told.json()["person"]["locale"] == "de"

    last = f"{page}/loeschen"
    assert "lässt sich nicht rückgängig machen" in admin.get(last).text
    assert "stimmt nicht überein" in admin.send_form(last, {"confirm": "nein"}).text
    assert admin.send_form(last, {"confirm": CITIZEN}).headers["location"] == "/verwaltung/personen"
    assert admin.get(page).status_code == 404
    assert kinds(own, person) == [
        "person:added",
        "person:contact_read",
        "person:granted",
        "person:revoked",
        "person:deputised",
        "person:deputy_ended",
        "person:exported",
        "person:erased",
    ]
    with own.database.reading() as connection:
        me = find(connection, "verwaltung@dortmund.example").id
    events = own.audit.list(AuditFilter(stream=f"person:{person}")).events
    assert {(one.actor, one.via) for one in events} == {(me, "page")}
    assert own.audit.verify().ok


def test_whoever_is_invited_gets_a_link_that_works_once(own: App, admin: Any) -> None:
    fields = {"email": "neu@dortmund.example", "name": "Neu", "invite": "1"}
    page = admin.send_form("/verwaltung/personen", fields).headers["location"]
    assert "Neu ist aufgenommen und eingeladen" in admin.get(page).text
    admin.send_form(f"{page}/einladung", {}, on=page)
    person = page.rpartition("/")[2]
    with own.database.reading() as connection:
        links = connection.execute(select(one_time_link.c.purpose).where(one_time_link.c.person == person)).all()
        mails = connection.execute(select(delivery.c.channel).where(delivery.c.recipient == person)).all()
    assert [link.purpose for link in links] == ["invite"], "the earlier one works no more"
    assert len(mails) == 2
