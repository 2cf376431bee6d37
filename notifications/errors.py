"""The errors of this room.

NoticeError
├── TemplateFault          a template that cannot be used: file, line, what is wrong
└── SendError              a message did not get through
    ├── Temporary          this recipient, for now: it is tried again
    │   └── Lost           the connection broke off, so that nobody knows whether it arrived
    ├── Permanent          this recipient, for good: a dead letter
    │   └── Gone           the receiver is no more and wants nothing further
    └── Unavailable        nobody can be reached by this channel now; no attempt is counted
"""

from __future__ import annotations


class NoticeError(Exception):
    """Any error of this room."""


class TemplateFault(NoticeError):
    """A template cannot be used. `place` is `file:line`."""

    def __init__(self, place: str, wrong: str) -> None:
        self.place, self.wrong = place, wrong
        super().__init__(f"{place}: {wrong}")


class SendError(NoticeError):
    """A message did not get through; the text is the server's answer or what stood in the way."""


class Temporary(SendError):
    """This recipient cannot be reached for now."""


class Lost(Temporary):
    """The connection broke off or nothing came in time: nobody knows whether the message arrived. It is sent again."""


class Permanent(SendError):
    """This recipient cannot be reached, and trying again would not help."""


class Gone(Permanent):
    """The receiver is no more (HTTP 410)."""


class Unavailable(SendError):
    """The channel itself is down, whoever the recipient."""
