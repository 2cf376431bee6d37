"""Links that open one thing for whoever has them: signed with the installation's key, and kept nowhere."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256


def signed(keys: Sequence[bytes], purpose: str, person: str, what: str) -> str:
    """What a link carries that lets `person` do `purpose` with `what`. Signed with the first of `keys`."""
    said = f"{person} {what}".encode()
    return f"{_text(said)}.{_text(_signature(keys[0], purpose, said))}"


def checked(keys: Sequence[bytes], purpose: str, token: str) -> tuple[str, str] | None:
    """The person, and with what, of a token that one of `keys` has signed for `purpose`; None for any other text."""
    try:
        said, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        if not any(hmac.compare_digest(signature, _signature(key, purpose, said)) for key in keys):
            return None
        person, what = said.decode().split(" ")
    except ValueError:
        return None
    return person, what


def _signature(key: bytes, purpose: str, said: bytes) -> bytes:
    return hmac.new(key, f"ideenweg {purpose} v1\n".encode() + said, sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
