"""What the installation's key vouches for: texts that go out and must come back unchanged, and texts kept unread.

Every purpose has a key of its own, derived from the installation's: what is signed for one counts nothing for another.
The first of `keys` signs and seals, any of them opens, so that a key can be renewed.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def sign(keys: Sequence[bytes], purpose: str, text: str) -> str:
    """`text` with the mark that it is ours; fit for an address or a cookie. Everybody can read it."""
    said = text.encode()
    return f"{_written(said)}.{_written(_mark(keys[0], purpose, said))}"


def signed(keys: Sequence[bytes], purpose: str, token: str) -> str | None:
    """The text that one of `keys` signed for this purpose; None for anything else."""
    try:
        said, mark = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        ours = any(hmac.compare_digest(mark, _mark(key, purpose, said)) for key in keys)
        return said.decode() if ours else None
    except ValueError:
        return None


def mark(keys: Sequence[bytes], purpose: str, text: str) -> str:
    """What proves that whoever shows it got it from us with `text`, which it does not tell."""
    return _written(_mark(keys[0], purpose, text.encode()))


def marked(keys: Sequence[bytes], purpose: str, text: str, shown: str) -> bool:
    """Whether `shown` is the mark of `text`."""
    return any(
        hmac.compare_digest(_written(_mark(key, purpose, text.encode())).encode(), shown.encode()) for key in keys
    )


def seal(keys: Sequence[bytes], purpose: str, text: str) -> str:
    """`text` so that nobody reads it without a key."""
    return _safe(keys, purpose).encrypt(text.encode()).decode()


def unseal(keys: Sequence[bytes], purpose: str, sealed: str) -> str | None:
    """The text; None where no key fits."""
    try:
        return _safe(keys, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _safe(keys: Sequence[bytes], purpose: str) -> MultiFernet:
    derived = (hmac.new(key, f"ideenweg seal v1\n{purpose}".encode(), sha256).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def _mark(key: bytes, purpose: str, said: bytes) -> bytes:
    return hmac.new(key, f"ideenweg {purpose} v1\n".encode() + said, sha256).digest()


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
