"""`ideenweg person notices` and `zone`: what a person is told and when, shown and set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Cli


def shown(cli: Cli, *more: str) -> dict[str, Any]:
    document = cli.document("person", "notices", cli.resident, *more)
    return {"all": document["all"], **{one["notice"]: one for one in document["notices"]}}


def test_as_usual_ones_own_is_told_at_once_and_all_else_in_the_digest(cli: Cli) -> None:
    found = shown(cli)
    assert "digest" not in found
    assert (found["received"]["handed_in"], found["received"]["otherwise"]) == ("at_once", "digest")
    assert (found["question"]["otherwise"], found["question"]["at_once"]) == ("at_once", True)
    assert {name for name, one in found.items() if one and one["optional"]} == {"followed", "progress", "step"}
    assert "always at once" in cli("person", "notices", cli.resident).out
    assert "immer sofort" in cli("person", "notices", cli.resident, "--locale", "de").out


def test_a_choice_is_set_shown_and_taken_back(cli: Cli) -> None:
    assert shown(cli, "step", "off")["step"]["handed_in"] == "off"
    assert "not at all" in cli("person", "notices", cli.resident).out
    assert shown(cli, "all", "at_once")["received"]["otherwise"] == "at_once"
    assert shown(cli)["all"] == "at_once"
    assert "For all not chosen by name: at once." in cli("person", "notices", cli.resident).out
    assert shown(cli, "step", "usual")["step"]["chosen"] is None
    assert shown(cli, "all", "usual")["all"] is None
    assert cli.document("person", "notices", cli.other)["all"] is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("rejected", "off"), "not optional"),
        (("question", "off"), "always sent at once"),
        (("question", "digest"), "always sent at once"),
        (("stp", "off"), "Did you mean step?"),
        (("digest", "off"), "no notice"),
        (("step", "never"), "at_once"),
        (("step",), "Say how: at_once, digest, off, usual."),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_the_reason(cli: Cli, asked: tuple[str, ...], said: str) -> None:
    refused = cli("person", "notices", cli.resident, *asked)
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert {one["chosen"] for one in cli.document("person", "notices", cli.resident)["notices"]} == {None}


def test_an_unknown_person_is_told_with_the_nearest(cli: Cli) -> None:
    unknown = cli("person", "notices", "buergerinn@dortmund.example", "step", "off")
    assert (unknown.code, f"Did you mean {cli.resident}" in unknown.err) == (4, True)


def test_the_time_zone_of_a_person_is_set_shown_and_taken_back(cli: Cli) -> None:
    def zone(*more: str) -> tuple[str, str | None]:
        document = cli.document("person", "zone", cli.resident, *more)
        return document["zone"], document["chosen"]

    assert zone() == ("Europe/Berlin", None)
    assert "wie das Programm" in cli("person", "zone", cli.resident, "--locale", "de").out
    assert zone("America/New_York") == ("America/New_York", "America/New_York")
    assert "America/New_York" in cli("person", "zone", cli.resident).out
    assert cli.document("person", "export", cli.resident)["person"]["zone"] == "America/New_York"
    slip = cli("person", "zone", cli.resident, "Europe/Lisabon")
    assert (slip.code, "Did you mean Europe/Lisbon" in slip.err) == (2, True)
    assert zone("programme") == ("Europe/Berlin", None)
