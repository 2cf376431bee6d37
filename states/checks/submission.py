"""Can an item be handed in by the submission form? Every field it needs is asked for, each once, and in its sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from states.checks.names import unknown
from states.checks.subject import Subject, value_fault
from states.document import Path
from states.faults import Fault
from states.sentences import Sentence
from states.submission import SubmissionStep


def submission(subject: Subject) -> Iterator[Fault]:
    """What is wrong with the steps of the form and the transition at its end."""
    lifecycle = subject.lifecycle
    told = lifecycle.submission
    sheet = lifecycle.records.get(lifecycle.sheet or "")
    if told is None or sheet is None:
        return
    if told.submit is not None:
        leaving = lifecycle.leaving.get(lifecycle.initial, ())
        if told.submit not in lifecycle.transitions:
            yield unknown("transition", told.submit, ("submission", "submit"), lifecycle.transitions)
        elif _told_of_the_start(subject, told.submit) and told.submit not in [move.key for move in leaving]:
            yield value_fault(
                "not-from-the-start",
                ("submission", "submit"),
                Sentence(
                    f"Der Übergang „{told.submit}“ verlässt nicht „{lifecycle.initial}“, wo ein neuer Vorgang ist.",
                    f"Transition {told.submit!r} does not leave {lifecycle.initial!r}, where a new item is.",
                ),
                Sentence(
                    "Nennen Sie einen, der es tut, oder lassen Sie es weg.", "Name one that does, or leave it out."
                ),
            )
    for step in told.steps:
        for at, name in enumerate(step.fields):
            if name not in sheet.fields:
                yield unknown("field", name, (*_path(step), "fields", at), sheet.fields)
        if step.record is not None and step.record not in lifecycle.records:
            yield unknown("record", step.record, (*_path(step), "record"), lifecycle.records)
    yield from _once(told.steps)
    asked = {name for step in told.steps for name in step.fields}
    for key, field in sheet.fields.items():
        if field.required and key not in asked:
            message = Sentence(
                f"Kein Schritt fragt nach „{key}“, ohne das es keinen „{sheet.key}“ gibt.",
                f"No step asks for {key!r}, without which there is no {sheet.key!r}.",
            )
            yield value_fault(
                "never-asked",
                ("submission", "steps"),
                message,
                Sentence("Ergänzen Sie es bei den Feldern eines Schritts.", "Add it to the fields of a step."),
            )


def _once(steps: tuple[SubmissionStep, ...]) -> Iterator[Fault]:
    """What is asked for twice, and steps that ask for nothing."""
    seen: Counter[str] = Counter()
    for step in steps:
        asked = [*step.fields, *filter(None, (step.record, step.asks))]
        if not asked:
            message = Sentence(f"Der Schritt „{step.key}“ fragt nach nichts.", f"Step {step.key!r} asks for nothing.")
            hint = Sentence("Geben Sie ihm `fields`.", "Give it `fields`.")
            yield value_fault("asks-nothing", _path(step), message, hint)
        for one in asked:
            seen[one] += 1
            if seen[one] == 2:
                message = Sentence(f"Nach „{one}“ wird zweimal gefragt.", f"{str(one)!r} is asked for twice.")
                hint = Sentence("Fragen Sie einmal danach.", "Ask for it once.")
                yield value_fault("asked-twice", _path(step), message, hint)


def _told_of_the_start(subject: Subject, submit: str) -> bool:
    """Whether the file says, right or wrong, where items begin and where that transition leaves from."""
    known = subject.lifecycle.initial in subject.lifecycle.states
    return known and not subject.lost_in("transitions", submit, "from")


def _path(step: SubmissionStep) -> Path:
    return ("submission", "steps", step.key)
