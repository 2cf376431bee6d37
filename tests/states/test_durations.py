"""Durations, dates, reminders and zones as people write them."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from states.deadline_rules import Duration, Reminder, Unit
from states.durations import parse_date, parse_duration, parse_moment, parse_reminder, parse_zone


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("10 working days", Duration(10, Unit.WORKING_DAYS)),
        ("1 working day", Duration(1, Unit.WORKING_DAYS)),
        ("0 days", Duration(0, Unit.DAYS)),
        ("1 day", Duration(1, Unit.DAYS)),
        ("6 weeks", Duration(6, Unit.WEEKS)),
        ("54 months", Duration(54, Unit.MONTHS)),
        ("1 year", Duration(1, Unit.YEARS)),
        ("  2   weeks ", Duration(2, Unit.WEEKS)),
        ("2weeks", Duration(2, Unit.WEEKS)),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("duration", [Duration(1, unit) for unit in Unit] + [Duration(10, unit) for unit in Unit])
def test_what_a_duration_writes_reads_as_the_same(duration: Duration) -> None:
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'' is not a duration. Write a whole number and a unit: 10 working days"),
        ("soon", "'soon' is not a duration."),
        ("-3 days", "'-3 days' is not a duration."),
        ("1.5 weeks", "does not know the unit '.5 weeks'"),
        ("10", "The duration '10' has no unit. Add one of: working days, days, weeks, months, years."),
        ("10 workdays", "does not know the unit 'workdays'. Did you mean"),
        ("6 Wochen", "does not know the unit 'Wochen'."),
        ("3 hours", "does not know the unit 'hours'."),
        ("101 years", "is longer than a hundred years. Write at most 100 years."),
        ("99999999999999999999 days", "is longer than a hundred years."),
    ],
)
def test_a_bad_duration_is_told_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_duration(text)


def test_a_date_is_year_month_day() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2023-02-29", "There is no day 2023-02-29."),
        ("31.03.2023", "'31.03.2023' is not a date. Write year-month-day: 2023-03-31."),
        ("20230331", "is not a date."),
        ("2023-3-1", "is not a date."),
        ("2023-03-31T12:00", "is not a date."),
    ],
)
def test_a_bad_date_is_told_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_date(text)


@pytest.mark.parametrize(("text", "moment"), [("6 weeks", Duration(6, Unit.WEEKS)), ("2023-03-31", date(2023, 3, 31))])
def test_a_due_day_is_a_duration_or_a_date(text: str, moment: Duration | date) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "reminder"),
    [
        ("on the day", Reminder(None)),
        ("3 working days before", Reminder(Duration(3, Unit.WORKING_DAYS))),
        ("1  month   before", Reminder(Duration(1, Unit.MONTHS))),
    ],
)
def test_a_reminder_comes_before_or_on_the_day(text: str, reminder: Reminder) -> None:
    assert parse_reminder(text) == reminder


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3 days after", "'3 days after' does not say when to remind. Write 3 working days before, or on the day."),
        ("before", "does not say when to remind."),
        ("3 dasy before", "does not know the unit 'dasy'"),
    ],
)
def test_a_bad_reminder_is_told_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_reminder(text)


def test_a_zone_is_one_of_the_iana_database() -> None:
    assert parse_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Europe/Berln", "There is no time zone 'Europe/Berln'. Did you mean Europe/Berlin?"),
        ("MEZ", "There is no time zone 'MEZ'."),
        ("Europe", "There is no time zone 'Europe'."),
        ("../etc/passwd", "There is no time zone '../etc/passwd'."),
        ("", "There is no time zone ''."),
    ],
)
def test_a_bad_zone_is_told_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_zone(text)
