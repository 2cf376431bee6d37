"""Proofs that events are in the log, as documents that any SHA-256 can check; and what is kept of the log elsewhere.

A checkpoint or a proof that somebody kept is held against the present history: whoever rewrote that cannot have
rewritten what lies elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from workflow import checkpoints, log_check, merkle
from workflow.chains import Findings, Verification
from workflow.checkpoints import Checkpoint, growth, latest, leaf, parts_of
from workflow.db import Database
from workflow.errors import BadInput, NotFound
from workflow.events import chain
from workflow.log_check import LOG
from workflow.models import event, item, log_leaf
from workflow.progress import Progress, silent

FORMAT = "ideenweg proof v1"

LARGEST = 16 * 1024 * 1024
"""Characters of a proof; an item with a history of some thousand events has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Proved:
    """An event, and the path from its leaf to the root of the checkpoint."""

    stream: str
    seq: int
    position: int
    prev_hash: str
    payload: str
    path: tuple[bytes, ...]

    @property
    def hash(self) -> str:
        """The event's own hash, worked out."""
        return chain(self.prev_hash, self.payload.encode())


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that was kept elsewhere, and the events that came with it where it was a proof."""

    checkpoint: Checkpoint
    events: tuple[Proved, ...] = ()


def prove(connection: Connection, number: str, programme: str, *, last: bool = False) -> dict[str, Any]:
    """The proof that an item's events are in the log, against the latest checkpoint; of its last one alone (`last`).

    `newer` says how many of its events came after that checkpoint and are not in the proof.
    Raises NotFound for an unknown item, BadInput where no checkpoint covers anything of it yet.
    """
    if connection.scalar(select(item.c.number).where(item.c.number == number)) is None:
        raise NotFound("item", number)
    base, stream = latest(connection), f"item:{number}"
    covered = log_leaf.c.position < (base.size if base else 0)
    rows = connection.execute(
        select(event.c.stream, event.c.seq, log_leaf.c.position, event.c.prev_hash, event.c.payload)
        .outerjoin(log_leaf, (log_leaf.c.stream == event.c.stream) & (log_leaf.c.seq == event.c.seq) & covered)
        .where(event.c.stream == stream)
        .order_by(event.c.seq)
    ).all()
    placed = [row for row in rows if row.position is not None]
    if base is None or not placed:
        raise BadInput(
            f"No checkpoint covers {number} yet.", remedy="Make one with `ideenweg audit checkpoint`, then prove."
        )
    shown = placed[-1:] if last else placed
    ways = {row.position: merkle.inclusion(row.position, base.size) for row in shown}
    hashes = parts_of(connection, (part for way in ways.values() for part in way))
    return {
        "format": FORMAT,
        "checkpoint": base.told(programme),
        "number": number,
        "newer": len(rows) - len(placed),
        "events": [
            {
                "stream": row.stream,
                "seq": row.seq,
                "position": row.position,
                "prev_hash": row.prev_hash,
                "payload": row.payload.decode(),
                "path": [hashes[part].hex() for part in ways[row.position]],
            }
            for row in shown
        ],
    }


def read(file: Path) -> Kept | None:
    """What was kept in this file; None where it is neither a checkpoint nor a proof.

    Raises BadInput for one of the two that is not whole, and where the file cannot be read.
    """
    try:
        with file.open("rb") as source:
            content = source.read(LARGEST + 1)
        told = json.loads(content) if len(content) <= LARGEST else None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("format") not in (FORMAT, checkpoints.FORMAT):
        return None
    try:
        if told["format"] == checkpoints.FORMAT:
            return Kept(_checkpoint(told))
        return Kept(_checkpoint(told["checkpoint"]), tuple(_event(one) for one in told["events"]))
    except (KeyError, TypeError, ValueError):
        raise BadInput(f"{file} is not whole, or was changed: it is no {told['format']}.") from None


def consistent(database: Database, kept: Kept, progress: Progress = silent) -> Verification:
    """What the present history has lost or changed of what was kept. Raises StorageError.

    The log is recomputed against all events; then the kept root must be the beginning of the present one; and each
    event of a proof is looked for by itself, so that one that is gone or another is named.
    """
    findings = Findings()
    with database.reading() as connection:
        size = log_check.check(connection, findings, progress)
        if not findings.kept:  # a log that is not even what its own events make of it contains nothing
            _contained(connection, kept.checkpoint, size, findings)
        for one in kept.events:
            _proves(one, kept.checkpoint, findings)
            stored = (event.c.stream == one.stream) & (event.c.seq == one.seq)
            there = connection.scalar(select(event.c.hash).where(stored))
            if there != one.hash:
                findings.add(one.stream, one.seq, "event.hash" if there else "event", one.hash, there)
        streams = connection.scalar(
            select(func.count(log_leaf.c.stream.distinct())).where(log_leaf.c.position < kept.checkpoint.size)
        )
    return Verification(True, streams or 0, kept.checkpoint.size, tuple(findings.kept), findings.left_out)


def _contained(connection: Connection, kept: Checkpoint, size: int, findings: Findings) -> None:
    """Prove by the present log that the kept root is of its beginning, as anybody elsewhere would."""
    if kept.size > size:
        findings.add(LOG, None, "number of events", f"{kept.size} or more", size)
        return
    whole = parts_of(connection, [(0, kept.size), (0, size)])
    path = [bytes.fromhex(one) for one in growth(connection, kept.size, size)]
    if not merkle.consistent(kept.size, bytes.fromhex(kept.root), size, whole[0, size], path):
        findings.add(LOG, None, f"root of {kept.size} events", kept.root, whole[0, kept.size].hex())


def _proves(one: Proved, base: Checkpoint, findings: Findings) -> None:
    """Note where a proof does not prove what it says: then somebody changed the file."""
    told = json.loads(one.payload)
    own = leaf(one.stream, one.seq, one.hash)
    right = merkle.included(own, one.position, base.size, one.path, bytes.fromhex(base.root))
    if not right or (told.get("stream"), told.get("seq")) != (one.stream, one.seq):
        findings.add(one.stream, one.seq, "proof", "a path to the root of its checkpoint", None)


def _checkpoint(told: dict[str, Any]) -> Checkpoint:
    found = Checkpoint(told["size"], told["root"], told["at"])
    if type(found.size) is not int or found.size < 0 or len(bytes.fromhex(found.root)) != 32:
        raise ValueError(told)
    return found


def _event(told: dict[str, Any]) -> Proved:
    seq, position, path = told["seq"], told["position"], tuple(bytes.fromhex(one) for one in told["path"])
    texts = [told[name] for name in ("stream", "prev_hash", "payload")]
    whole = all(isinstance(one, str) for one in texts) and type(seq) is type(position) is int
    if not whole or not isinstance(json.loads(told["payload"]), dict):
        raise ValueError(told)
    return Proved(told["stream"], seq, position, told["prev_hash"], told["payload"], path)
