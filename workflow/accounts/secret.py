"""Random values that open something, and what is kept of them."""

from __future__ import annotations

import secrets
from hashlib import sha256

BYTES = 32
"""Of a random value: nobody guesses 256 bits, so a plain digest protects it as well as a slow one."""


def made() -> str:
    """A new value, fit for an address or a cookie."""
    return secrets.token_urlsafe(BYTES)


def digest(value: str) -> str:
    """What is kept of a value."""
    return sha256(f"ideenweg secret v1\n{value}".encode()).hexdigest()


def identifier(letter: str) -> str:
    """What a kept value is called among its like; it opens nothing."""
    return f"{letter}-{secrets.token_hex(8)}"
