"""A calendar file is read whole, or refused with every fault in its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from states.calendar import Closure, WorkingCalendar, add
from states.deadline_rules import Duration, Unit
from states.errors import FileFault
from states.loader import load_calendar
from states.sentences import Text

SHIPPED = sorted((Path(__file__).parents[2] / "config/calendars").glob("*.yaml"))


def read(text: str) -> WorkingCalendar:
    return load_calendar(text, "x.yaml")


def test_a_calendar_file_says_region_weekend_and_closures() -> None:
    calendar = read(
        """
        calendar: house
        label: {de: Haus, en: House}
        country: DE
        subdivision: NW
        weekend: [friday, saturday, sunday]
        closures:
          - {day: 12-24, label: {de: Heiligabend, en: Christmas Eve}}
          - {day: 2026-05-15, label: Brückentag}
          - {easter: -48, label: Rosenmontag}
        """
    )
    assert calendar == WorkingCalendar(
        "house",
        Text("Haus", "House"),
        "DE",
        "NW",
        frozenset({4, 5, 6}),
        (
            Closure(Text("Heiligabend", "Christmas Eve"), every=(12, 24)),
            Closure(Text("Brückentag", "Brückentag"), on=date(2026, 5, 15)),
            Closure(Text("Rosenmontag", "Rosenmontag"), easter=-48),
        ),
    )


def test_what_a_calendar_file_leaves_out_has_a_sensible_value() -> None:
    calendar = read("{calendar: plain, country: DE, closures: [{day: 12-24}]}")
    assert calendar.label == Text("plain", "plain")
    assert calendar.subdivision is None
    assert calendar.weekend == {5, 6}
    assert calendar.days_off(2026)[date(2026, 12, 24)] == Text("12-24", "12-24")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", "1:1: The file is empty.", id="nothing"),
        pytest.param("calendar: x", "1:1: The key 'country' is missing", id="no country"),
        pytest.param(
            "{calendar: x, country: GERMANY}", "1:24: There are no holidays for a country 'GERMANY'", id="country"
        ),
        pytest.param(
            "{calendar: x, country: DE, subdivision: NRW}",
            "1:41: DE has no subdivision 'NRW'. Did you mean NW?",
            id="subdivision",
        ),
        pytest.param(
            "{calendar: x, country: [DE]}", "1:24: A list cannot stand in country", id="country of another type"
        ),
        pytest.param(
            "{calendar: x, country: DE, weekend: [Samstag]}",
            "1:38: 'Samstag' is not possible in weekend",
            id="a weekday in German",
        ),
        pytest.param(
            "{calendar: x, country: DE, weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]}",
            "1:37: There are too many entries in weekend.",
            id="no working day is left",
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{day: 02-30}]}", "1:45: There is no day 02-30.", id="no such day"
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{day: 2026-02-29}]}",
            "1:45: There is no day 2026-02-29.",
            id="no such day in that year",
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{day: 24.12.}]}", "1:45: '24.12.' is not a day.", id="another order"
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{easter: 400}]}",
            "1:48: 400 is too large in easter",
            id="an Easter of another year",
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{day: 12-24, easter: 1}]}",
            "1:39: Closure 1 does not say in one way when it is.",
            id="a closure on two days",
        ),
        pytest.param(
            "{calendar: x, country: DE, closures: [{label: Ruhetag}]}",
            "1:39: Closure 1 does not say in one way when it is.",
            id="a closure on no day",
        ),
        pytest.param("{calendar: x, country: DE, holiday: []}", "1:28: Unknown key 'holiday'", id="an unknown key"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_would_be_right(text: str, found: str) -> None:
    with pytest.raises(FileFault) as refused:
        read(text)
    assert str(refused.value).startswith(f"x.yaml:{found}")
    assert len(refused.value.findings) == 1
    assert refused.value.findings[0].hint


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(FileFault) as refused:
        read("{calendar: x, country: XY, weekend: [Samstag], closures: [{day: 13-01}, {}, {easter: 0.5}], note: x}")
    assert len(refused.value.findings) == 6


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_calendars_are_sound_and_named_like_their_files(path: Path) -> None:
    assert load_calendar(path.read_text(encoding="utf-8"), path.name).key == path.stem


def test_ten_working_days_from_22_may_2026_end_on_9_june_in_the_shipped_calendar() -> None:
    nrw = next(path for path in SHIPPED if path.stem == "nrw")
    calendar = load_calendar(nrw.read_text(encoding="utf-8"), nrw.name)
    assert add(date(2026, 5, 22), Duration(10, Unit.WORKING_DAYS), calendar) == date(2026, 6, 9)
    assert not calendar.is_working_day(date(2026, 2, 16))  # Rosenmontag
