"""One item while a command changes it: the events, rows and facts that grow until everything is sent at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from states.blockers import Blocker
from states.lifecycle import Lifecycle, Transition
from states.programme import Programme
from states.record_kinds import Column
from states.sentences import Sentence
from states.snapshot import SYSTEM, Snapshot, StepFact
from workflow.events import MOVES, Event, Kind, commitment, new_salt, seal, timestamp
from workflow.facts import Facts, ItemRow, Neighbour
from workflow.rules import Rules
from workflow.statements import Params
from workflow.streams import Origin
from workflow.tasks import Standing, keep
from workflow.transaction import Rows, Transaction
from workflow.words import sort_key, with_parts

FOLLOWERS = "@followers"
"""In place of a role of an intent: whoever follows the item. No role of a lifecycle begins so."""

FOLLOWED = "followed"
"""The notice that tells followers of a step."""


@dataclass(slots=True)
class Work:
    """What a command does to one item. `snapshot` is kept true to what was done so far, for guards that follow.

    `at` is when it happens (long ago in an import), `now` when it is written.
    """

    tx: Transaction
    rules: Rules
    lifecycle: Lifecycle
    programme: Programme
    item: ItemRow
    snapshot: Snapshot
    origin: Origin
    now: datetime
    at: datetime
    facets: dict[str, tuple[str, ...]]
    neighbours: tuple[Neighbour, ...]
    deadlines: Rows
    new: bool = False
    quiet: bool = False  # nobody is told of it: it happened before the import that brings it in
    batch: str | None = None  # what it is done together with, on other items: each is told of all of it at once
    odd: list[Blocker] = field(default_factory=list)  # what whoever wrote it is told, and refuses nothing
    _first: int = 0
    _writes: list[tuple[str, Params]] | None = None
    _found: Standing | None = None

    @classmethod
    def on(cls, tx: Transaction, rules: Rules, facts: Facts, origin: Origin, now: datetime) -> Work:
        """Work on the item that `facts` were read of, at `now`."""
        return cls(
            tx=tx,
            rules=rules,
            lifecycle=facts.lifecycle,
            programme=facts.programme,
            item=facts.item,
            snapshot=facts.snapshot,
            origin=origin,
            now=now,
            at=now,
            facets=facts.facets,
            neighbours=facts.neighbours,
            deadlines=facts.deadlines,
        )

    def __post_init__(self) -> None:
        name, _, number = (self.origin.command_id or "").rpartition(":")
        self.batch = name if name and number == self.item.number else None  # workflow/bulk.py
        self._first = self.item.revision
        self._writes = []
        self._found = None if self.new else self._standing

    @property
    def stream(self) -> str:
        return f"item:{self.item.number}"

    @property
    def stamp(self) -> str:
        return timestamp(self.at)

    @property
    def seqs(self) -> tuple[int, ...]:
        """The seqs of the events written so far."""
        return tuple(range(self._first + 1, self.item.revision + 1))

    @property
    def author(self) -> str:
        """Whose act it is in the end: the represented person's, else the actor's."""
        return self.origin.on_behalf_of or self.origin.actor

    @property
    def writer(self) -> str | None:
        """Who does it in the author's place, if anybody."""
        return self.origin.actor if self.origin.on_behalf_of else None

    def write(self, sql: str, *params: Any) -> None:
        assert self._writes is not None
        self._writes.append((sql, params))

    def event(
        self,
        kind: Kind,
        *,
        details: Mapping[str, Any] | None = None,
        texts: Mapping[str, str] | None = None,
        held: Mapping[str, str] | None = None,
        trigger: str | None = None,
        source: str | None = None,
        target: str | None = None,
        guards: tuple[str, ...] = (),
        system: bool = False,
    ) -> int:
        """Append an event to the item's stream; its seq.

        texts: part -> text to commit to, kept in `disclosure`. held: the same for text that a record row keeps.
        system: it is the system's own doing, whoever gave the occasion.
        """
        seq = self.item.revision + 1
        committed = dict(details or {})
        for parts, kept in ((texts, True), (held, False)):
            for part, text in (parts or {}).items():
                salt = new_salt()
                committed[part] = commitment(salt, text)
                self.write(self.tx.sql.insert_disclosure, self.stream, seq, part, salt, text if kept else None)
        origin = self.origin
        actor = SYSTEM if system else origin.actor
        represented = None if system else origin.on_behalf_of
        row = seal(
            Event(
                stream=self.stream,
                seq=seq,
                kind=kind,
                actor=actor,
                on_behalf_of=represented,
                via=origin.via,
                account=origin.account,
                command_id=origin.command_id,
                at=self.stamp,
                recorded_at=timestamp(self.now),
                trigger=trigger,
                source=source,
                target=target,
                guards=guards,
                details=committed,
            ),
            self.item.head,
        )
        self.write(self.tx.sql.insert_event, *row)
        self.item = self.item._replace(revision=seq, head=row[-1])
        steps = self.snapshot.steps
        if kind in MOVES and target is not None:
            steps = (*steps, StepFact(kind, trigger, source, target, actor, represented, self.at))
        self.snapshot = replace(self.snapshot, revision=seq, steps=steps)
        return seq

    def enter(self, target: str, *, visit: int, origin: tuple[str, int] | None) -> None:
        """Put the item into `target`; the event that says so is written already."""
        state = self.lifecycle.states[target]
        self.item = self.item._replace(
            state=target,
            stage=state.stage,
            visit=visit,
            entered_at=self.stamp,
            origin=origin[0] if origin else None,
            origin_visit=origin[1] if origin else None,
        )
        self.snapshot = replace(
            self.snapshot,
            state=target,
            visit=visit,
            entered_at=self.at,
            origin=self.item.origin,
            origin_visit=self.item.origin_visit,
        )

    def keep(self, columns: Mapping[Column, Any]) -> None:
        """Keep what lists filter by: the columns of the item that a record's fields set."""
        for column, value in columns.items():
            if column is Column.TITLE:
                self.item = self.item._replace(title=str(value or ""))
                self._keep_facet(column, [key] if (key := sort_key(self.item.title)) else [])
            elif column is Column.RELEASED:
                self.item = self.item._replace(released=bool(value))
            else:
                self._keep_facet(column, value if isinstance(value, (list, tuple)) else [value] if value else [])
            if column is Column.CITIES:
                known = tuple(one for one in self.facets.get(column, ()) if one in self.programme.cities)
                self.snapshot = replace(self.snapshot, cities=known)

    def _keep_facet(self, column: Column, values: Sequence[str]) -> None:
        number, once = self.item.number, tuple(dict.fromkeys(values))
        if set(self.facets.get(column, ())) == set(once):
            return
        if self.facets.get(column):
            self.write(self.tx.sql.delete_facets, number, column.value)
        for one in once:
            self.write(self.tx.sql.insert_facet, number, column.value, one, self.item.ordinal)
        self.facets[column] = once

    def find_by(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Let the item be found by the words `after` and no longer by those of `before`; what differs is written."""
        sql, place = self.tx.sql, self.item.ordinal
        if gone := sorted({*before} - {*after}):
            self.write(sql.delete_words, place, json.dumps(gone))
        if new := sorted({*after} - {*before}):
            self.write(sql.insert_words, place, json.dumps(new))
        if gone or new:
            said = with_parts(after)
            if sql.unindex_text:
                self.write(sql.unindex_text, place)
            self.write(sql.insert_text, place, said)
            if sql.index_text:
                self.write(sql.index_text, place, said)

    def notify(self, transition: Transition, seq: int) -> None:
        """One outbox intent for each notice of the transition, and one for the followers of a released item."""
        params = json.dumps({"batch": self.batch}) if self.batch else "{}"
        for notice in () if self.quiet else transition.notify:
            roles = '["' + '","'.join(notice.to) + '"]'
            key = f"{self.stream}#{seq}/{notice.name}"
            self.write(
                self.tx.sql.insert_outbox,
                key, notice.name, self.item.number, seq, roles, params, timestamp(self.now), "open",
            )  # fmt: skip
        if self.item.released and not self.quiet:
            number = self.item.number
            key = f"{self.stream}#{seq}/{FOLLOWED}"
            self.write(
                self.tx.sql.insert_followed,
                key, FOLLOWED, number, seq, f'["{FOLLOWERS}"]', params, timestamp(self.now), "open", number,
            )  # fmt: skip

    def follow_too(self, other: str) -> None:
        """Let whoever follows the item follow `other` as well; they hear of the last step here, and of all there."""
        self.write(self.tx.sql.follow_too, other, self.item.number)

    def follow_up(self, seq: int, other: str, transition: str | None, reason: str | None) -> None:
        """Ask the sweep to do something on another item: a transition, or (None) to look at its automatic ones."""
        cause = f"{self.stream}#{seq}"
        key = f"{cause}>{other}/{transition or ''}"
        self.write(
            self.tx.sql.insert_follow_up, key, other, transition, reason, cause, timestamp(self.now), "open", None
        )

    def finish(self) -> None:
        """Hand the item's row and everything gathered to the transaction."""
        item, sql = self.item, self.tx.sql
        if self.new:
            self.tx.write(sql.insert_item, tuple(item))
        else:
            self.tx.write(
                sql.update_item,
                (
                    item.state, item.stage, item.revision, item.head, item.visit, item.entered_at, item.origin,
                    item.origin_visit, item.title, item.released, item.number, self._first,
                ),
                one=Sentence(
                    f"{item.number} wurde eben von jemand anderem geändert.",
                    f"{item.number} was changed by somebody else just now.",
                ),
            )  # fmt: skip
        assert self._writes is not None
        for statement, params in self._writes:
            self.tx.write(statement, params)
        keep(self.tx, item.number, self._found, self._standing)

    @property
    def _standing(self) -> Standing:
        return Standing(self.lifecycle, self.snapshot, self.deadlines)
