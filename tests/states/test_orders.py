"""Whatever order the bodies and the funder decide in: nothing is confirmed without all of them, and nothing hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import permutations, product

import pytest

from states.lifecycle import Lifecycle
from states.machine import automatic, plan
from states.records import plan_record
from states.snapshot import Grant, Person, RecordFact, Request, Snapshot

BODIES = ("council-north", "committee-north", "council-south")
VOICES = (*BODIES, "funder")
OUTCOMES = ("approved", "rejected", "postponed")


def decide(
    lifecycle: Lifecycle, snapshot: Snapshot, decisions: Iterable[tuple[str, str]], now: datetime
) -> tuple[Snapshot, list[str]]:
    """The item after these decisions, each recorded by the body's own session office; and the states it came to."""
    states = []
    for voice, outcome in decisions:
        office = Person(f"office of {voice}", (Grant("session_office", "body", voice),))
        record = plan_record(lifecycle, replace(snapshot, actor=office), "decision", {"outcome": outcome}, "")
        assert (record.blockers, record.key) == ((), voice)
        fact = RecordFact("decision", voice, 0, 1, office.id, record.data, now)
        others = tuple(one for one in snapshot.records if (one.kind, one.key) != ("decision", voice))
        snapshot = replace(snapshot, records=(*others, fact))
        while moved := automatic(lifecycle, snapshot, now):
            assert moved.target is not None
            states.append(moved.target)
            snapshot = replace(snapshot, state=moved.target)
    return snapshot, states


@pytest.fixture
def proposal(item: Callable[..., Snapshot]) -> Snapshot:
    stations = [{"body": body, "mode": "deciding"} for body in BODIES]
    sheet = {"kind": "sheet", "data": {"stations": stations, "money": "grant"}}
    return item(state="before_bodies", visit=8, cities=["north", "south"], records=[sheet])


@pytest.mark.parametrize("order", list(permutations(VOICES)), ids="-".join)
def test_every_order_of_decisions_confirms_with_all_approvals_and_never_without(
    order: tuple[str, ...], guarded: Lifecycle, proposal: Snapshot, now: datetime
) -> None:
    for outcomes in product(OUTCOMES, repeat=len(order)):
        decided = dict(zip(order, outcomes, strict=True))
        snapshot, states = decide(guarded, proposal, decided.items(), now)

        bodies_agree = all(decided[body] == "approved" for body in BODIES)
        all_agree = bodies_agree and decided["funder"] == "approved"
        if all_agree:
            assert states == ["before_funder", "planned"]
            continue
        assert states == (["before_funder"] if bodies_agree else [])

        # Nothing hangs: what was postponed is decided later, and what nobody wants can be rejected.
        later = [(voice, "approved") for voice, outcome in decided.items() if outcome == "postponed"]
        settled, more = decide(guarded, snapshot, later, now)
        if "rejected" in outcomes:
            assert settled.state != "planned"
            coordinator = Person("anna", (Grant("coordinator", "city", "north"),))
            asked = Request("reject", "Der Rat hat anders entschieden.")
            assert plan(guarded, replace(settled, actor=coordinator), asked, now).allowed
        else:
            assert [*states, *more] == ["before_funder", "planned"]


def test_a_city_that_leaves_is_not_waited_for(guarded: Lifecycle, proposal: Snapshot, now: datetime) -> None:
    snapshot, states = decide(guarded, proposal, [(body, "approved") for body in BODIES[:2]], now)
    assert states == []

    moved = automatic(guarded, replace(snapshot, cities=("north",)), now)

    assert moved is not None
    assert moved.target == "before_funder"
