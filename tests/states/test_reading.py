"""Which fields of a record somebody may see: the public, the roles, the writer, and nobody blind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from states.lifecycle import ANYONE, Lifecycle
from states.reading import Reader, readable, reader_of
from states.record_kinds import ReadRule
from states.snapshot import RecordFact, Snapshot

Item = Callable[..., Snapshot]

SHEET = {"title": "Bank am Fluss", "problem": "Zu wenig Bänke", "contact": "sue@nord.example", "credit": "Sue"}
REVIEWERS = {"assigned": [["reviewer", "rita"], ["reviewer", "rolf"], ["submitter", "sue"]]}


def only(item: Item, **fact: Any) -> RecordFact:
    (record,) = item(records=[fact]).records
    return record


@pytest.mark.parametrize(
    ("reader", "released", "fields"),
    [
        ("anna", False, {"title", "problem", "contact", "credit"}),
        ("rita", False, {"title", "problem"}),
        ("adam", False, {"title", "problem"}),
        ("sue", False, {"title", "problem", "contact", "credit"}),
        ("bert", False, set()),
        ("stranger", False, set()),
        ("stranger", True, {"title", "credit"}),
        ("bert", True, {"title", "credit"}),
    ],
    ids=[
        "a role that writes the kind: all of it",
        "another role on the item: what names nobody",
        "a role that holds everywhere: what names nobody",
        "whoever wrote it: all of it",
        "the other town's coordinator: nothing",
        "a stranger before the release: nothing",
        "a stranger after the release: the public fields",
        "the other town's coordinator after the release: the public fields",
    ],
)
def test_a_sheet_is_read_by_field(
    reader: str, released: bool, fields: set[str], guarded: Lifecycle, item: Item
) -> None:
    sheet = only(item, kind="sheet", author="sue", data=SHEET)
    snapshot = item(actor=reader, cities=["north"], **REVIEWERS)

    seen = readable(guarded.records["sheet"], sheet, reader_of(guarded, snapshot, released=released))

    assert set(seen) == fields
    assert all(seen[field] == SHEET[field] for field in fields)


@pytest.mark.parametrize(("released", "fields"), [(False, set()), (True, {"title", "credit"})])
def test_the_public_reads_public_fields_once_the_item_is_released(
    released: bool, fields: set[str], guarded: Lifecycle, item: Item
) -> None:
    sheet = only(item, kind="sheet", author="sue", data=SHEET)

    assert set(readable(guarded.records["sheet"], sheet, Reader(released=released))) == fields


def test_what_anyone_may_write_is_open_to_whoever_is_known_and_not_to_the_public(
    guarded: Lifecycle, item: Item
) -> None:
    kind = replace(guarded.records["sheet"], write=(ANYONE,))
    sheet = only(item, kind="sheet", author="sue", data=SHEET)
    stranger = reader_of(guarded, item(actor="stranger", cities=["north"], **REVIEWERS))

    assert set(readable(kind, sheet, stranger)) == set(SHEET)
    assert set(readable(kind, sheet, Reader(released=True))) == {"title", "credit"}


def test_a_public_field_of_a_kind_that_is_not_public_stays_inside(guarded: Lifecycle, item: Item) -> None:
    kind = replace(guarded.records["sheet"], read=ReadRule(public=False))

    assert readable(kind, only(item, kind="sheet", data=SHEET), Reader(released=True)) == {}


@pytest.mark.parametrize(
    ("reader", "fields"),
    [("anna", {"conflicted", "why"}), ("dora", {"conflicted", "why"}), ("rita", set()), ("adam", set())],
    ids=["a role the kind names", "whose word it is", "a role the kind does not name", "the administration"],
)
def test_where_the_kind_names_its_readers_nobody_else_reads(
    reader: str, fields: set[str], guarded: Lifecycle, item: Item
) -> None:
    conflict = only(item, kind="conflict", key="dora", author="dora", data={"conflicted": True, "why": "Nachbarin"})
    snapshot = item(actor=reader, cities=["north"], **REVIEWERS)

    assert set(readable(guarded.records["conflict"], conflict, reader_of(guarded, snapshot))) == fields


RITAS = {"kind": "assessment", "key": "rita", "author": "rita", "visit": 5, "data": {"feasible": True}}
ROLFS = {"kind": "assessment", "key": "rolf", "author": "rolf", "visit": 5, "data": {"feasible": False, "remark": "x"}}


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"actor": "rita", "records": [ROLFS]}, set()),
        ({"actor": "rita", "records": [ROLFS, {**RITAS, "visit": 2}]}, set()),
        ({"actor": "rita", "records": [ROLFS, RITAS]}, {"feasible", "remark"}),
        ({"actor": "anna", "records": [ROLFS]}, {"feasible", "remark"}),
        ({"actor": "nora", "represented": "rita", "deputy": True, "records": [ROLFS]}, set()),
        ({"actor": "nora", "represented": "rita", "deputy": True, "records": [ROLFS, RITAS]}, {"feasible", "remark"}),
        ({"actor": "rita", "state": "before_bodies", "visit": 8, "records": [ROLFS]}, {"feasible", "remark"}),
        (
            {"actor": "anna", "records": [ROLFS], "assigned": [["reviewer", "anna"], ["reviewer", "rolf"]]},
            set(),
        ),
    ],
    ids=[
        "before one's own is in",
        "one's own of an earlier visit does not count",
        "once one's own is in",
        "a role that writes none",
        "a deputy, before the represented person's is in",
        "a deputy, once it is in",
        "when it cannot be written any more",
        "a second role does not open one's eyes",
    ],
)
def test_reviews_are_blind_until_ones_own_is_in(
    facts: dict[str, Any], fields: set[str], guarded: Lifecycle, item: Item
) -> None:
    snapshot = item(**{"cities": ["north"], **REVIEWERS, **facts})

    seen = readable(guarded.records["assessment"], only(item, **ROLFS), reader_of(guarded, snapshot))

    assert set(seen) == fields


def test_without_any_roles_every_known_person_reads(guarded: Lifecycle, item: Item) -> None:
    lifecycle = replace(guarded, roles={})
    sheet = only(item, kind="sheet", author="sue", data={"title": "Bank am Fluss"})

    known = reader_of(lifecycle, item(actor="stranger"))

    assert readable(guarded.records["sheet"], sheet, known) == {"title": "Bank am Fluss"}
