"""Reads the history: events by person, item, kind, transition, door and time, in log order or newest first.

Log order is (recorded_at, stream, seq). Every combination of filters answers from an index of `event`. SQLite keeps no
statistics and cannot know which filter lets few events through, so it is asked, as for lists of items.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, func, literal, select, tuple_, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from states.snapshot import SYSTEM
from workflow.errors import BadInput
from workflow.events import COLUMNS, timestamp
from workflow.models import disclosure, event

Place = tuple[str, str, int]
"""Where an event stands in the log: recorded_at, stream, seq."""

MANY = 20_000
"""Events from which on a filter lets many through: no more of them are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events; every field that is set narrows it further.

    person: the pseudonymous id of who acted or was represented. item: a number. via: the door. batch: the id of many
    commands sent as one act (workflow/bulk.py). since, until: aware moments between which the event was written, the
    first inclusive, the second exclusive.
    """

    person: str | None = None
    item: str | None = None
    kind: str | None = None
    transition: str | None = None
    via: str | None = None
    stream: str | None = None
    batch: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def told(self) -> dict[str, str]:
        """What is set, as plain JSON; empty where all events are meant."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: timestamp(value) if isinstance(value, datetime) else value
            for name, value in found.items()
            if value is not None
        }


EVERYTHING = AuditFilter()


class AuditEvent(NamedTuple):
    """A row of `event`, in the order of its columns; `from` and `to` are called source and target here.

    `reason` is the reason that was given, where there is one and it was not erased.
    """

    stream: str
    seq: int
    kind: str
    trigger: str | None
    source: str | None
    target: str | None
    actor: str
    on_behalf_of: str | None
    via: str
    account: str | None
    guards: str | None
    command_id: str | None
    at: str
    recorded_at: str
    schema: int
    payload: bytes
    prev_hash: str
    hash: str
    reason: str | None = None

    @property
    def number(self) -> str | None:
        """The item's number; None for an event of another stream."""
        return number_of(self.stream)

    @property
    def details(self) -> dict[str, Any]:
        """What the event tells beyond its columns."""
        return dict(json.loads(self.payload)["details"])


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, and the cursors of the next ones and of those before; None where there are no more."""

    events: tuple[AuditEvent, ...]
    next: str | None
    previous: str | None = None


def number_of(stream: str) -> str | None:
    """The number of the item whose stream this is."""
    return stream.removeprefix("item:") if stream.startswith("item:") else None


def page(
    connection: Connection,
    filters: AuditFilter,
    limit: int,
    cursor: str | None,
    *,
    newest_first: bool,
    backwards: bool = False,
) -> Page:
    """Up to `limit` events behind `cursor`, or (`backwards`) right before it, in the same order.

    Raises BadInput for a cursor that is none.
    """
    place = _place(cursor) if cursor else None
    backwards &= place is not None
    statement = select_events(
        filters,
        newest_first=newest_first is not backwards,
        after=place,
        limit=limit + 1,
        rows=rows_of(connection, filters),
    )
    rows = [AuditEvent(*row) for row in connection.execute(statement)]
    events, more = rows[:limit], len(rows) > limit
    if backwards:
        events.reverse()
    found = connection.execute(reasons_of({(one.stream, one.seq) for one in events}))
    reasons = {(stream, seq): text for stream, seq, text in found}
    ahead, behind = (True, more) if backwards else (more, place is not None)
    return Page(
        tuple(one._replace(reason=reasons.get((one.stream, one.seq))) for one in events),
        cursor_of(events[-1]) if events and ahead else None,
        cursor_of(events[0]) if events and behind else None,
    )


def rows_of(connection: Connection, filters: AuditFilter) -> Mapping[str, int]:
    """Column -> how many events its filter alone lets through, at most MANY; empty where nobody has to be asked."""
    wanted = dict(_wanted(filters))
    if connection.dialect.name != "sqlite" or len(wanted) < 2 or "stream" in wanted or filters.batch:
        return {}
    period = _period(filters)
    counts = [
        select(func.count())
        .select_from(select(literal(1)).where(event.c[name] == value, *period).limit(MANY).subquery())
        .scalar_subquery()
        .label(name)
        for name, value in wanted.items()
    ]
    return dict(connection.execute(select(*counts)).one()._mapping)


def select_events(
    filters: AuditFilter,
    *,
    newest_first: bool = False,
    after: Place | None = None,
    limit: int | None = None,
    rows: Mapping[str, int] | None = None,
) -> Select[Any] | CompoundSelect[Any]:
    """The rows of COLUMNS that `filters` lets through, in log order or newest first, behind the place `after`.

    rows: what `rows_of` counted; absent: which filter narrows most is guessed.
    """
    place = (event.c.recorded_at, event.c.stream, event.c.seq)
    behind: list[ColumnElement[bool]] = []
    if after is not None:
        # The first condition says no more than the second; it is the one that both databases look up in an index.
        if newest_first:
            behind = [_recorded_at(filters) <= after[0], tuple_(*place) < tuple_(*after)]
        else:
            behind = [_recorded_at(filters) >= after[0], tuple_(*place) > tuple_(*after)]
    branches = []
    for conditions in _branches(filters, rows or {}):
        branch = select(*(event.c[name] for name in COLUMNS)).where(*conditions, *behind)
        branches.append(branch.order_by(*(column.desc() if newest_first else column for column in place)).limit(limit))
    if len(branches) == 1:
        return branches[0]
    both = union_all(*(select(branch.subquery()) for branch in branches))
    found = [both.selected_columns[column.name] for column in place]
    return both.order_by(*(column.desc() if newest_first else column for column in found)).limit(limit)


def count_events(connection: Connection, filters: AuditFilter) -> int:
    """How many events `filters` lets through."""
    return sum(
        connection.scalar(select(func.count()).select_from(event).where(*conditions)) or 0
        for conditions in _branches(filters, {})
    )


def _branches(filters: AuditFilter, rows: Mapping[str, int]) -> list[list[ColumnElement[bool]]]:
    """The conditions; twice for a person, who may have acted or been represented: each column has its own index."""
    shared = _period(filters) + _batch(filters)
    if filters.person is None:
        return [_equal(filters, rows, "") + shared]
    return [
        [*_equal(filters, rows, "actor"), *shared],
        [*_equal(filters, rows, "on_behalf_of"), event.c.actor != filters.person, *shared],
    ]


def _batch(filters: AuditFilter) -> list[ColumnElement[bool]]:
    """That the event's command was one of a batch: its id is the batch's, a colon and a number, which is before a
    second colon."""
    if filters.batch is None:
        return []
    first = f"{filters.batch}:"
    return [event.c.command_id >= first, event.c.command_id < f"{first}:"]


def _period(filters: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    recorded_at = _recorded_at(filters)
    if filters.since is not None:
        found.append(recorded_at >= timestamp(filters.since))
    if filters.until is not None:
        found.append(recorded_at < timestamp(filters.until))
    return found


def _recorded_at(filters: AuditFilter) -> ColumnElement[Any]:
    """The time as conditions name it: where a batch narrows more, it is looked up in no index."""
    return event.c.recorded_at if filters.batch is None else _compared(event.c.recorded_at)


def _equal(filters: AuditFilter, rows: Mapping[str, int], role: str) -> list[ColumnElement[bool]]:
    """Equality on the columns asked for. The one that narrows most is looked up in its index, the others are compared:
    SQLite knows nothing of how often a value occurs, and would rather take an index that saves it a sort.

    role: the column that a person is looked for in.
    """
    given = [(name, value) for name, value in _wanted(filters) if name not in PERSON or name == role]
    given.sort(key=lambda one: rows.get(one[0], 0))  # of equals, the first stays the first
    first = 0 if filters.batch is None else -1  # nothing narrows more than a batch does
    return [
        (event.c[name] if place == first else _compared(event.c[name])) == value
        for place, (name, value) in enumerate(given)
    ]


PERSON = ("actor", "on_behalf_of")


def _wanted(filters: AuditFilter) -> list[tuple[str, str]]:
    """Column and value of each equality; first that which narrows most as far as anybody can guess."""
    person = [(name, filters.person) for name in PERSON]
    often = filters.person == SYSTEM
    wanted = [
        ("stream", f"item:{filters.item}" if filters.item else None),
        ("stream", filters.stream),
        *([] if often else person),
        ("trigger", filters.transition),
        ("kind", filters.kind),
        *(person if often else []),
        ("via", filters.via),
    ]
    return [(name, value) for name, value in wanted if value is not None]


class _compared(FunctionElement[Any]):  # noqa: N801 – reads as a function
    """A column that is compared and not looked up. SQLite: a unary plus keeps a term from its indexes, says its manual
    (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_). PostgreSQL knows better."""

    inherit_cache = True


@compiles(_compared)
def _plain(element: _compared, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_compared, "sqlite")
def _plus(element: _compared, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def reasons_of(keys: Set[tuple[str, int]]) -> Select[Any]:
    """stream, seq, text of the reasons of these events, and perhaps of some others."""
    # Not pairs: SQLite looks through the whole table for a list of pairs.
    return select(disclosure.c.stream, disclosure.c.seq, disclosure.c.text).where(
        disclosure.c.stream.in_(sorted({stream for stream, _ in keys})),
        disclosure.c.seq.in_(sorted({seq for _, seq in keys})),
        disclosure.c.part == "reason",
    )


def cursor_of(one: AuditEvent) -> str:
    """The cursor of the place where this event stands."""
    place: Place = (one.recorded_at, one.stream, one.seq)
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        recorded_at, stream, seq = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return str(recorded_at), str(stream), int(seq)
    except (ValueError, TypeError):
        raise BadInput(f"{cursor!r} is no cursor.", remedy="Pass the one that came with the page before.") from None
