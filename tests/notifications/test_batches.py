"""What many items go through as one act is one mail a person, with what each of the notices would have said."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from ideenweg.wiring import App
from notifications import batches, preferences
from notifications.expand import SETTLES
from notifications.preferences import Mode
from workflow import access
from workflow.bulk import carry_out
from workflow.commands import Advance, Create
from workflow.erasure import erase

from .conftest import DORTMUND, NOW, OPERATOR, RESIDENT, Server, person_of, rows, sheet

NEIGHBOUR = "nachbar@post.example"
OTHERS = tuple(f"koordination-{one}@dortmund.example" for one in ("eins", "zwei", "drei"))
LATER = NOW + SETTLES


@pytest.fixture
def drafts(app: App) -> list[str]:
    """Thirty drafts of two people; three more coordinators of Dortmund, who want to be told at once."""
    role = app.rules.newest_of(app.database, "idea-to-project").roles["coordinator"]
    with app.database.writing() as connection:
        for address in OTHERS:
            who = access.add(connection, address, "", OPERATOR, NOW)
            access.grant(
                connection, address, role, "dortmund", app.rules.programme, OPERATOR, NOW, valid_from=date(2020, 1, 1)
            )
            preferences.choose(connection, app.templates, who, preferences.EVERY, Mode.AT_ONCE, NOW)
        access.add(connection, NEIGHBOUR, "", OPERATOR, NOW, locale="en")
    return [
        app.engine.execute(
            Create(actor=(RESIDENT, NEIGHBOUR)[place % 2], data=sheet(title=f"Bank {place}")), now=NOW
        ).item.number
        for place in range(30)
    ]


def submit(app: App, numbers: list[str], *, whole: bool = True) -> None:
    commands = [Advance(item=one, transition="submit", actor=DORTMUND) for one in numbers]
    assert not carry_out(app.engine, commands, NOW, whole=whole).held


def test_thirty_items_three_coordinators_and_two_submitters_are_five_mails(
    app: App, server: Server, drafts: list[str]
) -> None:
    submit(app, drafts)
    early = app.dispatch(now=NOW)
    assert (early.expanded, early.sent) == (60, 0), "what is one act may still grow"
    assert [app.dispatch(now=LATER + timedelta(minutes=one)).sent for one in range(2)] == [5, 0]
    assert Counter(to for to, _ in server.mails) == Counter((RESIDENT, NEIGHBOUR, *OTHERS))
    (mail,) = server.to(OTHERS[0])
    assert mail["Subject"] == "30 Vorgänge: Eingegangen (Vorprüfung)"
    text = mail.get_body(("plain",)).get_content()
    assert all(number in text for number in drafts)
    (english,) = server.to(NEIGHBOUR)
    assert english["Subject"] == "15 matters: Received (pre-check)"
    english_text = english.get_body(("plain",)).get_content()
    assert [number for number in drafts if number in english_text] == drafts[1::2]
    assert english_text.count("/meine-idee/") + english_text.count("/ideen/") == 15, "each with its own link"

    commands = [
        Advance(item=one, transition="refer", actor=DORTMUND, reason=f"Grund {one}", data={"to": "Tiefbauamt"})
        for one in drafts
    ]
    carry_out(app.engine, commands, NOW + timedelta(hours=1), whole=False)
    server.mails.clear()
    assert app.dispatch(now=LATER + timedelta(hours=1)).sent == 2
    (mail,) = server.to(RESIDENT)
    for body in (mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()):
        assert [one for one in drafts if f"Begründung: Grund {one}" in body] == drafts[::2]


def test_one_item_alone_is_told_as_its_notice_and_preferences_hold(app: App, server: Server, drafts: list[str]) -> None:
    with app.database.writing() as connection:
        preferences.choose(connection, app.templates, person_of(app, OTHERS[0]), "new_submission", Mode.DIGEST, NOW)
    submit(app, drafts[:1], whole=False)
    app.dispatch(now=NOW)
    app.dispatch(now=LATER)
    (mail,) = server.to(RESIDENT)
    assert mail["Subject"] == f"Ihre Idee {drafts[0]} ist eingegangen"
    assert server.to(OTHERS[0]) == []
    assert [row.status for row in rows(app, recipient=person_of(app, OTHERS[0]))] == ["for_digest"]


def test_a_batch_that_is_gathered_twice_and_sent_by_two_workers_is_one_mail(
    app: App, server: Server, drafts: list[str]
) -> None:
    submit(app, drafts[:4])
    app.dispatch(now=NOW)
    who = person_of(app, RESIDENT)
    batch = rows(app, recipient=who)[0].result
    made = [
        app.database.attempt(lambda connection: batches._make(connection, app.post, who, batch, LATER))
        for _ in range(2)
    ]
    assert made == [True, False]
    assert [row.status for row in rows(app, recipient=who)] == ["waiting", "in_batch", "in_batch"]
    app.dispatch(now=LATER)
    assert len(server.to(RESIDENT)) == 1


def test_who_is_erased_before_their_batch_has_settled_is_not_written_to(
    app: App, server: Server, drafts: list[str]
) -> None:
    submit(app, drafts[:4])
    app.dispatch(now=NOW)
    erase(app.database, app.rules, NEIGHBOUR, OPERATOR, NOW)
    app.dispatch(now=LATER)
    assert server.to(NEIGHBOUR) == []
    assert len(server.to(RESIDENT)) == 1
