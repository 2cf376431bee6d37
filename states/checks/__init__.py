"""Proves a lifecycle sound: everything can be reached and left, done by somebody, and told apart.

Each module looks at one side and yields faults; none of them raises, so that a file hears of all its faults at once.
`table.py` lists every check.
"""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.deadlines import deadlines
from states.checks.forms import forms
from states.checks.graph import graph
from states.checks.idle import idle
from states.checks.moves import moves
from states.checks.names import names
from states.checks.parameters import parameters
from states.checks.subject import Subject
from states.checks.submission import submission
from states.checks.table import CHECKS, Check
from states.faults import Fault

__all__ = ["CHECKS", "Check", "Subject", "check"]


def check(subject: Subject) -> Iterator[Fault]:
    """Every fault of the lifecycle."""
    yield from names(subject)
    yield from graph(subject)
    yield from moves(subject)
    yield from idle(subject)
    yield from forms(subject)
    yield from submission(subject)
    yield from deadlines(subject)
    yield from parameters(subject)
