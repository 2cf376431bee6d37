"""The Merkle tree of a list that only grows, and its proofs: RFC 9162 §2.1, the same tree as in RFC 6962 §2.1.

A node (level, position) is the root of a complete subtree: of the 2**level leaves from position * 2**level on. A part
[begin, end) of the list, as the proofs ask for it, is put together from few of them. Nothing here knows a database:
who asks brings the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Node = tuple[int, int]
"""level, position"""

Part = tuple[int, int]
"""begin, end: leaves of the list, the first inclusive, the second exclusive"""

EMPTY = sha256(b"").digest()
"""The root of no leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf (§2.1.1): told apart from that of a node, so that neither passes for the other."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two halves (§2.1.1)."""
    return sha256(b"\1" + left + right).digest()


def cover(part: Part) -> Iterator[Node]:
    """The complete subtrees that make up a part, the largest first. `begin` is a multiple of the largest one's size."""
    begin, end = part
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The hash of a part from those of the subtrees of `cover`."""
    if not hashes:
        return EMPTY
    found = hashes[-1]
    for one in reversed(hashes[:-1]):
        found = node_hash(one, found)
    return found


def part_hash(part: Part, nodes: Mapping[Node, bytes]) -> bytes:
    """The hash of a part (MTH of §2.1.1), where `nodes` has what `cover` names."""
    return root_of([nodes[node] for node in cover(part)])


@dataclass(slots=True)
class Growing:
    """A tree to which leaves are added. `peaks`: the hashes of `cover((0, size))`, all that is needed to go on."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add a leaf hash; the level, position and hash of each subtree that it completes, itself (level 0) first."""
        position = self.size
        self.size += 1
        yield 0, position, leaf
        level = 0
        while position & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            position >>= 1
            level += 1
            yield level, position, leaf
        self.peaks.append(leaf)

    @property
    def root(self) -> bytes:
        """The root of all leaves so far."""
        return root_of(self.peaks)


def inclusion(position: int, size: int) -> list[Part]:
    """The parts whose hashes prove that the leaf at `position` is among the first `size` (PATH of §2.1.3.1)."""
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if position < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Part]:
    """The parts whose hashes prove that the first `old` leaves are the beginning of the first `new` (PROOF of
    §2.1.4.1). 0 < old <= new."""
    begin, end, found = 0, new, []
    while old < end:
        middle = begin + _split(end - begin)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    if begin:
        found.append((begin, end))
    return found[::-1]


def included(leaf: bytes, position: int, size: int, path: Iterable[bytes], root: bytes) -> bool:
    """Whether the hashes of `inclusion` prove the leaf hash (§2.1.3.2)."""
    if not 0 <= position < size:
        return False
    first, last, found = position, size - 1, leaf
    for one in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(one, found)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, one)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the hashes of `consistency` prove that the tree of `old` leaves grew into that of `new` (§2.1.4.2).

    The tree of no leaves grows into any; of that there is nothing to prove.
    """
    if old == 0 or old == new:
        return not path and (old_root == EMPTY if old == 0 else old_root == new_root)
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if old > new or not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    grown_from = grown_to = hashes[0]
    for one in hashes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            grown_from, grown_to = node_hash(one, grown_from), node_hash(one, grown_to)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            grown_to = node_hash(grown_to, one)
        first, last = first >> 1, last >> 1
    return last == 0 and (grown_from, grown_to) == (old_root, new_root)


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
