"""A plan tells every blocker, takes the first open way, and sees the form as if it were recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from states import machine
from states.errors import UnknownName
from states.lifecycle import Fire, Lifecycle
from states.machine import Plan, automatic, plan
from states.snapshot import SYSTEM, Request, Snapshot

Item = Callable[..., Snapshot]

PRECHECK = {"complete": True, "lawful": True}
READY = {"cities": ["north"], "steps": [{"transition": "submit", "actor": "zoe"}]}
ROUTE = {"kind": "sheet", "data": {"stations": [{"body": "council-north", "mode": "deciding"}], "money": "grant"}}
APPROVED = {"kind": "decision", "key": "council-north", "data": {"outcome": "approved"}}


def codes(planned: Plan) -> list[str]:
    return [one.code for one in planned.blockers]


@pytest.fixture
def check(guarded: Lifecycle, item: Item, now: datetime) -> Callable[..., Plan]:
    """Plans the transition `check` of an item that is ready for it; `facts` and `request` change what they name."""

    def check(request: dict[str, Any] | None = None, **facts: Any) -> Plan:
        asked = {"transition": "check", "data": PRECHECK, **(request or {})}
        return plan(guarded, item(**{**READY, **facts}), Request(**asked), now)

    return check


def test_a_move_that_nothing_stands_against_leads_to_its_target(check: Callable[..., Plan]) -> None:
    planned = check()

    assert planned.allowed
    assert planned.target == "before_bodies"
    assert planned.guards == ("boxes_ticked", "four_eyes", "no_conflict_of_interest", "agreement")
    assert (planned.keeps_visit, planned.pauses) == (False, False)
    assert planned.form is not None
    assert (planned.form.kind.key, planned.form.visit, dict(planned.form.data)) == ("precheck", 5, PRECHECK)


def test_every_blocker_is_told_not_the_first_alone(check: Callable[..., Plan]) -> None:
    planned = check(
        {"data": {"complete": "perhaps", "lawful": False, "more": 1}},
        actor="bert",
        represented="anna",
        state="before_bodies",
        steps=[{"transition": "submit", "actor": "bert"}],
        records=[{"kind": "conflict", "key": "anna", "author": "anna", "data": {"conflicted": True}}],
    )

    assert planned.target is None
    assert codes(planned) == [
        "wrong_state",
        "not_deputy",
        "role",
        "record_closed",
        "invalid_data",
        "invalid_data",
        "not_for_your_eyes",  # the open box: Bert has no role on an item of the other town
        "four_eyes",
        "not_for_your_eyes",  # Anna's conflict of interest
    ]


def test_a_transition_that_the_lifecycle_does_not_have_is_an_error(
    guarded: Lifecycle, item: Item, now: datetime
) -> None:
    with pytest.raises(UnknownName, match="Did you mean check"):
        plan(guarded, item(), Request("chek"), now)


def test_a_wrong_state_is_told_with_the_right_ones(check: Callable[..., Plan]) -> None:
    planned = check({"data": None}, state="planned")

    assert planned.blockers[0].code == "wrong_state"
    assert planned.blockers[0].message == (
        "“Finish the pre-check” is not possible in the state “Commissioned”; it is in: Review."
    )


def test_a_coordinator_of_one_town_cannot_move_an_item_of_the_other_alone(check: Callable[..., Plan]) -> None:
    planned = check(actor="bert")

    assert codes(planned) == ["role"]
    assert planned.blockers[0].in_locale("de") == "Dazu ist hier berechtigt: Koordination (Nord)."


@pytest.mark.parametrize(
    ("transition", "reason", "expected"),
    [
        ("reject", None, ["reason_missing"]),
        ("reject", "   ", ["reason_missing"]),
        ("reject", "Gehört dem Land.", []),
        ("reject", "x" * 20_001, ["invalid_reason"]),
        ("reject", "nul\0", ["invalid_reason"]),
        ("finish", "weil", ["invalid_reason"]),
        ("finish", None, []),
    ],
)
def test_a_reason_is_asked_for_as_the_file_says(
    transition: str, reason: str | None, expected: list[str], guarded: Lifecycle, item: Item, now: datetime
) -> None:
    own = {"kind": "sheet", "data": {"money": "own"}}
    planned = plan(guarded, item(state="planned", records=[own]), Request(transition, reason), now)

    assert codes(planned) == expected


# --- forms ------------------------------------------------------------------------------------------------------------


def test_guards_see_the_form_as_if_it_were_recorded(check: Callable[..., Plan]) -> None:
    assert codes(check({"data": {"complete": True, "lawful": False}})) == ["boxes_open"]
    assert codes(check({"data": PRECHECK}, records=[{"kind": "precheck", "visit": 5, "data": {"lawful": False}}])) == []


def test_guards_see_the_cities_that_the_form_names(guarded: Lifecycle, item: Item, now: datetime) -> None:
    transitions = dict(guarded.transitions)
    transitions["check"] = replace(transitions["check"], form="sheet", guards=transitions["check"].guards[3:])
    lifecycle = replace(guarded, transitions=transitions)
    sheet = {"title": "Bank am Fluss", "cities": ["north", "south"]}

    planned = plan(lifecycle, item(cities=["north"]), Request("check", data=sheet), now)

    assert codes(planned) == ["agreement_missing"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], ["form_missing", "record_missing"]),
        ([{"kind": "precheck", "visit": 5, "data": PRECHECK}], []),
        ([{"kind": "precheck", "visit": 2, "data": PRECHECK}], ["form_missing", "record_missing"]),
    ],
    ids=["no form", "the form of this visit", "the form of an earlier visit"],
)
def test_a_form_may_have_been_filled_in_before(
    records: list[dict[str, Any]], expected: list[str], check: Callable[..., Plan]
) -> None:
    assert codes(check({"data": None}, records=records)) == expected


@pytest.mark.parametrize(("minutes", "expected"), [(-1, ["form_missing"]), (1, [])], ids=["before", "since"])
def test_a_form_without_visits_counts_if_it_was_filled_in_since_the_state_was_entered(
    minutes: int, expected: list[str], guarded: Lifecycle, item: Item, now: datetime
) -> None:
    snapshot = item(cities=["north"])
    at = snapshot.entered_at + timedelta(minutes=minutes)
    question = {"kind": "question", "data": {"question": "Wo genau?"}, "at": at}

    assert codes(plan(guarded, item(cities=["north"], records=[question]), Request("ask"), now)) == expected


def test_data_for_a_transition_without_a_form_is_refused(guarded: Lifecycle, item: Item, now: datetime) -> None:
    planned = plan(guarded, item(state="draft"), Request("submit", data={"title": "Bank"}), now)

    assert codes(planned) == ["invalid_data"]


# --- ways -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("money", "target"), [("grant", "before_funder"), ("own", "planned")])
def test_the_first_way_that_is_open_is_taken(
    money: str, target: str, guarded: Lifecycle, item: Item, now: datetime
) -> None:
    sheet = {"kind": "sheet", "data": {**ROUTE["data"], "money": money}}  # type: ignore[dict-item]
    planned = automatic(guarded, item(state="before_bodies", records=[sheet, APPROVED]), now)

    assert planned is not None
    assert planned.target == target


def test_where_no_way_is_open_each_is_told(guarded: Lifecycle, item: Item, now: datetime) -> None:
    planned = plan(guarded, item(state="planned"), Request("finish"), now)

    assert codes(planned) == ["no_alternative"]
    assert planned.blockers[0].message == (
        "One of these is enough: (1) Missing: Sheet. It can be entered by: Coordination. "
        "(2) The link “Part of” is missing (0 of 1). It can be entered by: Coordination."
    )


def test_a_pausing_state_leads_back_to_where_it_was_entered_from(guarded: Lifecycle, item: Item, now: datetime) -> None:
    asking = plan(guarded, item(), Request("ask", data={"question": "Wo genau?"}), now)
    assert (asking.target, asking.pauses, asking.keeps_visit) == ("asked", True, False)

    asked = item(state="asked", visit=7, origin="review", origin_visit=5, actor="sue", assigned=[["submitter", "sue"]])
    answering = plan(guarded, asked, Request("answer", "Am Marktplatz."), now)
    assert (answering.target, answering.pauses, answering.keeps_visit) == ("review", False, True)


def test_without_an_origin_nothing_leads_back(guarded: Lifecycle, item: Item, now: datetime) -> None:
    planned = plan(guarded, item(state="asked"), Request("go_on", fire=Fire.EXPIRY), now)

    assert codes(planned) == ["no_origin"]


# --- who fires --------------------------------------------------------------------------------------------------------


def test_what_happens_by_itself_is_not_set_off_by_hand(guarded: Lifecycle, item: Item, now: datetime) -> None:
    planned = plan(guarded, item(state="before_bodies", records=[ROUTE, APPROVED]), Request("confirm"), now)

    assert codes(planned) == ["not_by_hand", "role"]


def test_a_clocked_transition_that_names_roles_may_be_set_off_by_hand(
    guarded: Lifecycle, item: Item, now: datetime
) -> None:
    transitions = dict(guarded.transitions)
    transitions["go_on"] = replace(transitions["go_on"], roles=("coordinator",))
    lifecycle = replace(guarded, transitions=transitions)
    asked = item(state="asked", origin="review", origin_visit=5)

    assert plan(lifecycle, asked, Request("go_on"), now).target == "review"


@pytest.mark.parametrize("fire", [Fire.AUTOMATIC, Fire.EXPIRY, Fire.RECURRING, Fire.FOLLOW_UP])
def test_the_system_needs_no_role_no_reason_and_no_form_but_its_guards_hold(
    fire: Fire, guarded: Lifecycle, item: Item, now: datetime
) -> None:
    rejecting = plan(guarded, item(actor=SYSTEM), Request("reject", fire=fire), now)
    assert rejecting.target == "rejected"

    checking = plan(guarded, item(actor=SYSTEM, cities=["north"]), Request("check", fire=fire), now)
    assert codes(checking) == ["record_missing", "needs_a_person"]


def test_an_item_stays_where_no_automatic_transition_is_due(guarded: Lifecycle, item: Item, now: datetime) -> None:
    assert automatic(guarded, item(state="before_bodies", records=[ROUTE]), now) is None
    assert automatic(guarded, item(state="draft"), now) is None


# --- what may be told -------------------------------------------------------------------------------------------------


def test_a_reason_that_speaks_of_what_the_asker_may_not_see_is_not_told(
    guarded: Lifecycle, item: Item, now: datetime
) -> None:
    transitions = dict(guarded.transitions)
    guards = machine_guards(guarded)
    transitions["ask"] = replace(transitions["ask"], guards=guards)
    lifecycle = replace(guarded, transitions=transitions)
    rated = {"kind": "assessment", "key": "rolf", "author": "rolf", "visit": 5, "data": {"feasible": False}}
    facts = {"assigned": [["reviewer", "rita"]], "records": [rated]}
    ask = Request("ask", data={"question": "Wo genau?"})

    told = plan(lifecycle, item(actor="anna", **facts), ask, now)
    hidden = plan(lifecycle, item(actor="rita", **facts), ask, now)

    assert codes(told) == ["boxes_open"]
    assert [one.message for one in hidden.blockers] == [
        "Something is missing that you may not see. Those who can help: Reviewer."
    ]


def test_ones_own_conflict_of_interest_is_told_whoever_reads_the_others(check: Callable[..., Plan]) -> None:
    declared = {"kind": "conflict", "key": "rita", "author": "rita", "data": {"conflicted": True}}

    planned = check(actor="rita", assigned=[["reviewer", "rita"]], records=[declared])

    assert codes(planned) == ["role", "conflict_of_interest"]


def machine_guards(lifecycle: Lifecycle) -> tuple[Any, ...]:
    """All boxes ticked in every assessment, which is blind until one's own is in."""
    (boxes, *_) = lifecycle.transitions["check"].guards
    return (replace(boxes, params={"record": "assessment", "boxes": ["feasible"]}),)


def test_planning_leaves_the_facts_as_they_were(check: Callable[..., Plan], item: Item) -> None:
    before = item(**READY)
    assert check().allowed
    assert item(**READY) == before


def test_the_module_says_what_planning_takes() -> None:
    assert {"plan", "automatic", "needs_of", "wakes"} <= set(machine.__all__)
