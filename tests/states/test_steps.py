"""On which days people are reminded and told that it is late: counted by hand in North Rhine-Westphalia."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from states.deadline_rules import DeadlineRule, Duration, Escalation, Reminder, Unit
from states.loader import load_calendar
from states.steps import ahead, steps

FILE = Path(__file__).parents[2] / "config/calendars/nrw.yaml"
NRW = load_calendar(FILE.read_text(encoding="utf-8"), str(FILE))
DUE = date(2026, 6, 9)  # a Tuesday; Corpus Christi is on 4 June


def days(amount: int, unit: Unit = Unit.WORKING_DAYS) -> Duration:
    return Duration(amount, unit)


def rule(*remind: Duration | None, escalate: tuple[Escalation, ...] = ()) -> DeadlineRule:
    return DeadlineRule("review", days(10), "coordinator", remind=tuple(map(Reminder, remind)), escalate=escalate)


@pytest.mark.parametrize(
    ("before", "day"),
    [
        (None, date(2026, 6, 9)),
        (days(1), date(2026, 6, 8)),
        (days(3), date(2026, 6, 3)),  # over the weekend and Corpus Christi
        (days(3, Unit.DAYS), date(2026, 6, 6)),
        (days(1, Unit.MONTHS), date(2026, 5, 9)),
    ],
)
def test_a_reminder_is_counted_back_from_the_due_day(before: Duration | None, day: date) -> None:
    (step,) = steps(rule(before), DUE, NRW)
    assert (step.name, step.day, step.roles) == ("remind:1", day, ("coordinator",))


@pytest.mark.parametrize(
    ("after", "day"),
    [
        (days(0), date(2026, 6, 10)),  # on the due day itself nothing is late
        (days(2), date(2026, 6, 11)),
        (days(5, Unit.DAYS), date(2026, 6, 14)),
        (days(2, Unit.WEEKS), date(2026, 6, 23)),
    ],
)
def test_an_escalation_is_counted_on_from_the_due_day(after: Duration, day: date) -> None:
    (step,) = steps(rule(escalate=(Escalation(after, "head"),)), DUE, NRW)
    assert (step.name, step.day, step.roles) == ("escalate:1", day, ("head",))


def test_what_falls_on_one_day_is_told_once_to_everybody_named() -> None:
    late = (Escalation(days(2), "head"), Escalation(days(2, Unit.DAYS), "mayor"))
    found = steps(rule(days(1), days(1, Unit.DAYS), escalate=late), DUE, NRW)
    assert [(one.name, one.roles) for one in found] == [
        ("remind:1", ("coordinator",)),
        ("escalate:1", ("head", "mayor")),
    ]


def test_only_what_lies_ahead_is_armed_today_included_and_the_last_step_where_all_has_passed() -> None:
    whole = rule(days(3), None, escalate=(Escalation(days(2), "head"),))
    names = {today: [one.name for one in ahead(whole, DUE, today, NRW)] for today in map(june, (3, 4, 9, 10, 12))}
    assert names == {
        june(3): ["remind:1", "remind:2", "escalate:1"],
        june(4): ["remind:2", "escalate:1"],
        june(9): ["remind:2", "escalate:1"],
        june(10): ["escalate:1"],
        june(12): ["escalate:1"],
    }


def june(day: int) -> date:
    return date(2026, 6, day)
