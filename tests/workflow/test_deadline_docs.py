"""The worked example of docs/deadlines.md, checked against the calendar that ships."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from states.calendar import add, due_at
from states.deadline_rules import DeadlineRule, Duration, Escalation, Reminder, Unit
from states.loader import load_calendar
from states.steps import steps

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/deadlines.md").read_text(encoding="utf-8")
FILE = ROOT / "config/calendars/nrw.yaml"
NRW = load_calendar(FILE.read_text(encoding="utf-8"), str(FILE))
FRIDAY, DUE = date(2026, 5, 22), date(2026, 6, 9)


def days(amount: int) -> Duration:
    return Duration(amount, Unit.WORKING_DAYS)


def test_the_example_ends_on_the_day_it_names() -> None:
    assert "**Friday, 22 May 2026**" in PAGE
    assert "due on **9 June 2026**" in PAGE
    assert add(FRIDAY, days(10), NRW) == DUE
    assert due_at(DUE, ZoneInfo("Europe/Berlin")) == datetime(2026, 6, 9, 22, tzinfo=UTC)


def test_the_table_counts_the_working_days_between() -> None:
    working = [
        day
        for number in range(FRIDAY.toordinal() + 1, DUE.toordinal() + 1)
        if NRW.is_working_day(day := date.fromordinal(number))
    ]
    assert [day.day for day in working] == [26, 27, 28, 29, 1, 2, 3, 5, 8, 9]
    for day, name in ((date(2026, 5, 25), "Pfingstmontag"), (date(2026, 6, 4), "Fronleichnam")):
        assert NRW.days_off(2026)[day].de == name
        assert re.search(rf"{day.day} (May|June) \|.*{name}", PAGE)


def test_the_steps_come_on_the_days_it_names() -> None:
    told = re.search(r"come on (\d+) June and on (\d+) June,.* on (\d+) June\.", PAGE, re.DOTALL)
    assert told
    rule = DeadlineRule(
        "precheck",
        days(10),
        "coordinator",
        remind=(Reminder(days(3)), Reminder(None)),
        escalate=(Escalation(days(2), "head"),),
    )
    assert [step.day.day for step in steps(rule, DUE, NRW)] == [int(day) for day in told.groups()]
