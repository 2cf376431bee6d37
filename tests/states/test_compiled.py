"""A lifecycle worked out once: the machine that moves items, what planning has to know, what sets off what."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
import transitions

from states.compiled import fired, needs_of, wakes
from states.guards import Wake
from states.lifecycle import ORIGIN, Lifecycle
from states.snapshot import Snapshot

Item = Callable[..., Snapshot]


def test_every_way_from_every_state_leads_where_the_file_says(guarded: Lifecycle, item: Item) -> None:
    for transition in guarded.transitions.values():
        for source in transition.sources:
            for index, way in enumerate(transition.ways):
                origin = "review" if way.state == ORIGIN else None
                snapshot = item(state=source, origin=origin)
                assert fired(guarded, snapshot, transition, index) == (origin or way.state)


def test_the_machine_moves_nothing_from_a_state_that_the_file_does_not_name(guarded: Lifecycle, item: Item) -> None:
    with pytest.raises(transitions.MachineError):
        fired(guarded, item(state="planned"), guarded.transitions["submit"], 0)


def test_one_machine_serves_many_threads(guarded: Lifecycle, item: Item) -> None:
    wrong: list[str] = []

    def move(key: str, state: str, target: str) -> None:
        snapshot = item(state=state)
        wrong.extend(key for _ in range(500) if fired(guarded, snapshot, guarded.transitions[key], 0) != target)

    moves = [("submit", "draft", "review"), ("check", "review", "before_bodies"), ("reject", "planned", "rejected")]
    threads = [Thread(target=move, args=one) for one in moves for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


@pytest.mark.parametrize(
    ("transition", "state", "records"),
    [
        ("submit", "draft", set()),
        ("check", "review", {"precheck", "conflict", "agreement", "decision", "sheet"}),
        ("ask", "review", {"question"}),
        ("answer", "asked", set()),
        (None, "before_bodies", {"decision", "sheet"}),
        (None, "before_funder", {"decision"}),
        (None, "draft", set()),
    ],
)
def test_planning_takes_what_guards_and_forms_read_and_what_may_follow_by_itself(
    transition: str | None, state: str, records: set[str], guarded: Lifecycle
) -> None:
    move = guarded.transitions[transition] if transition else None

    assert needs_of(guarded, move, state).records == records


def test_planning_takes_steps_and_links_where_a_guard_reads_them(guarded: Lifecycle) -> None:
    assert needs_of(guarded, guarded.transitions["check"], "review").steps
    assert not needs_of(guarded, guarded.transitions["submit"], "draft").steps
    assert needs_of(guarded, guarded.transitions["finish"], "planned").links == {"part_of": frozenset()}


@pytest.mark.parametrize(
    ("state", "expected"), [("before_bodies", {Wake.RECORD}), ("before_funder", {Wake.RECORD}), ("draft", set())]
)
def test_a_state_is_woken_by_what_wakes_the_guards_of_its_automatic_transitions(
    state: str, expected: set[Wake], guarded: Lifecycle
) -> None:
    assert wakes(guarded, state) == expected
