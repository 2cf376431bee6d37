"""Who may write which record when, for whom, and what becomes of what they write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from states.errors import UnknownName
from states.lifecycle import Lifecycle
from states.record_kinds import Column
from states.records import RecordPlan, needs_of_record, plan_record
from states.snapshot import Snapshot

Item = Callable[..., Snapshot]
Write = Callable[..., RecordPlan]

TITLE = {"title": "Bank am Fluss"}
PRECHECK = {"complete": True, "lawful": True}
APPROVED = {"outcome": "approved"}
YES = {"outcome": "yes"}
RATED = {"feasible": True}


@pytest.fixture
def write(guarded: Lifecycle, item: Item) -> Write:
    """Plans a record of an item of North, whose facts the keyword arguments are."""

    def write(kind: str, data: dict[str, Any], key: str = "", **facts: Any) -> RecordPlan:
        return plan_record(guarded, item(**{"cities": ["north"], **facts}), kind, data, key)

    return write


def codes(planned: RecordPlan) -> list[str]:
    return [one.code for one in planned.blockers]


def test_a_record_is_sorted_into_what_names_people_what_does_not_and_what_lists_filter_by(write: Write) -> None:
    sheet = {**TITLE, "cities": ["north", "unknown"], "contact": "sue@nord.example"}

    planned = write("sheet", sheet)

    assert planned.blockers == ()
    assert planned.data == {**TITLE, "cities": ["north", "unknown"]}
    assert planned.personal == {"contact": "sue@nord.example"}
    assert planned.columns == {Column.TITLE: "Bank am Fluss", Column.CITIES: ["north", "unknown"]}


def test_a_new_version_without_a_field_clears_what_lists_kept_of_it(write: Write) -> None:
    assert write("sheet", TITLE).columns[Column.CITIES] is None


def test_an_unknown_record_kind_is_an_error(write: Write) -> None:
    with pytest.raises(UnknownName, match="Did you mean precheck"):
        write("pre-check", PRECHECK)


@pytest.mark.parametrize(
    ("facts", "visit"),
    [
        ({"state": "review", "visit": 5}, 5),
        ({"state": "asked", "visit": 7, "origin": "review", "origin_visit": 5}, 5),
    ],
    ids=["in the state", "in a pausing state, the visit of the state before"],
)
def test_a_record_belongs_to_the_visit(facts: dict[str, Any], visit: int, guarded: Lifecycle, item: Item) -> None:
    kind = replace(guarded.records["precheck"], states=("review", "asked"))
    lifecycle = replace(guarded, records={**guarded.records, "precheck": kind})

    planned = plan_record(lifecycle, item(cities=["north"], **facts), "precheck", PRECHECK, "")

    assert (codes(planned), planned.visit) == ([], visit)


def test_a_record_of_a_kind_without_visits_belongs_to_none(write: Write) -> None:
    assert write("sheet", TITLE).visit == 0


@pytest.mark.parametrize(
    ("kind", "data", "facts", "expected"),
    [
        ("precheck", PRECHECK, {"state": "planned"}, ["record_closed"]),
        ("sheet", TITLE, {"state": "done"}, ["record_closed"]),
        ("sheet", TITLE, {"actor": "stranger"}, ["role"]),
        ("sheet", TITLE, {"actor": "sue", "assigned": [["submitter", "sue"]]}, ["role"]),
        ("sheet", TITLE, {"state": "draft", "actor": "sue", "assigned": [["submitter", "sue"]]}, []),
        ("sheet", TITLE, {"actor": "bert"}, ["role"]),
        ("sheet", TITLE, {"actor": "nora", "represented": "anna", "deputy": True}, []),
        ("sheet", TITLE, {"actor": "nora", "represented": "anna"}, ["not_deputy", "role"]),
        ("sheet", {"title": "x"}, {"actor": "stranger"}, ["role", "invalid_data"]),
    ],
    ids=[
        "in a state that is not listed",
        "in a final state",
        "somebody without a role",
        "a role that writes in other states",
        "a role that writes in this state",
        "the other town's coordinator",
        "a deputy",
        "somebody who is no deputy",
        "every blocker is told",
    ],
)
def test_a_record_is_written_by_its_roles_in_its_states(
    kind: str, data: dict[str, Any], facts: dict[str, Any], expected: list[str], write: Write
) -> None:
    assert codes(write(kind, data, **facts)) == expected


def test_a_closed_record_says_where_it_can_be_written(write: Write) -> None:
    (closed,) = write("precheck", PRECHECK, state="planned").blockers

    assert closed.message == "“Pre-check” cannot be written in the state “Commissioned”. It can in: Review."


def test_a_kind_that_nobody_writes_is_the_form_of_a_transition(guarded: Lifecycle, item: Item) -> None:
    kind = replace(guarded.records["precheck"], write=())
    lifecycle = replace(guarded, records={**guarded.records, "precheck": kind})
    snapshot = item(cities=["north"])

    alone = plan_record(lifecycle, snapshot, "precheck", PRECHECK, "")
    as_form = plan_record(lifecycle, snapshot, "precheck", PRECHECK, "", transition=guarded.transitions["check"])

    assert codes(alone)[0] == "form_only"
    assert alone.blockers[0].message == "“Pre-check” is filled in together with a step: Finish the pre-check."
    assert codes(as_form) == []


# --- keys -------------------------------------------------------------------------------------------------------------

BODIES = {"state": "before_bodies"}
DEPARTMENT = {"actor": "dora", "assigned": [["department", "dora", "roads-north"]]}
REVIEWER = {"actor": "rita", "assigned": [["reviewer", "rita"], ["reviewer", "rolf"]]}


@pytest.mark.parametrize(
    ("kind", "data", "key", "facts", "expected"),
    [
        ("sheet", TITLE, "", {}, ""),
        ("sheet", TITLE, "a", {}, "invalid_key"),
        ("milestone", {"status": "open"}, "M1", {}, "M1"),
        ("milestone", {"status": "open"}, "", {}, "invalid_key"),
        ("milestone", {"status": "open"}, "M 1\n", {}, "invalid_key"),
        ("assessment", RATED, "", REVIEWER, "rita"),
        ("assessment", RATED, "rita", REVIEWER, "rita"),
        ("assessment", RATED, "rolf", REVIEWER, "not_own"),
        ("assessment", RATED, "", {**REVIEWER, "actor": "nora", "represented": "rita", "deputy": True}, "rita"),
        ("decision", APPROVED, "", {**BODIES, "actor": "nora"}, "council-north"),
        ("decision", APPROVED, "council-north", {**BODIES, "actor": "nora"}, "council-north"),
        ("decision", APPROVED, "committee-north", {**BODIES, "actor": "nora"}, "other_voice"),
        ("decision", APPROVED, "council-south", {**BODIES, "actor": "nora"}, "not_concerned"),
        ("decision", APPROVED, "council-west", {**BODIES, "actor": "nora"}, "invalid_key"),
        ("decision", APPROVED, "", {**BODIES, "actor": "nele"}, "invalid_key"),
        ("decision", APPROVED, "committee-north", {**BODIES, "actor": "nele"}, "committee-north"),
        ("decision", APPROVED, "council-south", {**BODIES, "actor": "nora", "cities": []}, "other_voice"),
        ("decision", APPROVED, "", {**BODIES, "actor": "sven", "cities": ["north", "south"]}, "council-south"),
        ("decision", APPROVED, "", {**BODIES, "actor": "fred"}, "funder"),
        ("statement", YES, "", DEPARTMENT, "roads-north"),
        ("statement", YES, "treasury-north", DEPARTMENT, "other_voice"),
        ("statement", YES, "", {"actor": "kim"}, "treasury-north"),
        ("agreement", {"transition": "check", "consent": True}, "", {}, "north"),
        ("agreement", {"transition": "check", "consent": True}, "south", {}, "not_concerned"),
        (
            "agreement",
            {"transition": "check", "consent": True},
            "south",
            {"cities": ["north", "south"]},
            "other_voice",
        ),
    ],
)
def test_everybody_writes_in_their_own_name_or_for_what_their_role_reaches(
    kind: str, data: dict[str, Any], key: str, facts: dict[str, Any], expected: str, write: Write
) -> None:
    planned = write(kind, data, key, **facts)

    assert (codes(planned) or [planned.key]) == [expected]


def test_who_speaks_for_several_is_asked_for_which_by_their_names(write: Write) -> None:
    (blocker,) = write("decision", APPROVED, "", **BODIES, actor="nele").blockers

    assert re.fullmatch(r"„.+“: Sagen Sie dazu, wofür\. Möglich: .+ \(council-north\), .+\.", blocker.in_locale("de"))


def test_a_bodys_decision_names_its_own_session_office(write: Write) -> None:
    (blocker,) = write("decision", APPROVED, "committee-north", state="before_bodies", actor="nora").blockers

    assert blocker.in_locale("de") == "„Beschluss“ für Ausschuss Nord trägt nur ein: Sitzungsdienst (Ausschuss Nord)."


# --- what has to stay -------------------------------------------------------------------------------------------------


def rated(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "assessment", "key": name, "visit": 5, "author": name, "data": RATED, **more}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], []),
        ([rated("rita")], []),
        ([rated("rolf")], []),
        ([rated("rita"), rated("rolf")], ["frozen"]),
        ([rated("rita"), rated("rolf", visit=2)], []),
    ],
    ids=[
        "the first",
        "one's own, while nobody else's is there",
        "one's own, after somebody else's that one has not seen",
        "one's own, once others are visible",
        "somebody else's of an earlier visit",
    ],
)
def test_a_review_freezes_once_others_are_visible_to_its_writer(
    records: list[dict[str, Any]], expected: list[str], write: Write
) -> None:
    assert codes(write("assessment", RATED, records=records, **REVIEWER)) == expected


def test_one_hand_gives_one_review(write: Write) -> None:
    as_deputy = {**REVIEWER, "represented": "rolf", "deputy": True}

    assert codes(write("assessment", RATED, records=[rated("rita")], **as_deputy)) == ["second_voice"]
    assert codes(write("assessment", RATED, records=[rated("rolf", writer="rita")], **REVIEWER)) == ["second_voice"]


def test_a_deputy_does_not_change_what_somebody_said_themselves(write: Write) -> None:
    facts = {**REVIEWER, "actor": "nora", "represented": "rita", "deputy": True}

    assert codes(write("assessment", RATED, records=[rated("rita")], **facts)) == ["own_word"]
    assert codes(write("assessment", RATED, records=[rated("rita", writer="nora")], **facts)) == []


def test_planning_a_record_takes_the_records_of_its_kind_and_what_automatic_transitions_read(
    guarded: Lifecycle,
) -> None:
    needs = needs_of_record(guarded, "milestone", "before_bodies")

    assert needs.records == {"milestone", "decision", "sheet"}


def test_after_its_visits_a_record_is_corrected_where_the_file_says_so_and_nothing_is_added(
    guarded: Lifecycle, item: Item
) -> None:
    kind = replace(guarded.records["precheck"], states=("review", "planned"))
    lifecycle = replace(guarded, records={**guarded.records, "precheck": kind})
    there = [{"kind": "precheck", "visit": 5, "data": PRECHECK}]

    corrected = plan_record(lifecycle, item(state="planned", visit=9, records=there), "precheck", PRECHECK, "")
    added = plan_record(lifecycle, item(state="planned", visit=9), "precheck", PRECHECK, "")

    assert (codes(corrected), corrected.visit) == ([], 5)
    assert codes(added) == ["record_closed"]
