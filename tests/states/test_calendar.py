"""Dates as the German Civil Code counts them; every expected day was counted by hand on a wall calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from timeit import repeat
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.calendar import (
    Closure,
    WorkingCalendar,
    add,
    base_date,
    due,
    due_at,
    next_working_day,
    remaining,
    resume,
    stops,
    subtract,
)
from states.deadline_rules import Duration, Relative, Unit
from states.errors import OutsideCalendar
from states.sentences import Text
from states.snapshot import LinkFact, Person, RecordFact, Snapshot

EVE = Closure(Text("Heiligabend", "Christmas Eve"), every=(12, 24))
LAST_DAY = Closure(Text("Silvester", "New Year's Eve"), every=(12, 31))
ROSENMONTAG = Closure(Text("Rosenmontag", "Carnival Monday"), easter=-48)
NRW = WorkingCalendar("nrw", Text("NRW", "NRW"), "DE", "NW", closures=(EVE, LAST_DAY, ROSENMONTAG))

DAYS = st.dates(date(1995, 1, 1), date(2090, 12, 31))
SHORT = st.integers(0, 300)


def working_days(amount: int) -> Duration:
    return Duration(amount, Unit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        pytest.param("2026-05-22", 10, "2026-06-09", id="Whit Monday and Corpus Christi lie between"),
        pytest.param("2026-05-22", 1, "2026-05-26", id="the day of the event itself is not counted"),
        pytest.param("2026-05-23", 1, "2026-05-26", id="from a Saturday"),
        pytest.param("2026-05-25", 1, "2026-05-26", id="from a public holiday"),
        pytest.param("2026-12-23", 5, "2027-01-05", id="over the year's end, with both closures"),
        pytest.param("2026-10-30", 1, "2026-11-02", id="All Saints' Day falls on a Sunday and costs no day"),
        pytest.param("2027-10-29", 1, "2027-11-02", id="All Saints' Day falls on a Monday"),
        pytest.param("2026-02-13", 2, "2026-02-18", id="over Rosenmontag"),
        pytest.param("2026-04-02", 1, "2026-04-07", id="over Easter"),
        pytest.param("2026-01-01", 250, "2026-12-30", id="a whole year of work"),
        pytest.param("2025-12-30", 251, "2027-01-04", id="from year to year to year"),
        pytest.param("2026-06-06", 0, "2026-06-05", id="no days, asked on a Saturday: the Friday before"),
        pytest.param("2026-06-09", 0, "2026-06-09", id="no days, asked on a working day: that day"),
    ],
)
def test_working_days_skip_weekends_holidays_and_closures(start: str, amount: int, last: str) -> None:
    assert add(date.fromisoformat(start), working_days(amount), NRW) == date.fromisoformat(last)


def test_without_its_subdivision_a_country_forgets_corpus_christi() -> None:
    germany = WorkingCalendar("de", Text("", ""), "DE")
    assert add(date(2026, 5, 22), working_days(10), germany) == date(2026, 6, 8)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last"),
    [
        pytest.param("2026-05-22", 60, Unit.DAYS, "2026-07-21", id="calendar days"),
        pytest.param("2026-05-22", 6, Unit.WEEKS, "2026-07-03", id="weeks end on the weekday they began on"),
        pytest.param("2026-05-22", 1, Unit.MONTHS, "2026-06-22", id="a month ends on the day of the same number"),
        pytest.param("2026-01-31", 1, Unit.MONTHS, "2026-02-28", id="a month without that number ends on its last day"),
        pytest.param("2028-01-31", 1, Unit.MONTHS, "2028-02-29", id="which is the 29th in a leap year"),
        pytest.param("2026-02-28", 1, Unit.MONTHS, "2026-03-28", id="a month's last day has no pull of its own"),
        pytest.param("2026-08-31", 6, Unit.MONTHS, "2027-02-28", id="month ends over the year's end"),
        pytest.param("2026-12-31", 1, Unit.MONTHS, "2027-01-31", id="December to January"),
        pytest.param("2024-03-15", 30, Unit.MONTHS, "2026-09-15", id="30 months after a grant"),
        pytest.param("2023-03-31", 54, Unit.MONTHS, "2027-09-30", id="54 months after the funder's decision"),
        pytest.param("2023-07-01", 54, Unit.MONTHS, "2028-01-01", id="54 months"),
        pytest.param("2028-02-29", 1, Unit.YEARS, "2029-02-28", id="a year after a leap day"),
        pytest.param("2028-02-29", 4, Unit.YEARS, "2032-02-29", id="four years after a leap day"),
        pytest.param("2026-06-09", 0, Unit.MONTHS, "2026-06-09", id="nothing at all"),
    ],
)
def test_other_units_need_no_calendar(start: str, amount: int, unit: Unit, last: str) -> None:
    assert add(date.fromisoformat(start), Duration(amount, unit), None) == date.fromisoformat(last)


def test_working_days_without_a_calendar_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="calendar:"):
        add(date(2026, 5, 22), working_days(10), None)


@pytest.mark.parametrize(
    ("day", "duration", "before"),
    [
        ("2026-06-09", working_days(3), "2026-06-03"),  # Monday, Friday, and Wednesday: Thursday is Corpus Christi
        ("2026-06-07", working_days(1), "2026-06-05"),
        ("2027-01-05", working_days(5), "2026-12-23"),  # 4 January, 30, 29, 28 December; the 24th and 31st are closed
        ("2026-06-09", Duration(1, Unit.WEEKS), "2026-06-02"),
        ("2026-03-31", Duration(1, Unit.MONTHS), "2026-02-28"),
    ],
)
def test_a_reminder_comes_so_much_before_the_day(day: str, duration: Duration, before: str) -> None:
    assert subtract(date.fromisoformat(day), duration, NRW) == date.fromisoformat(before)


@pytest.mark.parametrize(
    ("day", "shifted"),
    [
        ("2026-06-03", "2026-06-03"),
        ("2026-06-04", "2026-06-05"),
        ("2026-06-06", "2026-06-08"),
        ("2026-12-24", "2026-12-28"),
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day_where_asked(day: str, shifted: str) -> None:
    assert next_working_day(date.fromisoformat(day), NRW) == date.fromisoformat(shifted)


def test_days_off_have_names_in_both_languages() -> None:
    days = NRW.days_off(2026)
    assert days[date(2026, 6, 4)] == Text("Fronleichnam", "Corpus Christi")
    assert days[date(2026, 2, 16)] == Text("Rosenmontag", "Carnival Monday")
    assert list(days) == sorted(days)
    assert len(days) == 14


def test_a_closure_on_one_date_or_on_a_leap_day_comes_in_its_years_alone() -> None:
    bridge = Closure(Text("Brückentag", "Bridge day"), on=date(2026, 6, 5))
    leap = Closure(Text("Schalttag", "Leap day"), every=(2, 29))
    calendar = WorkingCalendar("x", Text("", ""), "DE", "NW", closures=(bridge, leap))
    assert not calendar.is_working_day(date(2026, 6, 5))
    assert calendar.is_working_day(date(2030, 6, 5))
    assert [year for year in range(2026, 2033) if leap.day(year)] == [2028, 2032]
    assert not calendar.is_working_day(date(2028, 2, 29))


@pytest.mark.parametrize("year", [1990, 2101])
def test_a_year_of_unknown_holidays_is_refused_instead_of_guessed(year: int) -> None:
    with pytest.raises(OutsideCalendar, match=str(year)):
        NRW.is_working_day(date(year, 6, 1))


@pytest.mark.parametrize("months", [100_000, -30_000])
def test_months_beyond_the_calendar_overflow(months: int) -> None:
    with pytest.raises(OverflowError):
        add(date(2026, 1, 1), Duration(months, Unit.MONTHS), None)


@given(start=DAYS, amount=st.integers(1, 60))
def test_working_days_agree_with_counting_them_one_by_one(start: date, amount: int) -> None:
    day, left = start, amount
    while left:
        day += timedelta(days=1)
        left -= NRW.is_working_day(day)
    assert add(start, working_days(amount), NRW) == day
    assert remaining(Unit.WORKING_DAYS, start, day, NRW) == amount


# --- the end of a day ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        pytest.param("Europe/Berlin", "2026-06-09", "2026-06-09T22:00", id="summer"),
        pytest.param("Europe/Berlin", "2026-12-31", "2026-12-31T23:00", id="winter"),
        pytest.param("Europe/Berlin", "2026-03-28", "2026-03-28T23:00", id="the day before the clock goes forward"),
        pytest.param("Europe/Berlin", "2026-03-29", "2026-03-29T22:00", id="23 hours"),
        pytest.param("Europe/Berlin", "2026-10-25", "2026-10-25T23:00", id="25 hours"),
        pytest.param("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00", id="no midnight: the day begins at one"),
        pytest.param("America/Toronto", "1919-03-30", "1919-03-31T04:30", id="the clock jumps over midnight"),
        pytest.param("America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00", id="the hour before midnight comes twice"),
        pytest.param("Atlantic/Azores", "2026-10-24", "2026-10-25T00:00", id="the hour after midnight comes twice"),
        pytest.param("America/St_Johns", "2010-11-06", "2010-11-07T03:30", id="a minute of the next day comes early"),
        pytest.param("Pacific/Apia", "2011-12-29", "2011-12-30T10:00", id="the next day does not exist"),
    ],
)
def test_the_end_of_a_day_is_the_next_local_midnight_in_utc(zone: str, day: str, end: str) -> None:
    moment = due_at(date.fromisoformat(day), ZoneInfo(zone))
    assert moment == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Africa/Cairo"])
@given(day=st.dates(date(1995, 1, 1), date(2036, 12, 31)))
def test_the_last_second_of_a_day_is_in_time_and_the_next_is_not(zone: str, day: date) -> None:
    end = due_at(day, ZoneInfo(zone))
    assert (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day
    assert end.astimezone(ZoneInfo(zone)).date() > day


# --- clocks that stop ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stopped", "left", "resumed", "then"),
    [
        pytest.param("2026-05-26", 9, "2026-06-15", "2026-06-26", id="nine of ten days are left"),
        pytest.param("2026-06-09", 0, "2026-06-15", "2026-06-15", id="stopped on the due day: it is the day of return"),
        pytest.param("2026-06-07", 2, "2026-06-12", "2026-06-16", id="stopped on a Sunday"),
        pytest.param("2026-06-11", -2, "2026-06-15", "2026-06-11", id="what was late stays late"),
    ],
)
def test_a_stopped_clock_goes_on_with_the_working_days_left(stopped: str, left: int, resumed: str, then: str) -> None:
    assert remaining(Unit.WORKING_DAYS, date.fromisoformat(stopped), date(2026, 6, 9), NRW) == left
    assert resume(Unit.WORKING_DAYS, left, date.fromisoformat(resumed), NRW) == date.fromisoformat(then)


@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS])
def test_other_units_go_on_with_the_calendar_days_left(unit: Unit) -> None:
    assert remaining(unit, date(2026, 5, 1), date(2026, 6, 9), None) == 39
    assert resume(unit, 39, date(2026, 7, 1), None) == date(2026, 8, 9)


@given(day=DAYS, start=DAYS, amount=SHORT)
def test_a_clock_that_stops_and_goes_on_the_same_working_day_moves_nothing(day: date, start: date, amount: int) -> None:
    day, last = next_working_day(day, NRW), next_working_day(start + timedelta(days=amount), NRW)
    assert resume(Unit.WORKING_DAYS, remaining(Unit.WORKING_DAYS, day, last, NRW), day, NRW) == last


# --- what a rule says ---------------------------------------------------------------------------------------------

GRANT_END = Relative(Duration(54, Unit.MONTHS), "decision", "date", key="funder", of="part_of")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def decision(day: str | None, key: str = "funder", visit: int = 3) -> RecordFact:
    return RecordFact("decision", key, visit, 1, "p-1", {"date": day} if day else {}, NOW)


def part_of(*records: RecordFact) -> LinkFact:
    return LinkFact("part_of", True, "2023-0001", "strategy", "in_force", frozenset(), records)


def item(*links: LinkFact, records: tuple[RecordFact, ...] = ()) -> Snapshot:
    return Snapshot("2026-0147", "in_progress", 7, 9, NOW, Person("p-2"), links=links, records=records)


def test_a_rule_is_a_period_a_fixed_date_or_counted_from_a_recorded_day() -> None:
    entered = date(2026, 5, 22)
    assert due(working_days(10), entered, NRW) == date(2026, 6, 9)
    assert due(date(2026, 12, 31), entered, NRW) == date(2026, 12, 31)
    assert due(GRANT_END, entered, NRW, date(2023, 3, 31)) == date(2027, 9, 30)


def test_a_rule_whose_base_date_is_not_recorded_yet_waits() -> None:
    assert due(GRANT_END, date(2026, 5, 22), NRW, None) is None


def test_only_a_period_stops_while_the_item_waits() -> None:
    assert stops(working_days(10))
    assert not stops(date(2026, 12, 31))
    assert not stops(GRANT_END)


@pytest.mark.parametrize(
    ("links", "base"),
    [
        pytest.param([part_of(decision("2023-03-31"))], date(2023, 3, 31), id="recorded at the linked item"),
        pytest.param([], None, id="not linked yet"),
        pytest.param([part_of()], None, id="not recorded yet"),
        pytest.param([part_of(decision(None))], None, id="recorded without its date"),
        pytest.param([part_of(decision("2023-03-31", key="council"))], None, id="another body's decision"),
        pytest.param(
            [part_of(decision("2023-03-31", visit=3), decision("2024-01-15", visit=8))],
            date(2024, 1, 15),
            id="the latest visit counts",
        ),
        pytest.param(
            [part_of(decision("2024-01-15")), part_of(decision("2023-03-31"))],
            date(2023, 3, 31),
            id="of two linked items the earlier day counts",
        ),
    ],
)
def test_the_base_date_comes_from_the_linked_items_record(links: list[LinkFact], base: date | None) -> None:
    assert base_date(GRANT_END, item(*links, records=(decision("2000-01-01"),))) == base


def test_the_base_date_comes_from_the_items_own_record_where_no_link_is_named() -> None:
    own = Relative(Duration(30, Unit.MONTHS), "decision", "date", key="funder")
    assert base_date(own, item(part_of(decision("2000-01-01")), records=(decision("2024-03-15"),))) == date(2024, 3, 15)


def test_ten_working_days_are_added_in_less_than_ten_microseconds() -> None:
    ten = working_days(10)
    add(date(2026, 5, 22), ten, NRW)
    seconds = min(repeat(lambda: add(date(2026, 5, 22), ten, NRW), number=1000, repeat=5)) / 1000
    assert seconds < 10e-6
