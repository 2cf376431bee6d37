"""How far something is that several have to do: two of four have co-signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from states.holders import VOICES
from states.lifecycle import Lifecycle
from states.record_kinds import RecordKind
from states.snapshot import Snapshot
from states.tasks import Act, Task
from states.visits import counting


@dataclass(frozen=True, slots=True)
class Share:
    """A kind of record of which each of several writes one: how many are there, of how many that are asked for."""

    kind: RecordKind
    done: int
    of: int


def shares(lifecycle: Lifecycle, snapshot: Snapshot, open_now: Iterable[Task]) -> tuple[Share, ...]:
    """How far each kind is that somebody still owes. open_now: what `tasks` gives of the same snapshot."""
    owed: dict[str, set[str]] = {}
    for one in open_now:
        if one.act is Act.RECORD and not one.waiting:
            owed.setdefault(one.what, set()).add(one.key)
    found = []
    for key, missing in owed.items():
        kind = lifecycle.records[key]
        if kind.per in VOICES:
            there = {fact.key for fact in counting(kind, snapshot)} - missing
            found.append(Share(kind, len(there), len(there) + len(missing)))
    order = {key: place for place, key in enumerate(lifecycle.records)}
    return tuple(sorted(found, key=lambda one: order[one.kind.key]))
