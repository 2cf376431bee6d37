"""From a step to the mails it brings: each once, whatever the server, another worker or the power does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App
from notifications import deliveries
from notifications.deliveries import MOST_ATTEMPTS
from notifications.dispatch import MAILS_A_DOMAIN
from workflow.commands import Advance
from workflow.errors import StorageError
from workflow.models import delivery, inbox, outbox

from .conftest import DEPARTMENT, DORTMUND, NOW, RESIDENT, Server, parsed, rows

Made = Callable[..., str]


def test_who_hands_in_gets_a_receipt_and_the_office_hears_of_it_in_its_digest(
    app: App, server: Server, submitted: Made
) -> None:
    number = submitted()
    done = app.dispatch(now=NOW)
    assert (done.expanded, done.sent, done.failed) == (2, 1, 0)
    (mail,) = server.to(RESIDENT)
    assert mail["Subject"] == f"Ihre Idee {number} ist eingegangen"
    assert "Das dauert längstens bis Di, 9. Juni." in mail.get_body(("plain",)).get_content()
    assert server.to(DORTMUND) == []
    assert [row.status for row in rows(app, role="coordinator")] == ["for_digest"]


def test_everybody_finds_each_notice_once_in_their_inbox(app: App, submitted: Made) -> None:
    submitted()
    for _ in range(3):
        app.dispatch(now=NOW)
    with app.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(inbox)) == 2


def test_nothing_is_sent_twice(app: App, server: Server, submitted: Made) -> None:
    submitted()
    app.dispatch(now=NOW)
    assert app.dispatch(now=NOW + timedelta(hours=1)).sent == 0
    assert len(server.mails) == 1


def test_one_connection_serves_a_whole_run(app: App, server: Server, submitted: Made) -> None:
    for _ in range(5):
        submitted()
    assert app.dispatch(now=NOW).sent == 5
    assert server.connections == 1


def test_without_a_mail_server_mails_stay_and_say_so(app: App, server: Server, submitted: Made) -> None:
    object.__setattr__(app, "outgoing", Outgoing())
    submitted()
    done = app.dispatch(now=NOW)
    assert (done.expanded, done.sent) == (2, 0)
    assert [(row.status, row.result) for row in rows(app, role="submitter")] == [("waiting", "no_mail_server")]


def test_a_dead_server_burns_no_attempts_and_is_left_alone_for_a_while(
    app: App, server: Server, submitted: Made
) -> None:
    submitted()
    submitted()
    server.stop()
    done = app.dispatch(now=NOW)
    assert (done.sent, list(done.down)) == (0, ["email"])
    assert [(row.status, row.attempts, row.lease_until) for row in rows(app, role="submitter")] == [
        ("waiting", 0, None)
    ] * 2
    server.start()
    assert app.dispatch(now=NOW + timedelta(seconds=10)).sent == 0  # the breaker is open
    assert app.dispatch(now=NOW + timedelta(seconds=40)).sent == 2


def test_a_temporary_refusal_is_tried_again_later_with_the_same_bytes(
    app: App, server: Server, submitted: Made
) -> None:
    submitted()
    server.answers["DATA"] = "451 try later"
    assert app.dispatch(now=NOW).put_off == 1
    (row,) = rows(app, role="submitter")
    assert (row.status, row.attempts, row.result) == ("waiting", 1, "451 try later")
    assert app.dispatch(now=NOW + timedelta(seconds=20)).sent == 0
    del server.answers["DATA"]
    assert app.dispatch(now=NOW + timedelta(minutes=2)).sent == 1
    assert server.mails[0] == server.mails[1]


def test_a_refusal_for_good_is_a_dead_letter_of_that_recipient_alone(app: App, server: Server, submitted: Made) -> None:
    submitted()
    server.answers[RESIDENT] = "550 no such person"
    assert app.dispatch(now=NOW).failed == 1
    (row,) = rows(app, role="submitter")
    assert (row.status, row.result) == ("failed", "550 no such person")


def test_after_many_temporary_refusals_it_is_a_dead_letter(app: App, server: Server, submitted: Made) -> None:
    submitted()
    server.answers[RESIDENT] = "450 busy"
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        app.dispatch(now=now)
        now += timedelta(days=1)
    (row,) = rows(app, role="submitter")
    assert (row.status, row.attempts) == ("failed", MOST_ATTEMPTS)


def test_a_message_whose_acknowledgement_was_lost_is_sent_again_as_it_was(
    app: App, server: Server, submitted: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted()
    real, calls = deliveries.turn, []

    def dies(connection: Any, ack: Any, *begun: Any) -> bool:
        calls.append(ack)
        if ack is not None:
            raise KeyboardInterrupt
        return real(connection, ack, *begun)

    monkeypatch.setattr(deliveries, "turn", dies)
    with pytest.raises(KeyboardInterrupt):
        app.dispatch(now=NOW)
    monkeypatch.undo()
    assert app.dispatch(now=NOW).sent == 0  # the lease still runs
    with app.database.writing() as connection:
        connection.execute(update(delivery).values(lease_until="2020-01-01T00:00:00.000000Z"))
    assert app.dispatch(now=NOW + timedelta(hours=1)).sent == 1
    first, second = server.mails
    assert first == second
    (row,) = rows(app, role="submitter")
    assert (row.status, row.attempts, row.message) == ("sent", 2, None)


def test_who_slept_beyond_the_lease_can_neither_begin_nor_acknowledge(
    app: App, server: Server, submitted: Made
) -> None:
    submitted()
    server.answers["DATA"] = "451 later"
    app.dispatch(now=NOW)
    later = NOW + timedelta(days=1)
    with app.database.writing() as connection:
        (stale,) = deliveries.claim(connection, "email", later, 10)
    with app.database.writing() as connection:
        assert deliveries.claim(connection, "email", later, 10) == []
        connection.execute(update(delivery).values(lease_until="2020-01-01T00:00:00.000000Z"))
    with app.database.writing() as connection:
        (fresh,) = deliveries.claim(connection, "email", later, 10)
        assert fresh.epoch == stale.epoch + 1
        assert not deliveries.turn(connection, None, stale, None, None)
        assert not deliveries.acknowledge(connection, deliveries.sent(stale, "250 OK", later))
        assert deliveries.turn(connection, None, fresh, None, None)


def test_one_notice_that_cannot_be_written_stops_no_other(
    app: App, server: Server, submitted: Made, reviewed: Made, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    override = tmp_path / "de" / "received" / "body.txt"
    override.parent.mkdir(parents=True)
    override.write_text("eins\n{{ item.colour }}")
    from notifications.render import Templates

    app.__dict__["templates"] = Templates(tmp_path)
    number = reviewed()
    done = app.dispatch(now=NOW)
    assert (done.sent, done.failed) == (1, 1)
    assert [mail["Subject"] for mail in server.to(RESIDENT)] == [f"Ihre Idee {number}: Fachliche Prüfung"]
    (row,) = rows(app, status="failed")
    assert "received/body.txt:2: " in row.result


def test_a_step_that_is_history_is_told_to_who_handed_in_and_to_nobody_else(
    app: App, server: Server, reviewed: Made
) -> None:
    number = reviewed()
    app.dispatch(now=NOW)
    assert [mail["Subject"] for mail in server.to(RESIDENT)] == [
        f"Ihre Idee {number} ist eingegangen",
        f"Ihre Idee {number}: Fachliche Prüfung",
    ]
    assert [row.result for row in rows(app, role="coordinator")] == ["item_moved_on"]


def test_a_large_provider_gets_a_limited_number_in_one_run(
    app: App, server: Server, submitted: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.dispatch.MAILS_A_DOMAIN", 2)
    assert MAILS_A_DOMAIN > 2
    for _ in range(3):
        submitted()
    assert app.dispatch(now=NOW).sent == 2
    assert app.dispatch(now=NOW + timedelta(minutes=1)).sent == 1


def test_a_public_reason_is_in_the_mail_and_no_name(app: App, server: Server, reviewed: Made) -> None:
    number = reviewed()
    reason = "Der Platz ist schon verplant."
    app.engine.execute(Advance(actor=DORTMUND, item=number, transition="reject", reason=reason), now=NOW)
    app.dispatch(now=NOW)
    mail = server.to(RESIDENT)[-1]
    assert mail["Subject"] == f"Entscheidung zu Ihrer Idee {number}"
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert reason in text
        assert "Veranlasst von: CIIO-Büro Dortmund" in text
        assert "Koordination@" not in text
        assert "Umweltamt" not in text
    assert parsed(server.mails[-1][1])["Reply-To"] == "CIIO-Büro Dortmund <smartcity@dortmund.example>"


def test_held_notices_of_a_restored_backup_are_not_sent(app: App, server: Server, submitted: Made) -> None:
    submitted()
    with app.database.writing() as connection:
        connection.execute(update(outbox).values(status="held"))
    assert app.dispatch(now=NOW).expanded == 0


def test_the_department_is_not_told_by_mail_before_its_digest(app: App, server: Server, reviewed: Made) -> None:
    reviewed()
    app.dispatch(now=NOW)
    assert server.to(DEPARTMENT) == []


def test_a_reminder_is_not_begun_once_its_deadline_runs_no_longer(app: App, submitted: Made) -> None:
    object.__setattr__(app, "outgoing", Outgoing())
    number = submitted()
    late = NOW + timedelta(days=20)
    app.sweep(now=late)
    app.dispatch(now=late)
    with app.database.writing() as connection:
        claimed = deliveries.claim(connection, "email", late, 10)
    (row,) = [one for one in claimed if one.outbox.startswith("deadline:")]
    occasion = (number, "precheck", "", 1)
    begin = lambda: app.database.attempt(  # noqa: E731
        lambda connection: deliveries.turn(connection, None, row, b"written", occasion)
    )
    assert begin()
    app.engine.execute(Advance(actor=RESIDENT, item=number, transition="withdraw"), now=late)
    assert not begin()


def test_a_database_that_breaks_off_while_mails_are_written_makes_no_dead_letters(
    app: App, server: Server, submitted: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted()
    submitted()
    errors = app.database.errors

    def breaks(writer: Any, row: Any) -> None:
        raise errors[1]("server closed the connection unexpectedly")

    monkeypatch.setattr("notifications.letters.Writer.needless", breaks)
    with pytest.raises((*errors, StorageError)):
        app.dispatch(now=NOW)
    monkeypatch.undo()
    assert [(row.status, row.attempts, row.lease_until) for row in rows(app, role="submitter")] == [
        ("waiting", 0, None)
    ] * 2
    assert app.dispatch(now=NOW).sent == 2
