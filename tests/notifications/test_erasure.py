"""A person who is erased gets nothing any more, and nothing that was to be sent to them is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from ideenweg.wiring import App
from notifications import preferences
from notifications.preferences import Mode
from workflow import erasure
from workflow.commands import Advance
from workflow.models import contact, delivery, inbox, metadata, preference

from .conftest import DEPARTMENT, DORTMUND, NOW, OPERATOR, RESIDENT, Server, person_of, rows

Made = Callable[..., str]


def erase(app: App, who: str) -> None:
    erasure.erase(app.database, app.rules, who, OPERATOR, NOW)


def everything(app: App) -> str:
    """All that stands in any table."""
    with app.database.reading() as connection:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_the_export_tells_preferences_inbox_and_deliveries(app: App, submitted: Made) -> None:
    number, who = submitted(), person_of(app, RESIDENT)
    app.dispatch(now=NOW)
    with app.database.writing() as connection:
        preferences.choose(connection, app.templates, who, "step", Mode.OFF, NOW)
        told = erasure.told(connection, app.rules, RESIDENT, OPERATOR, NOW)
    assert [(one["notice"], one["mode"]) for one in told["preferences"]] == [("step", "off")]
    assert [one["outbox"].partition("#")[0] for one in told["inbox"]] == [f"item:{number}"]
    assert [(one["channel"], one["status"]) for one in told["deliveries"]] == [("email", "sent")]


def test_nothing_of_messages_to_an_erased_person_is_left(app: App, server: Server, submitted: Made) -> None:
    who = person_of(app, RESIDENT)
    server.answers["DATA"] = f"250 taken for {RESIDENT}"
    submitted()
    app.dispatch(now=NOW)
    server.answers = {RESIDENT: f"550 no such user {RESIDENT}"}
    submitted()
    app.dispatch(now=NOW)
    server.answers = {RESIDENT: f"451 {RESIDENT} later"}
    submitted()
    app.dispatch(now=NOW)
    with app.database.writing() as connection:
        preferences.choose(connection, app.templates, who, "step", Mode.DIGEST, NOW)
    before = rows(app, recipient=who)
    assert sorted(row.status for row in before) == ["failed", "sent", "waiting"]
    assert any(row.message for row in before)

    erase(app, who)
    after = rows(app, recipient=who)
    assert sorted((row.status, row.result) for row in after if row.status != "sent") == [
        ("left_out", "person_erased"),
        ("left_out", "person_erased"),
    ]
    assert [row.result for row in after if row.status == "sent"] == [None]
    assert not any(row.message for row in after)
    with app.database.reading() as connection:
        for table in (preference, inbox, contact):
            assert not connection.execute(select(table).where(table.c.person == who)).all(), table.name
    assert RESIDENT not in everything(app)
    assert app.audit.verify().ok
    taken = len(server.mails)
    app.dispatch(now=NOW)
    assert len(server.mails) == taken


def test_what_waits_for_a_digest_or_is_held_is_left_out_too(app: App, submitted: Made) -> None:
    who = person_of(app, DORTMUND)
    for _ in range(2):
        submitted()
    app.dispatch(now=NOW)
    waiting = rows(app, recipient=who, status="for_digest")
    assert len(waiting) == 2
    with app.database.writing() as connection:
        connection.execute(update(delivery).where(delivery.c.id == waiting[0].id).values(status="held"))
    erase(app, who)
    assert {(row.status, row.result) for row in rows(app, recipient=who)} == {("left_out", "person_erased")}


def test_an_intent_that_is_expanded_later_makes_no_inbox_for_who_was_erased(app: App, submitted: Made) -> None:
    submitted()
    who = person_of(app, RESIDENT)
    erase(app, who)
    app.dispatch(now=NOW)
    assert [(row.status, row.result) for row in rows(app, recipient=who)] == [("left_out", "no_address")]
    with app.database.reading() as connection:
        assert not connection.execute(select(inbox).where(inbox.c.person == who)).all()
        assert connection.execute(select(inbox)).all()


def test_a_message_to_others_does_not_keep_what_the_erased_person_wrote(
    app: App, server: Server, reviewed: Made
) -> None:
    number, resident = reviewed(), person_of(app, RESIDENT)
    app.dispatch(now=NOW)
    question = {"question": "Wo genau?"}
    app.engine.execute(
        Advance(actor=DEPARTMENT, item=number, transition="ask", data=question, reason="Unklar."), now=NOW
    )
    server.answers[RESIDENT] = "451 later"
    app.dispatch(now=NOW)
    (before,) = rows(app, recipient=resident, status="waiting")
    assert before.message
    erase(app, person_of(app, DEPARTMENT))
    (after,) = rows(app, recipient=resident, status="waiting")
    assert after.message is None
    server.answers.clear()
    app.dispatch(now=NOW + timedelta(hours=1))
    assert before.message_id in [one["Message-ID"] for one in server.to(RESIDENT)]
    assert app.audit.verify().ok
