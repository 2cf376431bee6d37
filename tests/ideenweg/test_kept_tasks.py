"""The tasks that the engine keeps are those that an item has, whatever way it came."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from ideenweg.wiring import App
from states.snapshot import SYSTEM
from states.tasks import needs
from workflow.facts import load
from workflow.models import item, task
from workflow.tasks import Standing, row_of
from workflow.transaction import Transaction

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)


def test_every_item_of_the_demonstration_has_the_tasks_that_follow_from_it(demo: App) -> None:
    with demo.database.reading() as connection:
        kept = {tuple(row) for row in connection.execute(select(task))}
        due = set()
        for number in connection.scalars(select(item.c.number)).all():
            facts = load(
                Transaction(connection),
                demo.rules,
                number=number,
                actor=SYSTEM,
                on_behalf_of=None,
                command_id=None,
                needs_of=lambda lifecycle, state: needs(lifecycle),
                now=NOW,
                lock=False,
            )
            standing = Standing(facts.lifecycle, facts.snapshot, facts.deadlines)
            due |= {row_of(number, one, standing) for one in standing.tasks}
    assert kept == due
    assert len(kept) > 30
