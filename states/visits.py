"""Which records of an item count now: those of the present visit, where a new visit asks for new ones."""

from __future__ import annotations

from states.lifecycle import RecordKind
from states.snapshot import RecordFact, Snapshot


def visit_of(kind: RecordKind, snapshot: Snapshot) -> int | None:
    """The visit that a record of `kind` written now belongs to; None in a state that is no visit of the kind.

    0 for a kind that knows no visits. In a pausing state the visit of the state before goes on.
    """
    if not kind.visit:
        return 0
    if snapshot.state in kind.visit:
        return snapshot.visit
    return snapshot.origin_visit if snapshot.origin in kind.visit else None


def counting(kind: RecordKind, snapshot: Snapshot) -> list[RecordFact]:
    """The records of `kind` that count now: of the present visit, and in other states of the latest one there was."""
    facts = [fact for fact in snapshot.records if fact.kind == kind.key]
    if not kind.visit:
        return facts
    visit = visit_of(kind, snapshot)
    if visit is None:
        visit = max((fact.visit for fact in facts), default=0)
    return [fact for fact in facts if fact.visit == visit]
