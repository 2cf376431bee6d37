"""Moves running items to another version of their lifecycle: recorded, item by item, and only when somebody says so.

(The versions of the tables are another matter: workflow/migrations.) What is moved keeps its visit, the time it has
been in its state, and what is left of its deadlines. What cannot be moved stays as it is, with the reason. A run that
was broken off is begun again: what has been moved is past it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from states.blockers import Blocker
from states.differences import differences
from states.lifecycle import Lifecycle
from states.migration import Destination, MigrationMap, destination, load_map
from states.snapshot import SYSTEM, Needs
from workflow import deadlines
from workflow.clocks import CLOSED, Clock, known, write
from workflow.db import Database
from workflow.errors import BadInput
from workflow.events import Kind
from workflow.facts import Facts, load
from workflow.models import item
from workflow.progress import Progress, silent
from workflow.rules import Rules
from workflow.streams import Origin, append
from workflow.transaction import Transaction
from workflow.work import Work

BATCH = 50
"""Items in one transaction: what another writer may have to wait for."""


@dataclass(frozen=True, slots=True)
class Left:
    """An item that stays under its version, and every reason why."""

    number: str
    version: int
    state: str
    blockers: tuple[Blocker, ...]


@dataclass(slots=True)
class Migrated:
    """What a migration did, or (in a dry run) would do.

    moved: (old version, old state, new state) -> items. left: what stays. records: kind whose form differs in the new
    version -> records written under the old one; they stay as they were written. deadlines: rule -> how many of it are
    kept, closed and opened.
    """

    key: str
    version: int
    moved: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)
    deadlines: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: Migrated) -> None:
        """Take in what one batch did."""
        self.moved += other.moved
        self.left += other.left
        self.records += other.records
        for rule, counts in other.deadlines.items():
            self.deadlines[rule] = self.deadlines.get(rule, Counter()) + counts


def versions_in_use(connection: Connection, key: str, below: int) -> tuple[int, ...]:
    """The versions of lifecycle `key` under `below` that items are pinned to, oldest first."""
    there = select(item.c.version).where(item.c.lifecycle == key, item.c.version < below).distinct()
    return tuple(connection.scalars(there.order_by(item.c.version)))


@dataclass(frozen=True, slots=True)
class Migration:
    """A change of rules: the items of lifecycle `key` to its stored `version`, as `mapping` says."""

    database: Database
    rules: Rules
    key: str
    version: int
    mapping: MigrationMap
    origin: Origin

    def run(self, now: datetime, *, dry_run: bool = False, progress: Progress = silent) -> Migrated:
        """Move every item of an earlier version that can be moved; a dry run plans the same and writes nothing.

        Raises NotFound for an unknown version, BadInput where there is nothing to move, StorageError.
        """
        with self.database.reading() as connection:
            tx = Transaction(connection)
            self.rules.lifecycle(tx, self.key, self.version)
            total = connection.scalar(select(func.count()).select_from(item).where(*self._concerned())) or 0
        if not total:
            raise BadInput(f"No item of {self.key} is under another version than {self.version}.", remedy=None)
        done = Migrated(self.key, self.version)
        seen, after = 0, 0
        while numbers := self._next(after):
            batch = partial(self._batch, numbers=[number for number, _ in numbers], now=now, dry_run=dry_run)
            if dry_run:
                with self.database.reading() as connection:
                    done.add(batch(connection))
            else:
                done.add(self.database.attempt(batch))
            seen, after = seen + len(numbers), numbers[-1][1]
            progress("items", seen, total)
        if done.moved and not dry_run:
            self.database.attempt(lambda connection: self._tell(connection, done, now))
        return done

    def _concerned(self) -> tuple[Any, ...]:
        return item.c.lifecycle == self.key, item.c.version < self.version

    def _next(self, after: int) -> list[tuple[str, int]]:
        rows = select(item.c.number, item.c.ordinal).where(*self._concerned(), item.c.ordinal > after)
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(rows.order_by(item.c.ordinal).limit(BATCH))]

    def _batch(self, connection: Connection, numbers: list[str], now: datetime, dry_run: bool) -> Migrated:
        tx, done = Transaction(connection), Migrated(self.key, self.version)
        new = self.rules.lifecycle(tx, self.key, self.version)
        for number in numbers:
            facts = self._facts(tx, number, new, now, lock=not dry_run)
            if facts.item.version >= self.version:  # somebody else's run was faster
                continue
            where = self._destination(facts, new, now)
            if where.state is None:
                done.left.append(Left(number, facts.item.version, facts.item.state, where.blockers))
                continue
            done.moved[facts.item.version, facts.item.state, where.state] += 1
            changed = changed_kinds(facts.lifecycle, new)
            done.records.update(fact.kind for fact in facts.snapshot.records if fact.kind in changed)
            work = Work.on(tx, self.rules, facts, self.origin, now)
            for rule, counts in _repin(work, new, where, self.mapping).items():
                done.deadlines[rule] = done.deadlines.get(rule, Counter()) + counts
            if not dry_run:
                work.finish()
        if not dry_run:
            tx.flush()
        return done

    def _facts(self, tx: Transaction, number: str, new: Lifecycle, now: datetime, *, lock: bool) -> Facts:
        def needs_of(old: Lifecycle, _state: str) -> Needs:
            wanted = self.mapping.needs | deadlines.needs(new)
            return wanted | Needs(records=frozenset(old.records), assignments=True, steps=True)

        return load(
            tx, self.rules, number=number, actor=SYSTEM, on_behalf_of=None, command_id=None, needs_of=needs_of,
            now=now, lock=lock,
        )  # fmt: skip

    def _destination(self, facts: Facts, new: Lifecycle, now: datetime) -> Destination:
        links = frozenset(one.kind for one in facts.neighbours if one.outgoing)
        return destination(self.mapping, facts.lifecycle, new, facts.snapshot, links, now)

    def _tell(self, connection: Connection, done: Migrated, now: datetime) -> None:
        details = {
            "key": self.key,
            "to_version": self.version,
            "moved": sum(done.moved.values()),
            "left": len(done.left),
            "map": self.mapping.sha256,
        }
        append(connection, "system", Kind.LIFECYCLE_MIGRATED, self.origin, now, details=details)


def migration_to(
    database: Database, rules: Rules, key: str, version: int, text: str | None, place: str, origin: Origin
) -> Migration:
    """The change of lifecycle `key` to its stored `version`, by the map in the YAML `text` (None: states keep their
    names), which findings call `place`.

    Raises NotFound for an unknown version, BadInput where there is nothing to move, FileFault for a faulty map.
    """
    with database.reading() as connection:
        tx = Transaction(connection)
        new = rules.lifecycle(tx, key, version)
        olds = [rules.lifecycle(tx, key, one) for one in versions_in_use(connection, key, version)]
    if not olds:
        raise BadInput(
            f"No item of {key} is under a version before {version}.", remedy="See `ideenweg lifecycle list`."
        )
    mapping = MigrationMap()
    if text:
        mapping = load_map(text, place, olds, new, vocabulary=rules.vocabulary, programme=rules.programme)
    return Migration(database, rules, key, version, mapping, origin)


def changed_kinds(old: Lifecycle, new: Lifecycle) -> frozenset[str]:
    """The record kinds whose entries in the two versions differ."""
    known: dict[int, frozenset[str]] = old.memo.setdefault("changed kinds", {})
    if new.version not in known:
        known[new.version] = frozenset(one.key for one in differences(old, new) if one.section == "records")
    return known[new.version]


def _repin(work: Work, new: Lifecycle, where: Destination, mapping: MigrationMap) -> dict[str, Counter[str]]:
    """Put the item under `new`: the event, the state's name there, the clocks. What became of these, by rule."""
    assert where.state is not None
    source, old = work.item.state, work.item.version
    before = known(work)
    work.lifecycle = new
    work.item = work.item._replace(version=new.version)
    clocks = deadlines.carried(work, where.state, where.origin, mapping.deadlines)
    origin_visit = work.item.origin_visit if where.origin else None
    details: dict[str, Any] = {"from_version": old, "to_version": new.version, "visit": work.item.visit}
    if where.origin:
        details |= {"origin": where.origin, "origin_visit": origin_visit}
    if clocks:
        details["deadlines"] = [clock.told for clock in clocks]
    seq = work.event(Kind.MIGRATED, source=source, target=where.state, details=details)
    state = new.states[where.state]
    work.item = work.item._replace(state=state.key, stage=state.stage, origin=where.origin, origin_visit=origin_visit)
    work.snapshot = replace(work.snapshot, state=state.key, origin=where.origin, origin_visit=origin_visit)
    work.write(work.tx.sql.set_version, new.version, work.item.number)
    write(work, clocks)
    if new.automatic[state.key]:
        work.follow_up(seq, work.item.number, None, None)
    return _counted(clocks, before)


def _counted(clocks: list[Clock], before: dict[tuple[str, str], Clock]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for clock in clocks:
        there = before.get((clock.rule, clock.key))
        if clock.status == CLOSED:
            what = "closed"
        else:
            what = "kept" if there is not None and there.status != CLOSED else "opened"
        found.setdefault(clock.rule, Counter())[what] += 1
    return found
