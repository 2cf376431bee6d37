"""What the installation's key vouches for and hides."""

from __future__ import annotations

import pytest

from workflow import signing

KEYS = (b"the present key", b"the one before")


def test_what_one_key_signed_is_opened_by_whoever_has_it_for_the_same_purpose() -> None:
    token = signing.sign(KEYS[1:], "a", "Grüße")
    assert signing.signed(KEYS, "a", token) == "Grüße"
    assert signing.signed(KEYS, "b", token) is None
    assert signing.signed(KEYS[:1], "a", token) is None


@pytest.mark.parametrize("token", ["", ".", "abc", "a.b.c", "%%.%%", "ü.ü", "YQ.YQ"])
def test_what_nobody_signed_is_nothing(token: str) -> None:
    assert signing.signed(KEYS, "a", token) is None


def test_a_mark_proves_a_text_that_it_does_not_tell() -> None:
    mark = signing.mark(KEYS, "a", "text")
    assert "text" not in mark
    assert signing.marked((b"a newer key", *KEYS), "a", "text", mark)
    assert not any(signing.marked(KEYS, *told, mark) for told in (("a", "other"), ("b", "text")))
    assert not any(signing.marked(KEYS, "a", "text", other) for other in ("", "ü", mark[:-1]))


def test_what_is_sealed_is_read_by_whoever_has_a_key_for_the_same_purpose() -> None:
    sealed = signing.seal(KEYS[1:], "a", "geheim")
    assert "geheim" not in sealed
    assert signing.unseal(KEYS, "a", sealed) == "geheim"
    assert signing.unseal(KEYS, "b", sealed) is None
    assert signing.unseal(KEYS[:1], "a", sealed) is None
    assert signing.unseal(KEYS, "a", "") is None
