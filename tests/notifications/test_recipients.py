"""Who is told, by which way, and why somebody is not: roles, deputies, wishes, the daily digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from ideenweg.wiring import App
from notifications import expand, preferences
from notifications.preferences import Mode, unsubscribe_token, unsubscribed
from workflow import access
from workflow.commands import Advance, Assign, Record
from workflow.errors import BadInput
from workflow.models import contact, role_grant

from .conftest import (
    DEPARTMENT,
    DORTMUND,
    HEAD,
    KEYS,
    MOBILITY,
    NOW,
    OPERATOR,
    RESIDENT,
    SECOND,
    Server,
    person_of,
    rows,
)

Made = Callable[..., str]


def wish(app: App, address: str, notice: str, mode: Mode | None) -> None:
    who = person_of(app, address)
    app.database.attempt(lambda connection: preferences.choose(connection, app.templates, who, notice, mode, NOW))


def morning(day: str) -> datetime:
    """Seven o'clock and a minute in the programme's zone, in summer."""
    return datetime.fromisoformat(f"{day}T07:01:00+02:00")


# --- roles, deputies --------------------------------------------------------------------------------------------------


def test_a_citys_coordinators_are_told_of_its_ideas_alone(app: App, submitted: Made) -> None:
    submitted()
    app.dispatch(now=NOW)
    told = {row.recipient for row in rows(app, role="coordinator")}
    assert told == {person_of(app, DORTMUND)}


def test_a_role_that_nobody_has_is_noted(app: App, submitted: Made) -> None:
    with app.database.writing() as connection:
        connection.execute(delete(role_grant))
    submitted()
    app.dispatch(now=NOW)
    (row,) = rows(app, role="coordinator")
    assert (row.recipient, row.status, row.result) == ("role:coordinator", "left_out", "nobody_has_the_role")


def test_who_did_it_need_not_be_told(app: App, reviewed: Made) -> None:
    number = reviewed()
    app.engine.execute(
        Advance(actor=DEPARTMENT, item=number, transition="ask", data={"question": "Wo genau?"}), now=NOW
    )
    app.dispatch(now=NOW)
    later = NOW + timedelta(hours=1)
    app.engine.execute(
        Advance(actor=RESIDENT, item=number, transition="answer", data={"answer": "Am Brunnen."}), now=later
    )
    app.dispatch(now=later)
    answered = [row for row in rows(app) if "answered" in row.id and not row.recipient.startswith("role:")]
    assert {row.status for row in answered} == {"for_digest"}


def test_a_deputy_is_told_in_the_place_of_who_is_away(app: App, submitted: Made, server: Server) -> None:
    day = date(2026, 5, 22)
    with app.database.writing() as connection:
        access.deputise(connection, DORTMUND, SECOND, OPERATOR, NOW, valid_from=day, valid_to=day + timedelta(days=10))
    wish(app, SECOND, preferences.EVERY, Mode.AT_ONCE)
    submitted()
    app.dispatch(now=NOW)
    (mail,) = server.to(SECOND)
    assert "als Vertretung" in mail.get_body(("plain",)).get_content()
    assert [row.result for row in rows(app, recipient=person_of(app, DORTMUND))] == ["away_deputy_told"]


def test_who_was_erased_meanwhile_gets_nothing(app: App, submitted: Made, server: Server) -> None:
    submitted()
    server.answers[RESIDENT] = "451 later"
    app.dispatch(now=NOW)
    with app.database.writing() as connection:
        connection.execute(delete(contact).where(contact.c.email == RESIDENT))
    server.answers.clear()
    assert app.dispatch(now=NOW + timedelta(hours=1)).left_out == 1
    (row,) = rows(app, role="submitter")
    assert (row.status, row.result, row.message) == ("left_out", "no_address", None)


# --- wishes -----------------------------------------------------------------------------------------------------------


def test_staff_who_wish_it_are_told_at_once(app: App, submitted: Made, server: Server) -> None:
    wish(app, DORTMUND, preferences.EVERY, Mode.AT_ONCE)
    number = submitted()
    app.dispatch(now=NOW)
    (mail,) = server.to(DORTMUND)
    assert mail["Subject"] == f"Bis Di, 9. Juni: Vorprüfung von {number} – Bänke & Bäume für den Markt"
    (calendar,) = mail.iter_attachments()
    assert b"DTSTART;VALUE=DATE:20260609" in calendar.get_payload(decode=True)


def test_what_is_optional_can_be_switched_off_and_the_decision_cannot(app: App, reviewed: Made, server: Server) -> None:
    wish(app, RESIDENT, preferences.EVERY, Mode.OFF)
    number = reviewed()
    app.engine.execute(Advance(actor=DORTMUND, item=number, transition="reject", reason="Kein Platz."), now=NOW)
    app.dispatch(now=NOW)
    assert [mail["Subject"] for mail in server.to(RESIDENT)] == [
        f"Ihre Idee {number} ist eingegangen",
        f"Entscheidung zu Ihrer Idee {number}",
    ]
    assert {row.result for row in rows(app, status="left_out", role="submitter")} == {"switched_off"}


def test_a_wish_for_what_there_is_not_or_has_to_be_is_refused(app: App) -> None:
    with pytest.raises(BadInput, match="no notice"):
        wish(app, RESIDENT, "nothing", Mode.DIGEST)
    with pytest.raises(BadInput, match="cannot be switched off"):
        wish(app, RESIDENT, "rejected", Mode.OFF)


def test_the_link_in_an_optional_mail_switches_just_that_off(app: App, reviewed: Made, server: Server) -> None:
    reviewed()
    app.dispatch(now=NOW)
    received, step = (mail["List-Unsubscribe"] for mail in server.to(RESIDENT))
    assert received is None
    token = step.strip("<>").rpartition("/")[2]
    assert unsubscribed(KEYS, token) == (person_of(app, RESIDENT), "step")


@pytest.mark.parametrize("token", ["", ".", "a.b", "ä.ö", "x" * 500, "AAAA.AAAA.AAAA"])
def test_a_token_that_nobody_signed_is_none(token: str) -> None:
    assert unsubscribed(KEYS, token) is None
    good = unsubscribe_token(KEYS, "p-1", "step")
    assert unsubscribed((b"new" * 12, *KEYS), good) == ("p-1", "step")
    assert unsubscribed((b"new" * 12,), good) is None
    assert unsubscribed(KEYS, good[:-2] + "AA") is None


# --- the digest -------------------------------------------------------------------------------------------------------


def test_one_digest_a_day_at_seven_lists_what_waits_the_most_urgent_first(
    app: App, submitted: Made, server: Server
) -> None:
    first, second = submitted(), submitted(title="Zweite Idee")
    app.dispatch(now=NOW)
    assert app.dispatch(now=datetime.fromisoformat("2026-05-23T06:59:00+02:00")).digests == 0
    assert app.dispatch(now=morning("2026-05-23")).digests == 1
    (mail,) = server.to(DORTMUND)
    assert mail["Subject"] == "Heute: 2 fällig"
    text = mail.get_body(("plain",)).get_content()
    assert text.index(first) < text.index(second)
    assert "bis Di, 9. Juni" in text
    assert app.dispatch(now=morning("2026-05-23") + timedelta(hours=2)).digests == 0
    assert app.dispatch(now=morning("2026-05-24")).digests == 0


def test_what_comes_after_seven_waits_for_the_next_morning(app: App, submitted: Made) -> None:
    submitted()
    app.dispatch(now=NOW)
    assert app.dispatch(now=NOW + timedelta(hours=3)).digests == 0
    assert app.dispatch(now=morning("2026-05-23")).digests == 1


def test_a_digest_tells_what_is_late(app: App, submitted: Made, server: Server) -> None:
    submitted()
    app.dispatch(now=NOW)
    app.dispatch(now=morning("2026-06-12"))
    (mail,) = server.to(DORTMUND)
    assert mail["Subject"] == "Heute: 1 überfällig"
    assert "überfällig seit 3 Arbeitstagen" in mail.get_body(("plain",)).get_content()


def test_there_is_no_digest_where_nothing_is_left_to_do(app: App, submitted: Made, server: Server) -> None:
    number = submitted()
    app.dispatch(now=NOW)
    app.engine.execute(Advance(actor=RESIDENT, item=number, transition="withdraw"), now=NOW + timedelta(hours=1))
    app.dispatch(now=NOW + timedelta(hours=1))
    assert app.dispatch(now=morning("2026-05-23")).digests == 0
    assert server.to(DORTMUND) == []
    assert {row.result for row in rows(app, role="coordinator")} == {"nothing_left_to_do"}


@pytest.mark.parametrize(
    ("day", "zone", "seven"),
    [
        ("2026-03-28", None, "06:00"),  # the day before the clocks are set forward
        ("2026-03-29", None, "05:00"),
        ("2026-10-24", None, "05:00"),  # the day before they are set back
        ("2026-10-25", None, "06:00"),
        ("2026-06-09", "Europe/Lisbon", "06:00"),
        ("2026-06-09", "America/New_York", "11:00"),
        ("2026-06-08", "Pacific/Auckland", "19:00"),  # there it is 9 June by then
        ("2026-06-09", "Nowhere/Atlantis", "05:00"),  # a zone that this machine does not know
    ],
)
def test_seven_in_the_morning_is_where_the_recipient_is_whatever_the_clocks_did_in_the_night(
    app: App, day: str, zone: str | None, seven: str
) -> None:
    begins = datetime.fromisoformat(f"{day}T{seven}:00+00:00")
    assert expand.seven(begins, expand.zone_of(zone, app.rules.programme)) == begins


def test_who_lives_by_other_clocks_gets_the_digest_in_their_own_morning_and_is_told_what_their_clocks_show(
    app: App, submitted: Made, server: Server
) -> None:
    app.database.attempt(lambda connection: access.keep_time(connection, DORTMUND, "America/New_York"))
    app.database.attempt(lambda connection: access.keep_time(connection, HEAD, "America/New_York"))
    wish(app, HEAD, preferences.EVERY, Mode.AT_ONCE)
    submitted()
    app.dispatch(now=NOW)
    assert app.dispatch(now=morning("2026-05-23")).digests == 0
    assert app.dispatch(now=datetime.fromisoformat("2026-05-23T10:59:00+00:00")).digests == 0
    assert app.dispatch(now=datetime.fromisoformat("2026-05-23T11:00:00+00:00")).digests == 1
    # Whoever moves has had that day's.
    submitted()
    app.dispatch(now=datetime.fromisoformat("2026-05-23T12:00:00+00:00"))
    app.database.attempt(lambda connection: access.keep_time(connection, DORTMUND, "Pacific/Honolulu"))
    assert app.dispatch(now=datetime.fromisoformat("2026-05-23T17:30:00+00:00")).digests == 0
    assert app.dispatch(now=datetime.fromisoformat("2026-05-24T17:30:00+00:00")).digests == 1
    wish(app, DORTMUND, preferences.EVERY, Mode.AT_ONCE)
    submitted()
    app.dispatch(now=datetime.fromisoformat("2026-05-25T12:00:00+00:00"))
    text = server.to(DORTMUND)[-1].get_body(("plain",)).get_content()
    assert "bis Di, 9. Juni" in text
    assert "Bei Ihnen endet diese Frist am Di, 9. Juni um 12:00 Uhr (Pacific/Honolulu)." in text
    assert "Bei Ihnen" not in server.to(RESIDENT)[-1].get_body(("plain",)).get_content()


# --- what the clock decides -------------------------------------------------------------------------------------------


def test_who_is_late_is_escalated_at_once_in_the_morning(app: App, submitted: Made, server: Server) -> None:
    number = submitted()
    app.dispatch(now=NOW)
    night = datetime.fromisoformat("2026-06-11T00:05:00+02:00")
    app.sweep(now=night)
    app.dispatch(now=night)
    assert server.to(HEAD) == []
    app.dispatch(now=morning("2026-06-11"))
    (mail,) = server.to(HEAD)
    assert mail["Subject"].startswith(f"Überfällig seit 2 Arbeitstagen: {number}")


def test_a_reminder_of_what_was_done_meanwhile_is_not_sent(app: App, submitted: Made, server: Server) -> None:
    number = submitted()
    app.dispatch(now=NOW)
    night = datetime.fromisoformat("2026-06-11T00:05:00+02:00")
    app.sweep(now=night)
    app.dispatch(now=night)
    app.engine.execute(Advance(actor=RESIDENT, item=number, transition="withdraw"), now=night + timedelta(hours=1))
    app.dispatch(now=morning("2026-06-11"))
    assert server.to(HEAD) == []
    assert {row.result for row in rows(app, recipient=person_of(app, HEAD))} == {"deadline_settled"}


def test_of_two_offices_only_the_one_that_has_not_answered_is_reminded_and_then_the_coordination_goes_on(
    app: App, reviewed: Made, server: Server
) -> None:
    number = reviewed()
    app.engine.execute(Assign(actor=DORTMUND, item=number, role="department", person=MOBILITY), now=NOW)
    app.dispatch(now=NOW)
    state(app, number, DEPARTMENT)
    told = {row.recipient: row for row in run(app, "2026-06-16")}  # five working days before 23 June
    assert told[person_of(app, DEPARTMENT)].result == "own_part_done"
    assert told[person_of(app, MOBILITY)].status == "in_digest"
    assert [mail["Subject"] for mail in server.to(MOBILITY)] == ["Heute: 1 fällig"] * 2  # the request, the reminder
    assert server.to(DEPARTMENT) == []  # nothing is left for them to do
    state(app, number, MOBILITY)
    assert run(app, "2026-06-25") == []  # two working days after the last: nobody is late
    assert [row.role for row in run(app, "2026-06-30")] == ["coordinator"]


def state(app: App, number: str, actor: str) -> None:
    """An office's statement."""
    data = {"result": "recommended", "assessment": "Gut machbar."}
    app.engine.execute(Record(actor=actor, item=number, kind="statement", data=data), now=NOW + timedelta(days=1))


def run(app: App, day: str) -> list[Any]:
    """Sweep and dispatch on a morning; the deliveries of what the clock told."""
    before = {row.id for row in rows(app)}
    app.sweep(now=morning(day))
    app.dispatch(now=morning(day))
    app.dispatch(now=morning(day) + timedelta(days=1))
    return [row for row in rows(app) if row.id not in before and row.id.startswith("deadline:")]
