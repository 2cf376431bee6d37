"""Who has to do what: worked out of the shipped lifecycle, state by state."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from states.lifecycle import Lifecycle
from states.loader import load_lifecycle, load_programme
from states.programme import Programme
from states.snapshot import AssignmentFact, Person, RecordFact, Snapshot
from states.tasks import Clocks, needs, tasks

SHIPPED = Path(config.__file__).parent
ENTERED = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = date(2026, 6, 9)

DEPARTMENT = ("department", "p-dora", "schools-dortmund")
OTHER = ("department", "p-carl", "social-dortmund")
REVIEWERS = (("reviewer", "p-rita", None), ("reviewer", "p-rolf", None))
STATIONS = {
    "stations": [{"body": "council-dortmund", "mode": "deciding"}, {"body": "board-dortmund", "mode": "advising"}]
}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme((SHIPPED / "programme.yaml").read_text(encoding="utf-8"), "programme.yaml")


@pytest.fixture(scope="module")
def lifecycle() -> Lifecycle:
    file = SHIPPED / "lifecycles" / "idea-to-project.yaml"
    return load_lifecycle(file.read_text(encoding="utf-8"), file.name)


def written(kind: str, key: str = "", visit: int = 5, data: Any = None) -> RecordFact:
    return RecordFact(kind, key, visit, 1, "p-anna", data or {}, ENTERED)


CASES: dict[str, tuple[str, dict[str, Any], Clocks, set[str]]] = {
    "whoever began a draft hands it in, and no coordinator has to": (
        "draft", {"assigned": [("submitter", "p-sara", None)]}, {},
        {"submitter of p-sara: move submit", "coordinator in dortmund waits for submitter: move submit"},
    ),
    "the coordination of the city examines what has come in": (
        "submitted", {"assigned": [("submitter", "p-sara", None)]}, {("precheck", ""): DAY},
        {"coordinator in dortmund: move start_review by 2026-06-09",
         "submitter of p-sara waits for coordinator: move start_review by 2026-06-09"},
    ),
    "an idea without a city is everybody's": (
        "submitted", {"cities": ()}, {},
        {"coordinator in dortmund: move start_review", "coordinator in schwerte: move start_review"},
    ),
    "who has taken it up is named": (
        "submitted", {"assigned": [("coordinator", "p-anna", None)]}, {},
        {"coordinator in dortmund of p-anna: move start_review"},
    ),
    "without a department nobody can say anything: one is to be named": (
        "in_review", {}, {("statement", ""): DAY}, {"coordinator in dortmund: assign department"},
    ),
    "each department owes its own statement, and the coordination waits": (
        "in_review", {"assigned": [DEPARTMENT, OTHER], "records": [written("statement", "social-dortmund")]},
        {("statement", ""): DAY},
        {"department in schools-dortmund of p-dora: record statement schools-dortmund by 2026-06-09",
         "department in social-dortmund of p-carl waits for department: record statement by 2026-06-09",
         "coordinator in dortmund waits for department: record statement by 2026-06-09"},
    ),
    "once all have answered it goes on": (
        "in_review", {"assigned": [DEPARTMENT], "records": [written("statement", "schools-dortmund")]},
        {("conclude_review", ""): DAY},
        {"coordinator in dortmund: move pool by 2026-06-09",
         "department in schools-dortmund of p-dora waits for coordinator: move pool by 2026-06-09"},
    ),
    "the statement of an earlier visit is no answer": (
        "in_review", {"assigned": [DEPARTMENT], "records": [written("statement", "schools-dortmund", visit=2)]}, {},
        {"department in schools-dortmund of p-dora: record statement schools-dortmund",
         "coordinator in dortmund waits for department: record statement"},
    ),
    "consent is owed while its deadline runs, by each city": (
        "pooled", {"cities": ("dortmund", "schwerte"), "records": [written("agreement", "dortmund")]},
        {("agreement_pooled", ""): DAY, ("look_again", ""): date(2027, 6, 1)},
        {"coordinator in schwerte: record agreement schwerte by 2026-06-09",
         "coordinator in dortmund waits for coordinator: record agreement by 2026-06-09"},
    ),
    "reviews by people, co-signatures by the offices that the file names": (
        "shortlisted", {"assigned": REVIEWERS, "records": [written("review", "p-rita")]}, {("review", ""): DAY},
        {"reviewer of p-rolf: record review p-rolf by 2026-06-09",
         "cosigner in treasury-dortmund: record cosignature treasury-dortmund",
         "cosigner in it-dortmund: record cosignature it-dortmund",
         "coordinator in dortmund waits for reviewer: record review by 2026-06-09"},
    ),
    "the office of each deciding body is asked for its session": (
        "before_bodies", {"records": [written("sheet", visit=0, data=STATIONS)]}, {},
        {"session_office in council-dortmund: record session_date council-dortmund",
         "coordinator in dortmund waits for session_office: record session_date"},
    ),
    "and then for its decision, the coordination for the paper": (
        "before_bodies",
        {"records": [written("sheet", visit=0, data=STATIONS), written("session_date", "council-dortmund")]},
        {("papers", "council-dortmund"): DAY, ("decision", "council-dortmund"): date(2026, 6, 30)},
        {"coordinator in dortmund: record paper council-dortmund by 2026-06-09",
         "session_office in council-dortmund: record decision council-dortmund by 2026-06-30"},
    ),
    "where every body has said its word and the item stays, somebody has to decide": (
        "before_bodies",
        {"records": [written("sheet", visit=0, data=STATIONS), written("session_date", "council-dortmund"),
                     written("decision", "council-dortmund")]}, {},
        {"coordinator in dortmund: decide"},
    ),
    "a question is the submitter's to answer": (
        "needs_information",
        {"assigned": [("submitter", "p-sara", None)], "origin": "submitted", "origin_visit": 2},
        {("answer", ""): DAY},
        {"submitter of p-sara: move answer by 2026-06-09",
         "coordinator in dortmund waits for submitter: move answer by 2026-06-09"},
    ),
    "while a project is on hold it is nobody's turn": (
        "on_hold", {"assigned": [("project_lead", "p-paul", None)], "origin": "in_progress"}, {}, set(),
    ),
    "nor while the clock alone goes on": ("integrated", {}, {("re_evaluate", ""): DAY}, set()),
    "nor at an end": ("rejected", {}, {}, set()),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_to_be_done(case: str, lifecycle: Lifecycle, programme: Programme) -> None:
    state, facts, clocks, expected = CASES[case]
    snapshot = Snapshot(
        number="2026-0001", state=state, visit=5, revision=9, entered_at=ENTERED, actor=Person("p-anna"),
        programme=programme, cities=facts.get("cities", ("dortmund",)), records=tuple(facts.get("records", ())),
        assignments=tuple(AssignmentFact(*one) for one in facts.get("assigned", ())),
        origin=facts.get("origin"), origin_visit=facts.get("origin_visit"),
    )  # fmt: skip
    assert {said(one) for one in tasks(lifecycle, snapshot, clocks)} == expected


def test_a_session_is_its_own_bodys_office_to_see_to(programme: Programme) -> None:
    file = SHIPPED / "lifecycles" / "session.yaml"
    session = load_lifecycle(file.read_text(encoding="utf-8"), file.name)
    assert "session" in needs(session).records
    snapshot = Snapshot(
        number="2026-0002", state="held", visit=5, revision=9, entered_at=ENTERED, actor=Person("p-anna"),
        programme=programme, cities=("dortmund",),
        records=(written("session", visit=0, data={"body": "council-dortmund"}),),
    )  # fmt: skip
    assert {one.holder.scope for one in tasks(session, snapshot, {}) if one.role == "session_office"} == {
        "council-dortmund"
    }


def said(one: Any) -> str:
    whose = f"{one.role}{f' in {one.holder.scope}' if one.holder.scope else ''}"
    whose += f" of {one.holder.person}" if one.holder.person else ""
    what = " ".join(filter(None, (one.act, one.what, one.key)))
    return f"{whose}{f' waits for {one.by}' if one.waiting else ''}: {what}{f' by {one.due}' if one.due else ''}"


def test_what_is_read_of_an_item_is_what_its_tasks_hang_on(lifecycle: Lifecycle) -> None:
    assert needs(lifecycle).assignments
    assert needs(lifecycle).records == {
        "statement", "review", "cosignature", "session_date", "decision", "paper", "agreement", "sheet"
    }  # fmt: skip
