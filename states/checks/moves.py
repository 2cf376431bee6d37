"""Can every transition be fired, by somebody or something, and is it clear which one is?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from states.checks.graph import MOVES, expires
from states.checks.subject import Subject, fault, meant, value_fault
from states.faults import Fault
from states.lifecycle import ANYONE, Fire, GuardUse, Lifecycle, Scope, State, Transition
from states.sentences import Sentence


def moves(subject: Subject) -> Iterator[Fault]:
    """Transitions that nobody may fire or that another one always forestalls, states that hang on one person."""
    for move in subject.lifecycle.transitions.values():
        lost = partial(subject.lost_in, "transitions", move.key)
        if not lost("roles", "fire"):
            yield from _nobody(subject, move)
        if not lost("form", "roles", "fire"):
            yield from _form(subject, move)
        if not lost("fire"):
            yield from _expiry(subject, move)
        if not lost("to", "when", "guards"):
            yield from _ways(move)
    if not subject.lost(*MOVES, "fire", "guards", "when"):
        yield from _forestalled(subject.lifecycle)
    if not subject.lost(*MOVES, "fire"):
        for state in subject.lifecycle.states.values():
            yield from _one_person(subject, state)


def _nobody(subject: Subject, move: Transition) -> Iterator[Fault]:
    path = ("transitions", move.key)
    if move.fire is Fire.PERSON and not move.roles:
        message = Sentence(
            f"Niemand darf den Übergang „{move.key}“ auslösen: Er hat keine Rollen.",
            f"Nobody may fire transition {move.key!r}: it has no roles.",
        )
        yield fault(
            "nobody-may-fire",
            path,
            message,
            Sentence(
                f"Ergänzen Sie `roles:`, oder `fire:`, wenn es keine Person soll; auch {ANYONE} ist eine Rolle.",
                f"Add `roles:`, or `fire:` if no person is to; {ANYONE} is a role too.",
            ),
        )
    known = [meant(role, [*subject.lifecycle.roles, ANYONE]) for role in move.roles]
    if known and not any(role is None or role in subject.holdable for role in known):
        message = Sentence(
            f"Niemand darf den Übergang „{move.key}“ auslösen: Niemand kann je {' oder '.join(move.roles)} sein.",
            f"Nobody may fire transition {move.key!r}: nobody can ever be {' or '.join(move.roles)}.",
        )
        hint = Sentence(
            "Sagen Sie in `assign:` der Rolle, wer sie geben darf, oder nennen Sie eine andere Rolle.",
            "Say in `assign:` of the role who may give it to somebody, or name another role.",
        )
        yield value_fault("nobody-may-fire", (*path, "roles"), message, hint)


def _form(subject: Subject, move: Transition) -> Iterator[Fault]:
    kind = subject.lifecycle.records.get(move.form) if move.form else None
    if kind is None or subject.lost_in("records", kind.key):
        return
    path = ("transitions", move.key, "form")
    if move.fire is not Fire.PERSON and not move.roles:
        message = Sentence(
            f"Der Übergang „{move.key}“ hat ein Formular, aber keine Person löst ihn aus, die es ausfüllen könnte.",
            f"Transition {move.key!r} has a form, but no person fires it who could fill it in.",
        )
        yield value_fault(
            "form-without-person",
            path,
            message,
            Sentence(
                "Streichen Sie `form:`; ein Guard kann statt dessen danach fragen.",
                "Delete `form:`; a guard can ask for the record instead.",
            ),
        )
        return
    writable = subject.writable(kind.key)
    closed = [key for key in move.sources if key in subject.lifecycle.states and key not in writable]
    if closed:
        message = Sentence(
            f"Das Formular „{kind.key}“ des Übergangs „{move.key}“ lässt sich in {', '.join(closed)} nicht schreiben.",
            f"Form {kind.key!r} of transition {move.key!r} cannot be written in {', '.join(closed)}.",
        )
        hint = Sentence(
            f"Ergänzen Sie diese Zustände bei „{kind.key}“ in `while:` (und `visit:`), oder nennen Sie ein anderes.",
            f"Add these states to `while:` (and `visit:`) of record kind {kind.key!r}, or name another form.",
        )
        yield value_fault("form-not-writable", path, message, hint)
    elif kind.write:
        yield from _writers(subject, move)


def _writers(subject: Subject, move: Transition) -> Iterator[Fault]:
    """Roles that may fire the transition and may not write its form."""
    assert move.form is not None
    kind = subject.lifecycle.records[move.form]
    for at, role in enumerate(move.roles):
        states = [key for key in move.sources if ANYONE not in kind.write and role not in kind.writers(key)]
        if states and role in subject.lifecycle.roles:
            where = ", ".join(states)
            message = Sentence(
                f"Die Rolle „{role}“ darf „{move.key}“ auslösen, aber „{kind.key}“ in {where} nicht schreiben.",
                f"Role {role!r} may fire transition {move.key!r}, but not write its form {kind.key!r} in {where}.",
            )
            hint = Sentence(
                f"Ergänzen Sie die Rolle bei „{kind.key}“ in `write:`, oder streichen Sie sie in `roles:`.",
                f"Add the role to `write:` of record kind {kind.key!r}, or take it from `roles:`.",
            )
            yield value_fault("form-not-writable", ("transitions", move.key, "roles", at), message, hint)


def _expiry(subject: Subject, move: Transition) -> Iterator[Fault]:
    if move.fire is not Fire.EXPIRY:
        return
    for at, key in enumerate(move.sources):
        state = subject.lifecycle.states.get(key)
        if state is not None and not state.deadlines and not subject.lost_in("states", key, "deadline"):
            message = Sentence(
                f"Den Übergang „{move.key}“ löst das Ende einer Frist aus, aber der Zustand „{key}“ hat keine.",
                f"Transition {move.key!r} is fired by the end of a deadline, but state {key!r} has none.",
            )
            hint = Sentence(
                "Geben Sie dem Zustand `deadline:`, oder lassen Sie den Übergang anders auslösen.",
                "Give the state a `deadline:`, or fire the transition otherwise.",
            )
            yield value_fault("expiry-without-deadline", ("transitions", move.key, "from", at), message, hint)


def _ways(move: Transition) -> Iterator[Fault]:
    conditions = [conditions_of(way.when) for way in move.ways]
    for at, condition in enumerate(conditions):
        earlier = next((index for index in range(at) if conditions[index] <= condition), None)
        if earlier is None:
            continue
        path = ("transitions", move.key, "to", at)
        here, there = f"Way {at + 1} of transition {move.key!r}", f"way {earlier + 1}"
        hier, dort = f"Weg {at + 1} des Übergangs „{move.key}“", f"Weg {earlier + 1}"
        if not conditions[earlier]:
            message = Sentence(
                f"{hier} wird nie genommen: {dort} hat keine Guards.", f"{here} is never taken: {there} has no guards."
            )
            hint = Sentence("Stellen Sie den Weg ohne Guards ans Ende.", "Put the way without guards last.")
        elif conditions[earlier] == condition:
            message = Sentence(
                f"{hier} ist von {dort} nicht zu unterscheiden: Die Guards sind dieselben.",
                f"{here} cannot be told apart from {there}: their guards are the same.",
            )
            hint = Sentence(
                "Geben Sie ihnen verschiedene Guards, oder streichen Sie einen.",
                "Give them guards that differ, or delete one.",
            )
        else:
            message = Sentence(
                f"{hier} wird nie genommen: Seine Guards verlangen mehr als die von {dort}.",
                f"{here} is never taken: its guards ask for more than those of {there}.",
            )
            hint = Sentence("Stellen Sie den Weg, der mehr verlangt, voran.", "Put the way that asks for more first.")
        yield fault("indistinct-ways", path, message, hint)


def _forestalled(lifecycle: Lifecycle) -> Iterator[Fault]:
    """Transitions that fire by themselves and that an earlier one of the same state always forestalls."""
    told: set[tuple[str, str]] = set()
    for state, leaving in lifecycle.leaving.items():
        for at, later in enumerate(leaving):
            for earlier in leaving[:at]:
                if earlier.fire is not later.fire or later.fire not in (Fire.AUTOMATIC, Fire.EXPIRY):
                    continue
                first, second = _conditions(earlier), _conditions(later)
                hidden = all(any(condition <= other for condition in first) for other in second)
                if hidden and (earlier.key, later.key) not in told:
                    told.add((earlier.key, later.key))
                    message = Sentence(
                        f"Der Übergang „{later.key}“ wird in „{state}“ nie ausgelöst: „{earlier.key}“ steht davor, und "
                        f"dessen Guards treffen zu, wann immer diese es tun.",
                        f"Transition {later.key!r} never fires in state {state!r}: {earlier.key!r} stands before it, "
                        f"and its guards hold whenever these do.",
                    )
                    hint = Sentence(
                        "Geben Sie ihnen verschiedene Guards, oder stellen Sie den, der mehr verlangt, voran.",
                        "Give them guards that differ, or put the one that asks for more first.",
                    )
                    yield fault("indistinct-ways", ("transitions", later.key), message, hint)


def _conditions(move: Transition) -> list[frozenset[str]]:
    """The guards that hold when the transition takes each of its ways."""
    return [conditions_of(move.guards) | conditions_of(way.when) for way in move.ways]


def conditions_of(uses: Iterable[GuardUse]) -> frozenset[str]:
    """Guards as texts that are equal where the guards are."""
    return frozenset(json.dumps([use.name, _plain(use.params)], sort_keys=True) for use in uses)


def _plain(value: Any) -> Any:
    if isinstance(value, GuardUse):
        return [value.name, _plain(value.params)]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _one_person(subject: Subject, state: State) -> Iterator[Fault]:
    leaving = subject.lifecycle.leaving[state.key]
    if state.final or state.deadlines or not leaving or expires(subject, state.key):
        return
    if subject.lost("roles") or subject.lost_in("states", state.key, "deadline"):
        return
    roles = {role for move in leaving for role in move.roles}
    if len(roles) != 1:
        return
    role = subject.lifecycle.roles.get(*roles)
    if state.key == subject.lifecycle.initial and roles == {subject.lifecycle.created_by}:
        return  # still in the hands of whoever makes it: nobody waits for it
    if role is not None and role.scope is Scope.ITEM:
        message = Sentence(
            f"Im Zustand „{state.key}“ wartet ein Vorgang auf eine einzige Person ({role.key}), und keine Frist läuft.",
            f"In state {state.key!r} an item waits for one person ({role.key}), and no clock runs.",
        )
        hint = Sentence(
            "Geben Sie dem Zustand `deadline:`, lassen Sie eine zweite Rolle handeln, oder ergänzen Sie einen Übergang "
            "mit `fire: expiry`.",
            "Give the state a `deadline:`, let a second role act, or add a transition with `fire: expiry`.",
        )
        yield fault("one-person", ("states", state.key), message, hint)
