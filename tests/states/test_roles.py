"""Who holds which role on an item: by grant and scope, by assignment, as a deputy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from states.lifecycle import Lifecycle
from states.record_kinds import Per
from states.roles import barred, covers, held, usable
from states.snapshot import SYSTEM, Grant, Person, Snapshot

Item = Callable[..., Snapshot]


@pytest.mark.parametrize(
    ("actor", "facts", "roles"),
    [
        ("adam", {"cities": ["north"]}, {"administrator"}),
        ("anna", {"cities": ["north"]}, {"coordinator"}),
        ("anna", {"cities": ["north", "south"]}, {"coordinator"}),
        ("anna", {"cities": ["south"]}, set()),
        ("anna", {"cities": []}, {"coordinator"}),
        ("nora", {"cities": ["north"]}, {"session_office"}),
        ("nora", {"cities": ["south"]}, set()),
        ("fred", {"cities": ["south"]}, {"session_office"}),
        ("dora", {}, set()),
        ("dora", {"assigned": [["department", "carl", "roads-north"]]}, {"department"}),
        ("dora", {"assigned": [["department", "carl", "treasury-north"]]}, set()),
        ("kim", {"cities": ["north"]}, {"cosigner"}),
        ("kim", {"cities": ["south"]}, set()),
        ("rita", {"assigned": [["reviewer", "rita"]]}, {"reviewer"}),
        ("rita", {"assigned": [["reviewer", "rolf"]]}, set()),
        ("anna", {"cities": ["north"], "assigned": [["reviewer", "anna"]]}, {"coordinator", "reviewer"}),
        ("stranger", {}, set()),
        (SYSTEM, {"assigned": [["reviewer", SYSTEM]]}, set()),
    ],
    ids=[
        "a role without a scope holds everywhere",
        "a city's role on an item of the city",
        "a city's role on a joint item",
        "a city's role on an item of the other city alone",
        "an item that names no city concerns all",
        "a body's role on an item of its city",
        "a body's role on an item of another city",
        "a body outside the cities has to do with all",
        "a unit's role where nobody is assigned",
        "a unit's role where somebody of the unit is assigned",
        "a unit's role where somebody of another unit is assigned",
        "a unit's role that nobody is ever assigned, in its city",
        "a unit's role that nobody is ever assigned, in another city",
        "an assignment is as good as a grant",
        "an assignment is its own person's",
        "one person may hold several roles",
        "a stranger holds none",
        "the system holds none",
    ],
)
def test_a_role_holds_where_its_scope_reaches(
    actor: str, facts: dict[str, Any], roles: set[str], guarded: Lifecycle, item: Item
) -> None:
    snapshot = item(actor=actor, **facts)

    assert held(guarded, snapshot, snapshot.actor) == roles


def test_a_grant_for_one_item_holds_there_alone(guarded: Lifecycle, item: Item) -> None:
    snapshot = item()
    grant = Grant("reviewer", "item", snapshot.number)
    other = Grant("reviewer", "item", "2026-9999")

    assert held(guarded, snapshot, Person("rita", (grant,))) == {"reviewer"}
    assert held(guarded, snapshot, Person("rita", (other,))) == set()


@pytest.mark.parametrize(
    ("facts", "roles"),
    [
        ({"represented": "anna", "deputy": True}, {"coordinator"}),
        ({"represented": "both", "deputy": True, "deputy_for": frozenset({"reviewer"})}, set()),
        ({"represented": "both", "deputy": True, "deputy_for": frozenset({"coordinator"})}, {"coordinator"}),
        ({"represented": "anna"}, {"session_office"}),
        ({}, {"session_office"}),
    ],
    ids=[
        "a deputy acts with the other's roles, not with their own",
        "a deputy for another role",
        "a deputy for this role",
        "who is no deputy today acts with their own",
        "who acts for nobody acts with their own",
    ],
)
def test_a_deputy_acts_with_the_represented_persons_roles(
    facts: dict[str, Any], roles: set[str], guarded: Lifecycle, item: Item
) -> None:
    assert usable(guarded, item(actor="nora", cities=["north"], **facts)) == roles


@pytest.mark.parametrize(
    ("facts", "roles", "expected"),
    [
        ({}, ["coordinator"], []),
        ({}, ["administrator"], ["role"]),
        ({"actor": "stranger"}, ["anyone"], []),
        ({"actor": SYSTEM}, ["anyone"], ["role"]),
        ({"represented": "bert"}, ["coordinator"], ["not_deputy"]),
        ({"represented": "sue", "assigned": [["submitter", "sue"]]}, ["coordinator"], []),
        ({"represented": "sue", "assigned": [["submitter", "sue"]]}, ["submitter"], ["role"]),
        ({"actor": "stranger", "represented": "sue", "assigned": [["submitter", "sue"]]}, ["anyone"], ["not_deputy"]),
        ({"represented": "rita", "assigned": [["reviewer", "rita"]]}, ["coordinator"], ["not_deputy"]),
    ],
    ids=[
        "who holds the role may",
        "who does not may not",
        "anyone is whoever is known",
        "the system is not anyone",
        "nobody speaks for others without being their deputy",
        "who works on the item hands in for the submitter",
        "handing in for the submitter makes nobody the submitter",
        "a stranger hands in for nobody",
        "nobody but the submitter is handed in for",
    ],
)
def test_what_bars_somebody(
    facts: dict[str, Any], roles: list[str], expected: list[str], guarded: Lifecycle, item: Item
) -> None:
    blockers = barred(guarded, item(**{"cities": ["north"], **facts}), roles)

    assert [one.code for one in blockers] == expected


@pytest.mark.parametrize(
    ("grant", "per", "key", "reaches"),
    [
        (Grant("session_office", "body", "council-north"), Per.BODY, "council-north", True),
        (Grant("session_office", "body", "council-north"), Per.BODY, "committee-north", False),
        (Grant("coordinator", "city", "north"), Per.BODY, "committee-north", True),
        (Grant("coordinator", "city", "north"), Per.BODY, "council-south", False),
        (Grant("coordinator", "city", "north"), Per.BODY, "funder", True),
        (Grant("coordinator", "city", "north"), Per.CITY, "north", True),
        (Grant("coordinator", "city", "north"), Per.CITY, "south", False),
        (Grant("coordinator", "city", "north"), Per.UNIT, "roads-north", True),
        (Grant("coordinator", "city", "north"), Per.UNIT, "treasury-south", False),
        (Grant("department", "unit", "roads-north"), Per.UNIT, "roads-north", True),
        (Grant("department", "unit", "roads-north"), Per.UNIT, "treasury-north", False),
        (Grant("department", "unit", "roads-north"), Per.CITY, "north", True),
        (Grant("department", "unit", "roads-north"), Per.CITY, "south", False),
        (Grant("department", "unit", "roads-north"), Per.BODY, "council-north", False),
        (Grant("session_office", "body", "council-north"), Per.CITY, "north", True),
        (Grant("administrator"), Per.BODY, "council-south", True),
        (Grant("reviewer", "item", "2026-0001"), Per.UNIT, "treasury-south", True),
    ],
)
def test_a_grant_reaches_the_records_of_its_own_scope(
    grant: Grant, per: Per, key: str, reaches: bool, item: Item
) -> None:
    assert covers(grant, per, key, item().programme) is reaches
