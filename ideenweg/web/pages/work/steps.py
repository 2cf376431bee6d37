"""The step that is the visitor's next one, and the rarer ones they could take."""

from __future__ import annotations

from dataclasses import dataclass

from ideenweg.web.pages.work import turn
from ideenweg.web.pages.work.keys import keys_of
from ideenweg.web.pages.work.missing import Ahead, Remedy
from ideenweg.web.pages.work.opened import Opened
from ideenweg.web.record_forms.boxes import Box, Option
from ideenweg.web.record_forms.typed import typed_of
from states.lifecycle import Fire, Reason, Transition
from states.record_kinds import RecordKind
from states.snapshot import RecordFact
from states.tasks import Act, Task
from states.visits import visit_of
from workflow.queries.detail import Next


@dataclass(frozen=True, slots=True)
class Filled:
    """A form in the page: where it is sent, what its button says, and what is filled in.

    key, choices: of the record, or those to choose from, with what was `chosen`. version: of the record so far; None:
    the form is a step's.
    """

    action: str
    label: str
    boxes: tuple[Box, ...]
    reason: Reason = Reason.NONE
    key: str = ""
    choices: tuple[Option, ...] = ()
    chosen: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the visitor has to do now: a form in place, or the place where they do it. `more`: what else is theirs."""

    title: str
    due: turn.Duty | None
    form: Filled | None
    remedy: Remedy | None
    more: tuple[Remedy, ...] = ()


def next_step(opened: Opened, found: list[Task], moves: list[Ahead]) -> NextStep | None:
    """The most urgent task of the visitor, or a move onwards that they may make; None: nothing is theirs now."""
    mine = [one for one in found if turn.own(opened, one)]
    ready = [one.step for one in moves if one.step and one.step.open]
    if not mine:
        return None
    first, *others = mine
    more = tuple(
        dict.fromkeys(_elsewhere(opened, one) for one in others if (one.act, one.what) != (first.act, first.what))
    )
    (due,) = turn.duties(opened, [first])
    title = turn.what(opened, first)
    if first.act is Act.RECORD:
        kind = opened.lifecycle.records[first.what]
        return NextStep(title, due, record_form(opened, kind, first.key), None, more)
    if first.act is Act.ASSIGN:
        return NextStep(title, due, None, _elsewhere(opened, first), more)
    return _move(opened, first, due, ready, moves, more)


def rarer(opened: Opened, shown: Filled | None) -> list[tuple[Transition, str]]:
    """The other steps that the visitor's roles let them take from here, each with its address."""
    return [
        (one.transition, address)
        for one in opened.detail.steps
        if one.plan
        and not any(blocker.code in ("role", "not_by_hand", "no_origin") for blocker in one.plan.blockers)
        and (address := opened.path("schritt", one.transition.key)) != (shown.action if shown else None)
    ]


def step_form(opened: Opened, step: Next, asked: str = "") -> Filled:
    """The form of a step: its reason, and the record that it fills."""
    transition = step.transition
    address, label = opened.path("schritt", transition.key), opened.text(transition.label)
    if transition.form is None:
        return Filled(address, label, (), transition.reason)
    kind = opened.lifecycle.records[transition.form]
    keys = keys_of(opened, kind, asked, kind.writers(opened.snapshot.state) or transition.roles)
    typed = typed_of(kind, stored(opened, kind, keys.fixed), opened.say.locale)
    return Filled(
        address, label, opened.forms.boxes(kind, typed), transition.reason, keys.fixed, keys.choices, chosen=asked
    )


def record_form(opened: Opened, kind: RecordKind, asked: str) -> Filled:
    """The form of a record with what it says so far. asked: its key, where one is known."""
    keys = keys_of(opened, kind, asked, kind.writers(opened.snapshot.state))
    typed = typed_of(kind, stored(opened, kind, keys.fixed), opened.say.locale)
    return Filled(
        opened.path("eintrag", kind.key),
        opened.say("form_save"),
        opened.forms.boxes(kind, typed),
        key=keys.fixed,
        choices=keys.choices,
        chosen=asked,
        version=0 if keys.choices else version_of(opened, kind, keys.fixed),
    )


def stored(opened: Opened, kind: RecordKind, key: str = "") -> dict[str, object]:
    """What the record of this visit says that the visitor would change."""
    fact = fact_of(opened, kind, key)
    return dict(fact.data) if fact else {}


def version_of(opened: Opened, kind: RecordKind, key: str) -> int:
    """The version of the record that the visitor sees; 0: there is none."""
    fact = fact_of(opened, kind, key)
    return fact.version if fact else 0


def fact_of(opened: Opened, kind: RecordKind, key: str) -> RecordFact | None:
    """The record of the present visit under a key."""
    visit = visit_of(kind, opened.snapshot)
    return next(
        (one for one in opened.detail.records if (one.kind, one.key, one.visit) == (kind.key, key, visit)), None
    )


def _move(
    opened: Opened, task: Task, due: turn.Duty, ready: list[Next], moves: list[Ahead], more: tuple[Remedy, ...]
) -> NextStep:
    step = next((one for one in ready if one.transition.key == task.what), None) or next(iter(ready), None)
    if step is not None and step.transition.fire is Fire.PERSON:
        return NextStep(opened.text(step.transition.label), due, step_form(opened, step), None, more)
    title = turn.what(opened, task)
    lacking = [lack.remedy for one in moves if one.transition.key == task.what for lack in one.lacks if lack.remedy]
    return NextStep(title, due, None, lacking[0] if lacking else None, more)


def _elsewhere(opened: Opened, task: Task) -> Remedy:
    label = turn.what(opened, task)
    if task.act is Act.RECORD:
        return Remedy(opened.path("eintrag", task.what, key=task.key), label)
    if task.act is Act.ASSIGN:
        return Remedy(opened.path("beteiligte", role=task.what), label)
    return Remedy(opened.path("schritt", task.what), label)
