"""The read policy: which fields of a record somebody may see. Page, API, export, search and mail all go through it.

- Whoever wrote a record, or whose record it is, sees all of it.
- The roles that the kind names under `read: roles` (none named: every role on the item) see its fields. Fields that
  name people (`personal`) are for those roles alone that the kind names, as readers or as writers.
- `blind_until_own`: who may write a record of the kind now sees nobody else's before their own is in.
- Everybody sees the public fields of a public kind, once the item is released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.lifecycle import ANYONE, Lifecycle
from states.record_kinds import Per, RecordKind
from states.roles import acting, held, usable
from states.snapshot import RecordFact, Snapshot
from states.visits import counting, visit_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at one item. `Reader(released=…)` is the public.

    people: the reader, and for a deputy whom they act for.
    roles: those held on the item; with `anyone`, which every known person is.
    member: they hold a role on the item, or the lifecycle has none to hold.
    blind: the record kinds that the reader has to write first.
    """

    people: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    member: bool = False
    blind: frozenset[str] = frozenset()
    released: bool = False


def reader_of(lifecycle: Lifecycle, snapshot: Snapshot, *, released: bool = False) -> Reader:
    """The snapshot's actor as a reader of its item. Blindness is judged by the records the snapshot holds."""
    people = frozenset({snapshot.actor.id, acting(snapshot).id})
    on_the_item = held(lifecycle, snapshot, snapshot.actor) | usable(lifecycle, snapshot)
    roles = on_the_item | {ANYONE}
    blind = frozenset(
        kind.key
        for kind in lifecycle.records.values()
        if kind.read.blind_until_own
        and not roles.isdisjoint(kind.writers(snapshot.state))
        and open_in(lifecycle, kind, snapshot)
        and not any(_whose(kind, fact) == acting(snapshot).id for fact in counting(kind, snapshot))
    )
    return Reader(people, roles, bool(on_the_item) or not lifecycle.roles, blind, released)


def open_in(lifecycle: Lifecycle, kind: RecordKind, snapshot: Snapshot) -> bool:
    """Whether a record of the kind may be written in the item's state, by whoever may write it."""
    state = snapshot.state
    return (state in kind.states if kind.states else not lifecycle.states[state].final) and (
        visit_of(kind, snapshot) is not None
    )


def reads(kind: RecordKind, reader: Reader) -> bool:
    """Whether the reader's roles let them see what others wrote in records of the kind."""
    if kind.key in reader.blind:
        return False
    if kind.read.roles:
        return not reader.roles.isdisjoint(kind.read.roles)
    return reader.member or (ANYONE in kind.write and ANYONE in reader.roles)  # the public is nobody known


def readable(kind: RecordKind, record: RecordFact, reader: Reader) -> Mapping[str, Any]:
    """The fields of `record` that `reader` may see; empty: nothing, and not that it is there."""
    if not reader.people.isdisjoint((record.author, record.writer, _whose(kind, record))):
        return record.data
    named = reads(kind, reader)
    works_on_it = named and not reader.roles.isdisjoint((*kind.write, *kind.read.roles))
    public = reader.released and kind.read.public
    fields = {}
    for key, value in record.data.items():
        field = kind.fields.get(key)
        if works_on_it or (field and ((named and not field.personal) or (public and field.public))):
            fields[key] = value
    return fields


def _whose(kind: RecordKind, record: RecordFact) -> str:
    """The person a record speaks for."""
    return record.key if kind.per is Per.PERSON else record.author
