"""How long there is until a day, as the lists of work say it: in working days of the lifecycle's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ideenweg.web.wording import Wording
from states.calendar import remaining
from states.deadline_rules import Unit
from states.errors import OutsideCalendar
from states.lifecycle import Lifecycle
from workflow.rules import Rules


@dataclass(frozen=True, slots=True)
class Days:
    """Counts from `today`, the programme's local day."""

    rules: Rules
    say: Wording
    today: date

    def left(self, due: date, lifecycle: Lifecycle) -> str:
        """`heute`, `noch 3 Arbeitstage`, `seit 2 Arbeitstagen überfällig`; without a calendar, in days."""
        if due == self.today:
            return self.say("due_today")
        calendar = self.rules.calendar_of(lifecycle)
        try:
            number = remaining(Unit.WORKING_DAYS, self.today, due, calendar) if calendar else (due - self.today).days
        except OutsideCalendar:
            calendar, number = None, (due - self.today).days
        unit = "working" if calendar else "calendar"
        return self.say(f"due_{'left' if due > self.today else 'late'}_{unit}", n=abs(number))
