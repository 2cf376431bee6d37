"""Recomputes the log against the events: each leaf, each node above, each checkpoint. One read, in flat memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, Select, func, select

from workflow.chains import Findings
from workflow.checkpoints import leaf
from workflow.merkle import Growing
from workflow.models import checkpoint, event, log_leaf, log_node
from workflow.progress import Progress, silent

LOG = "log"
"""What findings name in place of a stream, where they are about the log itself."""

ROWS_AT_A_TIME = 1000

Place = tuple[int, int]
"""When a node is completed: by which leaf, counted from one, and as the how manieth (its level)."""


def check(connection: Connection, findings: Findings, progress: Progress = silent) -> int:
    """Note what of the log is not as it was written, or no event answers to; how many leaves there are.

    An altered event is one finding: the nodes are computed from the leaves as the log has them.
    """
    total = connection.scalar(select(func.count()).select_from(log_leaf)) or 0
    tree = Growing()
    roots = {row.size: row.root for row in connection.execute(select(checkpoint))}
    with _rows(connection, _leaves()) as leaves, _rows(connection, _nodes()) as kept:
        nodes = _Nodes(kept, findings)
        for row in leaves:
            if row.position != tree.size:
                findings.add(LOG, None, "log_leaf.position", tree.size, row.position)
                break
            _compare(row, findings)
            for level, position, own in tree.add(_bytes(row.kept)):
                if level:
                    nodes.expect((tree.size, level), position, own)
            if tree.size in roots:
                _root(tree, roots.pop(tree.size), findings)
            if tree.size % ROWS_AT_A_TIME == 0 or tree.size == total:
                progress("log", tree.size, total)
        nodes.finish()
    for size, root in sorted(roots.items()):
        if size:
            findings.add(LOG, None, "checkpoint.size", f"{tree.size} or fewer", size)
        else:
            _root(Growing(), root, findings)
    return tree.size


@dataclass(slots=True)
class _Nodes:
    """The kept nodes, in the order in which they are completed."""

    rows: CursorResult[Any]
    findings: Findings
    next: Row[Any] | None = None

    def __post_init__(self) -> None:
        self.next = self.rows.fetchone()

    def expect(self, place: Place, position: int, own: bytes) -> None:
        """Compare the node that is completed there."""
        while self.next is not None and (self.next.leaves, self.next.level) < place:
            self._unknown()
        if self.next is None or (self.next.leaves, self.next.level) != place:
            self.findings.add(LOG, None, f"log_node {place[1]}/{position}", own.hex(), None)
            return
        if self.next.hash != own.hex():
            self.findings.add(LOG, None, f"log_node {place[1]}/{position}", own.hex(), self.next.hash)
        self.next = self.rows.fetchone()

    def finish(self) -> None:
        """Note the nodes that are over leaves that there are not."""
        while self.next is not None:
            self._unknown()

    def _unknown(self) -> None:
        assert self.next is not None
        self.findings.add(LOG, None, f"log_node {self.next.level}/{self.next.position}", None, self.next.hash)
        self.next = self.rows.fetchone()


def _compare(row: Row[Any], findings: Findings) -> None:
    """Hold a leaf against its event."""
    if row.own is None:
        findings.add(row.stream, row.seq, "log_leaf", "its event", None)
        return
    now = leaf(row.stream, row.seq, row.own).hex()
    if now != row.kept:
        findings.add(row.stream, row.seq, "log_leaf.hash", row.kept, now)


def _root(tree: Growing, kept: str, findings: Findings) -> None:
    if kept != tree.root.hex():
        findings.add(LOG, None, f"checkpoint {tree.size}", tree.root.hex(), kept)


def _bytes(kept: str) -> bytes:
    """A kept hash; of what is none, something that no node fits to."""
    try:
        return bytes.fromhex(kept)
    except ValueError:
        return kept.encode()


def _leaves() -> Select[Any]:
    own = (event.c.stream == log_leaf.c.stream) & (event.c.seq == log_leaf.c.seq)
    place = (log_leaf.c.position, log_leaf.c.stream, log_leaf.c.seq)
    both = select(*place, log_leaf.c.hash.label("kept"), event.c.hash.label("own"))
    return both.select_from(log_leaf.outerjoin(event, own)).order_by(log_leaf.c.position)


def _nodes() -> Select[Any]:
    leaves = (log_node.c.position + 1).op("<<")(log_node.c.level)
    return select(log_node.c.level, log_node.c.position, log_node.c.hash, leaves.label("leaves")).order_by(
        leaves, log_node.c.level
    )


def _rows(connection: Connection, statement: Select[Any]) -> CursorResult[Any]:
    options = {"stream_results": True, "yield_per": ROWS_AT_A_TIME}
    return connection.execute(statement, execution_options=options)
