"""Channels: one small module each, one contract for all.

A channel makes the bytes of a message once; they are stored, and sent as they are however often it is tried. Sending
returns what the receiver answered, or raises Temporary, Permanent or Unavailable (notifications/errors.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifications.render import Rendered

NOTHING = Rendered("", "", "")


@dataclass(frozen=True, slots=True)
class Appointment:
    """A deadline for the recipient's calendar. `version` rises when it is moved."""

    key: str
    version: int
    day: str  # ISO


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said, and to whom. Names and addresses are empty for receivers that are no persons."""

    id: str  # of the delivery
    message_id: str
    notice: str
    item: str | None  # None: a digest
    state: str | None
    url: str | None
    made: datetime
    intent: str | None = None
    address: str = ""
    name: str = ""
    locale: str = "de"
    rendered: Rendered = NOTHING
    office_name: str = ""
    office_email: str | None = None
    unsubscribe: str | None = None
    appointment: Appointment | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message as it is sent. `to`: an address, or the id of a webhook."""

    id: str
    message_id: str
    to: str
    message: bytes


class Channel(Protocol):
    """A way to people or programs."""

    name: str

    def build(self, letter: Letter) -> bytes:
        """The bytes of the message. Raises Permanent where it can never be sent to that receiver."""

    def send(self, parcel: Parcel, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        """Send it; the receiver's answer. Raises SendError.

        meanwhile: something to do while the receiver judges it; called once at most, and it raises nothing.
        """

    def close(self) -> None:
        """Give back what is kept open; the channel may be used again."""
