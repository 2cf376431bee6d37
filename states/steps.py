"""What a deadline asks of people and when: its reminders before the due day and its escalations after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from states.calendar import WorkingCalendar, add, subtract
from states.deadline_rules import DeadlineRule


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is told to `roles` on `day`. `name`: `remind:1`, `escalate:2`, as the file counts them."""

    name: str
    day: date
    roles: tuple[str, ...]


def steps(rule: DeadlineRule, due: date, calendar: WorkingCalendar | None) -> tuple[Step, ...]:
    """All steps of `rule` for the due day, in order of time.

    Nobody is told before it is late that it is: an escalation comes on the day after the due day at the earliest.
    Reminders that fall on one day are one; so are escalations, and everybody they name is told.
    """
    found: dict[tuple[str, date], Step] = {}
    for number, reminder in enumerate(rule.remind, 1):
        day = subtract(due, reminder.before, calendar) if reminder.before else due
        found.setdefault(("remind", day), Step(f"remind:{number}", day, (rule.responsible or "",)))
    for number, escalation in enumerate(rule.escalate, 1):
        day = max(add(due, escalation.after, calendar), due + timedelta(days=1))
        first = found.setdefault(("escalate", day), Step(f"escalate:{number}", day, ()))
        roles = dict.fromkeys((*first.roles, escalation.to))
        found["escalate", day] = Step(first.name, day, tuple(roles))
    return tuple(sorted(found.values(), key=lambda step: step.day))


def ahead(rule: DeadlineRule, due: date, today: date, calendar: WorkingCalendar | None) -> tuple[Step, ...]:
    """The steps that still lie ahead on `today`, today's among them.

    Where all lie behind, as when a day is recorded that has passed already, the last one: else nobody would hear of it.
    """
    every = steps(rule, due, calendar)
    return tuple(step for step in every if step.day >= today) or every[-1:]
