"""Tells a case of another tool's log once more, as an item: each step held to the lifecycle as things were then.

A step that the lifecycle would not have allowed is a misfit. It is taken in all the same, marked with the reasons: so
the steps after it are judged by the way the case really went, and a lenient import has all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from states import machine
from states.blockers import Blocker
from states.guards import Question
from states.lifecycle import ORIGIN, Fire, Transition, Way
from states.record_keys import FREE_KEY
from states.record_kinds import Per
from states.records import RecordPlan, plan_record
from states.sentences import Sentence, said
from states.snapshot import Person, Request
from workflow import creation, deadlines
from workflow.events import Kind
from workflow.forms import write_comment, write_record
from workflow.imports.log import Case, Step
from workflow.imports.people import People
from workflow.imports.report import Misfit
from workflow.imports.task import Task
from workflow.moves import move, settle
from workflow.relations import assign
from workflow.transaction import Transaction
from workflow.work import Work

NOT_IN_ORDER = "out_of_order"
NO_START = "no_start"
STARTED_AGAIN = "started_again"
UNKNOWN_ACTIVITY = "unknown_activity"
NO_START_SAID = Sentence("Der Fall hat davor keinen Anfang.", "The case has no start before it.")
BEGUN_SAID = Sentence("Der Fall hat schon begonnen.", "The case has begun already.")
UNKNOWN_SAID = Sentence("Die Zuordnung kennt diese Tätigkeit nicht.", "The mapping does not know this activity.")


@dataclass(slots=True)
class Retelling:
    """One case as an item, and the steps that did not fit."""

    task: Task
    case: Case
    people: People
    work: Work
    misfits: list[Misfit] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # what the events of the present step say against it

    @classmethod
    def of(
        cls,
        task: Task,
        tx: Transaction,
        case: Case,
        people: People,
        sheet: RecordPlan,
        number: tuple[str, int],
        key: str,
    ) -> Retelling:
        """The whole case told, with all its events; not yet written anywhere."""
        first = case.steps[0]
        actor = people[first.who] if first.who else task.actor.person
        lifecycle = task.lifecycle
        work = creation.blank(
            task.rules, tx, lifecycle, *number, lifecycle.initial, actor, None, task.origin(actor), task.now, first.at
        )
        work.quiet = True
        creation.create(work, sheet, actor, Kind.CREATED, source=task.source, row=key)
        told = cls(task, case, people, work)
        told._tell()
        return told

    def _tell(self) -> None:
        log = self.task.mapping.log
        assert log is not None
        begun = not any(activity.begin for activity in log.activities.values())
        latest = self.case.steps[0].at
        for step in self.case.steps:
            self._turn_to(step)
            if step.at < latest:
                why = said(
                    "Es liegt vor {latest}, als ein Schritt darüber getan wurde. Sortieren Sie das Protokoll, oder "
                    "schreiben Sie `order: time`.",
                    "It is dated before {latest}, when a step above it was taken. Sort the log, or say `order: time`.",
                    latest=latest.isoformat(),
                )
                self._misfit(step, (NOT_IN_ORDER,), why)
            latest = max(latest, step.at)
            begins = step.activity is not None and step.activity.begin
            if not begun and not begins:
                self._misfit(step, (NO_START,), NO_START_SAID)
            elif begun and begins and step is not self.case.steps[0]:
                self._comment(step, (STARTED_AGAIN,), BEGUN_SAID)
            begun = True
            if not begins:
                self._take(step)
        settle(self.work)
        deadlines.catch_up(self.work)

    def _turn_to(self, step: Step) -> None:
        """Now it is then, and whoever did it acts."""
        self.marks.clear()
        actor = self.people[step.who] if step.who else self.work.snapshot.actor
        self.work.at = step.at
        self.work.origin = self.task.origin(actor)
        self.work.snapshot = replace(self.work.snapshot, actor=actor)

    def _take(self, step: Step) -> None:
        activity = step.activity
        if activity is None:
            self._comment(step, (UNKNOWN_ACTIVITY,), UNKNOWN_SAID)
            return
        transition = self.task.lifecycle.transitions.get(activity.transition or "")
        if transition is None or transition.fire is not Fire.AUTOMATIC:
            settle(self.work)
        if transition is not None:
            self._move(step, transition)
        elif activity.form is not None:
            self._record(step, activity.form.record)
        elif activity.assign is not None:
            self._assign(activity.assign, self.work.snapshot.actor)

    def _move(self, step: Step, transition: Transition) -> None:
        work = self.work
        # Some transitions may be fired by the clock and by hand: then a name in the row says which it was.
        fire = Fire.PERSON if transition.roles and step.who else transition.fire
        request = Request(transition.key, step.reason, step.data, step.key, fire)
        plan = machine.plan(work.lifecycle, work.snapshot, request, work.at)
        if not plan.allowed:
            codes, message = _against(plan.blockers)
            forced = self._forced(plan, step, transition, request)
            if forced is None:
                self._comment(step, codes, message)
                return
            self._misfit(step, codes, message)
            plan = forced
        move(work, plan, request, system=fire is not Fire.PERSON, misfit=tuple(self.marks))

    def _forced(self, plan: machine.Plan, step: Step, transition: Transition, request: Request) -> machine.Plan | None:
        """The move as the log has it, past what stands against it; None where nothing tells where it leads."""
        snapshot, states = self.work.snapshot, self.work.lifecycle.states

        def open_way(way: Way) -> bool:
            question = Question({}, snapshot, request, self.work.at, self.work.lifecycle)
            return not any(list(use.guard.judge(replace(question, params=use.params))) for use in way.when)

        way = next(filter(open_way, transition.ways), transition.ways[-1])
        target = snapshot.origin if way.state == ORIGIN else way.state
        if target is None:
            return None
        return replace(
            plan,
            blockers=(),
            target=target,
            keeps_visit=way.state == ORIGIN,
            pauses=states[target].pauses and not states[snapshot.state].pauses,
            form=self._placed(plan.form, step) if plan.form is not None else None,
        )

    def _record(self, step: Step, kind: str) -> None:
        work = self.work
        plan = plan_record(work.lifecycle, work.snapshot, kind, step.data or {}, step.key)
        codes, message = _against(plan.blockers)
        placed = self._placed(plan, step) if plan.blockers else plan
        if placed is None:
            self._comment(step, codes, message)
            return
        if plan.blockers:
            self._misfit(step, codes, message)
        write_record(work, placed, misfit=tuple(self.marks))
        deadlines.refresh(work)

    def _placed(self, plan: RecordPlan, step: Step) -> RecordPlan | None:
        """A record that must not be there, as far as what it says is right; None where it cannot be kept as one."""
        keys = {Per.ITEM: "", Per.PERSON: self.work.snapshot.actor.id}
        key = keys.get(plan.kind.per, plan.key or step.key)
        wrong = any(one.code == "invalid_data" for one in plan.blockers)
        keyless = plan.kind.per is not Per.ITEM and not FREE_KEY.fullmatch(key)
        return None if wrong or keyless else replace(plan, blockers=(), key=key)

    def _assign(self, role: str, person: Person) -> None:
        if not any((one.role, one.person) == (role, person.id) for one in self.work.snapshot.assignments):
            assign(self.work, role, person)

    def _comment(self, step: Step, codes: tuple[str, ...], message: str) -> None:
        """What cannot be a step of the lifecycle is kept as a remark, so that nothing of the log is lost."""
        self._misfit(step, codes, message)
        write_comment(self.work, f"{self.task.source}: {step.said}", public=False, misfit=tuple(self.marks))

    def _misfit(self, step: Step, codes: tuple[str, ...], message: str) -> None:
        self.marks += codes
        self.misfits.append(Misfit(step.row.line, self.case.name, step.said, codes, message))


def _against(blockers: tuple[Blocker, ...]) -> tuple[tuple[str, ...], str]:
    """The codes of the blockers, and what they say."""
    return tuple(dict.fromkeys(one.code for one in blockers)), Sentence(
        " ".join(one.text.de for one in blockers), " ".join(one.text.en for one in blockers)
    )
