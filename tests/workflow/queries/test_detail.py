"""One item as its reader may see it: the public, who handed in, who reviews blind, who works on it, the operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.commands import Advance, Assign, Comment, Create, Link, Record
from workflow.errors import NotFound
from workflow.queries.detail import Detail, find
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
RESIDENT, STRANGER = "buergerin@dortmund.example", "buerger@dortmund.example"
COORDINATOR, FIRST, SECOND = "koordination@dortmund.example", "eins@gutachten.example", "zwei@gutachten.example"

BLIND = """
lifecycle: blind
version: 1
initial: draft
created_by: submitter
sheet: sheet
roles:
  submitter: {label: Submitter, scope: item}
  coordinator: {label: Coordinator, scope: city}
  reviewer: {label: Reviewer, scope: item, assign: [coordinator]}
states:
  draft: {label: Draft}
  review:
    label: Review
    public: Experts are looking at it.
    deadline: {due: 20 days, responsible: reviewer}
  done: {label: Done, tags: [final]}
transitions:
  submit: {label: Submit, from: [draft], to: review, roles: [submitter]}
  decide: {label: Decide, from: [review], to: done, roles: [coordinator], reason: public}
records:
  sheet:
    label: Sheet
    write: [submitter, coordinator]
    read: {public: true}
    fields:
      title: {type: string, label: Title, required: true, public: true, sets: title}
      inner: {type: string, label: Inner}
      contact: {type: string, label: Contact, personal: true}
      released: {type: boolean, label: Released, sets: released}
  review:
    label: Review
    per: person
    visit: review
    while: [review]
    write: [reviewer]
    read: {blind_until_own: true, roles: [coordinator, reviewer]}
    fields:
      score: {type: integer, label: Score, required: true}
links:
  related: {label: Related, inverse: Related, write: [coordinator]}
"""
SHEET = {"title": "Sensoren an Brücken", "inner": "Nur für uns.", "contact": "0231 555"}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    file = tmp_path / "blind.yaml"
    file.write_text(BLIND, encoding="utf-8")
    origin = Origin("operator", "cli")
    with open_workflow(database_url, lifecycle=file) as app:
        role = app.rules.newest_of(app.database, "blind").roles["coordinator"]
        with app.database.writing() as connection:
            for email in (RESIDENT, STRANGER, COORDINATOR, FIRST, SECOND):
                access.add(connection, email, email.split("@")[0], origin, NOW)
            access.grant(
                connection, COORDINATOR, role, "dortmund", app.rules.programme, origin, NOW,
                valid_from=date(2026, 1, 1),
            )  # fmt: skip
        yield app


@pytest.fixture
def do(app: App) -> Callable[[Any], str]:
    return lambda command: app.engine.execute(command, now=NOW).item.number


@pytest.fixture
def number(do: Callable[[Any], str]) -> str:
    """An item in review, of which one of two reviewers has written."""
    number = do(Create(actor=RESIDENT, data=SHEET))
    do(Advance(actor=RESIDENT, item=number, transition="submit", reason="Bitte bald."))
    for reviewer in (FIRST, SECOND):
        do(Assign(actor=COORDINATOR, item=number, role="reviewer", person=reviewer))
    do(Record(actor=FIRST, item=number, kind="review", data={"score": 4}))
    do(Comment(actor=COORDINATOR, item=number, text="Unter uns."))
    do(Comment(actor=COORDINATOR, item=number, text="Für alle.", public=True))
    return number


def seen(app: App, number: str, reader: str | None) -> Detail:
    with app.database.reading() as connection:
        return find(connection, app.rules, number, reader, NOW)


def kinds(detail: Detail) -> list[str]:
    return [record.kind for record in detail.records]


def texts(detail: Detail) -> list[str]:
    return [past.text for past in detail.history if past.text]


def test_the_operator_sees_all_of_it_and_no_step_is_judged(app: App, number: str) -> None:
    detail = seen(app, number, None)
    assert kinds(detail) == ["sheet", "review"]
    assert detail.records[0].data == SHEET
    assert texts(detail) == ["Bitte bald.", "Unter uns.", "Für alle."]
    assert [step.plan for step in detail.steps] == [None]
    assert {name for name, _ in detail.names.values()} == {"buergerin", "koordination", "eins", "zwei"}


def test_who_reviews_blind_is_not_told_of_the_others_review_before_their_own_is_in(
    app: App, number: str, do: Callable[[Any], str]
) -> None:
    blind = seen(app, number, SECOND)
    assert "review" not in kinds(blind)
    assert not [past for past in blind.history if past.details.get("record") == "review"]
    do(Record(actor=SECOND, item=number, kind="review", data={"score": 2}))
    assert kinds(seen(app, number, SECOND)).count("review") == 2


def test_who_works_on_it_sees_names_comments_and_what_they_can_do(app: App, number: str) -> None:
    detail = seen(app, number, COORDINATOR)
    assert texts(detail) == ["Bitte bald.", "Unter uns.", "Für alle."]
    assert {one.role for one in detail.assigned} == {"submitter", "reviewer"}
    (step,) = detail.steps
    assert (step.open, step.asks) == (True, ("reason",))
    assert [(role, len(people)) for role, people in detail.turn] == [("reviewer", 2)]
    assert [(clock.rule, clock.due) for clock in detail.clocks] == [("review", date(2026, 6, 21))]


def test_who_handed_in_sees_their_own_and_what_is_public(app: App, number: str) -> None:
    detail = seen(app, number, RESIDENT)
    assert kinds(detail) == ["sheet"]
    assert detail.records[0].data == SHEET
    assert texts(detail) == ["Bitte bald.", "Für alle."]
    assert [name for name, _ in detail.names.values()] == ["buergerin"]
    assert {one.role for one in detail.assigned} == {"submitter"}
    (step,) = detail.steps
    assert not step.open


def test_a_stranger_sees_what_is_released_and_else_not_that_it_is_there(
    app: App, number: str, do: Callable[[Any], str]
) -> None:
    with pytest.raises(NotFound):
        seen(app, number, STRANGER)
    do(Record(actor=COORDINATOR, item=number, kind="sheet", data={**SHEET, "released": True}))
    detail = seen(app, number, STRANGER)
    assert [record.data for record in detail.records] == [{"title": "Sensoren an Brücken"}]
    assert texts(detail) == ["Für alle."]
    assert detail.names == {}
    assert detail.assigned == ()
    assert {past.kind for past in detail.history} == {"created", "advanced", "commented"}


def test_a_linked_item_is_named_to_those_alone_who_may_know_of_it(
    app: App, number: str, do: Callable[[Any], str]
) -> None:
    hidden = do(Create(actor=STRANGER, data=SHEET))
    shown = do(Create(actor=STRANGER, data={**SHEET, "released": True}))
    for other in (hidden, shown):
        do(Link(actor=COORDINATOR, item=number, kind="related", other=other))
    assert [tie.number for tie in seen(app, number, COORDINATOR).ties] == [hidden, shown]
    assert [tie.number for tie in seen(app, number, RESIDENT).ties] == [shown]
    assert [(tie.number, tie.outgoing) for tie in seen(app, shown, STRANGER).ties] == []
    assert [(tie.number, tie.outgoing) for tie in seen(app, shown, None).ties] == [(number, False)]


def test_a_public_reason_is_everybodys_and_another_is_not(app: App, number: str, do: Callable[[Any], str]) -> None:
    do(Record(actor=COORDINATOR, item=number, kind="sheet", data={**SHEET, "released": True}))
    do(Advance(actor=COORDINATOR, item=number, transition="decide", reason="Wir bauen sie ein."))
    for reader, known in ((STRANGER, []), (RESIDENT, ["Bitte bald."])):
        detail = seen(app, number, reader)
        assert texts(detail) == [*known, "Für alle.", "Wir bauen sie ein."]
        assert detail.turn == ()
