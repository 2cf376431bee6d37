"""Has everything that the file declares something to do: every role, every stage, every kind of link?"""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.subject import Subject, fault, meant
from states.faults import Fault
from states.lifecycle import ANYONE, Scope
from states.sentences import Sentence


def idle(subject: Subject) -> Iterator[Fault]:
    """Roles without work, stages without a state, kinds of links that nobody may set."""
    yield from _roles(subject)
    yield from _stages(subject)
    yield from _links(subject)


_PLACES_OF_ROLES = ("roles", "write", "read", "notify", "to", "deadline", "responsible", "escalate", "assign", "guards")


def _roles(subject: Subject) -> Iterator[Fault]:
    if subject.lost(*_PLACES_OF_ROLES):
        return  # what could not be read may have been its work
    lifecycle = subject.lifecycle
    working = {meant(role, lifecycle.roles) for role in _working(subject)}
    for key in lifecycle.roles:
        if key not in working:
            message = Sentence(
                f"Die Rolle „{key}“ hat nichts zu tun: Kein Übergang, kein Formular, keine Frist nennt sie.",
                f"Role {key!r} has nothing to do: no transition, record, link, deadline or message names it.",
            )
            hint = Sentence(
                "Nennen Sie sie, wo sie handelt, oder streichen Sie sie.", "Name it where it acts, or delete it."
            )
            yield fault("role-without-work", ("roles", key), message, hint)


def _working(subject: Subject) -> Iterator[str]:
    lifecycle = subject.lifecycle
    yield from (*lifecycle.create, *lifecycle.correct, *(lifecycle.extend or ()))
    yield from (*(lifecycle.documents.attach or ()), *lifecycle.documents.publish)
    for move in lifecycle.transitions.values():
        yield from move.roles
        for notice in move.notify:
            yield from notice.to
    for kind in lifecycle.records.values():
        yield from (*kind.write, *kind.read.roles)
    for link in lifecycle.links.values():
        yield from link.write
    for state in lifecycle.states.values():
        for rule in state.deadlines:
            yield from (rule.responsible or "", *(step.to for step in rule.escalate))
    granted = {key for key, role in lifecycle.roles.items() if role.scope is not Scope.ITEM}
    for role in lifecycle.roles.values():
        if set(role.assign) != granted:  # where the file says nothing, all of these may assign: that is no work
            yield from role.assign
    for used in subject.used:
        yield from used.names("role")


def _stages(subject: Subject) -> Iterator[Fault]:
    if subject.lost("stage"):
        return
    lifecycle = subject.lifecycle
    used = {meant(state.stage, lifecycle.stages) for state in lifecycle.states.values() if state.stage}
    for key in lifecycle.stages:
        if key not in used:
            message = Sentence(f"Zur Phase „{key}“ gehört kein Zustand.", f"No state belongs to stage {key!r}.")
            hint = Sentence(
                "Nennen Sie sie in `stage:` eines Zustands, oder streichen Sie sie.",
                "Name it in `stage:` of a state, or delete it.",
            )
            yield fault("empty-stage", ("stages", key), message, hint)


def _links(subject: Subject) -> Iterator[Fault]:
    for key, link in subject.lifecycle.links.items():
        if not link.write and not subject.lost_in("links", key):
            message = Sentence(f"Niemand darf Vorgänge mit „{key}“ verknüpfen.", f"Nobody may link items by {key!r}.")
            hint = Sentence(
                f"Ergänzen Sie `write:` mit Rollen ({ANYONE} ist eine).",
                f"Add `write:` with roles ({ANYONE} is one).",
            )
            yield fault("unwritable-link", ("links", key), message, hint)
