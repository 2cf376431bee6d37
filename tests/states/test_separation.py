"""Four eyes and conflicts of interest hold against a second role, a deputy, an import, a correction and the system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from states.lifecycle import Fire, Lifecycle
from states.machine import plan
from states.snapshot import SYSTEM, Request, Snapshot

PEOPLE = ("anna", "bert", "both", "dora", "nora", "adam")

people = st.sampled_from(PEOPLE)
maybe = st.none() | people
steps = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["created", "advanced", "imported", "corrected"]),
            "transition": st.sampled_from(["submit", "ask", "answer", "reject", None]),
            "actor": people | st.just(SYSTEM),
            "on_behalf_of": maybe,
        }
    ),
    max_size=5,
)
conflicts = st.dictionaries(people, st.booleans(), max_size=3)
assigned = st.lists(st.tuples(st.sampled_from(["reviewer", "coordinator", "submitter"]), people), max_size=4)


@given(
    actor=people | st.just(SYSTEM),
    represented=maybe,
    deputy=st.booleans(),
    steps=steps,
    conflicts=conflicts,
    assigned=assigned,
    fire=st.sampled_from(list(Fire)),
)
def test_nobody_who_had_a_part_or_a_conflict_gets_through(
    guarded: Lifecycle,
    item: Callable[..., Snapshot],
    actor: str,
    represented: str | None,
    deputy: bool,
    steps: list[dict[str, Any]],
    conflicts: dict[str, bool],
    assigned: list[tuple[str, str]],
    fire: Fire,
) -> None:
    records: list[dict[str, Any]] = [
        {"kind": "conflict", "key": name, "author": name, "data": {"conflicted": conflicted}}
        for name, conflicted in conflicts.items()
    ]
    records.append({"kind": "precheck", "visit": 5, "data": {"complete": True, "lawful": True}})
    snapshot = item(
        actor=actor,
        represented=represented,
        deputy=deputy and represented is not None,
        cities=["north"],
        records=records,
        steps=steps,
        assigned=assigned,
    )

    planned = plan(guarded, snapshot, Request("check", fire=fire), NOON)

    acting = {actor, represented} - {None}
    had_a_part = {
        name
        for step in steps
        if step["kind"] in ("imported", "corrected") or step["transition"] == "submit"
        for name in (step["actor"], step["on_behalf_of"])
    }
    conflicted = {name for name, declared in conflicts.items() if declared}
    if actor == SYSTEM or acting & had_a_part or acting & conflicted:
        assert not planned.allowed
    elif fire is Fire.PERSON and not represented and actor in ("anna", "both"):
        assert planned.allowed, "who had no part and no conflict, and has the role, gets through"


NOON = datetime.fromisoformat("2026-06-09T12:00:00+02:00")
