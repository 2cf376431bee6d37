"""Who may create, link, assign, comment, support and correct."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from states.blockers import Blocker
from states.errors import UnknownName
from states.lifecycle import Lifecycle
from states.permissions import (
    plan_assign,
    plan_comment,
    plan_correct,
    plan_create,
    plan_link,
    plan_support,
    plan_unassign,
    plan_unlink,
)
from states.record_kinds import Column
from states.snapshot import Grant, Person, Snapshot

Item = Callable[..., Snapshot]

ANNA = Person("anna", (Grant("coordinator", "city", "north"),))
BERT = Person("bert", (Grant("coordinator", "city", "south"),))
BOTH = Person("both", (*ANNA.grants, *BERT.grants))
SUE = Person("sue")
NORTH = {"title": "Bank am Fluss", "cities": ["north"]}


def codes(blockers: Sequence[Blocker]) -> list[str]:
    return [one.code for one in blockers]


@pytest.mark.parametrize(
    ("create", "actor", "represented", "data", "expected"),
    [
        (("anyone",), SUE, None, NORTH, []),
        (("anyone",), SUE, None, {"cities": ["north"]}, ["invalid_data"]),
        (("coordinator",), SUE, None, NORTH, ["role"]),
        (("coordinator",), ANNA, None, NORTH, []),
        (("coordinator",), ANNA, None, {**NORTH, "cities": ["south"]}, ["role"]),
        (("anyone",), ANNA, SUE, NORTH, []),
        (("anyone",), SUE, ANNA, NORTH, ["not_for_others"]),
        (("coordinator",), SUE, None, {"title": 7}, ["role", "invalid_data"]),
    ],
    ids=[
        "anyone may hand in",
        "a sheet has to be right",
        "where a role is asked for, others may not",
        "who holds it may",
        "not for the other town alone",
        "who has a role here hands in for somebody",
        "who has none does not",
        "every blocker is told",
    ],
)
def test_an_item_is_created_by_whom_the_file_says(
    create: tuple[str, ...],
    actor: Person,
    represented: Person | None,
    data: dict[str, Any],
    expected: list[str],
    guarded: Lifecycle,
    item: Item,
    now: datetime,
) -> None:
    lifecycle = replace(guarded, create=create)

    assert codes(plan_create(lifecycle, item().programme, actor, represented, data, now).blockers) == expected


@pytest.mark.parametrize(
    ("deputy_for", "cities", "expected"),
    [
        (frozenset(), ["north"], []),
        (frozenset({"coordinator"}), ["north"], []),
        (frozenset(), ["south"], ["role"]),
        (frozenset({"author"}), ["north"], ["role"]),
        (None, ["north"], ["role", "not_for_others"]),
    ],
)
def test_a_deputy_creates_what_the_one_away_could(
    deputy_for: frozenset[str] | None,
    cities: list[str],
    expected: list[str],
    guarded: Lifecycle,
    item: Item,
    now: datetime,
) -> None:
    lifecycle, data = replace(guarded, create=("coordinator",)), {**NORTH, "cities": cities}

    assert codes(plan_create(lifecycle, item().programme, SUE, ANNA, data, now, deputy_for).blockers) == expected


def test_the_sheet_of_a_new_item_is_planned_as_any_record(guarded: Lifecycle, item: Item, now: datetime) -> None:
    sheet = plan_create(guarded, item().programme, SUE, None, {**NORTH, "contact": "sue@nord.example"}, now)

    assert (sheet.kind.key, sheet.key, sheet.visit) == ("sheet", "", 0)
    assert sheet.data == NORTH
    assert sheet.personal == {"contact": "sue@nord.example"}
    assert sheet.columns == {Column.TITLE: "Bank am Fluss", Column.CITIES: ["north"]}


@pytest.mark.parametrize(
    ("actor", "kind", "other", "lifecycle", "expected"),
    [
        ("anna", "part_of", "2023-0001", "strategy", []),
        ("bert", "part_of", "2023-0001", "strategy", ["role"]),
        ("anna", "part_of", "2023-0001", "petition", ["invalid_link"]),
        ("anna", "merged_into", "2026-0002", "guarded", []),
        ("anna", "merged_into", "2026-0001", "guarded", ["invalid_link"]),
    ],
    ids=["who may", "who may not", "to the wrong lifecycle", "to any lifecycle", "to itself"],
)
def test_a_link_is_set_by_its_roles_to_its_lifecycles(
    actor: str, kind: str, other: str, lifecycle: str, expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    assert codes(plan_link(guarded, item(actor=actor, cities=["north"]), kind, other, lifecycle)) == expected


def test_a_link_is_ended_by_who_may_set_it(guarded: Lifecycle, item: Item) -> None:
    assert codes(plan_unlink(guarded, item(cities=["north"]), "part_of")) == []
    assert codes(plan_unlink(guarded, item(actor="bert", cities=["north"]), "part_of")) == ["role"]
    with pytest.raises(UnknownName):
        plan_unlink(guarded, item(), "owns")


DORA = Person("dora", (Grant("department", "unit", "roads-north"),))


@pytest.mark.parametrize(
    ("actor", "role", "person", "expected"),
    [
        ("anna", "department", DORA, []),
        ("bert", "department", DORA, ["role"]),
        ("anna", "department", SUE, ["role_not_granted"]),
        ("anna", "reviewer", SUE, []),
        ("anna", "administrator", SUE, ["not_assignable"]),
        ("anna", "coordinator", ANNA, []),
        ("anna", "coordinator", BOTH, []),
        ("anna", "coordinator", BERT, ["not_assignable"]),
        ("stranger", "department", SUE, ["role", "role_not_granted"]),
    ],
    ids=[
        "who may assign",
        "the other town's coordinator",
        "nobody becomes a department by being assigned",
        "a role on items alone goes to anybody",
        "a role that is not given on items",
        "whoever holds a role for a city takes an item up",
        "and passes it on to somebody of the same city",
        "but not of the other",
        "every blocker is told",
    ],
)
def test_a_role_is_assigned_by_the_roles_the_file_names(
    actor: str, role: str, person: Person, expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    assert codes(plan_assign(guarded, item(actor=actor, cities=["north"]), role, person)) == expected


def test_a_role_is_taken_back_by_who_may_assign_it_and_laid_down_by_who_has_it(guarded: Lifecycle, item: Item) -> None:
    facts = {"cities": ["north"], "assigned": [["reviewer", "sue"]]}

    assert codes(plan_unassign(guarded, item(actor="anna", **facts), "reviewer", SUE)) == []
    assert codes(plan_unassign(guarded, item(actor="sue", **facts), "reviewer", SUE)) == []
    assert codes(plan_unassign(guarded, item(actor="stranger", **facts), "reviewer", SUE)) == ["role"]
    with pytest.raises(UnknownName):
        plan_unassign(guarded, item(), "king", SUE)


@pytest.mark.parametrize(
    ("actor", "text", "expected"),
    [
        ("sue", "Wann geht es weiter?", []),
        ("anna", "Nächste Woche.", []),
        ("stranger", "Hallo", ["role"]),
        ("anna", "  ", ["invalid_text"]),
        ("anna", "x" * 20_001, ["invalid_text"]),
        ("anna", "nul\0", ["invalid_text"]),
    ],
)
def test_a_comment_takes_a_role_on_the_item_and_a_text(
    actor: str, text: str, expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    snapshot = item(actor=actor, cities=["north"], assigned=[["submitter", "sue"]])

    assert codes(plan_comment(guarded, snapshot, text)) == expected


@pytest.mark.parametrize(
    ("support", "facts", "expected"),
    [
        (True, {"actor": "stranger"}, []),
        (False, {"actor": "stranger"}, ["no_support"]),
        (True, {"actor": "stranger", "state": "done"}, ["no_support"]),
        (True, {"actor": "stranger", "represented": "sue"}, ["own_support_only"]),
    ],
    ids=["anybody may", "where the file counts none", "when it is over", "for oneself alone"],
)
def test_support_is_given_by_anybody_for_themselves(
    support: bool, facts: dict[str, Any], expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    assert codes(plan_support(replace(guarded, support=support), item(**facts))) == expected


@pytest.mark.parametrize(
    ("actor", "to", "reason", "expected"),
    [
        ("adam", "draft", "Irrtümlich eingereicht", []),
        ("anna", "draft", "Irrtümlich eingereicht", ["role"]),
        ("adam", "draft", " ", ["reason_missing"]),
        ("adam", "review", "Noch einmal", ["already_there"]),
        ("adam", "asked", "Rückfrage", ["no_origin"]),
    ],
    ids=[
        "the administration, with a reason",
        "nobody else",
        "never without a reason",
        "not to where it is",
        "not to where nothing leads back from",
    ],
)
def test_a_correction_is_made_by_the_roles_the_file_names_with_a_reason(
    actor: str, to: str, reason: str, expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    assert codes(plan_correct(guarded, item(actor=actor, cities=["north"]), to, reason)) == expected


def test_a_correction_to_an_unknown_state_is_an_error(guarded: Lifecycle, item: Item) -> None:
    with pytest.raises(UnknownName, match="Did you mean planned"):
        plan_correct(guarded, item(actor="adam"), "plannd", "Tippfehler")
