"""Which records of an item count now: those of the present visit, where a new visit asks for new ones."""

from __future__ import annotations

from states.record_kinds import RecordKind
from states.snapshot import RecordFact, Snapshot


def visit_of(kind: RecordKind, snapshot: Snapshot) -> int | None:
    """The visit that a record of `kind` written now belongs to; None in a state that is no visit of the kind.

    0 for a kind that knows no visits. In a pausing state the visit of the state before goes on. In a state that the
    kind may be written in although it is no visit of it, a record of the latest visit may be corrected; the snapshot
    has to hold the records of the kind then.
    """
    if not kind.visit:
        return 0
    if snapshot.state in kind.visit:
        return snapshot.visit
    if snapshot.origin in kind.visit:
        return snapshot.origin_visit
    if snapshot.state in kind.states:
        return max((fact.visit for fact in snapshot.records if fact.kind == kind.key), default=None)
    return None


def correcting(kind: RecordKind, snapshot: Snapshot) -> bool:
    """Whether the item has left the visits of the kind, so that what is there may be corrected and nothing added."""
    return bool(kind.visit) and snapshot.state not in kind.visit and snapshot.origin not in kind.visit


def counting(kind: RecordKind, snapshot: Snapshot) -> list[RecordFact]:
    """The records of `kind` that count now: of the present visit, and in other states of the latest one there was."""
    facts = [fact for fact in snapshot.records if fact.kind == kind.key]
    if not kind.visit:
        return facts
    visit = visit_of(kind, snapshot)
    if visit is None:
        visit = max((fact.visit for fact in facts), default=0)
    return [fact for fact in facts if fact.visit == visit]
