"""The shipped files: sound, complete against the agreed table, and in both languages everywhere."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import config
import notifications
from states.deadline_rules import Duration, Relative, Unit
from states.guards import GUARDS
from states.lifecycle import Fire, Lifecycle, Reason
from states.loader import load_calendar, load_lifecycle, load_programme
from states.programme import Programme
from states.sentences import Text

SHIPPED = Path(config.__file__).parent
EXAMPLES = SHIPPED.parent / "docs" / "examples" / "kommuki"
TESTED = SHIPPED.parent / "tests" / "lifecycles"
TEMPLATES = Path(notifications.__file__).parent / "templates"
LIFECYCLES = sorted((SHIPPED / "lifecycles").glob("*.yaml"))


def read(file: Path) -> Lifecycle:
    notices = frozenset(folder.name for folder in (TEMPLATES / "de").iterdir())
    return load_lifecycle(file.read_text("utf-8"), file.name, vocabulary=GUARDS, notices=notices)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme((SHIPPED / "programme.yaml").read_text("utf-8"), "programme.yaml")


@pytest.fixture(scope="module")
def ideas() -> Lifecycle:
    return read(SHIPPED / "lifecycles" / "idea-to-project.yaml")


@pytest.mark.parametrize(
    "file",
    [*LIFECYCLES, *sorted(TESTED.glob("*.yaml")), EXAMPLES / "lifecycle.yaml"],
    ids=lambda file: f"{file.parent.name}/{file.stem}",
)
def test_a_lifecycle_loads_without_a_finding(file: Path) -> None:
    assert read(file).states


# --- idea-to-project against the agreed table -------------------------------------------------------------------

STAGES = {
    "submission": ["draft", "submitted"],
    "review": ["in_review", "needs_information", "pooled"],
    "selection": ["shortlisted", "before_bodies", "before_funder"],
    "implementation": ["planned", "in_progress", "on_hold"],
    "evaluation": ["in_evaluation"],
    "integration": ["handover", "integrated"],
    None: ["rejected", "withdrawn", "merged", "referred", "completed", "discontinued"],
}

BEFORE_PLANNED = "submitted in_review needs_information pooled shortlisted before_bodies before_funder"
RUNNING = "planned in_progress on_hold in_evaluation handover integrated"

# transition: from -> to, who, the guards that the table demands, the form
TABLE = {
    "submit": ("draft", "submitted", "submitter coordinator", "recorded", None),
    "start_review": (
        "submitted",
        "in_review",
        "coordinator",
        "boxes_ticked recorded assigned no_conflict_of_interest",
        "precheck",
    ),
    "ask": ("submitted in_review", "needs_information", "reviewer department coordinator", "", "question"),
    "answer": ("needs_information", "origin", "submitter", "", "answer"),
    "continue_without_answer": ("needs_information", "origin", "", "", None),
    "pool": ("in_review", "pooled", "coordinator", "recorded four_eyes agreement", None),
    "shortlist": ("pooled", "shortlisted", "coordinator", "linked agreement", None),
    "put_to_bodies": (
        "shortlisted",
        "before_bodies",
        "coordinator",
        "recorded boxes_ticked scores_close every_unit route_complete",
        None,
    ),
    "commission": (
        "shortlisted",
        "planned",
        "coordinator",
        "recorded boxes_ticked scores_close every_unit any_of",
        None,
    ),
    "confirm": ("before_bodies", "before_funder planned", "", "every_body", None),
    "fund": ("before_funder", "planned", "funding_officer", "", "grant_notice"),
    "return_to_pool": ("shortlisted before_bodies before_funder", "pooled", "coordinator", "", None),
    "start": ("planned", "in_progress", "project_lead", "any_of ends_by", None),
    "pause": ("in_progress", "on_hold", "project_lead coordinator", "", None),
    "resume": ("on_hold", "origin", "project_lead coordinator", "", None),
    "complete": ("in_progress", "in_evaluation", "project_lead", "every_record", "final_report"),
    "develop_further": ("in_evaluation", "in_progress", "coordinator", "", "sheet"),
    "hand_over": ("in_evaluation", "handover", "coordinator", "each_has recorded", "evaluation"),
    "integrate": ("handover", "integrated", "receiving_department", "boxes_ticked", "handover"),
    "decline_handover": ("handover", "in_evaluation", "receiving_department", "", None),
    "re_evaluate": ("integrated", "in_evaluation", "coordinator", "", None),
    "continue_operation": ("in_evaluation", "integrated", "coordinator", "was_in each_has", "evaluation"),
    "finish": ("in_evaluation", "completed", "coordinator", "", "public_report"),
    "reject": (BEFORE_PLANNED, "rejected", "coordinator", "agreement", None),
    "refer": ("submitted in_review", "referred", "coordinator", "", "referral"),
    "withdraw": (f"draft {BEFORE_PLANNED}", "withdrawn", "submitter", "", None),
    "merge": ("submitted in_review pooled", "merged", "coordinator", "linked", None),
    "discontinue": (RUNNING, "discontinued", "coordinator", "agreement", None),
    "reopen": ("rejected withdrawn discontinued", "submitted", "administrator", "", None),
}


def test_the_six_stages_hold_the_agreed_states(ideas: Lifecycle) -> None:
    assert list(ideas.stages) == [stage for stage in STAGES if stage]
    for stage, states in STAGES.items():
        assert [state.key for state in ideas.states.values() if state.stage == stage] == states
    assert [state.key for state in ideas.states.values() if state.final] == STAGES[None]
    assert {state.key for state in ideas.states.values() if state.pauses} == {"needs_information", "on_hold"}


def test_there_are_no_transitions_but_those_of_the_table(ideas: Lifecycle) -> None:
    assert sorted(ideas.transitions) == sorted(TABLE)


@pytest.mark.parametrize(("key", "row"), TABLE.items(), ids=TABLE)
def test_a_transition_is_as_the_table_says(ideas: Lifecycle, key: str, row: tuple[str, str, str, str, Any]) -> None:
    sources, targets, roles, guards, form = row
    move = ideas.transitions[key]
    assert sorted(move.sources) == sorted(sources.split())
    assert [way.state for way in move.ways] == targets.split()
    assert sorted(move.roles) == sorted(roles.split())
    assert set(guards.split()) <= {use.name for use in move.guards}
    assert move.form == form


@pytest.mark.parametrize(
    ("key", "fire"),
    [
        ("confirm", Fire.AUTOMATIC),
        ("continue_without_answer", Fire.EXPIRY),
        ("re_evaluate", Fire.RECURRING),
        ("pool", Fire.PERSON),
    ],
)
def test_who_sets_it_off(ideas: Lifecycle, key: str, fire: Fire) -> None:
    assert ideas.transitions[key].fire is fire


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("reject refer merge return_to_pool discontinue develop_further", Reason.PUBLIC),
        ("pause resume decline_handover reopen", Reason.REQUIRED),
        ("confirm continue_without_answer", Reason.NONE),
    ],
)
def test_which_moves_give_a_reason_and_to_whom(ideas: Lifecycle, keys: str, reason: Reason) -> None:
    assert {key: ideas.transitions[key].reason for key in keys.split()} == dict.fromkeys(keys.split(), reason)


@pytest.mark.parametrize(
    ("state", "key", "due", "responsible"),
    [
        ("submitted", "precheck", Duration(10, Unit.WORKING_DAYS), "coordinator"),
        ("needs_information", "answer", Duration(15, Unit.WORKING_DAYS), "submitter"),
        ("in_review", "statement", Duration(20, Unit.WORKING_DAYS), "department"),
        ("shortlisted", "review", Duration(20, Unit.WORKING_DAYS), "reviewer"),
        ("in_review", "conclude_review", Duration(30, Unit.WORKING_DAYS), "coordinator"),
        ("shortlisted", "conclude_selection", Duration(40, Unit.WORKING_DAYS), "coordinator"),
        ("pooled", "look_again", Duration(12, Unit.MONTHS), "coordinator"),
        ("in_evaluation", "evaluation", Duration(60, Unit.DAYS), "coordinator"),
        ("handover", "handover", Duration(90, Unit.DAYS), "receiving_department"),
        ("before_bodies", "choose_session", Duration(15, Unit.WORKING_DAYS), "session_office"),
        ("before_bodies", "decision", Relative(Duration(0, Unit.DAYS), "session_date", "date"), "session_office"),
        (
            "in_progress",
            "programme_end",
            Relative(Duration(54, Unit.MONTHS), "decision", "date", "funder", "part_of"),
            "project_lead",
        ),
    ],
)
def test_the_deadlines_are_the_agreed_ones(ideas: Lifecycle, state: str, key: str, due: Any, responsible: str) -> None:
    rule = next(rule for rule in ideas.states[state].deadlines if rule.key == key)
    assert (rule.due, rule.responsible) == (due, responsible)
    assert rule.remind


def test_whoever_is_late_is_known_to_the_head_of_office_and_never_to_an_administrator() -> None:
    for file in LIFECYCLES:
        for state in read(file).states.values():
            for rule in state.deadlines:
                told = {step.to for step in rule.escalate}
                assert "administrator" not in told
                assert "head_of_office" in told or state.pauses, (file.name, rule.key)


@pytest.mark.parametrize("file", LIFECYCLES, ids=lambda file: file.stem)
def test_whoever_has_to_write_something_is_reminded_until_it_is_there_and_somebody_after_that(file: Path) -> None:
    lifecycle = read(file)
    for state in lifecycle.states.values():
        for rule in state.deadlines:
            assert rule.responsible in lifecycle.roles, (state.key, rule.key)
            assert rule.until is None or rule.responsible in lifecycle.records[rule.until].writers(state.key), rule.key
        counted_from = {rule.due.record for rule in state.deadlines if isinstance(rule.due, Relative)}
        timed = [rule for rule in state.deadlines if isinstance(rule.due, Duration)]
        assert not timed or any(rule.until is None or rule.until in counted_from for rule in timed), state.key


def test_a_yearly_clock_counts_from_the_day_it_was_due(ideas: Lifecycle) -> None:
    recurrence = ideas.transitions["re_evaluate"].recurrence
    assert recurrence is not None
    assert (recurrence.every, recurrence.start) == (Duration(1, Unit.YEARS), "previous_due")


# --- language ---------------------------------------------------------------------------------------------------

ENGLISH = re.compile(r"\b(the|your|you|is|are|has|been|and|with|by|of|not|what|why|how|from)\b", re.IGNORECASE)
GERMAN = re.compile(r"\b(der|die|das|den|dem|des|ist|und|mit|nicht|vom|zum|zur|Ihre?|Sie|wird|werden)\b", re.IGNORECASE)


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """Every text for people in a frozen lifecycle or programme, with the way to it."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Mapping) and set(value) == {"de", "en"}:  # the label of a choice
        yield path, Text(value["de"], value["en"])
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.name != "guard":
                yield from texts(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts(one, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from texts(one, f"{path}[{index}]")


@pytest.mark.parametrize("file", LIFECYCLES, ids=lambda file: file.stem)
def test_every_state_has_a_sentence_for_everybody(file: Path) -> None:
    for state in read(file).states.values():
        assert state.public is not None, state.key
        for sentence in (state.public.de, state.public.en):
            assert re.fullmatch(r"[A-ZÄÖÜ].*\.", sentence), sentence


@pytest.mark.parametrize("file", [*LIFECYCLES, EXAMPLES / "lifecycle.yaml"], ids=lambda file: file.stem)
def test_german_texts_hold_no_english_and_english_ones_no_german(file: Path) -> None:
    check_languages(read(file))


def test_the_programme_speaks_both_languages(programme: Programme) -> None:
    check_languages(programme)


def check_languages(file: Lifecycle | Programme) -> None:
    found = list(texts(file))
    assert len(found) >= 20
    for path, text in found:
        assert text.de.strip(), path
        assert text.en.strip(), path
        assert not ENGLISH.search(text.de), (path, text.de)
        assert not GERMAN.search(text.en), (path, text.en)
        assert not re.search("[äöüß]", re.sub(r"\b[A-ZÄÖÜ]\w*", "", text.en)), (path, text.en)


# --- the programme ----------------------------------------------------------------------------------------------


def test_the_programme_has_its_two_cities_and_twelve_fields(programme: Programme) -> None:
    assert list(programme.cities) == ["dortmund", "schwerte"]
    assert len(programme.fields) == 12
    assert [term.label.de for term in programme.fields.values() if "," in term.label.de] == [
        "Trends, Forschung und Entwicklung",
        "Wirtschaft, Handel und Tourismus",
        "Bildung, Kultur und Freizeit",
    ]


def test_all_twelve_district_councils_are_there_and_the_funder_is_outside_the_cities(programme: Programme) -> None:
    districts = [body for body in programme.bodies.values() if body.label.de.startswith("Bezirksvertretung ")]
    assert len(districts) == 12
    assert {body.city for body in districts} == {"dortmund"}
    assert programme.bodies["funder"].city is None


def test_every_name_of_the_programme_that_a_lifecycle_uses_is_there(programme: Programme) -> None:
    for file in LIFECYCLES:
        assert load_lifecycle(file.read_text("utf-8"), file.name, programme=programme).states


def test_the_houses_are_closed_on_carnival_monday_and_the_eves_of_christmas_and_new_year() -> None:
    calendar = load_calendar((SHIPPED / "calendars" / "nrw.yaml").read_text("utf-8"), "nrw.yaml")
    closed = {day.isoformat(): name.de for day, name in calendar.days_off(2026).items()}
    assert closed["2026-02-16"] == "Rosenmontag"
    assert closed["2026-12-24"] == "Heiligabend"
    assert closed["2026-12-31"] == "Silvester"
    assert closed["2026-11-01"] == "Allerheiligen"  # a holiday of the state, not of all of Germany
    assert calendar.key in {read(file).calendar for file in LIFECYCLES}


def test_new_items_take_the_way_from_idea_to_project(programme: Programme, ideas: Lifecycle) -> None:
    assert programme.lifecycle == ideas.key
