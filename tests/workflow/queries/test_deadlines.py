"""The list of deadlines: the earliest first, in pages, from an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow.db import Database
from workflow.errors import BadInput
from workflow.queries.deadlines import list_deadlines

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)


def right(items: list[Any], *, overdue: bool) -> list[str]:
    running = [one for one in items if one.due_at and (not overdue or one.due_at <= NOW)]
    return [one.number for one in sorted(running, key=lambda one: (one.due_at, one.number))]


@pytest.mark.parametrize("overdue", [False, True])
def test_running_deadlines_are_listed_in_pages_the_earliest_first(
    database: Database, items: list[Any], overdue: bool
) -> None:
    seen, cursor = [], None
    with database.reading() as connection:
        while True:
            page = list_deadlines(connection, until=NOW if overdue else None, limit=7, cursor=cursor)
            seen += [one.number for one in page.deadlines]
            if page.next is None:
                break
            cursor = page.next
    assert seen == right(items, overdue=overdue)


def test_the_list_is_answered_from_an_index(
    items: list[Any], scans: Callable[[Callable[[Any], object]], list[str]], database: Database
) -> None:
    with database.reading() as connection:
        cursor = list_deadlines(connection, limit=3).next
    for until in (None, NOW):
        for after in (None, cursor):
            assert scans(lambda it, u=until, c=after: list_deadlines(it, until=u, limit=5, cursor=c)) == []


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "W10", "ü"])
def test_a_cursor_that_is_none_is_told(database: Database, cursor: str) -> None:
    with database.reading() as connection, pytest.raises(BadInput, match="is no cursor"):
        list_deadlines(connection, cursor=cursor)
