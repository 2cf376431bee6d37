"""Guards over people: who acted before, who is conflicted, who is assigned, whether the other city agrees.

Four eyes and conflicts count the acting and the represented person alike, whatever roles they hold. What needs a
person's eyes cannot be done by the system.
"""

from __future__ import annotations

from collections.abc import Iterator

from states import wording
from states.blockers import Blocker, blocker
from states.guards.base import BOOLEAN, NUMBER, Guard, Params, Question, Wake, name_of, names_of, parameters, wakes
from states.lifecycle import Scope
from states.record_kinds import Per
from states.roles import acting, concerned_cities, grants_in, who
from states.sentences import Text
from states.snapshot import SYSTEM, Needs
from states.visits import counting

TAKEN_IN = {
    "imported": Text("Übernahme des Bestands", "import"),
    "corrected": Text("Korrektur", "correction"),
}
"""Kinds of steps that no guard judged."""


def _acting(question: Question) -> set[str]:
    """The acting person and the one they act for."""
    snapshot = question.snapshot
    return {snapshot.actor.id} | ({snapshot.represented.id} if snapshot.represented else set())


def _not_the_system(question: Question) -> Iterator[Blocker]:
    if question.snapshot.actor.id == SYSTEM:
        yield blocker(
            "needs_a_person",
            "Diesen Schritt kann nicht das System tun, sondern nur eine Person: {who}.",
            "The system cannot take this step, only a person can: {who}.",
            who=_who(question),
        )


def _four_eyes(question: Question) -> Iterator[Blocker]:
    yield from _not_the_system(question)
    params, snapshot, lifecycle = question.params, question.snapshot, question.lifecycle
    people = _acting(question)
    named = params.get("not_who_did", ())
    did: dict[Text, None] = {}
    for step in snapshot.steps if named else ():
        if not people.isdisjoint((step.actor, step.on_behalf_of)):
            # An import or a correction may have stood for any move, so whoever made one counts as having made them all.
            if step.kind in TAKEN_IN:
                did[TAKEN_IN[step.kind]] = None
            elif step.transition is not None and step.transition in named:
                did[lifecycle.transitions[step.transition].label] = None
    if did:
        yield blocker(
            "four_eyes",
            "Vier-Augen-Prinzip: Sie oder die vertretene Person waren schon beteiligt ({did}). "
            "Eine andere Person muss das tun: {who}.",
            "Four eyes: you or the person you act for had a part already ({did}). Somebody else has to do this: {who}.",
            did=list(did),
            who=_who(question),
        )
    for kind in params.get("not_who_wrote", ()):
        facts = counting(lifecycle.records[kind], snapshot)
        if not all(people.isdisjoint((fact.author, fact.writer)) for fact in facts):
            yield blocker(
                "four_eyes",
                "Vier-Augen-Prinzip: „{did}“ stammt von Ihnen oder der vertretenen Person. "
                "Eine andere Person muss das tun: {who}.",
                "Four eyes: “{did}” was written by you or the person you act for. Somebody else has to do this: {who}.",
                did=wording.label(lifecycle, kind),
                who=_who(question),
            )


def _no_conflict_of_interest(question: Question) -> Iterator[Blocker]:
    yield from _not_the_system(question)
    params, snapshot, lifecycle = question.params, question.snapshot, question.lifecycle
    kind = lifecycle.records[params["record"]]
    conflicted = {
        fact.key if kind.per is Per.PERSON else fact.author
        for fact in counting(kind, snapshot)
        if fact.data.get(params["field"]) is True
    }
    if not conflicted:
        return
    if conflicted & _acting(question):
        # One's own word needs no right to read; somebody's for whom one is no deputy does.
        own = conflicted & {snapshot.actor.id, acting(snapshot).id}
        yield blocker(
            "conflict_of_interest",
            "Sie oder die vertretene Person haben erklärt, befangen zu sein. Eine andere Person muss das tun: {who}.",
            "You or the person you act for declared a conflict of interest. Somebody else has to do this: {who}.",
            who=_who(question),
            **({} if own else {"record": kind.key}),
        )
    for role in params.get("roles", ()):
        if any(one.role == role and one.person in conflicted for one in snapshot.assignments):
            declared = lifecycle.roles[role]
            yield blocker(
                "conflicted_assignment",
                "Eine zugewiesene Person ({role}) ist befangen. Eine andere zuweisen kann: {who}.",
                "An assigned person ({role}) has a conflict of interest. Somebody else can be assigned by: {who}.",
                role=declared.label,
                who=wording.roles(lifecycle, declared.assign),
                record=kind.key,
            )
    for written in params.get("authors_of", ()):
        facts = counting(lifecycle.records[written], snapshot)
        if not all(conflicted.isdisjoint((fact.author, fact.writer)) for fact in facts):
            yield blocker(
                "conflicted_author",
                "„{label}“ stammt von einer befangenen Person. Ersetzen kann das: {who}.",
                "“{label}” was written by a person with a conflict of interest. It can be replaced by: {who}.",
                label=wording.label(lifecycle, written),
                who=wording.writers(lifecycle, written, snapshot.state),
                record=kind.key,
            )


def _assigned(question: Question) -> Iterator[Blocker]:
    role, minimum = question.params["role"], question.params.get("minimum", 1)
    there = len({one.person for one in question.snapshot.assignments if one.role == role})
    if there < minimum:
        declared = question.lifecycle.roles[role]
        yield blocker(
            "not_assigned",
            "{role}: zugewiesen {there} von {minimum}. Zuweisen kann: {who}.",
            "{role}: {there} of {minimum} assigned. They can be assigned by: {who}.",
            role=declared.label,
            there=there,
            minimum=minimum,
            who=wording.roles(question.lifecycle, declared.assign),
        )


def _agreement(question: Question) -> Iterator[Blocker]:
    params, snapshot, lifecycle = question.params, question.snapshot, question.lifecycle
    cities = concerned_cities(snapshot)
    if len(cities) < 2:
        return
    roles = lifecycle.transitions[question.request.transition].roles
    own = {grant.scope for grant in grants_in(lifecycle, snapshot, roles) if grant.scope_kind == Scope.CITY}
    kind = lifecycle.records[params["record"]]
    given = {
        fact.key: fact.data.get(params["field"])
        for fact in counting(kind, snapshot)
        if fact.data.get(params["transition"]) == question.request.transition
    }
    for city in cities:
        if city in own or given.get(city) is True:
            continue
        said = {
            "city": snapshot.programme.cities[city].label,
            "who": wording.writers(lifecycle, kind.key, snapshot.state),
            "record": kind.key,
            "key": city,
        }
        if city in given:
            yield blocker(
                "agreement_refused",
                "{city} ist nicht einverstanden. Ändern kann das: {who} ({city}).",
                "{city} does not agree. That can be changed by: {who} ({city}).",
                **said,
            )
        else:
            yield blocker(
                "agreement_missing",
                "Es fehlt das Einvernehmen: {city}. Geben kann es: {who} ({city}).",
                "The agreement is missing: {city}. It can be given by: {who} ({city}).",
                **said,
            )


def _who(question: Question) -> list[Text]:
    """Those who may fire the transition that is asked for."""
    return who(question.lifecycle, question.snapshot, question.lifecycle.transitions[question.request.transition].roles)


def _history(params: Params) -> Needs:
    return Needs(records=frozenset(params.get("not_who_wrote", ())), steps="not_who_did" in params)


def _conflicts(params: Params) -> Needs:
    return Needs(records=frozenset({params["record"], *params.get("authors_of", ())}), assignments="roles" in params)


PEOPLE = (
    Guard(
        "four_eyes",
        "Neither the acting nor the represented person did one of these moves or wrote one of these records.",
        {
            **parameters(not_who_did=names_of("transition"), not_who_wrote=names_of("record")),
            "minProperties": 1,
        },
        _history,
        wakes(Wake.RECORD),
        _four_eyes,
        person=True,
    ),
    Guard(
        "no_conflict_of_interest",
        "Nobody concerned has declared a conflict of interest.",
        parameters(
            ("record", "field"),
            record=name_of("record"),
            field=name_of("field", **BOOLEAN),
            roles=names_of("role"),
            authors_of=names_of("record"),
        ),
        _conflicts,
        wakes(Wake.RECORD, Wake.ASSIGNMENT),
        _no_conflict_of_interest,
        person=True,
    ),
    Guard(
        "assigned",
        "At least so many people are assigned in a role.",
        parameters(("role",), role=name_of("role"), minimum=NUMBER),
        lambda params: Needs(assignments=True),
        wakes(Wake.ASSIGNMENT),
        _assigned,
    ),
    Guard(
        "agreement",
        "Every other city concerned agrees to this transition, in a record of the present visit.",
        parameters(
            ("record", "field", "transition"),
            record=name_of("record"),
            field=name_of("field", **BOOLEAN),
            transition=name_of("field"),
        ),
        lambda params: Needs(records=frozenset({params["record"]})),
        wakes(Wake.RECORD),
        _agreement,
    ),
)
