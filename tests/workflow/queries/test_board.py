"""The board: a few items of each state, the overdue ones first, by either way and from indexes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import config
from states.lifecycle import Lifecycle
from states.loader import load_lifecycle
from workflow.db import Database
from workflow.queries import board as module
from workflow.queries.board import board
from workflow.queries.items import ItemFilter

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def lifecycle() -> Lifecycle:
    file = Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml"
    return load_lifecycle(file.read_text(encoding="utf-8"), file.name)


def right(items: list[Any], state: str, **asked: str) -> list[Any]:
    there = [one for one in items if (one.lifecycle, one.state) == ("idea-to-project", state)]
    return [one for one in there if all(value in one.facets[facet] for facet, value in asked.items())]


@pytest.mark.parametrize("few", [4000, 1])
def test_each_state_shows_its_items_by_either_way(
    database: Database, items: list[Any], lifecycle: Lifecycle, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", few)
    with database.reading() as connection:
        for filters, asked in ((ItemFilter(), {}), (ItemFilter(city="dortmund"), {"cities": "dortmund"})):
            found = board(connection, lifecycle, filters, NOW, limit=100, states=list(lifecycle.states))
            for state in ("draft", "in_review", "pooled", "rejected"):
                expected = {one.number for one in right(items, state, **asked)}
                assert {line.number for line in found.get(state, module.Pile()).items} == expected, (state, asked)
        some = board(connection, lifecycle, ItemFilter(), NOW, limit=2)
        assert {state: len(pile.items) for state, pile in some.items()} == {
            state: 0 if lifecycle.states[state].final else 2 for state in some
        }
        assert {state: pile.number for state, pile in some.items()} == {
            state: len(there) for state in lifecycle.states if (there := right(items, state))
        }


def test_the_board_is_read_from_indexes(
    items: list[Any], lifecycle: Lifecycle, scans: Callable[[Callable[[Any], object]], list[str]]
) -> None:
    for filters in (ItemFilter(), ItemFilter(city="dortmund", text="rad")):
        assert scans(partial(board, lifecycle=lifecycle, filters=filters, now=NOW, limit=3)) == []
