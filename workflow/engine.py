"""The one way in which an item changes: load, plan, apply, event, deadlines, notices – in one transaction.

`plan` answers what would happen; `execute` makes it happen, once however often the command is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from states.blockers import Blocker, blocker
from states.lifecycle import Lifecycle
from states.sentences import Sentence, Text
from states.snapshot import SYSTEM, Needs
from workflow import creation, handlers
from workflow.access import refused
from workflow.commands import Command, Create, ItemCommand
from workflow.db import Database
from workflow.errors import Conflict, NotFound, Refused
from workflow.events import timestamp
from workflow.facts import Facts, ItemRow, Stored, load
from workflow.forms import canonical_text
from workflow.repeats import reused
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.transaction import Transaction
from workflow.work import Work


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as a command left it. `title` is what its sheet says; times are aware."""

    number: str
    lifecycle: str
    version: int
    state: str
    stage: str | None
    revision: int
    visit: int
    title: str
    entered_at: str

    @classmethod
    def of(cls, row: ItemRow) -> ItemView:
        return cls(*(getattr(row, field.name) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the item after it, the seqs of its events there, and whether it had been done before.

    warnings: what is odd about the records it wrote, a date that lies ahead or more votes than members.
    """

    item: ItemView
    seqs: tuple[int, ...]
    repeated: bool = False
    warnings: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `plan` says of a command: whether it would go through, and everything that stands against it."""

    blockers: tuple[Blocker, ...]
    target: str | None = None

    @property
    def allowed(self) -> bool:
        return not self.blockers


class Engine:
    """Executes commands against one database. Any number of engines, threads and processes may share it.

    via, account: the door that the commands come through, for the history.
    default: the lifecycle of `Create` commands that name none.
    """

    def __init__(
        self,
        database: Database,
        rules: Rules,
        *,
        via: str = "api",
        account: str | None = None,
        default: str | None = None,
    ) -> None:
        self.database = database
        self.rules = rules
        self.via = via
        self.account = account
        self.default = default

    def execute(self, command: Command, *, now: datetime) -> Outcome:
        """Carry `command` out at the aware moment `now`; durable when this returns.

        Raises Refused with every blocker (Invalid where the input itself is bad), Conflict where the item is no longer
        at the revision the sender saw, NotFound for an unknown item, person or lifecycle, Busy after 30 s of waiting.
        """
        timestamp(now)
        if command.actor == SYSTEM:
            raise NotFound("person", SYSTEM)
        try:
            return self.database.attempt(lambda connection: self._run(connection, command, now))
        except Refused as error:
            self._note(command, error, now)
            raise

    def execute_all(self, commands: Sequence[ItemCommand], *, now: datetime) -> tuple[Outcome, ...]:
        """Carry out all commands in one transaction, in their order, or none of them. Raises as `execute` does.

        Give commands on different items, in the order of their numbers, so that two such calls cannot wait for each
        other for ever.
        """
        timestamp(now)
        return self.database.attempt(lambda connection: tuple(self._run(connection, one, now) for one in commands))

    def plan(self, command: Command, *, now: datetime) -> Judgement:
        """What `execute` would say to this command now, with every blocker; changes nothing.

        Raises NotFound as `execute` does, and UnknownName for a transition or record kind that the lifecycle has not.
        """
        timestamp(now)
        with self.database.reading() as connection:
            tx = Transaction(connection)
            if isinstance(command, Create):
                return Judgement(creation.judge(self.rules, tx, command, self._lifecycle(tx, command), now))
            assert isinstance(command, ItemCommand)
            facts = self._load(tx, command, now, lock=False)
            stale = _stale(command, facts)
            blockers, target = handlers.judge(command, self._work(tx, command, facts, now))
            return Judgement((*stale, *blockers), None if stale else target)

    def _run(self, connection: Connection, command: Command, now: datetime) -> Outcome:
        tx = Transaction(connection)
        if isinstance(command, Create):
            return self._create(tx, command, now)
        assert isinstance(command, ItemCommand)
        facts = self._load(tx, command, now, lock=True)
        if facts.stored is not None:
            return _repeat(command, facts.stored)
        if command.revision not in (None, facts.item.revision):
            raise Conflict(
                Sentence(
                    f"{command.item} ist inzwischen in Fassung {facts.item.revision}, nicht {command.revision}.",
                    f"{command.item} is at revision {facts.item.revision} by now, not {command.revision}.",
                ),
                current=ItemView.of(facts.item),
            )
        work = self._work(tx, command, facts, now)
        handlers.carry_out(command, work)
        return self._finish(work, command)

    def _create(self, tx: Transaction, command: Create, now: datetime) -> Outcome:
        lifecycle = self._lifecycle(tx, command)
        work, submitter, stored = creation.begin(self.rules, tx, command, lifecycle, self.via, self.account, now)
        if stored is not None:
            return _repeat(command, stored)
        sheet = creation.sheet_of(work, command.data)
        if sheet.blockers:
            raise handlers.refusal(sheet.blockers)
        creation.apply(work, sheet, submitter)
        return self._finish(work, command)

    def _finish(self, work: Work, command: Command) -> Outcome:
        """Send everything that was gathered, with the command's result."""
        tx = work.tx
        work.finish()
        outcome = Outcome(ItemView.of(work.item), work.seqs, warnings=tuple(work.odd))
        if command.command_id:
            kept = {"item": asdict(outcome.item), "seqs": outcome.seqs}
            if outcome.warnings:
                kept["warnings"] = [asdict(one) for one in outcome.warnings]
            result = json.dumps(kept, ensure_ascii=False)
            tx.write(
                tx.sql.insert_command,
                (work.snapshot.actor.id, command.command_id, _request_hash(command), result, timestamp(work.now)),
            )
        tx.flush()
        return outcome

    def _lifecycle(self, tx: Transaction, command: Create) -> Lifecycle:
        key = command.lifecycle or self.default
        if key is None:
            raise NotFound("lifecycle", "")
        return self.rules.newest(tx, key)

    def _load(self, tx: Transaction, command: ItemCommand, now: datetime, *, lock: bool) -> Facts:
        def needs_of(lifecycle: Lifecycle, state: str) -> Needs:
            return handlers.needs_of(command, lifecycle, state)

        return load(
            tx,
            self.rules,
            number=command.item,
            actor=command.actor,
            on_behalf_of=command.on_behalf_of,
            command_id=command.command_id,
            needs_of=needs_of,
            now=now,
            lock=lock,
        )

    def _work(self, tx: Transaction, command: Command, facts: Facts, now: datetime) -> Work:
        represented = facts.snapshot.represented
        origin = Origin(
            facts.snapshot.actor.id,
            self.via,
            self.account,
            represented.id if represented else None,
            command.command_id,
        )
        return Work.on(tx, self.rules, facts, origin, now)

    def _note(self, command: Command, error: Refused, now: datetime) -> None:
        """Write the refusal to the actor's stream, after the rollback, in a transaction of its own."""
        codes = [one.code for one in error.blockers]
        about = {
            "command": type(command).__name__.lower(),
            "item": getattr(command, "item", None),
            "transition": getattr(command, "transition", None),
            "blockers": codes,
        }
        origin = Origin("", self.via, self.account, None, command.command_id)
        self.database.attempt(lambda connection: refused(connection, command.actor, about, origin, now))


def _stale(command: ItemCommand, facts: Facts) -> tuple[Blocker, ...]:
    if command.revision in (None, facts.item.revision):
        return ()
    return (
        blocker(
            "stale",
            "Der Vorgang wurde inzwischen geändert (Revision {now} statt {seen}). Bitte neu laden.",
            "The item was changed meanwhile (revision {now}, not {seen}). Please reload it.",
            now=facts.item.revision,
            seen=command.revision,
        ),
    )


def _request_hash(command: Command) -> str:
    request = {field.name: getattr(command, field.name) for field in fields(command)}
    return sha256(canonical_text({"command": type(command).__name__, **_plain(request)}).encode()).hexdigest()


def _plain(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in request.items()}


def _repeat(command: Command, stored: Stored) -> Outcome:
    if stored.request_hash != _request_hash(command):
        raise reused(command.command_id or "")
    result = json.loads(stored.result)
    told = (Blocker(one["code"], Text(**one["text"]), one["params"]) for one in result.get("warnings", ()))
    return Outcome(ItemView(**result["item"]), tuple(result["seqs"]), repeated=True, warnings=tuple(told))
