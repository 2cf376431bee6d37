"""`ideenweg person`: people, roles, deputies; what is kept of somebody, and that it goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Cli


def test_people_are_listed_with_the_roles_they_hold_today(cli: Cli) -> None:
    found = {one["email"]: one for one in cli.document("person", "list")["people"]}
    assert [(one["role"], one["scope"]) for one in found[cli.coordinator]["grants"]] == [("coordinator", "dortmund")]
    assert found[cli.resident]["grants"] == []
    only = cli.document("person", "list", "--role", "expert")["people"]
    assert [one["email"] for one in only] == [cli.expert]
    first = cli.document("person", "list", "--limit", "2")
    second = cli.document("person", "list", "--limit", "50", "--cursor", first["next"])
    assert {one["email"] for one in (*first["people"], *second["people"])} == set(found)
    assert cli("person", "list", "--role", "exprt").code == 2


def test_a_role_is_granted_for_what_it_is_granted_for(cli: Cli) -> None:
    grant = ("person", "grant", cli.resident)
    for wrong, said in (
        (("coordinator",), "--city"),
        (("coordinator", "--unit", "ciio-dortmund"), "--city"),
        (("coordinator", "--city", "dortmnd"), "dortmund"),
        (("coordinator", "--city", "dortmund", "--body", "council-dortmund"), "only one"),
        (("administrator", "--city", "dortmund"), "whole programme"),
        (("submitter",), "item assign"),
        (("coordinatr", "--city", "dortmund"), "coordinator"),
        (("coordinator", "--city", "dortmund", "--from", "2026-07-01", "--to", "2026-06-01"), "before it begins"),
    ):
        refused = cli(*grant, *wrong)
        assert refused.code == 2, wrong
        assert said in refused.err
    given = cli.document(*grant, "coordinator", "--city", "dortmund", "--to", "2099-12-31")["grant"]
    assert (given["scope_kind"], given["scope"], given["valid_to"]) == ("city", "dortmund", "2099-12-31")
    number = cli.create(actor=cli.other)
    assert cli("item", "advance", number, "submit", "--as", cli.resident).code == 0
    cli.document("person", "revoke", given["id"])
    assert cli("person", "revoke", given["id"]).code == 4
    assert cli("item", "comment", number, "Noch da?", "--as", cli.resident).code == 1


def test_a_person_is_shown_with_roles_deputies_and_items(cli: Cli) -> None:
    number = cli.create()
    cli.document("person", "deputy", cli.coordinator, cli.expert, "--from", "2026-07-01", "--to", "2026-07-21")
    shown = cli.document("person", "show", cli.coordinator)
    assert [(one["person"], one["deputy"]) for one in shown["deputies"]] == [(cli.coordinator, cli.expert)]
    resident = cli.document("person", "show", cli.resident)
    assert [(one["number"], one["role"]) for one in resident["items"]] == [(number, "submitter")]
    assert number in cli("person", "show", cli.resident).out
    unknown = cli("person", "show", "buergerinn@dortmund.example")
    assert unknown.code == 4
    assert f"Did you mean {cli.resident}" in unknown.err


def test_everything_kept_about_a_person_can_be_told_and_erased(cli: Cli) -> None:
    number = cli.create(contact="0231 555")
    cli.document("item", "advance", number, "submit", "--as", cli.resident, "--reason", "Bitte bald.")
    told = cli.document("person", "export", cli.resident)
    assert told["person"]["email"] == cli.resident
    assert told["records"][0]["personal"] == {"contact": "0231 555"}
    assert [one["text"] for one in told["texts"]] == ["Bitte bald."]

    erased = cli.document("person", "erase", cli.resident, "--yes")
    assert (erased["texts"], erased["items"]) == (2, [number])
    assert erased["roles_left"] == [{"number": number, "role": "submitter"}]
    everything = json.dumps(cli.document("item", "show", number)) + json.dumps(cli.document("audit", "list"))
    for gone in ("0231 555", "Bitte bald.", cli.resident):
        assert gone not in everything
    assert cli.document("audit", "verify")["ok"]
    assert cli("person", "show", cli.resident).code == 4
    assert cli("item", "comment", number, "Ich bin's.", "--as", cli.resident).code == 4
