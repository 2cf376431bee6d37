"""Takes sessions in from a calendar or a table: each becomes an item once, and a new version of its sheet where the
file says something else by then. What the file does not say, the sheet keeps.

A session that the file calls off is told, and not cancelled here: that takes a public reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.sentences import Sentence, Text, in_locale
from workflow.commands import Create, Record
from workflow.engine import Engine
from workflow.errors import BadInput, Conflict, NotFound, Refused
from workflow.events import canonical
from workflow.imports.keys import Known, key_of, known_rows
from workflow.imports.meetings import Meeting, Told, read_meetings
from workflow.models import import_row, record
from workflow.queries.roles import newest
from workflow.rules import Rules

SOURCE = "sessions"
"""Under which the rows of all such files are remembered."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the file. number: its item; None in a dry run for one that would be made."""

    line: int
    name: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the import did, or (dry run) would do. faults: what was left out, and why."""

    dry_run: bool
    made: tuple[Session, ...] = ()
    changed: tuple[Session, ...] = ()
    same: int = 0
    cancelled: tuple[Session, ...] = ()
    faults: tuple[Told, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def import_sessions(
    engine: Engine, raw: bytes, name: str, *, body: str | None, actor: str, now: datetime, dry_run: bool = False
) -> Taken:
    """Take in the sessions of the file `raw`, called `name`, in the name of `actor`.

    body: whose they are, where the file does not say. Raises BadInput where nothing of it can be read, or no lifecycle
    has an agenda.
    """
    with engine.database.reading() as connection:
        lifecycle = session_lifecycle(connection, engine.rules)
        known = known_rows(connection, SOURCE)
    meetings, faults = read_meetings(raw, name, body, engine.rules.programme)
    done = _Done(engine, lifecycle, actor, now, dry_run, known)
    taken = Taken(dry_run)
    for meeting in meetings:
        try:
            taken = done.take(meeting, taken)
        except Refused as error:
            faults.append(Told(meeting.line, _joined(error.blockers)))
        except Conflict as error:
            faults.append(Told(meeting.line, Text(in_locale(error.message, "de"), str(error))))
        except NotFound as error:
            faults.append(Told(meeting.line, Text(f"„{error.name}“ gibt es nicht.", str(error))))
    return replace(taken, faults=tuple(sorted(faults, key=lambda one: one.line)))


def session_lifecycle(connection: Connection, rules: Rules) -> Lifecycle:
    """The lifecycle whose items are sessions, in its newest version. Raises BadInput where there is none."""
    for lifecycle in newest(connection, rules).values():
        if lifecycle.agenda is not None:
            return lifecycle
    raise BadInput(
        Sentence("Es ist kein Lebenszyklus von Sitzungen geladen.", "No lifecycle of sessions is loaded."),
        remedy=Sentence(
            "Laden Sie einen: ideenweg lifecycle load session", "Load one: ideenweg lifecycle load session"
        ),
    )


@dataclass(frozen=True, slots=True)
class _Done:
    engine: Engine
    lifecycle: Lifecycle
    actor: str
    now: datetime
    dry_run: bool
    known: dict[str, Known]

    def take(self, one: Meeting, taken: Taken) -> Taken:
        """`taken`, with this session. Raises Refused, Conflict, NotFound."""
        there = self.known.get(one.key)
        if one.cancelled:
            called_off = Session(one.line, one.name, there.item if there else None)
            return replace(taken, cancelled=(*taken.cancelled, called_off))
        digest = key_of([canonical(dict(one.data)).decode()])
        if there is None:
            number = self._create(one, digest)
            self.known[one.key] = Known(number or "", digest)
            return replace(taken, made=(*taken.made, Session(one.line, one.name, number)))
        if there.digest == digest or not there.item:
            return replace(taken, same=taken.same + 1)
        if not self._record(one, there.item, digest):
            return replace(taken, same=taken.same + 1)
        return replace(taken, changed=(*taken.changed, Session(one.line, one.name, there.item)))

    def _create(self, one: Meeting, digest: str) -> str | None:
        data = self._fitting(one.data)
        city = self.engine.rules.programme.bodies[one.data["body"]].city
        if city and "cities" in self._fields:
            data["cities"] = [city]
        command = Create(actor=self.actor, lifecycle=self.lifecycle.key, data=data)
        if self.dry_run:
            if blockers := self.engine.plan(command, now=self.now).blockers:
                raise Refused(blockers)
            return None
        # Broken off before it is remembered, the next import finds what was made under the same id.
        named = replace(command, command_id=f"session-{one.key}")
        number = self.engine.execute(named, now=self.now).item.number
        row = {"source": SOURCE, "row_key": one.key, "item": number, "digest": digest}
        self.engine.database.attempt(lambda connection: connection.execute(insert(import_row).values(row)))
        return number

    def _record(self, one: Meeting, number: str, digest: str) -> bool:
        """Whether the sheet says something else now. By the digest alone what the office corrected would be undone."""
        sheet = str(self.lifecycle.sheet)
        with self.engine.database.reading() as connection:
            before = _sheet(connection, number, sheet)
        after = {**before, **self._fitting(one.data)}
        if after == before and self.dry_run:
            return False
        if after != before:
            command = Record(actor=self.actor, item=number, kind=sheet, data=after)
            if not self.dry_run:
                self.engine.execute(command, now=self.now)
            elif blockers := self.engine.plan(command, now=self.now).blockers:
                raise Refused(blockers)
        if not self.dry_run:
            remembered = (import_row.c.source == SOURCE) & (import_row.c.row_key == one.key)
            self.engine.database.attempt(
                lambda connection: connection.execute(update(import_row).where(remembered).values(digest=digest))
            )
        return after != before

    def _fitting(self, data: Mapping[str, str]) -> dict[str, Any]:
        """What the sheet has fields for."""
        return {key: value for key, value in data.items() if key in self._fields}

    @property
    def _fields(self) -> frozenset[str]:
        return frozenset(self.lifecycle.records[str(self.lifecycle.sheet)].fields)


def _sheet(connection: Connection, number: str, kind: str) -> dict[str, Any]:
    text = connection.scalar(
        select(record.c.data).where(record.c.item == number, record.c.kind == kind, record.c.latest)
    )
    return json.loads(text) if text else {}


def _joined(blockers: tuple[Blocker, ...]) -> Text:
    return Text(*(" ".join(one.in_locale(locale) for one in blockers) for locale in ("de", "en")))
