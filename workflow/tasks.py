"""Keeps the tasks of an item: who has to do what on it, and who waits for whom (states/tasks.py).

Whether everybody has said their word cannot be asked of an index, and a worklist asks it of every item in reach. So it
is answered when an item changes, in the transaction that changes it; a list reads the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from states.calendar import due_at
from states.lifecycle import Lifecycle
from states.snapshot import Snapshot
from states.tasks import Clocks, Task, tasks
from workflow.events import timestamp
from workflow.models import task
from workflow.transaction import Rows, Transaction

NEVER = "9999-12-31T23:59:59.999999Z"
"""When a task without a deadline is due: after all others."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as far as its tasks hang on it; `deadlines` as `Statements.deadlines` gives them."""

    lifecycle: Lifecycle
    snapshot: Snapshot
    deadlines: Rows

    @property
    def tasks(self) -> frozenset[Task]:
        return tasks(self.lifecycle, self.snapshot, self._clocks)

    @property
    def _clocks(self) -> Clocks:
        return {
            (rule, key): date.fromisoformat(day)
            for rule, key, day, _, status, *_ in self.deadlines
            if status == "running" and day
        }


def keep(tx: Transaction, number: str, before: Standing | None, after: Standing) -> None:
    """Write the tasks of the item as it stands `after`, if they differ from those `before` (None: it is new)."""
    if before is not None and before.snapshot.revision == after.snapshot.revision:
        return
    gone, made = task_statements(tx.dialect)
    now = after.tasks
    if before is not None:
        if before.tasks == now:
            return
        tx.write(gone, (number,))
    for one in now:
        tx.write(made, row_of(number, one, after))


def row_of(number: str, one: Task, standing: Standing) -> tuple[Any, ...]:
    """The columns of a task of the item, in the order of the table."""
    zone = standing.snapshot.programme.zone
    return (
        number, one.role, one.holder.scope_kind, one.holder.scope, one.holder.person, one.act, one.what, one.key,
        one.by, one.rule, one.due.isoformat() if one.due else None,
        timestamp(due_at(one.due, zone)) if one.due else NEVER, one.waiting, bool(one.holder.person),
    )  # fmt: skip


@cache
def task_statements(dialect: str) -> tuple[str, str]:
    """Item -> its tasks deleted; the columns of a task in the order of the table -> inserted."""
    mark = "?" if dialect == "sqlite" else "%s"
    columns = ", ".join(f'"{column.name}"' for column in task.columns)
    marks = ", ".join(mark for _ in task.columns)
    return f"DELETE FROM task WHERE item = {mark}", f"INSERT INTO task ({columns}) VALUES ({marks})"
