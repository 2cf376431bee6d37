"""Plans a move: may it be made, by which way, and what does it bring about? Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from states import roles, wording
from states.blockers import Blocker, blocker
from states.compiled import fired, needs_of, wakes
from states.errors import UnknownName
from states.guards import Question
from states.guards.ways import alternatives
from states.lifecycle import ORIGIN, Fire, GuardUse, Lifecycle, Reason, Transition
from states.reading import Reader, reader_of, reads
from states.record_kinds import Column, Per
from states.records import RecordPlan, plan_record
from states.sentences import Text
from states.snapshot import SYSTEM, RecordFact, Request, Snapshot
from states.validation import LONGEST_TEXT, storable
from states.visits import visit_of

__all__ = ["Plan", "automatic", "needs_of", "plan", "wakes"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. With blockers, nothing would: `target` is then None.

    keeps_visit: the move leads back to `origin`; the visit and its running deadlines go on.
    pauses: the move enters a pausing state; `origin` is remembered and the running deadlines stop.
    guards: the names of the guards that held, for the event.
    form: the record that the transition's form becomes, or None where none is given.
    """

    transition: Transition | None
    blockers: tuple[Blocker, ...]
    target: str | None = None
    keeps_visit: bool = False
    pauses: bool = False
    guards: tuple[str, ...] = ()
    form: RecordPlan | None = None

    @property
    def allowed(self) -> bool:
        return not self.blockers


def plan(lifecycle: Lifecycle, snapshot: Snapshot, request: Request, now: datetime) -> Plan:
    """Whether `request` may be carried out at the aware moment `now`, with every blocker that stands against it.

    The snapshot holds what `needs_of` says. Raises UnknownName for a transition that the lifecycle does not have.
    """
    transition = lifecycle.transitions.get(request.transition)
    if transition is None:
        raise UnknownName("transition", request.transition, list(lifecycle.transitions))
    blockers = list(_misplaced(lifecycle, snapshot, transition, request))
    if request.fire is Fire.PERSON:
        blockers += roles.barred(lifecycle, snapshot, transition.roles)
        blockers += _reason(transition, request)
    form, seen = _form(lifecycle, snapshot, transition, request, now)
    if form is not None:
        blockers += form.blockers
    elif request.fire is Fire.PERSON:
        blockers += _unfilled(lifecycle, snapshot, transition, request)
    question = Question({}, seen, request, now, lifecycle)
    against = _judged(question, transition.guards)
    way, no_way = _way(question, transition)
    blockers += _redacted(question, [*against, *no_way])
    if blockers:
        distinct = {(one.code, one.text): one for one in blockers}
        return Plan(transition, tuple(distinct.values()), form=form)
    target = fired(lifecycle, snapshot, transition, way)
    return Plan(
        transition,
        (),
        target,
        keeps_visit=transition.ways[way].state == ORIGIN,
        pauses=lifecycle.states[target].pauses,
        guards=tuple(use.name for use in (*transition.guards, *transition.ways[way].when)),
        form=form,
    )


def automatic(lifecycle: Lifecycle, snapshot: Snapshot, now: datetime) -> Plan | None:
    """The first automatic transition that leaves the item's state now, in the order of the file; None: it stays."""
    for transition in lifecycle.automatic[snapshot.state]:
        planned = plan(lifecycle, snapshot, Request(transition.key, fire=Fire.AUTOMATIC), now)
        if planned.allowed:
            return planned
    return None


# --- the parts of a plan ----------------------------------------------------------------------------------------------


def _misplaced(lifecycle: Lifecycle, snapshot: Snapshot, transition: Transition, request: Request) -> Iterator[Blocker]:
    """Why the transition cannot be fired from here, or not by whoever asks."""
    if snapshot.state not in transition.sources:
        yield blocker(
            "wrong_state",
            "„{move}“ geht nicht im Zustand „{state}“, sondern in: {states}.",
            "“{move}” is not possible in the state “{state}”; it is in: {states}.",
            move=transition.label,
            state=lifecycle.states[snapshot.state].label,
            states=wording.states(lifecycle, transition.sources),
        )
    elif snapshot.origin is None and any(way.state == ORIGIN for way in transition.ways):
        yield blocker(
            "no_origin",
            "„{move}“ führt in den Zustand davor zurück, und der ist hier nicht bekannt. Korrigieren kann: {who}.",
            "“{move}” leads back to the state before, and that is not known here. It can be corrected by: {who}.",
            move=transition.label,
            who=wording.roles(lifecycle, lifecycle.correct),
        )
    # A clocked transition that names roles may be fired by hand as well.
    if request.fire is Fire.PERSON and transition.fire is not Fire.PERSON and not transition.roles:
        yield blocker(
            "not_by_hand",
            "„{move}“ geschieht von selbst und kann nicht von Hand ausgelöst werden.",
            "“{move}” happens by itself and cannot be set off by hand.",
            move=transition.label,
        )


def _reason(transition: Transition, request: Request) -> Iterator[Blocker]:
    said = (request.reason or "").strip()
    if transition.reason in (Reason.REQUIRED, Reason.PUBLIC) and not said:
        public = transition.reason is Reason.PUBLIC
        yield blocker(
            "reason_missing",
            "„{move}“ braucht eine {kind_de}. Schreiben Sie einen oder zwei Sätze dazu.",
            "“{move}” needs a {kind}. Add a sentence or two.",
            move=transition.label,
            kind="public reason" if public else "reason",
            kind_de="öffentliche Begründung" if public else "Begründung",
        )
    elif said and transition.reason is Reason.NONE:
        yield blocker(
            "invalid_reason",
            "„{move}“ nimmt keine Begründung. Lassen Sie sie weg.",
            "“{move}” takes no reason. Leave it out.",
            move=transition.label,
            path="reason",
        )
    elif not storable(said) or len(said) > LONGEST_TEXT:
        yield blocker(
            "invalid_reason",
            "Die Begründung ist länger als {limit} Zeichen oder enthält eines, das kein Text ist.",
            "The reason is longer than {limit} characters or has one that is no text.",
            limit=LONGEST_TEXT,
            path="reason",
        )


def _form(
    lifecycle: Lifecycle, snapshot: Snapshot, transition: Transition, request: Request, now: datetime
) -> tuple[RecordPlan | None, Snapshot]:
    """The record that the data given becomes, and the facts as if what is right of it were recorded already."""
    if request.data is None or transition.form is None:
        return None, snapshot
    form = plan_record(lifecycle, snapshot, transition.form, request.data, request.key, transition=transition)
    place = (form.kind.key, form.key, form.visit)
    author = (snapshot.represented or snapshot.actor).id
    writer = snapshot.actor.id if snapshot.represented else None
    fact = RecordFact(*place, 0, author, {**form.data, **form.personal}, now, writer)
    others = (one for one in snapshot.records if (one.kind, one.key, one.visit) != place)
    seen = replace(snapshot, records=(*others, fact))
    if Column.CITIES in form.columns:
        named = form.columns[Column.CITIES] or ()
        seen = replace(seen, cities=tuple(one for one in named if one in snapshot.programme.cities))
    return form, seen


def _unfilled(lifecycle: Lifecycle, snapshot: Snapshot, transition: Transition, request: Request) -> Iterator[Blocker]:
    """Why the transition cannot do without data: its form is not there from before.

    A record counts if it is of the present visit; of a kind without visits, if it was written since the state was
    entered.
    """
    if transition.form is None:
        if request.data is not None:
            yield blocker(
                "invalid_data",
                "„{move}“ hat kein Formular. Lassen Sie die Angaben weg.",
                "“{move}” has no form. Leave the data out.",
                move=transition.label,
                path="",
            )
        return
    kind = lifecycle.records[transition.form]
    own = roles.acting(snapshot).id if kind.per is Per.PERSON else request.key
    visit = visit_of(kind, snapshot)
    if not any(
        fact.visit == visit and (not own or fact.key == own) and (kind.visit or fact.at >= snapshot.entered_at)
        for fact in snapshot.records
        if fact.kind == kind.key
    ):
        yield blocker(
            "form_missing",
            "„{move}“ braucht das ausgefüllte Formular „{label}“.",
            "“{move}” needs the form “{label}” filled in.",
            move=transition.label,
            label=kind.label,
            record=kind.key,
        )


def _judged(question: Question, uses: Iterable[GuardUse]) -> list[Blocker]:
    """What the guards say against the move."""
    snapshot, request, now, lifecycle = question.snapshot, question.request, question.now, question.lifecycle
    return [one for use in uses for one in use.guard.judge(Question(use.params, snapshot, request, now, lifecycle))]


def _way(question: Question, transition: Transition) -> tuple[int, list[Blocker]]:
    """The first way whose guards hold, by its place in the file; or what stands against all of them."""
    against = []
    for index, way in enumerate(transition.ways):
        blockers = _judged(question, way.when)
        if not blockers:
            return index, []
        against.append(blockers)
    return 0, against[0] if len(against) == 1 else [alternatives(against)]


def _redacted(question: Question, blockers: list[Blocker]) -> list[Blocker]:
    """The blockers as the actor may read them: what a record says is not told to those who may not see it."""
    lifecycle, snapshot = question.lifecycle, question.snapshot
    if not blockers or snapshot.actor.id == SYSTEM:
        return blockers
    reader = reader_of(lifecycle, snapshot)
    return [one if _may_know(lifecycle, one, reader) else _hidden(one) for one in blockers]


def _may_know(lifecycle: Lifecycle, one: Blocker, reader: Reader) -> bool:
    kinds = one.params.get("records", [one.params["record"]] if "record" in one.params else [])
    return all(reads(lifecycle.records[kind], reader) for kind in kinds if kind in lifecycle.records)


def _hidden(one: Blocker) -> Blocker:
    who = [Text(**role) for role in one.params.get("who", ())] or [wording.NOBODY]
    return blocker(
        "not_for_your_eyes",
        "Es fehlt noch etwas, das Sie nicht einsehen können. Weiterhelfen kann: {who}.",
        "Something is missing that you may not see. Those who can help: {who}.",
        who=who,
    )
