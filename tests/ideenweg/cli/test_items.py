"""Items on the command line: made, changed, advanced, shown and found, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Cli

FEASIBLE = {"feasible": True, "remark": "Machbar."}


@pytest.fixture
def in_review(cli: Cli) -> str:
    """An item that a resident handed in."""
    number = cli.create()
    cli.document("item", "advance", number, "submit", "--as", cli.resident)
    return number


def transition(shown: Any, key: str) -> Any:
    return next(one for one in shown["transitions"] if one["transition"] == key)


def test_an_item_is_made_in_the_first_state_of_its_lifecycle(cli: Cli, write: Callable[..., str]) -> None:
    sheet = write({"title": "Sensoren an Brücken", "cities": ["dortmund"]})
    made = cli("item", "create", "--lifecycle", "short", "--as", cli.resident, "--data", sheet)
    assert made.code == 0
    number = made.out.split()[0]
    assert made.out == f"{number} Sensoren an Brücken: Draft [draft], revision 3\n"
    shown = cli.document("item", "show", number)
    assert shown["item"]["title"] == "Sensoren an Brücken"
    assert [one["kind"] for one in shown["history"]] == ["created", "recorded", "assigned"]
    assert {one["via"] for one in shown["history"]} == {"cli"}
    assert all(one["account"] for one in shown["history"])


def test_what_happens_on_the_command_line_is_recorded_with_the_operators_account(
    cli: Cli, in_review: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ideenweg.cli.session.Session.account", "wartung")
    cli.document("item", "comment", in_review, "Liegt vor.", "--as", cli.coordinator, LOGNAME="root", USER="root")
    (event,) = cli.document("audit", "list", "--item", in_review, "--kind", "commented")["events"]
    assert (event["account"], event["actor_name"]) == ("wartung", "koordination")


def test_a_move_is_made_by_whom_the_rules_allow_it(cli: Cli, in_review: str, write: Callable[..., str]) -> None:
    refused = cli("item", "advance", in_review, "accept", "--as", cli.resident, "--json")
    assert refused.code == 1
    assert {one["code"] for one in refused.error["blockers"]} >= {"role", "form_missing"}
    assert all(one["message"] and "params" in one for one in refused.error["blockers"])
    opinion = write(FEASIBLE)
    done = cli("item", "advance", in_review, "accept", "--as", cli.coordinator, "--data", opinion)
    assert (done.code, done.err) == (0, "")
    assert "[accepted]" in done.out


def test_a_refusal_says_every_reason_in_the_callers_language(cli: Cli, in_review: str) -> None:
    german = cli("item", "advance", in_review, "close", "--as", cli.resident, LC_ALL="de_DE.UTF-8")
    assert (german.code, german.out) == (1, "")
    assert "Dazu ist hier berechtigt: Koordination" in german.err
    assert "öffentliche Begründung" in german.err
    english = cli("item", "advance", in_review, "close", "--as", cli.resident)
    assert "This is up to: Coordination" in english.err


def test_why_answers_without_an_error_and_dry_run_as_the_real_call_would(cli: Cli, in_review: str) -> None:
    call = (in_review, "ask", "--as", cli.coordinator)
    assert cli("item", "why", *call).code == 0
    assert cli.document("item", "why", *call)["allowed"] is False
    assert cli("item", "advance", *call, "--dry-run").code == 1
    allowed = cli.document("item", "advance", *call, "--reason", "Wo genau?", "--dry-run")
    assert (allowed["allowed"], allowed["target"]) == (True, "asked")
    assert "asked" in cli("item", "why", *call, "--reason", "Wo genau?").out
    assert cli.document("item", "show", in_review)["item"]["state"] == "in_review"


def test_a_command_sent_twice_under_one_id_happens_once(cli: Cli, in_review: str) -> None:
    call = ("item", "comment", in_review, "Einmal.", "--as", cli.coordinator, "--command-id", "c-1")
    first, second = cli.document(*call), cli.document(*call)
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["seqs"] == second["seqs"]
    other = cli("item", "comment", in_review, "Anders.", "--as", cli.coordinator, "--command-id", "c-1")
    assert other.code == 2


def test_who_saw_an_older_revision_is_told_that_somebody_was_faster(cli: Cli, in_review: str) -> None:
    seen = str(cli.document("item", "show", in_review)["item"]["revision"])
    cli.document("item", "comment", in_review, "Neues.", "--as", cli.coordinator)
    call = ("item", "advance", in_review, "ask", "--as", cli.coordinator, "--reason", "?", "--revision", seen)
    for late in (cli(*call), cli(*call, "--dry-run")):
        assert late.code == 3
        assert str(int(seen) + 1) in late.err
    assert cli(*call, "--json").error["code"] == "conflict"


def test_records_links_assignments_comments_and_support_are_written(cli: Cli, in_review: str) -> None:
    other = cli.create("Ein anderer Vorgang")
    cli.document("item", "assign", in_review, "expert", cli.expert, "--as", cli.coordinator)
    cli.document("item", "record", in_review, "opinion", "--as", cli.expert, "--data", "-", stdin=json.dumps(FEASIBLE))
    cli.document("item", "link", in_review, "hangs_on", other, "--as", cli.coordinator)
    cli.document("item", "comment", in_review, "Passt.", "--as", cli.expert, "--public")
    cli.document("item", "support", in_review, "--as", cli.other)
    shown = cli.document("item", "show", in_review)
    assert [one["data"] for one in shown["records"] if one["kind"] == "opinion"] == [FEASIBLE]
    assert [(one["kind"], one["number"]) for one in shown["links"]] == [("hangs_on", other)]
    assert [one["email"] for one in shown["people"] if one["role"] == "expert"] == [cli.expert]
    assert shown["history"][-1]["text"] == "Passt."
    cli.document("item", "unlink", in_review, "hangs_on", other, "--as", cli.coordinator)
    cli.document("item", "unassign", in_review, "expert", cli.expert, "--as", cli.coordinator)
    shown = cli.document("item", "show", in_review)
    assert shown["links"] == []
    assert "expert" not in {one["role"] for one in shown["people"]}
    assert cli("item", "unlink", in_review, "hangs_on", other, "--as", cli.coordinator).code == 4
    assert cli("item", "support", in_review, "--as", cli.other).code == 1


def test_an_administrator_corrects_with_a_reason_and_it_is_appended(cli: Cli, in_review: str) -> None:
    call = ("item", "correct", in_review, "accepted", "--reason", "Der Beschluss lag schon vor.", "--as")
    assert cli(*call, cli.coordinator).code == 1
    assert cli.document(*call, cli.administrator)["item"]["state"] == "accepted"
    last = cli.document("item", "show", in_review)["history"][-1]
    assert (last["kind"], last["from"], last["to"]) == ("corrected", "in_review", "accepted")
    assert last["text"] == "Der Beschluss lag schon vor."


def test_a_deputy_acts_in_somebodys_place_and_it_shows(cli: Cli, in_review: str) -> None:
    ask = ("item", "advance", in_review, "ask", "--reason", "Wo genau?", "--as", cli.expert, "--for", cli.coordinator)
    assert cli(*ask).code == 1
    cli.document("person", "deputy", cli.coordinator, cli.expert, "--from", "2020-01-01", "--to", "2099-12-31")
    assert cli.document(*ask)["item"]["state"] == "asked"
    (event,) = cli.document("audit", "list", "--item", in_review, "--transition", "ask")["events"]
    assert event["actor_name"] == "tiefbauamt"
    assert event["on_behalf_of"] is not None


# --- shown ------------------------------------------------------------------------------------------------------------


def test_an_item_is_shown_with_whose_turn_it_is_and_what_is_due(cli: Cli, in_review: str) -> None:
    shown = cli.document("item", "show", in_review)
    assert [(one["role"], [who["name"] for who in one["people"]]) for one in shown["turn"]] == [
        ("coordinator", ["koordination", "vertretung"])
    ]
    (deadline,) = shown["deadlines"]
    assert (deadline["rule"], deadline["status"], deadline["overdue"]) == ("in_review", "running", False)
    page = cli("item", "show", in_review, LC_ALL="de_DE.UTF-8").out
    for part in (in_review, "Sensoren an Brücken", "In Prüfung", "Am Zug:", "koordination, vertretung", "Verlauf"):
        assert part in page


def test_the_next_steps_of_a_person_are_allowed_or_say_why_not(cli: Cli, in_review: str) -> None:
    shown = cli.document("item", "show", in_review, "--as", cli.coordinator)
    assert transition(shown, "ask") | {"blockers": []} == {
        "transition": "ask",
        "label": "Ask",
        "to": ["asked"],
        "fire": "person",
        "roles": ["coordinator"],
        "reason": "required",
        "form": None,
        "allowed": False,
        "asks": ["reason"],
        "blockers": [],
    }
    assert transition(shown, "accept")["asks"] == ["data"]
    page = cli("item", "show", in_review, "--as", cli.coordinator).out
    assert "✓ Ask [ask] – with --reason TEXT" in page
    assert "✓ Accept [accept] – with --data FILE (opinion)" in page
    resident = cli.document("item", "show", in_review, "--as", cli.resident)
    assert [one["code"] for one in transition(resident, "ask")["blockers"]] == ["role", "reason_missing"]
    assert "✗ Ask [ask]" in cli("item", "show", in_review, "--as", cli.resident).out


def test_without_a_person_the_operator_sees_all_and_no_step_is_judged(cli: Cli) -> None:
    number = cli.create(contact="0231 555")
    shown = cli.document("item", "show", number)
    assert shown["records"][0]["data"]["contact"] == "0231 555"
    assert "allowed" not in transition(shown, "submit")


def test_a_person_without_a_role_on_an_item_that_is_not_released_is_not_told_of_it(cli: Cli, in_review: str) -> None:
    hidden = cli("item", "show", in_review, "--as", cli.other)
    missing = cli("item", "show", "2020-0001", "--as", cli.other)
    assert (hidden.code, missing.code) == (4, 4)
    assert hidden.err.replace(in_review, "N") == missing.err.replace("2020-0001", "N")


def test_the_submitter_sees_the_steps_and_neither_names_nor_inner_comments(cli: Cli, in_review: str) -> None:
    cli.document("item", "comment", in_review, "Nur für uns.", "--as", cli.coordinator)
    cli.document("item", "comment", in_review, "Für alle.", "--as", cli.coordinator, "--public")
    cli.document("item", "advance", in_review, "ask", "--as", cli.coordinator, "--reason", "Intern.")
    shown = cli.document("item", "show", in_review, "--as", cli.resident)
    texts = [one["text"] for one in shown["history"] if one["text"]]
    assert texts == ["Für alle."]
    assert shown["history"][-1]["to"] == "asked"
    assert shown["history"][-1]["actor"] is None
    assert cli.coordinator not in json.dumps(shown)
    assert "koordination" not in cli("item", "show", in_review, "--as", cli.resident).out
    theirs = cli.document("item", "show", in_review, "--as", cli.second)
    assert [one["text"] for one in theirs["history"] if one["text"]] == ["Nur für uns.", "Für alle.", "Intern."]


def test_times_are_in_the_programmes_zone_with_their_offset(cli: Cli) -> None:
    shown = cli.document("item", "show", cli.create())
    assert shown["item"]["created_at"][-6:] in ("+01:00", "+02:00")


# --- found ------------------------------------------------------------------------------------------------------------


def numbers(cli: Cli, *arguments: str) -> list[str]:
    return [one["title"] for one in cli.document("item", "list", *arguments)["items"]]


def test_items_are_found_by_any_filters_the_newest_first(cli: Cli) -> None:
    first = cli.create("Sensoren an Brücken")
    cli.create("Radweg am Kanal", cities=["schwerte"])
    cli.create("Sensoren für Bäume", cities=["dortmund", "schwerte"])
    cli.document("item", "advance", first, "submit", "--as", cli.resident)
    assert numbers(cli) == ["Sensoren für Bäume", "Radweg am Kanal", "Sensoren an Brücken"]
    assert numbers(cli, "--state", "in_review") == ["Sensoren an Brücken"]
    assert numbers(cli, "--city", "schwerte") == ["Sensoren für Bäume", "Radweg am Kanal"]
    assert numbers(cli, "--query", "SENSOREN bäu") == ["Sensoren für Bäume"]
    assert numbers(cli, "--city", "schwerte", "--query", "rad", "--lifecycle", "short") == ["Radweg am Kanal"]
    assert numbers(cli, "--overdue") == []


def test_a_long_list_comes_in_pages(cli: Cli) -> None:
    for number in range(5):
        cli.create(f"Idee {number}")
    page = cli.document("item", "list", "--limit", "2")
    seen = [one["title"] for one in page["items"]]
    while page["next"]:
        page = cli.document("item", "list", "--limit", "2", "--cursor", page["next"])
        seen += [one["title"] for one in page["items"]]
    assert seen == [f"Idee {number}" for number in (4, 3, 2, 1, 0)]
    assert "--cursor" in cli("item", "list", "--limit", "2").out
    assert cli("item", "list", "--cursor", "x").code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--state", "in_reviw"), "Did you mean in_review?"),
        (("--lifecycle", "shrt"), "Did you mean short?"),
        (("--city", "dortmnd"), "Did you mean dortmund?"),
        (("--field", "smart-mobilty"), "Did you mean smart-mobility?"),
        (("--provenance", "projector"), "Did you mean projektor?"),
        (("--funding", "own-fund"), "own-funds"),
    ],
)
def test_a_filter_that_nothing_can_have_names_what_is_meant(
    sqlite_cli: Cli, arguments: tuple[str, ...], said: str
) -> None:
    wrong = sqlite_cli("item", "list", *arguments, "--json")
    assert wrong.code == 2
    assert said in wrong.error["message"]
    assert wrong.error["place"] == arguments[0]


def test_one_transition_on_many_items_is_looked_at_and_then_done(cli: Cli) -> None:
    numbers = [cli.create() for _ in range(3)]
    call = ("item", "advance-all", "close", *numbers, "2026-9999", "--as", cli.coordinator, "--reason", "Doppelt")
    seen = cli.document(*call, "--dry-run")
    assert (seen["allowed"], [one["number"] for one in seen["held"]]) == (numbers, ["2026-9999"])
    assert cli(*call, "--all-or-nothing").code == 1
    done = cli.document(*call)
    assert done["allowed"] == numbers
    assert cli.document("item", "show", numbers[0])["item"]["state"] == "closed"
    assert cli("item", "advance-all", "close", numbers[0], numbers[0], "--as", cli.coordinator).code == 2
    events = cli.document("audit", "list", "--batch", done["batch"])["events"]
    assert [one["number"] for one in events if one["kind"] == "advanced"] == numbers


def test_a_reason_written_beforehand_names_each_item(cli: Cli) -> None:
    numbers = [cli.create() for _ in range(2)]
    call = ("item", "advance-all", "close", *numbers, "--as", cli.coordinator)
    done = cli.document(*call, "--answer", "en/not-competent")
    reasons = [one["reason"] for one in cli.document("audit", "list", "--batch", done["batch"])["events"]]
    assert [number in str(reason) for number, reason in zip(numbers, filter(None, reasons), strict=True)] == [
        True,
        True,
    ]
    wrong = cli(*call, "--answer", "not-compettent")
    assert (wrong.code, "de/not-competent" in wrong.err) == (2, True)
    assert cli(*call, "--answer", "not-competent", "--reason", "x").code == 2
