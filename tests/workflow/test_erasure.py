"""A person is told what is kept of them, and erased for good; the history proves itself afterwards as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from workflow import access, erasure
from workflow.commands import Advance, Comment, Record
from workflow.errors import NotFound
from workflow.models import disclosure, event, metadata, record, role_grant
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
RESIDENT, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
SECOND, EXPERT = "vertretung@dortmund.example", "tiefbauamt@dortmund.example"


@pytest.fixture
def number(app: Any, create: Callable[..., Any]) -> str:
    """An item that several people wrote about."""
    number: str = create(contact="0231 555").item.number

    def do(command: Any) -> None:
        app.engine.execute(command, now=NOW)

    do(Comment(actor=RESIDENT, item=number, text="Ich wohne dort."))
    do(Advance(actor=RESIDENT, item=number, transition="submit", reason="Bitte bald."))
    do(Comment(actor=COORDINATOR, item=number, text="Die Anwohnerin rief an."))
    opinion = {"feasible": True, "remark": "Frau Beispiel sieht das auch so."}
    do(Record(actor=COORDINATOR, item=number, kind="opinion", data=opinion))
    return number


def erase(app: Any, who: str) -> erasure.Erased:
    return erasure.erase(app.database, app.rules, who, OPERATOR, NOW)


def everything(app: Any) -> str:
    """All that any table holds, as text."""
    with app.database.reading() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return json.dumps([[str(value) for value in row] for row in rows], ensure_ascii=False)


def test_name_address_words_and_fields_that_name_people_are_gone(app: Any, number: str) -> None:
    before = everything(app)
    erased = erase(app, RESIDENT)
    assert (erased.texts, erased.items, erased.roles_left) == (3, (number,), ((number, "submitter"),))
    after = everything(app)
    for text in (RESIDENT, "0231 555", "Ich wohne dort.", "Bitte bald."):
        assert text in before
        assert text not in after
    assert "Sensoren an Brücken" in after, "what the idea is about stays"
    assert "Die Anwohnerin rief an." in after, "what others wrote stays"
    assert app.audit.verify().ok


def test_the_item_tells_what_is_gone_and_that_it_is_the_operators_doing(app: Any, number: str) -> None:
    erase(app, RESIDENT)
    with app.database.reading() as connection:
        last = connection.execute(
            select(event).where(event.c.stream == f"item:{number}").order_by(event.c.seq.desc()).limit(1)
        ).one()
        left = connection.execute(
            select(disclosure.c.seq, disclosure.c.part).where(disclosure.c.stream == f"item:{number}")
        ).all()
    parts = json.loads(last.payload)["details"]["parts"]
    assert (last.kind, last.actor) == ("erased", "operator")
    assert {part for _, part in parts} == {"personal", "text", "reason"}
    assert not {tuple(part) for part in parts} & {tuple(row) for row in left}, "with the salts"


def test_the_public_reason_of_a_decision_belongs_to_the_decision(app: Any, number: str) -> None:
    why = "Es gibt dort keine Brücke."
    app.engine.execute(Advance(actor=COORDINATOR, item=number, transition="close", reason=why), now=NOW)
    erase(app, COORDINATOR)
    after = everything(app)
    assert why in after
    assert "Frau Beispiel" not in after
    assert app.audit.verify().ok


def test_a_personal_field_that_somebody_else_filled_about_the_submitter_goes_too(app: Any, number: str) -> None:
    sheet = {"title": "Sensoren an Brücken", "contact": "0231 777"}
    app.engine.execute(Record(actor=COORDINATOR, item=number, kind="sheet", data=sheet), now=NOW)
    erase(app, RESIDENT)
    assert "0231 777" not in everything(app)
    assert app.audit.verify().ok


def test_words_said_in_somebodys_place_are_both_peoples(app: Any, number: str) -> None:
    with app.database.writing() as connection:
        days = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
        access.deputise(connection, COORDINATOR, EXPERT, OPERATOR, NOW, **days)
    said = Comment(actor=EXPERT, on_behalf_of=COORDINATOR, item=number, text="In Vertretung gesagt.")
    app.engine.execute(said, now=NOW)
    erase(app, COORDINATOR)
    assert "In Vertretung gesagt." not in everything(app)


def test_whoever_is_erased_holds_no_role_and_acts_no_more(app: Any, number: str) -> None:
    with app.database.reading() as connection:
        who = access.find(connection, SECOND).id
    erase(app, SECOND)
    with app.database.reading() as connection:
        assert connection.scalars(select(role_grant.c.revoked_at).where(role_grant.c.person == who)).all() != [None]
    for asked in (SECOND, who):
        with pytest.raises(NotFound):
            app.engine.execute(Comment(actor=asked, item=number, text="Ich bin's."), now=NOW)
        with pytest.raises(NotFound):
            erase(app, asked)


def test_many_items_are_erased_a_few_at_a_time_and_a_broken_off_call_goes_on(
    app: Any, create: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(5):
        create(contact=f"0231 55{index}")
    monkeypatch.setattr(erasure, "ITEMS_AT_A_TIME", 2)
    finish = erasure.erase_person
    monkeypatch.setattr(erasure, "erase_person", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(app, RESIDENT)
    with app.database.reading() as connection:
        kept = connection.scalars(select(record.c.personal).where(record.c.personal.is_not(None))).all()
        assert len(kept) == 1, "two and two are gone, the last one with the person"
        assert access.find(connection, RESIDENT)
    monkeypatch.setattr(erasure, "erase_person", finish)
    assert erase(app, RESIDENT).texts == 1
    assert "0231 55" not in everything(app)
    assert app.audit.verify().ok


def test_everything_kept_is_told_with_what_others_hold_of_it(app: Any, number: str) -> None:
    with app.database.writing() as connection:
        told = erasure.told(connection, app.rules, RESIDENT, OPERATOR, NOW)
    assert told["person"]["email"] == RESIDENT
    assert [(one["item"], one["role"]) for one in told["assignments"]] == [(number, "submitter")]
    assert [(one["kind"], one["personal"]) for one in told["records"]] == [("sheet", {"contact": "0231 555"})]
    assert [one["text"] for one in told["texts"]] == ["Ich wohne dort.", "Bitte bald."]
    assert [one["kind"] for one in told["events"]][-1] == "advanced"
    assert json.loads(json.dumps(told)) == told
    with app.database.reading() as connection:
        (noted,) = connection.execute(select(event).where(event.c.kind == "person:exported")).all()
    assert noted.stream == f"person:{told['person']['id']}"
    assert app.audit.verify().ok
