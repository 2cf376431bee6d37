"""Lifecycle files: what gets in, and what every fault of a file that does not is told as, with its place."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import config
from states.checks import CHECKS
from states.deadline_rules import Duration, Relative, Reminder, Unit
from states.errors import FileFault, Finding
from states.guards import GUARDS
from states.lifecycle import ANYONE, Fire, Lifecycle, Reason, Scope
from states.loader import load_lifecycle, load_programme
from states.programme import Programme
from states.record_kinds import Column, Per, Section
from states.sentences import Text

HERE = Path(__file__).parent
GOOD = (HERE / "good.yaml").read_text("utf-8")
PROGRAMME = """\
programme: towns
version: 1
cities: {north: {}, south: {}}
bodies: {council-north: {city: north}, council-south: {city: south}}
offices: {roads-north: {city: north}}
"""


@pytest.fixture(scope="module")
def towns() -> Programme:
    return load_programme(PROGRAMME, "programme.yaml")


def load(text: str, programme: Programme | None = None) -> Lifecycle:
    return load_lifecycle(text, "f.yaml", notices={"received", "late"}, programme=programme, calendars={"nrw"})


def findings(text: str, programme: Programme | None = None) -> tuple[Finding, ...]:
    with pytest.raises(FileFault) as caught:
        load(text, programme)
    return caught.value.findings


def pointed(text: str) -> tuple[str, tuple[int, int]]:
    """`text` without its mark, and the line and column the mark points at."""
    assert text.count("»") == 1, "mark one place with »"
    before, after = text.split("»")
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


# --- what gets in ---------------------------------------------------------------------------------------------------


def test_a_good_file_becomes_a_lifecycle(towns: Programme) -> None:
    lifecycle = load(GOOD, towns)

    assert (lifecycle.key, lifecycle.version, lifecycle.initial) == ("works", 1, "draft")
    assert lifecycle.label == Text("Arbeiten", "Works")
    assert lifecycle.source == GOOD
    assert lifecycle.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert lifecycle.create == (ANYONE,)
    assert lifecycle.roles["clerk"].scope is Scope.CITY
    assert lifecycle.roles["expert"].assign == ("clerk",)
    assert lifecycle.states["checking"].deadlines[0].due == Duration(10, Unit.WORKING_DAYS)
    assert lifecycle.states["checking"].deadlines[0].remind == (
        Reminder(Duration(3, Unit.WORKING_DAYS)),
        Reminder(None),
    )
    assert lifecycle.states["built"].deadlines[0].due == date(2027, 12, 31)
    assert lifecycle.states["built"].deadlines[1].due == Relative(Duration(6, Unit.WEEKS), "decision", "date")
    assert lifecycle.states["done"].final
    assert lifecycle.states["asking"].pauses
    assert lifecycle.transitions["look_again"].fire is Fire.RECURRING
    assert lifecycle.transitions["refuse"].reason is Reason.PUBLIC
    assert [way.state for way in lifecycle.transitions["decide"].ways] == ["built", "refused"]
    assert lifecycle.transitions["send"].guards[0].params["without"] == {"town": ["north"]}
    assert lifecycle.records["decision"].per is Per.BODY
    assert lifecycle.records["sheet"].writers("draft") == ("clerk", "author")
    assert lifecycle.records["sheet"].writers("checking") == ("clerk",)
    assert lifecycle.links["part_of"].inverse == Text("umfasst", "covers")


def test_a_record_kind_says_where_the_page_shows_it() -> None:
    text = GOOD.replace("  decision:\n    per: body\n", "  decision:\n    per: body\n    section: decisions\n")
    kinds = load(text).records
    assert (kinds["decision"].section, kinds["answer"].section) == (Section.DECISIONS, Section.FURTHER)


def test_labels_of_values_stay_beside_the_schema() -> None:
    schema = load(GOOD).records["decision"].fields["outcome"].schema

    assert schema["enum"] == ["approved", "refused"]
    assert schema["x-labels"]["approved"] == {"de": "zugestimmt", "en": "approved"}


def test_objects_in_fields_are_closed() -> None:
    entry = load(GOOD).records["sheet"].fields["stations"].schema["items"]

    assert entry["additionalProperties"] is False
    assert entry["required"] == ["body"]
    assert entry["properties"]["body"]["x-label"] == {"de": "Gremium", "en": "Body"}


def test_a_file_without_roles_guards_deadlines_and_records_is_enough() -> None:
    lifecycle = load(
        """\
lifecycle: short
version: 1
label: Short
initial: open
states:
  open: {label: Open}
  closed: {label: Closed, tags: [final]}
transitions:
  close: {label: Close, from: [open], to: closed, roles: [anyone]}
"""
    )

    assert lifecycle.transitions["close"].roles == (ANYONE,)
    sheet = lifecycle.records[lifecycle.sheet or ""]
    assert list(sheet.fields) == ["title"]
    assert sheet.fields["title"].sets is Column.TITLE
    assert lifecycle.label == Text("Short", "Short")


def test_what_has_no_label_is_called_by_its_name() -> None:
    lifecycle = load(GOOD.replace("  looked_after: {label: Looked after, ", "  looked_after: {"))

    assert lifecycle.states["looked_after"].label == Text("Looked after", "Looked after")


def test_the_title_of_the_sheet_is_the_title_of_the_item() -> None:
    title = load(GOOD).records["sheet"].fields["title"]

    assert title.sets is Column.TITLE
    assert title.required


def test_one_name_may_stand_for_a_list_of_one() -> None:
    assert load(GOOD.replace("from: [draft]", "from: draft")) == dataclasses.replace(
        load(GOOD), source=GOOD.replace("from: [draft]", "from: draft"), sha256=load(
            GOOD.replace("from: [draft]", "from: draft")
        ).sha256,
    )  # fmt: skip


def test_a_draft_may_wait_for_whoever_makes_it() -> None:
    lifecycle = load(
        GOOD.replace("roles: [author, clerk]", "roles: [author]").replace(
            "[draft, checking]\n    to", "[checking]\n    to"
        )
    )

    assert [move.key for move in lifecycle.leaving["draft"]] == ["send"]


def test_where_a_file_does_not_say_who_assigns_a_role_those_with_a_granted_one_do() -> None:
    lifecycle = load(GOOD.replace(", assign: [clerk]", "").replace("{role: expert}", "{role: session_office}"))

    granted = ("clerk", "head", "session_office", "auditor")
    assert lifecycle.roles["expert"].assign == granted  # a role on the item
    assert lifecycle.roles["session_office"].assign == granted  # one that a guard wants assigned
    assert lifecycle.roles["head"].assign == ()


def test_yes_no_on_and_off_are_names_like_others() -> None:
    lifecycle = load(GOOD.replace("lonely_tag", "on").replace("musing", "off"))

    assert lifecycle.states["off"].pauses
    assert lifecycle.states["looked_after"].tags == {"on"}


def test_an_alias_repeats_what_its_anchor_marks() -> None:
    text = GOOD.replace("while: [draft, asking]", "while: &both [draft, asking]").replace(
        "visit: [checking]", "visit: [checking] # *both"
    )

    assert load(text).records["answer"].states == ("draft", "asking")


def test_guards_within_guards_are_guards() -> None:
    (use,) = load(GOOD).transitions["build"].guards

    assert [inner.name for inner in use.params["guards"]] == ["recorded", "linked"]
    assert use.guard.needs(use.params).records == {"decision"}


# --- what does not --------------------------------------------------------------------------------------------------


class Broken(NamedTuple):
    """A change to the good file, as broken.yaml explains it."""

    check: str
    old: str
    new: str
    says: str
    at: str = ""
    also: tuple[str, ...] = ()


BROKEN = [
    Broken(check, **case)
    for check, cases in yaml.safe_load((HERE / "broken.yaml").read_text("utf-8")).items()
    for case in cases
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.check}: {broken.new.strip()[:50]}")
def test_a_fault_is_told_once_with_its_place_and_what_would_be_right(broken: Broken, towns: Programme) -> None:
    assert GOOD.count(broken.old) >= 1, "the good file has changed"
    text = GOOD.replace(broken.old, broken.new, 1)
    if "»" in text:
        text, place = pointed(text)
    else:
        _, place = pointed(text.replace(broken.at, "»" + broken.at, 1))

    found = findings(text, towns)

    told = [
        (one.place.line, one.place.column, f"{one.message} {one.hint}") for one in found if one.check == broken.check
    ]
    assert any((line, column) == place and broken.says in says for line, column, says in told), "\n".join(
        map(str, found)
    )
    assert {one.check for one in found} <= {broken.check, *broken.also}, "\n".join(map(str, found))


def test_every_check_of_a_lifecycle_has_a_case_here() -> None:
    elsewhere = {"no-final-state", "unknown-city", "unknown-office", "unknown-region", "unknown-zone"}

    assert {broken.check for broken in BROKEN} | elsewhere == set(CHECKS)


def test_a_file_without_a_final_state_hears_that_and_not_of_every_state() -> None:
    found = findings(GOOD.replace("tags: [final]", "tags: []"))

    assert [one.check for one in found] == ["no-final-state"]


def test_all_faults_of_a_file_are_told_at_once_in_its_order() -> None:
    text = GOOD
    for broken in BROKEN:
        if broken.check in ("unknown-role", "unknown-guard", "unreachable-state", "bad-duration", "unknown-key"):
            text = text.replace(broken.old, broken.new.replace("»", ""), 1)

    found = findings(text)

    assert {"unknown-role", "unknown-guard", "unreachable-state", "bad-duration", "unknown-key"} <= {
        one.check for one in found
    }
    assert [one.place.line for one in found] == sorted(one.place.line for one in found)
    assert len(found) > 20


def test_what_follows_from_a_misspelt_key_is_not_told() -> None:
    found = findings(GOOD.replace("    to: done\n", "    too: done\n"))

    assert [one.check for one in found] == ["unknown-key"]


def test_an_unreadable_target_silences_what_nobody_can_tell_then() -> None:
    found = findings(GOOD.replace("    to: done\n", "    to: 7\n"))

    assert [one.check for one in found] == ["value"]


def test_the_message_names_file_line_column_fault_and_remedy() -> None:
    with pytest.raises(FileFault, match=re.escape("f.yaml:4:10: There is no state 'darft'. Did you mean draft?")):
        load(GOOD.replace("initial: draft", "initial: darft"))


def test_an_alias_is_shown_where_it_stands() -> None:
    text, place = pointed(
        GOOD.replace("visit: [checking]", "visit: &here [checkin]").replace("while: [checking]", "while: »*here")
    )

    assert [(one.place.line, one.place.column) for one in findings(text)][1] == place


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1:1: The file is empty."),
        ("# nothing\n", "1:1: The file is empty."),
        ("- a\n", "1:1: The file is not a mapping."),
        ("lifecycle", "1:1: The file is not a mapping."),
        ("lifecycle: x\n---\nlifecycle: y\n", "2:1: A second document begins here."),
        ("lifecycle: x\0y\n", "1:13: The character U+0000 must not stand in a YAML file."),
        ("lifecycle: \ud800\n", "1:12: The character U+D800 must not stand in a YAML file."),
    ],
)
def test_a_file_that_is_no_mapping_gets_one_line(text: str, says: str) -> None:
    (found,) = findings(text)[-1:]

    assert str(found).startswith(says)


def test_names_that_nobody_told_are_not_looked_up() -> None:
    assert load_lifecycle(GOOD, "good.yaml").states


def test_a_guard_of_a_package_is_checked_by_its_schema() -> None:
    text = GOOD.replace("- assigned: {role: expert}", "- weather: {forecast: report}")
    weather = dataclasses.replace(
        GUARDS["recorded"],
        name="weather",
        schema={"type": "object", "properties": {"forecast": {"type": "string", "x-names": "record"}}},
    )

    assert [one.check for one in findings(text)] == ["unknown-guard"]
    with pytest.raises(FileFault) as caught:
        load_lifecycle(text, "f.yaml", vocabulary={**GUARDS, "weather": weather})
    assert [one.check for one in caught.value.findings] == ["impossible-guard"]


def test_the_shipped_lifecycle_loads_well_below_a_second() -> None:
    text = (Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml").read_text("utf-8")
    load_lifecycle(text, "idea-to-project.yaml")

    started = time.process_time()
    load_lifecycle(text, "idea-to-project.yaml")

    assert time.process_time() - started < 0.5
