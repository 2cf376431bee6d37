"""Lists of items: right by any combination of filters, in pages, each answered from an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import insert

from workflow.db import Database
from workflow.errors import BadInput
from workflow.models import item_facet
from workflow.numbers import ordinal_of
from workflow.queries.items import FACETS, ItemFilter, Order, count_items, list_items, select_items
from workflow.words import kept, sort_key, words

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
CHOICES: dict[str, Any] = {
    "lifecycle": "idea-to-project",
    "state": "in_review",
    "stage": "review",
    "field": "smart-mobility",
    "city": "dortmund",
    "provenance": "participation",
    "funding": "own-funds",
    "text": "RAD",
    "overdue_at": NOW,
    "released": True,
}


def some_filters() -> Iterator[ItemFilter]:
    """None, each, every two, and all of them."""
    assert CHOICES.keys() == {field.name for field in fields(ItemFilter)}
    for how_many in (0, 1, 2, len(CHOICES)):
        for chosen in combinations(CHOICES, how_many):
            yield ItemFilter(**{name: CHOICES[name] for name in chosen})


def lets_through(filters: ItemFilter, one: Any) -> bool:
    """The plain reading of a filter."""
    titles = kept([one.title])
    return (
        all(getattr(filters, name) in (None, getattr(one, name)) for name in ("lifecycle", "state", "stage"))
        and all(getattr(filters, name) in (None, *one.facets[facet]) for name, facet in FACETS.items())
        and all(any(title.startswith(word) for title in titles) for word in words(filters.text or ""))
        and (filters.overdue_at is None or (one.due_at is not None and one.due_at <= filters.overdue_at))
        and (not filters.released or one.released)
    )


def test_every_combination_lists_what_it_says_newest_first(database: Database, items: list[Any]) -> None:
    with database.reading() as connection:
        for filters in some_filters():
            right = [one.number for one in items if lets_through(filters, one)]
            assert [one.number for one in list_items(connection, filters, 100).items] == right, filters
            assert count_items(connection, filters, 100) == len(right)


def test_pages_give_every_item_once(database: Database, items: list[Any]) -> None:
    with database.reading() as connection:
        for filters in some_filters():
            seen, cursor = [], None
            while True:
                page = list_items(connection, filters, 7, cursor)
                seen += [one.number for one in page.items]
                if page.next is None:
                    break
                assert len(page.items) == 7
                cursor = page.next
            assert seen == [one.number for one in items if lets_through(filters, one)], filters


ORDERS: dict[Order, Callable[[Any], Any]] = {
    Order.NEWEST: lambda one: -ordinal_of(one.number),
    Order.LAST_STEP: lambda one: (-one.entered_at.timestamp(), -ordinal_of(one.number)),
    Order.TITLE: lambda one: (sort_key(one.title), ordinal_of(one.number)),
}


@pytest.mark.parametrize("order", Order)
def test_a_list_is_turned_forwards_and_back_in_every_order(database: Database, items: list[Any], order: Order) -> None:
    with database.reading() as connection:
        for filters in (ItemFilter(), ItemFilter(state="in_review", text="rad"), ItemFilter(city="dortmund")):
            right = [one.number for one in sorted(items, key=ORDERS[order]) if lets_through(filters, one)]
            pages = [list_items(connection, filters, 7, order=order)]
            assert pages[0].previous is None
            while cursor := pages[-1].next:
                pages.append(list_items(connection, filters, 7, cursor, order=order))
            assert [one.number for page in pages for one in page.items] == right
            while cursor := pages.pop().previous:
                assert list_items(connection, filters, 7, cursor, order=order, back=True).items == pages[-1].items
            assert len(pages) == 0


def test_titles_are_sorted_as_a_dictionary_does() -> None:
    titles = ["Zebrastreifen", "Übergang", "Äpfel", "Apfelbaum", "Straße", "„Strand“"]
    assert sorted(titles, key=sort_key) == ["Äpfel", "Apfelbaum", "„Strand“", "Straße", "Übergang", "Zebrastreifen"]


def test_every_combination_is_answered_from_an_index(
    items: list[Any], scans: Callable[[Callable[[Any], object]], list[str]]
) -> None:
    for filters in some_filters():
        for cursor in (None, items[3].number):
            assert scans(lambda it, f=filters, c=cursor: list_items(it, f, 10, c)) == [], filters
    for order in Order:
        assert scans(lambda it, o=order: list_items(it, ItemFilter(), 10, items[3].number, order=o)) == [], order


def test_the_filter_with_the_fewest_rows_leads(database: Database, items: list[Any]) -> None:
    rare = items[5]
    with database.writing() as connection:
        facet = {"item": rare.number, "facet": "fields", "value": "rare", "ordinal": ordinal_of(rare.number)}
        connection.execute(insert(item_facet).values(**facet))
    with database.reading() as connection:
        for others in ({"state": rare.state}, {"lifecycle": rare.lifecycle}, {"text": rare.title}):
            statement = select_items(connection, ItemFilter(field="rare", **others), 10, None)
            assert "item_facet.value" in str(statement.subquery()).split("led")[0]
            assert [row.number for row in connection.execute(statement)] == [rare.number]


def test_what_is_late_is_found_by_the_moment_it_ran_out(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database, database.reading() as connection:
        statement = select_items(connection, ItemFilter(overdue_at=NOW), 10, None)
        written = statement.compile(connection, compile_kwargs={"literal_binds": True, "render_postcompile": True})
        plan = "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}"))
    assert "ix_deadline_due" in plan


def test_a_line_tells_the_deadline_that_runs_out_first(database: Database, items: list[Any]) -> None:
    with database.reading() as connection:
        lines = {one.number: one for one in list_items(connection, ItemFilter(), 100).items}
    for one in items:
        line = lines[one.number]
        assert (line.due_at, line.rule) == ((one.due_at, "review") if one.due_at else (None, None))
        assert {facet: set(values) for facet, values in one.facets.items() if values} == {
            facet: set(values) for facet, values in line.facets.items()
        }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("brücken", {"Sensoren an Brücken", "Ärger mit Brücken"}),
        ("BRÜCK", {"Sensoren an Brücken", "Ärger mit Brücken"}),
        ("rad", {"Radweg am Kanal", "Radabstellplätze"}),
        ("rad kanal", {"Radweg am Kanal"}),
        ("a\u0308rger", {"Ärger mit Brücken"}),
        ("BRUECKEN", {"Sensoren an Brücken", "Ärger mit Brücken"}),
        ("brucken giess", set()),
        ("baume giessen", {"Bäume gießen"}),
        ("ücken", set()),
        ("%", {"Sensoren an Brücken", "Radweg am Kanal", "Radabstellplätze", "Bäume gießen", "Ärger mit Brücken"}),
    ],
)
def test_words_are_found_by_how_they_begin(database: Database, items: list[Any], asked: str, found: set[str]) -> None:
    with database.reading() as connection:
        page = list_items(connection, ItemFilter(text=asked), 100)
    assert {one.title for one in page.items} == found


@pytest.mark.parametrize("cursor", ["", "x", "2026", "2026-x", "-"])
def test_a_cursor_that_is_none_is_told(database: Database, cursor: str) -> None:
    with database.reading() as connection, pytest.raises(BadInput, match="is no cursor"):
        list_items(connection, ItemFilter(), cursor=cursor)


def test_no_page_is_larger_than_the_largest(database: Database, items: list[Any]) -> None:
    with database.reading() as connection:
        assert len(list_items(connection, replace(ItemFilter()), 100_000).items) == len(items)
        assert len(list_items(connection, ItemFilter(), 0).items) == 1
