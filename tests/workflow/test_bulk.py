"""One transition on many items: looked at first, then all or what can be, each once, under one batch id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.bulk import carry_out, preview
from workflow.commands import Advance
from workflow.engine import Outcome
from workflow.errors import BadInput
from workflow.models import event, item

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"


def close(*numbers: str, reason: str | None = "Doppelt") -> list[Advance]:
    return [Advance(item=one, transition="close", actor=COORDINATOR, reason=reason) for one in numbers]


def states(app: App) -> dict[str, str]:
    with app.database.reading() as connection:
        return {row.number: row.state for row in connection.execute(select(item.c.number, item.c.state))}


@pytest.fixture
def numbers(create: Callable[..., Outcome]) -> list[str]:
    """Two items of Dortmund, and between them one of Schwerte that its coordinator may not touch."""
    cities = (["dortmund"], ["schwerte"], ["dortmund"])
    return [create(cities=city).item.number for city in cities]


def test_the_preview_names_every_refusal_and_changes_nothing(app: App, numbers: list[str]) -> None:
    seen = preview(app.engine, [*close(*numbers), *close("2026-9999")], NOW)
    assert seen.allowed == (numbers[0], numbers[2])
    assert [(one.item, [two.code for two in one.blockers], one.error is None) for one in seen.held] == [
        (numbers[1], ["role"], True),
        ("2026-9999", [], False),
    ]
    assert set(states(app).values()) == {"draft"}


def test_what_can_be_done_is_done_under_one_batch_id_and_not_twice(app: App, numbers: list[str]) -> None:
    first = carry_out(app.engine, close(*numbers), NOW, whole=False)
    assert (first.allowed, [one.item for one in first.held]) == ((numbers[0], numbers[2]), [numbers[1]])
    again = carry_out(app.engine, close(*numbers), NOW, whole=False, batch=first.batch)
    assert [one.repeated for one in again.done] == [True, True]
    with app.database.reading() as connection:
        ids = connection.scalars(select(event.c.command_id).where(event.c.kind == "advanced")).all()
    assert sorted(ids) == [f"{first.batch}:{numbers[0]}", f"{first.batch}:{numbers[2]}"]


def test_all_or_nothing_is_nothing_where_one_is_refused(app: App, numbers: list[str]) -> None:
    refused = carry_out(app.engine, close(*numbers), NOW, whole=True)
    assert (refused.allowed, refused.done, [one.item for one in refused.held]) == ((), (), [numbers[1]])
    assert set(states(app).values()) == {"draft"}
    done = carry_out(app.engine, close(numbers[2], numbers[0]), NOW, whole=True)
    assert done.allowed == (numbers[0], numbers[2])
    assert app.audit.verify().ok


@pytest.mark.parametrize(("numbers_given", "said"), [((), "No item"), (("2026-0001", "2026-0001"), "chosen 2 times")])
def test_no_item_and_one_item_twice_are_slips(app: App, numbers_given: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        carry_out(app.engine, close(*numbers_given), NOW, whole=False)


def test_a_missing_reason_holds_all_of_them(app: App, numbers: list[str]) -> None:
    seen = preview(app.engine, close(*numbers, reason=None), NOW)
    assert not seen.allowed
    assert [[two.code for two in one.blockers].count("reason_missing") for one in seen.held] == [1] * len(numbers)
