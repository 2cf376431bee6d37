"""Passwords: which are good enough (NIST SP 800-63B-4 §3.1.1.2), and how they are kept (RFC 9106, argon2id).

At least 15 characters, which is the standard's measure for passwords that are all a person shows; one measure for
everybody, since a second factor can be taken off again. No rule about kinds of characters, and no expiry. A password is
refused if hardly anything of it is left without common words, the words of this place and person, runs and repeats.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 15, 128
"""Characters."""

LEAST_LEFT = 6
"""Characters that have to be left without what everybody guesses."""

COMMON = Path(__file__).with_name("common_words.txt")
"""What passwords are often made of, a word a line."""

RUNS = (
    "abcdefghijklmnopqrstuvwxyzäöüß",
    "01234567890",
    "qwertzuiopü",
    "asdfghjklöä",
    "yxcvbnm",
    "qwertyuiop",
    "zxcvbnm",
)
"""The alphabet, digits, and rows of keyboards."""
SHORTEST_RUN = 3

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""19 MiB: many may sign in at once. (OWASP's first choice for argon2id.)"""


def weakness(password: str, context: Iterable[str] = ()) -> str | None:
    """Why a password is not good enough: `too_short`, `too_long`, `common`; None for a good one.

    context: what anybody might try first: names, addresses, words of the programme.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        return "too_short"
    if len(text) > LONGEST:
        return "too_long"
    return "common" if len(_left(text.casefold(), context)) < LEAST_LEFT else None


def hashed(password: str) -> str:
    """What is kept of a password, in argon2's own notation."""
    return _hasher.hash(normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password of which `kept` is kept. It takes as long where nothing is: nobody learns who is known
    by the time that an answer takes."""
    try:
        return _hasher.verify(kept or _nobodys(), normal(password)) and bool(kept)
    except (VerifyMismatchError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether it was hashed with other costs than new ones are."""
    return _hasher.check_needs_rehash(kept)


def normal(password: str) -> str:
    """The same password from every keyboard: NFKC, as the standard wants it."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


def _left(text: str, context: Iterable[str]) -> str:
    """What is left of a password without words, runs and repeats."""
    own = {part for one in context for part in re.findall(r"\w{3,}", one.casefold())}
    for word in sorted({*_common(), *own}, key=len, reverse=True):
        text = text.replace(word, "")
    for row in RUNS:
        for run in (row, row[::-1]):
            text = re.sub("|".join(_pieces(run)), "", text)
    text = re.sub(r"(.+?)\1+", r"\1", text)  # said several times is said once
    return re.sub(r"[\W_]", "", text)


@cache
def _common() -> tuple[str, ...]:
    return tuple(COMMON.read_text(encoding="utf-8").split())


@cache
def _pieces(run: str) -> tuple[str, ...]:
    """The pieces of a run that are long enough to be one, the longest first."""
    sizes = range(len(run), SHORTEST_RUN - 1, -1)
    return tuple(run[start : start + size] for size in sizes for start in range(len(run) - size + 1))
