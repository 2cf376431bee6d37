"""What is like something, what a record said before, what came off an item, and what somebody still owes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Cli


def test_what_is_alike_is_found_as_far_as_it_may_be_seen(sqlite_cli: Cli) -> None:
    cli = sqlite_cli
    number = cli.create("Sensoren an Brücken")
    ask = ("item", "alike", "--lifecycle", "short", "Brueckensensoren")
    (one,) = cli.document(*ask)["items"]
    assert (one["number"], one["title"]) == (number, "Sensoren an Brücken")
    assert cli(*ask, "--as", cli.coordinator).out.startswith(number)
    assert cli.document(*ask, "--as", cli.other) == {"items": []}
    assert cli(*ask[:4], "Hundewiese").out == "Nothing of the kind was found.\n"
    assert cli("item", "alike", "--lifecycle", "nothing", "x").code == 4


def test_two_versions_of_a_record_are_compared(sqlite_cli: Cli) -> None:
    cli = sqlite_cli
    number = cli.create("Bank", contact="Wer es war")
    for title in ("Bänke", "Sitzbänke"):
        sheet = json.dumps({"title": title, "cities": ["dortmund"], "contact": "Wer es war"})
        cli.document("item", "record", number, "sheet", "--as", cli.resident, "--data", "-", stdin=sheet)
    found = cli.document("item", "versions", number, "sheet")
    assert [one["data"]["title"] for one in found["versions"]] == ["Bank", "Bänke", "Sitzbänke"]
    assert found["changes"] == [{"path": "title", "before": "Bänke", "after": "Sitzbänke"}]
    told = cli("item", "versions", number, "sheet", "--before", "1", "--as", cli.coordinator)
    assert 'From 1 to 3:\n  title: "Bank" -> "Sitzbänke"\n' in told.out
    assert cli("item", "versions", number, "opinion").code == 4
    assert cli("item", "versions", number, "sheet", "--as", cli.other).code == 4


def test_a_part_comes_off_and_is_somebodys_to_work_on(sqlite_cli: Cli) -> None:
    cli = sqlite_cli
    number = cli.create("Bank")
    data = json.dumps({"title": "Lehne", "cities": ["dortmund"]})
    split = ("item", "split", number, "hangs_on", "--as", cli.coordinator, "--data", "-", "--command-id", "s")
    part = cli.document(*split, stdin=data)["item"]["number"]
    assert cli.document(*split, stdin=data)["item"]["number"] == part
    (link,) = cli.document("item", "show", part)["links"]
    assert (link["kind"], link["number"]) == ("hangs_on", number)
    refused = cli(*split[:4], "--as", cli.resident, "--data", "-", stdin=data)
    assert (refused.code, "is made, but not linked" in refused.err) == (0, True)
    assert cli("item", "split", "2026-9999", *split[3:], stdin=data).code == 4

    tasks = cli.document("person", "worklist", cli.resident)["tasks"]
    assert {one["number"] for one in tasks} >= {number}
    assert "Bank" in cli("person", "worklist", cli.resident).out
    assert cli("person", "worklist", cli.expert).out == "Nothing to do.\n"
    assert cli("person", "worklist", "niemand@dortmund.example").code == 4
