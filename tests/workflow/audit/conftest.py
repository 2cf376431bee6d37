"""A history with something of everything, and hands that change it behind the program's back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from ideenweg.wiring import App, open_workflow
from states.lifecycle import Role
from workflow import access, checkpoints, triggers
from workflow.chains import Verification
from workflow.commands import Advance, Assign, Comment, Correct, Create, Link, Record, Support, Unassign, Unlink
from workflow.db import Database
from workflow.errors import Refused
from workflow.events import COLUMNS, Event, Kind, chain, seal, timestamp
from workflow.models import (
    checkpoint,
    disclosure,
    event,
    item,
    item_text,
    item_word,
    log_leaf,
    log_node,
    record,
    stream_head,
)
from workflow.numbers import ordinal_of
from workflow.streams import Origin
from workflow.verify import check

from ..conftest import furnished

CITIZEN, NEIGHBOUR = "buergerin@dortmund.example", "buerger@schwerte.example"
COORDINATOR, SUBSTITUTE = "koordination@dortmund.example", "vertretung@dortmund.example"
EXPERT, ADMINISTRATOR = "tiefbauamt@dortmund.example", "verwaltung@dortmund.example"
OPERATOR = Origin("operator", "cli", "root")
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
NUMBER, ANCHOR = "2026-0001", "2026-0002"
BATCH = "batch-1"


@dataclass(frozen=True)
class History:
    """The app, the item with the longest history, a person with rights, and that person's stream."""

    app: App
    number: str
    person: str

    @property
    def stream(self) -> str:
        return f"item:{self.number}"

    def events(self, stream: str) -> list[dict[str, object]]:
        with self.app.database.reading() as connection:
            rows = connection.execute(select(event).where(event.c.stream == stream).order_by(event.c.seq))
            return [dict(row) for row in rows.mappings()]


@pytest.fixture
def history(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[History]:
    furnish(database_url, "history", partial(lived, appoint))
    with open_workflow(database_url) as app:
        app.engine.default = "short"
        with app.database.reading() as connection:
            person = access.find(connection, COORDINATOR).id
        yield History(app, NUMBER, person)


def lived(appoint: Callable[..., None], url: str) -> None:
    """Put a history with something of everything into a database; the item NUMBER has most of it."""
    furnished(appoint, url)
    with open_workflow(url) as app:
        app.engine.default = "short"
        live(app)


def live(app: App) -> None:
    def do(command: object) -> str:
        return app.engine.execute(command, now=NOW).item.number  # type: ignore[arg-type]

    sheet = {"title": "Sensoren an Brücken", "cities": ["dortmund"]}
    number = do(Create(actor=CITIZEN, data={**sheet, "contact": "0231 500"}, command_id="c-1"))
    assert number == NUMBER
    assert do(Create(actor=CITIZEN, data=sheet)) == ANCHOR
    do(Record(item=number, kind="sheet", data={**sheet, "title": "Sensoren an alten Brücken"}, actor=CITIZEN))
    do(Advance(item=number, transition="submit", actor=CITIZEN))
    do(Advance(item=number, transition="ask", actor=COORDINATOR, reason="An welchen Brücken?"))
    do(Comment(item=number, actor=COORDINATOR, text="Tiefbauamt fragen"))
    do(Advance(item=number, transition="answer", actor=CITIZEN))
    do(Assign(item=number, role="expert", person=EXPERT, actor=COORDINATOR))
    do(Unassign(item=number, role="expert", person=EXPERT, actor=COORDINATOR))
    do(Assign(item=number, role="expert", person=EXPERT, actor=COORDINATOR))
    do(Link(item=number, kind="hangs_on", other=ANCHOR, actor=COORDINATOR))
    do(Unlink(item=number, kind="hangs_on", other=ANCHOR, actor=COORDINATOR))
    do(Link(item=number, kind="hangs_on", other=ANCHOR, actor=COORDINATOR))
    app.database.attempt(_rights(app))
    in_place = {"actor": SUBSTITUTE, "on_behalf_of": COORDINATOR, "command_id": f"{BATCH}:{number}"}
    do(Advance(item=number, transition="accept", data={"feasible": True}, **in_place))
    do(Support(item=number, actor=CITIZEN))
    do(Support(item=number, actor=NEIGHBOUR))
    with pytest.raises(Refused):
        do(Advance(item=number, transition="submit", actor=COORDINATOR))
    do(Correct(item=number, to="in_review", reason="Zu früh angenommen", actor=ADMINISTRATOR))


def _rights(app: App) -> Callable[[Connection], None]:
    role: Role = app.rules.newest_of(app.database, "short").roles["coordinator"]

    def make(connection: Connection) -> None:
        granted = access.grant(
            connection, COORDINATOR, role, "schwerte", app.rules.programme, OPERATOR, NOW, valid_from=date(2026, 1, 1)
        )
        access.revoke(connection, granted, OPERATOR, NOW)
        access.deputise(
            connection, COORDINATOR, SUBSTITUTE, OPERATOR, NOW, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)
        )

    return make


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Nothing hinders the owner of a database: triggers and foreign keys are out of the way, and come back."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for name in list(connection.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'"))):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in triggers.KEPT:
            connection.exec_driver_sql(f"DROP TRIGGER {table}_kept ON {table}")
    yield
    triggers.install(connection)


Hands = Callable[[Connection], object]


@pytest.fixture
def after(history: History) -> Callable[[Hands], Verification]:
    """What `verify` says after those hands were at work; then everything is as it was."""

    class _Back(Exception):
        pass

    def after(hands: Hands) -> Verification:
        database: Database = history.app.database
        found: list[Verification] = []
        try:
            with database.writing() as connection:
                with unguarded(connection):
                    hands(connection)
                found.append(check(connection, history.app.rules))
                raise _Back
        except _Back:
            return found[0]

    return after


@pytest.fixture
def by_hand(history: History) -> Callable[[Hands], None]:
    """Lets hands do their work for good."""

    def by_hand(hands: Hands) -> None:
        with history.app.database.writing() as connection, unguarded(connection):
            hands(connection)

    return by_hand


# --- what a forger who knows the program can do -----------------------------------------------------------------------


@pytest.fixture
def forge() -> Forger:
    return Forger()


class Forger:
    """Changes the history so that it proves itself again."""

    def append(self, connection: Connection, number: str, kind: Kind, at: datetime = NOW, **details: object) -> int:
        """Add an event to an item, as the program would."""
        revision, head = connection.execute(select(item.c.revision, item.c.head).where(item.c.number == number)).one()
        stamp = timestamp(at)
        row = seal(
            Event(f"item:{number}", revision + 1, kind, "system", "cli", stamp, stamp, details=details),
            head,
        )
        connection.execute(insert(event).values(dict(zip(COLUMNS, row, strict=True))))
        connection.execute(update(item).where(item.c.number == number).values(revision=revision + 1, head=row[-1]))
        return int(revision) + 1

    def rehash(self, connection: Connection, stream: str, change: Callable[[bytes], bytes]) -> None:
        """Change payloads and compute every hash of a stream anew, up to its head."""
        head = "0" * 64
        for row in connection.execute(select(event).where(event.c.stream == stream).order_by(event.c.seq)).all():
            payload = change(row.payload)
            own = chain(head, payload)
            connection.execute(
                update(event)
                .where(event.c.stream == stream, event.c.seq == row.seq)
                .values(payload=payload, prev_hash=head, hash=own)
            )
            head = own
        if stream.startswith("item:"):
            connection.execute(update(item).where(item.c.number == stream.removeprefix("item:")).values(head=head))
        else:
            connection.execute(update(stream_head).where(stream_head.c.stream == stream).values(hash=head))

    def cut(self, connection: Connection, number: str, last: int) -> None:
        """Take the events behind `last` away, and set the item back. They must not have moved it."""
        stream = f"item:{number}"
        for table in (event, disclosure):
            connection.execute(delete(table).where(table.c.stream == stream, table.c.seq > last))
        head = connection.scalar(select(event.c.hash).where(event.c.stream == stream, event.c.seq == last))
        connection.execute(update(item).where(item.c.number == number).values(revision=last, head=head))

    def remove(self, connection: Connection, number: str) -> None:
        """Take an item away with everything that belongs to it."""
        for table in (event, disclosure):
            connection.execute(delete(table).where(table.c.stream == f"item:{number}"))
        for name in (
            "record",
            "link",
            "assignment",
            "item_facet",
            "task",
            "deadline",
            "due_step",
            "outbox",
            "support",
        ):
            connection.execute(delete(item.metadata.tables[name]).where(text("item = :item")), {"item": number})
        for table in (item_word, item_text):
            connection.execute(delete(table).where(table.c.ordinal == ordinal_of(number)))
        connection.execute(delete(item).where(item.c.number == number))

    def relog(self, connection: Connection) -> None:
        """Make the log anew from the events as they are now, in the order they had, with a checkpoint as of before."""
        own = (event.c.stream == log_leaf.c.stream) & (event.c.seq == log_leaf.c.seq)
        there = select(event.c.stream, event.c.seq, event.c.hash).join(log_leaf, own).order_by(log_leaf.c.position)
        rows = connection.execute(there).all()
        at = connection.scalar(select(checkpoint.c.at).limit(1))
        for table in (log_leaf, log_node, checkpoint):
            connection.execute(delete(table))
        tree = checkpoints._append(connection, 0, rows)
        connection.execute(insert(checkpoint).values(size=tree.size, root=tree.root.hex(), at=at))

    def erase(self, connection: Connection, number: str, *parts: tuple[int, str], told: bool = True) -> None:
        """Take texts away, with the event that says so or without."""
        for seq, part in parts:
            connection.execute(
                delete(disclosure).where(
                    disclosure.c.stream == f"item:{number}", disclosure.c.seq == seq, disclosure.c.part == part
                )
            )
            if part in ("data", "personal"):
                connection.execute(
                    update(record).where(record.c.item == number, record.c.seq == seq).values({part: None})
                )
        if told:
            self.append(connection, number, Kind.ERASED, parts=[list(part) for part in parts])


AfterHands = Callable[[Hands], Verification]
Unguarded = Callable[[Connection], AbstractContextManager[None]]
