"""Data is held to the form: every fault with its path, in both languages, and nothing gets in that cannot be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from states.lifecycle import Lifecycle
from states.snapshot import Snapshot
from states.validation import checked, storable

Item = Callable[..., Snapshot]
Check = Callable[..., tuple[dict[str, Any], list[tuple[str, str, str]]]]


@pytest.fixture
def check(guarded: Lifecycle, item: Item) -> Check:
    """What is right of the data of a record, and the faults as (path, German, English)."""

    def check(data: dict[str, Any], kind: str = "sheet") -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
        right, faults = checked(guarded, item().programme, guarded.records[kind], data)
        assert {fault.code for fault in faults} <= {"invalid_data"}
        return right, [(fault.params["path"], fault.text.de, fault.text.en) for fault in faults]

    return check


TITLE = {"title": "Bank am Fluss"}


def test_data_that_fits_gets_in(check: Check) -> None:
    data = {
        **TITLE,
        "cities": ["north", "unknown"],
        "contact": "amt@nord.example",
        "money": "own",
        "stations": [{"body": "council-north", "mode": "deciding"}],
        "offices": ["roads-north"],
        "ends_on": "2026-02",
    }
    assert check(data) == (data, [])


def test_what_says_nothing_is_left_out(check: Check) -> None:
    assert check({**TITLE, "problem": "", "idea": None, "cities": []}) == (TITLE, [])


def test_a_name_that_the_form_does_not_know_gets_nothing_in(check: Check) -> None:
    for name in ("titel", "title.", "title.de", "\x0f.", "."):
        right, faults = check({**TITLE, name: "x"})
        assert len(faults) == 1
        assert set(right) <= set(TITLE)


def test_false_and_zero_are_answers(check: Check) -> None:
    answers = {"complete": False, "lawful": False}
    assert check(answers, "precheck") == (answers, [])
    assert check({"value": 0}, "measurement") == ({"value": 0}, [])


@pytest.mark.parametrize(
    ("data", "path", "de", "en"),
    [
        ({}, "title", "„Titel“ fehlt.", "“Title” is missing."),
        ({"title": ""}, "title", "„Titel“ fehlt.", "“Title” is missing."),
        (
            {"title": "ab"},
            "title",
            "„Titel“: „ab“ ist nicht möglich. Erwartet: mindestens 3 Zeichen.",
            "“Title”: “ab” is not possible. Expected: at least 3 characters.",
        ),
        (
            {"title": 7},
            "title",
            "„Titel“: „7“ ist nicht möglich. Erwartet: ein Text.",
            "“Title”: “7” is not possible. Expected: a text.",
        ),
        (
            {**TITLE, "titel": "x"},
            "titel",
            "„titel“ kennt das Formular nicht. Bekannt: problem, idea, cities, contact, credit, money, stations, "
            "offices, ends_on.",
            "“titel” is unknown to the form. Known: problem, idea, cities, contact, credit, money, stations, "
            "offices, ends_on.",
        ),
        (
            {**TITLE, "moneyy": "own"},
            "moneyy",
            "„moneyy“ kennt das Formular nicht. Bekannt: money.",
            "“moneyy” is unknown to the form. Known: money.",
        ),
        (
            {**TITLE, "money": "loan"},
            "money",
            "„Finanzierung“: „loan“ ist nicht möglich. Erwartet: grant oder own.",
            "“Money”: “loan” is not possible. Expected: grant or own.",
        ),
        (
            {**TITLE, "cities": ["north", "west"]},
            "cities.1",
            "„Städte 2“: „west“ ist nicht möglich. Erwartet: north oder south oder unknown.",
            "“Cities 2”: “west” is not possible. Expected: north or south or unknown.",
        ),
        (
            {**TITLE, "cities": "north"},
            "cities",
            "„Städte“: „north“ ist nicht möglich. Erwartet: eine Liste.",
            "“Cities”: “north” is not possible. Expected: a list.",
        ),
        (
            {**TITLE, "stations": [{"body": "council-north", "mode": "deciding"}, {"body": "council-north"}]},
            "stations.1.mode",
            "„Beratungsfolge 2 Rolle“ fehlt.",
            "“Route 2 Mode” is missing.",
        ),
        (
            {**TITLE, "contact": "amt@nord"},
            "contact",
            "„Kontakt“: „amt@nord“ ist nicht möglich. Erwartet: eine E-Mail-Adresse.",
            "“Contact”: “amt@nord” is not possible. Expected: an e-mail address.",
        ),
        (
            {**TITLE, "ends_on": "2026-02-30"},
            "ends_on",
            "„Ende“: „2026-02-30“ ist nicht möglich. Erwartet: ein Datum, so genau wie bekannt: 2026-06-09, 2026-06 "
            "oder 2026.",
            "“End”: “2026-02-30” is not possible. Expected: a date as exact as known: 2026-06-09, 2026-06 or 2026.",
        ),
        (
            {**TITLE, "problem": "nul\0"},
            "problem",
            "„Problem“ enthält ein Zeichen, das kein Text ist.",
            "“Problem” has a character that is no text.",
        ),
        (
            {**TITLE, "problem": "x" * 70 + "\ud800"},
            "problem",
            "„Problem“ enthält ein Zeichen, das kein Text ist.",
            "“Problem” has a character that is no text.",
        ),
    ],
)
def test_a_fault_is_told_with_its_path_and_what_would_be_right(
    data: dict[str, Any], path: str, de: str, en: str, check: Check
) -> None:
    assert check(data)[1] == [(path, de, en)]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**53, -(2**53), 10**400])
def test_a_number_that_no_reader_keeps_exactly_does_not_get_in(number: float, check: Check) -> None:
    assert check({"value": number}, "measurement") == (
        {},
        [
            (
                "value",
                "„Wert“ ist eine Zahl, die sich nicht genau speichern lässt.",
                "“Value” is a number that cannot be kept exactly.",
            )
        ],
    )


def test_every_fault_is_told_and_what_is_right_is_kept(check: Check) -> None:
    right, faults = check({"title": "ab", "money": "loan", "idea": "Eine Bank"})

    assert right == {"idea": "Eine Bank"}
    assert [path for path, *_ in faults] == ["title", "money"]


def test_a_long_wrong_value_is_not_repeated_whole(check: Check) -> None:
    ((_, _, english),) = check({**TITLE, "money": "x" * 500})[1]

    assert len(english) < 150


def test_data_nested_too_deeply_does_not_get_in(check: Check) -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    ((path, _, english),) = check({**TITLE, "stations": deep})[1]

    assert path.startswith("stations.0.0")
    assert english.endswith("is nested too deeply.")


def test_what_is_no_json_does_not_get_in(check: Check) -> None:
    ((_, _, english),) = check({**TITLE, "problem": b"bytes"})[1]

    assert english == "“Problem” is not a JSON value."


@pytest.mark.parametrize(
    ("form", "value", "fits"),
    [
        ("date", "2026-06-09", True),
        ("date", "2026-06", False),
        ("date", "20260609", False),
        ("partial_date", "2026", True),
        ("partial_date", "2026-13", False),
        ("partial_date", "Mitte Februar 2023", False),
        ("uri", "https://www.dortmund.de/smart", True),
        ("uri", "javascript:alert(1)", False),
        ("uri", "https://", False),
        ("email", "rat@nord.example", True),
        ("email", "rat nord@nord.example", False),
        ("item", "2026-0147", True),
        ("item", "147", False),
        ("body", "council-north", True),
        ("body", "council-west", False),
        ("office", "roads-north", True),
        ("city", "north", True),
        ("city", "unknown", False),
        ("city_or_unknown", "unknown", True),
        ("transition", "submit", True),
        ("transition", "fly", False),
        ("text", "mehrere\nZeilen", True),
    ],
)
def test_a_format_takes_what_it_says(form: str, value: str, fits: bool, guarded: Lifecycle, item: Item) -> None:
    kind = guarded.records["question"]
    field = replace(kind.fields["question"], schema={"type": "string", "format": form})
    fresh = replace(guarded, records={"question": replace(kind, fields={"question": field})})

    _, faults = checked(fresh, item().programme, fresh.records["question"], {"question": value})

    assert (not faults) is fits


@pytest.mark.parametrize(("text", "kept"), [("Straße 🚲", True), ("\0", False), ("\udfff", False)])
def test_text_is_storable_if_both_databases_keep_it(text: str, kept: bool) -> None:
    assert storable(text) is kept
