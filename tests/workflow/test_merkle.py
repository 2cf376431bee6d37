"""The tree against the test vectors that implementations of RFC 6962 share, and against the RFC's own recursion."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow import merkle
from workflow.merkle import Growing, consistency, consistent, included, inclusion, leaf_hash

LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]
GROWTHS = [
    (1, 1, []),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
OTHER = sha256(b"another").digest()


def grown(leaves: list[bytes]) -> tuple[Growing, dict[merkle.Node, bytes]]:
    tree, nodes = Growing(), {}
    for data in leaves:
        nodes |= {(level, position): own for level, position, own in tree.add(leaf_hash(data))}
    return tree, nodes


def hashes(parts: list[merkle.Part], nodes: dict[merkle.Node, bytes]) -> list[bytes]:
    return [merkle.part_hash(part, nodes) for part in parts]


def test_the_roots_are_those_of_the_reference() -> None:
    assert [grown(LEAVES[:size])[0].root.hex() for size in range(9)] == ROOTS


@pytest.mark.parametrize(("position", "size", "expected"), PATHS)
def test_the_inclusion_proofs_are_those_of_the_reference(position: int, size: int, expected: list[str]) -> None:
    _, nodes = grown(LEAVES)
    assert [one.hex() for one in hashes(inclusion(position, size), nodes)] == expected


@pytest.mark.parametrize(("old", "new", "expected"), GROWTHS)
def test_the_consistency_proofs_are_those_of_the_reference(old: int, new: int, expected: list[str]) -> None:
    _, nodes = grown(LEAVES)
    assert [one.hex() for one in hashes(consistency(old, new), nodes)] == expected


# --- the RFC's definitions, word by word ------------------------------------------------------------------------------


def mth(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else sha256().digest()
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70), st.data())
def test_tree_and_proofs_are_what_the_rfc_defines(leaves: list[bytes], data: st.DataObject) -> None:
    tree, nodes = grown(leaves)
    size, root = len(leaves), mth(leaves)
    assert tree.root == root

    position = data.draw(st.integers(0, size - 1))
    leaf, proof = leaf_hash(leaves[position]), hashes(inclusion(position, size), nodes)
    assert proof == path(position, leaves)
    assert included(leaf, position, size, proof, root)
    assert not included(OTHER, position, size, proof, root)
    assert not included(leaf, position, size, proof, OTHER)
    assert not included(leaf, position, size, [*proof, OTHER], root)
    assert not included(leaf, size, size, proof, root)
    assert not proof or not included(leaf, position, size, proof[:-1], root)
    assert not proof or not included(leaf, position, size, [OTHER, *proof[1:]], root)

    old = data.draw(st.integers(1, size))
    before, proof = mth(leaves[:old]), hashes(consistency(old, size), nodes)
    assert proof == subproof(old, leaves, True)
    assert consistent(old, before, size, root, proof)
    assert not consistent(old, OTHER, size, root, proof)
    assert not consistent(old, before, size, OTHER, proof)
    assert not consistent(old, before, size, root, [*proof, OTHER])
    assert not proof or not consistent(old, before, size, root, proof[:-1])
    assert not proof or not consistent(old, before, size, root, [OTHER, *proof[1:]])
    assert old == size or not consistent(size, root, old, before, proof)


def test_the_tree_of_no_leaves_grows_into_any() -> None:
    assert consistent(0, merkle.EMPTY, 8, bytes.fromhex(ROOTS[8]), [])
    assert not consistent(0, OTHER, 8, bytes.fromhex(ROOTS[8]), [])
