"""Checkpoints: the root over all events so far (RFC 9162 §2.1), to be kept where nobody who writes here can reach.

The log gives each event its place when a checkpoint is made, never when the event is written: that stays as fast as it
is. New events come behind those that have a place, among themselves by (recorded_at, stream, seq). So one that was
committed late gets a later place, and nothing ever comes in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, select, text, tuple_

from workflow.db import APPLICATION_ID, Database
from workflow.errors import BadInput, IntegrityBroken
from workflow.events import moment, timestamp
from workflow.history import Place
from workflow.merkle import Growing, Node, Part, consistency, cover, leaf_hash, part_hash
from workflow.models import checkpoint, event, log_leaf, log_node
from workflow.progress import Progress, silent

FORMAT = "ideenweg checkpoint v1"

LEAVES_AT_A_TIME = 5000
"""Events that get their place in one transaction: the first checkpoint of a long history must not stop the work."""

ROWS_AT_A_TIME = 500

LATE = timedelta(hours=1)
"""How long before a checkpoint an event may have been dated that was committed after it, to be found by its date. Later
ones are missed by the count, and then looked for everywhere."""

LOG_LOCK = APPLICATION_ID + 1
"""PostgreSQL's advisory lock that lets one process append to the log at a time."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root (hexadecimal) of the first `size` events of the log; `at` is when it was made, as `timestamp` writes."""

    size: int
    root: str
    at: str

    def told(self, programme: str) -> dict[str, Any]:
        """The document that is given out."""
        return {"format": FORMAT, "programme": programme, "size": self.size, "root": self.root, "at": self.at}


def leaf(stream: str, seq: int, own_hash: str) -> bytes:
    """The leaf hash of an event: it says which event it is, and by its hash all that the event says."""
    return leaf_hash(f"ideenweg leaf v1\n{stream}\n{seq}\n{own_hash}".encode())


def make(database: Database, now: datetime, progress: Progress = silent) -> Checkpoint:
    """Give every event its place in the log, and keep the root over all of them; the last one if nothing is new.

    Costs what is new, but for one count of the events. Safe in any number of processes at once. Raises StorageError,
    and IntegrityBroken for a log that was damaged.
    """
    with database.reading() as connection:
        before = latest(connection)
    place: Place | None = (timestamp(moment(before.at) - LATE), "", 0) if before else ("", "", 0)
    while True:
        step = database.attempt(partial(_step, after=place, now=now))
        progress("events", step.size, step.size)
        if step.made:
            return step.made
        place = step.place


def latest(connection: Connection) -> Checkpoint | None:
    """The last checkpoint that was made; None before the first."""
    row = connection.execute(select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)).first()
    return Checkpoint(*row) if row else None


def parts_of(connection: Connection, parts: Iterable[Part]) -> dict[Part, bytes]:
    """The hashes of parts of the log, from the subtrees that are kept."""
    wanted = set(parts)
    nodes = _nodes(connection, {node for part in wanted for node in cover(part)})
    return {part: part_hash(part, nodes) for part in wanted}


def growth(connection: Connection, old: int, new: int) -> list[str]:
    """What proves that the checkpoint of `old` events is the beginning of that of `new` (RFC 9162 §2.1.4).

    Raises BadInput where `old` is no size of a log that has `new` events.
    """
    if not 0 <= old <= new:
        raise BadInput(f"No checkpoint of {old} events was made: the log has {new}.")
    parts = consistency(old, new) if old else []
    hashes = parts_of(connection, parts)
    return [hashes[part].hex() for part in parts]


def size_of(connection: Connection) -> int:
    """How many events have a place in the log."""
    last = connection.scalar(select(func.max(log_leaf.c.position)))
    return 0 if last is None else int(last) + 1


@dataclass(frozen=True, slots=True)
class _Step:
    """What one transaction came to: a checkpoint, or the place behind which to go on (None: anywhere)."""

    size: int
    made: Checkpoint | None = None
    place: Place | None = None


def _step(connection: Connection, after: Place | None, now: datetime) -> _Step:
    """Append what comes next behind `after`; keep the root, if that was all."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOG_LOCK})
    size = size_of(connection)
    rows = connection.execute(_new_ones(after)).all()
    tree = _append(connection, size, rows)
    if len(rows) == LEAVES_AT_A_TIME:
        return _Step(tree.size, place=(rows[-1].recorded_at, rows[-1].stream, rows[-1].seq) if after else None)
    if after and (connection.scalar(select(func.count()).select_from(event)) or 0) > tree.size:
        return _Step(tree.size, place=None)
    before = latest(connection)
    if before and before.size == tree.size:
        return _Step(tree.size, made=before)
    made = Checkpoint(tree.size, tree.root.hex(), timestamp(now))
    connection.execute(insert(checkpoint).values(size=made.size, root=made.root, at=made.at))
    return _Step(tree.size, made=made)


def _new_ones(after: Place | None) -> Select[Any]:
    """Events without a place in the log, LEAVES_AT_A_TIME at most."""
    placed = exists().where(log_leaf.c.stream == event.c.stream, log_leaf.c.seq == event.c.seq)
    order = (event.c.recorded_at, event.c.stream, event.c.seq)
    behind: list[ColumnElement[bool]] = []
    if after:
        # As in history.select_events: the first condition is looked up in the index, the second is exact.
        behind = [event.c.recorded_at >= after[0], tuple_(*order) > tuple_(*after)]
    return select(*order, event.c.hash).where(*behind, ~placed).order_by(*order).limit(LEAVES_AT_A_TIME)


def _append(connection: Connection, size: int, rows: Sequence[Any]) -> Growing:
    """Give these events the next places; the tree over all."""
    peaks = list(cover((0, size)))
    nodes = _nodes(connection, set(peaks))
    tree = Growing(size, [nodes[peak] for peak in peaks])
    leaves: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    for row in rows:
        for level, position, found in tree.add(leaf(row.stream, row.seq, row.hash)):
            if level:
                above.append({"level": level, "position": position, "hash": found.hex()})
            else:
                leaves.append({"position": position, "stream": row.stream, "seq": row.seq, "hash": found.hex()})
    for table, new in ((log_leaf, leaves), (log_node, above)):
        if new:
            connection.execute(insert(table), new)
    return tree


def _nodes(connection: Connection, wanted: set[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees; of single leaves, too."""
    found: dict[Node, str] = {}
    for level in sorted({level for level, _ in wanted}):
        positions = sorted(position for at, position in wanted if at == level)
        for begin in range(0, len(positions), ROWS_AT_A_TIME):
            some = positions[begin : begin + ROWS_AT_A_TIME]
            statement = select(log_leaf.c.position, log_leaf.c.hash).where(log_leaf.c.position.in_(some))
            if level:
                statement = select(log_node.c.position, log_node.c.hash)
                statement = statement.where(log_node.c.level == level, log_node.c.position.in_(some))
            found |= {(level, position): own for position, own in connection.execute(statement)}
    try:
        return {node: bytes.fromhex(found[node]) for node in wanted}
    except (KeyError, ValueError):
        raise IntegrityBroken("The log was changed by other hands. `ideenweg audit verify` says where.") from None
