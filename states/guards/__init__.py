"""The vocabulary of guards: named predicates over a snapshot, each giving the blockers that stand against a move.

A guard declares which facts it reads (`needs`) and what may make it change its mind (`wakes`). It is pure: the same
parameters, snapshot, request and moment give the same blockers. docs/guards.md tells what each asks for. Packages add
guards through the entry-point group `ideenweg.guards`: each entry point is a `Guard`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from states.errors import GuardClash
from states.guards.base import Guard, Params, Question, Wake
from states.guards.bodies import BODIES
from states.guards.dates import DATES
from states.guards.forms import FORMS
from states.guards.people import PEOPLE
from states.guards.scores import SCORES
from states.guards.ways import WAYS

__all__ = ["GUARDS", "Guard", "Params", "Question", "Wake", "guards_with"]

GUARDS: Mapping[str, Guard] = {guard.name: guard for guard in (*FORMS, *SCORES, *BODIES, *PEOPLE, *DATES, *WAYS)}
"""Every guard of the vocabulary, by name."""


def guards_with(plugins: Iterable[Guard]) -> Mapping[str, Guard]:
    """The vocabulary and the guards of plug-ins. Raises GuardClash where a name is taken: no guard is ever replaced."""
    known = dict(GUARDS)
    for guard in plugins:
        if guard.name in known:
            raise GuardClash(guard.name)
        known[guard.name] = guard
    return known
