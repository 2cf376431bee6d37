"""Does every deadline have somebody who sees to it, a name of its own and a calendar to count in?"""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.names import placed
from states.checks.subject import Subject, fault, value_fault
from states.deadline_rules import DeadlineRule, Duration, Relative, Unit
from states.document import Path
from states.faults import Fault
from states.sentences import Sentence


def deadlines(subject: Subject) -> Iterator[Fault]:
    """Deadlines that nobody is responsible for, that share a name, or that count days no calendar knows."""
    lifecycle = subject.lifecycle
    first: dict[str, str] = {}
    for state in lifecycle.states.values():
        for path, rule in placed(state):
            if rule.responsible is None and not subject.lost_in("states", state.key, "responsible"):
                message = Sentence(
                    f"Für die Frist „{rule.key}“ des Zustands „{state.key}“ ist niemand zuständig.",
                    f"Nobody is responsible for deadline {rule.key!r} of state {state.key!r}.",
                )
                yield fault(
                    "deadline-without-responsible",
                    path,
                    message,
                    Sentence("Ergänzen Sie `responsible:` mit einer Rolle.", "Add `responsible:` with a role."),
                )
            if rule.key in first:
                message = Sentence(
                    f"Auch eine Frist des Zustands „{first[rule.key]}“ heißt „{rule.key}“.",
                    f"A deadline of state {first[rule.key]!r} is called {rule.key!r} too.",
                )
                yield value_fault(
                    "duplicate-deadline",
                    (*path, "key"),
                    message,
                    Sentence("Geben Sie jeder einen eigenen `key:`.", "Give each a `key:` of its own."),
                )
            first.setdefault(rule.key, state.key)
            if lifecycle.calendar is None:
                yield from _uncounted(rule, path)
    for move in lifecycle.transitions.values():
        if move.recurrence is None:
            continue
        if move.key in first:
            message = Sentence(
                f"Eine Frist des Zustands „{first[move.key]}“ heißt „{move.key}“ wie dieser wiederkehrende Übergang.",
                f"A deadline of state {first[move.key]!r} is called {move.key!r}, as this recurring transition is.",
            )
            yield fault(
                "duplicate-deadline",
                ("transitions", move.key),
                message,
                Sentence("Geben Sie der Frist einen anderen `key:`.", "Give the deadline another `key:`."),
            )
        path = ("transitions", move.key, "fire", "every")
        if move.recurrence.every.amount == 0:
            message = Sentence(
                f"Der Übergang „{move.key}“ würde ohne Ende ausgelöst: Er kehrt sofort wieder.",
                f"Transition {move.key!r} would be fired without end: it recurs after no time at all.",
            )
            yield value_fault(
                "bad-duration", path, message, Sentence("Schreiben Sie mindestens 1 day.", "Write at least 1 day.")
            )
        if lifecycle.calendar is None:
            yield from _working(move.recurrence.every, path)


def _uncounted(rule: DeadlineRule, path: Path) -> Iterator[Fault]:
    if rule.on_working_day:
        message = Sentence(
            "Der letzte Tag soll ein Arbeitstag sein, und der Lebenszyklus nennt keinen Kalender.",
            "The due day is to be a working day, and the lifecycle names no calendar.",
        )
        yield value_fault(
            "missing-calendar",
            (*path, "on_working_day"),
            message,
            Sentence(
                "Ergänzen Sie oben `calendar:`, oder streichen Sie dies.",
                "Add `calendar:` at the top, or take this out.",
            ),
        )
    if isinstance(rule.due, Relative):
        yield from _working(rule.due.add, (*path, "due", "add"))
    elif isinstance(rule.due, Duration):
        yield from _working(rule.due, (*path, "due"))
    for at, reminder in enumerate(rule.remind):
        if reminder.before is not None:
            yield from _working(reminder.before, (*path, "remind", at))
    for at, step in enumerate(rule.escalate):
        yield from _working(step.after, (*path, "escalate", at, "after"))


def _working(duration: Duration, path: Path) -> Iterator[Fault]:
    if duration.unit is Unit.WORKING_DAYS:
        message = Sentence(
            "Hier werden Arbeitstage gezählt, und der Lebenszyklus nennt keinen Kalender.",
            "Working days are counted here, and the lifecycle names no calendar.",
        )
        yield value_fault(
            "missing-calendar",
            path,
            message,
            Sentence(
                "Ergänzen Sie oben `calendar:`, oder zählen Sie Tage, Wochen, Monate.",
                "Add `calendar:` at the top, or count days, weeks, months.",
            ),
        )
