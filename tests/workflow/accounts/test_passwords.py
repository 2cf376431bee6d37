"""Which passwords are good enough, and how they are kept."""

from __future__ import annotations

import pytest

from workflow.accounts.passwords import LONGEST, hashed, matches, outdated, weakness

CONTEXT = ("Digital Operating System Dortmund Schwerte", "koordination@dortmund.example", "Koordination Dortmund")


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("vierzehn Zeich", "too_short"),
        ("Brombeere Ufer Kanzel", None),
        ("brombeerenuferkanzel", None),  # no rule about kinds of characters
        ("Ein Satz mit Ümläuten 😀 geht auch", None),
        ("x" * (LONGEST + 1), "too_long"),
        ("aaaaaaaaaaaaaaaaaaaa", "common"),
        ("abcabcabcabcabcabcabc", "common"),
        ("passwort123456789!", "common"),
        ("PasswortPasswort2026", "common"),
        ("qwertzuiopasdfghjkl", "common"),
        ("01234567899876543210", "common"),
        ("Koordination-Dortmund-1", "common"),
        ("dortmund-schwerte-2026", "common"),
        ("Willkommen-Sommer-2026", "common"),
        ("Dortmund Brombeere Ufer", None),
    ],
)
def test_a_password_is_long_and_not_what_everybody_would_try(password: str, weak: str | None) -> None:
    assert weakness(password, CONTEXT) == weak


def test_only_the_password_itself_matches_however_its_letters_are_composed() -> None:
    kept = hashed("Ein Grüßchen vom Kanal")
    assert kept.startswith("$argon2id$")
    assert matches(kept, "Ein Gru\u0308ßchen vom Kanal")
    assert not matches(kept, "Ein Grüßchen vom Kanal ")
    assert not outdated(kept)
    assert outdated("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$3vJ0hk6mWyQCBXnnCVLa9Q")


@pytest.mark.parametrize("kept", [None, "", "no hash"])
def test_without_a_password_none_matches(kept: str | None) -> None:
    assert not matches(kept, "the password of nobody")
