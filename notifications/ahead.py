"""The messages of one batch, each built while the receiver judges the one before: neither waits for the other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from notifications import deliveries
from notifications.channels import Channel, Letter, Parcel
from notifications.deliveries import Ack, Occasion
from notifications.errors import NoticeError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery that can be sent. written: its bytes as they are kept, or the letter they are made of. occasion: the
    deadline it reminds of."""

    row: Row[Any]
    to: str
    written: bytes | Letter
    occasion: Occasion | None


@dataclass(frozen=True, slots=True)
class Built:
    """A delivery as it is sent. `keep`: its bytes, where they are not kept yet."""

    row: Row[Any]
    parcel: Parcel
    keep: bytes | None
    occasion: Occasion | None


class Ahead:
    """Hands out what is ready, one after the other. settle: what to do with one that cannot be built, which stops no
    other."""

    def __init__(
        self, channel: Channel, ready: Sequence[Ready], now: datetime, settle: Callable[[Ack], object]
    ) -> None:
        self._channel, self._left, self._now, self._settle = channel, deque(ready), now, settle
        self._next: Built | None = None

    def build(self) -> None:
        """Have the next one built."""
        while self._next is None and self._left:
            self._next = self._built(self._left.popleft())

    def take(self) -> Built | None:
        """The next one; None after the last."""
        self.build()
        taken, self._next = self._next, None
        return taken

    @property
    def left(self) -> list[Row[Any]]:
        """The deliveries that nobody has taken."""
        return [one.row for one in (*([self._next] if self._next else ()), *self._left)]

    def _built(self, one: Ready) -> Built | None:
        row, fresh = one.row, isinstance(one.written, Letter)
        try:
            message = self._channel.build(one.written) if isinstance(one.written, Letter) else one.written
        except NoticeError as error:
            self._settle(deliveries.failed(row, str(error), self._now))
            return None
        except Exception as error:  # whatever it is, the others do not wait for it
            log.exception("The message of %s cannot be built", row.id)
            self._settle(deliveries.failed(row, f"{type(error).__name__}: {error}", self._now))
            return None
        parcel = Parcel(row.id, row.message_id, one.to, message)
        return Built(row, parcel, message if fresh else None, one.occasion)
