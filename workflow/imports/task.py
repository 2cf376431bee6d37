"""What one import works on: its table and mapping, the rules it goes by, who brings it in, what is there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.sentences import Sentence
from states.snapshot import Person, local_day
from workflow import access
from workflow.errors import BadInput
from workflow.facts import person, who
from workflow.imports.files import read_table
from workflow.imports.fitting import faults_of, unmapped
from workflow.imports.keys import Known, known_rows
from workflow.imports.mapping import MappingFile
from workflow.imports.report import Problem, Report
from workflow.imports.tables import Row, Table
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.transaction import Transaction

VIA = "import"


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name an import comes in. `known` False: they become a person by it, as by handing in an idea."""

    asked: str
    person: Person
    known: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Everything an import is judged on. `tx` reads; nothing is written by it."""

    tx: Transaction
    rules: Rules
    mapping: MappingFile
    table: Table
    lifecycle: Lifecycle
    actor: Actor
    account: str | None
    known: Mapping[str, Known]
    now: datetime
    dry_run: bool

    @property
    def programme(self) -> Programme:
        return self.rules.programme

    @property
    def source(self) -> str:
        return self.mapping.source.name

    def origin(self, actor: Person) -> Origin:
        """Who writes the events of this import."""
        return Origin(actor.id, VIA, self.account)

    def person(self, asked: str) -> Person | None:
        """Somebody by e-mail address, with today's roles; None: nobody knows them."""
        return find(self.tx, asked, local_day(self.now, self.programme).isoformat())

    def enlist(self, connection: Connection, actor: Actor) -> Person:
        """The acting person; who is not known yet becomes a person on `connection`."""
        if actor.known:
            return actor.person
        return Person(access.add(connection, actor.asked, "", None, self.now))

    def report(self) -> Report:
        """What there is to tell before any row is looked at."""
        return Report(
            file=self.table.name,
            form=self.table.form,
            source=self.source,
            lifecycle=self.lifecycle.key,
            version=self.lifecycle.version,
            dry_run=self.dry_run,
            rows=len(self.table.rows),
            blank=self.table.blank,
            unmapped=unmapped(self.mapping, self.table),
        )

    def flaws(self) -> list[Problem]:
        """The lines that could not be read as rows."""
        return [Problem(flaw.line, flaw.message, flaw.remedy) for flaw in self.table.flaws]

    def skipped(self, row: Row) -> str | None:
        """Why the mapping leaves `row` out; None: it does not."""
        return next((one.because for one in self.mapping.skip if one.meets(row.cells)), None)


def open_task(
    connection: Connection,
    rules: Rules,
    path: Path,
    mapping: MappingFile,
    *,
    actor: str | None,
    account: str | None,
    now: datetime,
    dry_run: bool,
) -> Task:
    """The task of importing the table at `path`.

    connection: of a reading transaction. actor: instead of the person that the mapping names.
    Raises BadInput for a table that cannot be read, FileFault for a mapping that does not fit it, NotFound for an
    unknown lifecycle.
    """
    source = mapping.source
    table = read_table(path, encoding=source.encoding, delimiter=source.delimiter, worksheet=source.worksheet)
    tx = Transaction(connection)
    lifecycle = rules.newest(tx, mapping.lifecycle)
    if faults := faults_of(mapping, table, lifecycle, rules.programme):
        raise mapping.fault(faults)
    asked = actor or mapping.actor
    if asked is None:
        raise BadInput(
            Sentence(
                "niemand ist genannt, in dessen Namen die Zeilen hereinkommen.",
                "nobody is named in whose name the rows come in.",
            ),
            mapping.name,
            remedy=Sentence("Ergänzen Sie `actor:`, oder --as.", "Add `actor:`, or use --as."),
        )
    asked = access.checked_email(asked)
    found = find(tx, asked, local_day(now, rules.programme).isoformat())
    return Task(
        tx=tx,
        rules=rules,
        mapping=mapping,
        table=table,
        lifecycle=lifecycle,
        actor=Actor(asked, found or Person(asked), found is not None),
        account=account,
        known=known_rows(connection, source.name),
        now=now,
        dry_run=dry_run,
    )


def find(tx: Transaction, asked: str, today: str) -> Person | None:
    """The person with this e-mail address and the roles of that day; None: nobody knows them."""
    rows = tx.read(who(tx, asked, today))[0]
    return person(rows, asked) if rows else None
