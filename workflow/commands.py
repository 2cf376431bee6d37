"""What a person or the clock can ask of the engine: one frozen dataclass each.

`actor` and `on_behalf_of` are e-mail addresses or pseudonymous person ids; `item` is an item number ("2026-0147").
`command_id` makes a command repeatable: sent again it returns the stored result. `revision` is the item's revision
the sender saw; absent, the command takes the item as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command says: who asks, in whose place, and under which id."""

    actor: str
    on_behalf_of: str | None = None
    command_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommand(Command):
    """A command on one existing item."""

    item: str
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Command):
    """A new item in the initial state of `lifecycle` (absent: the default one). `data` fills its sheet.

    on_behalf_of: for whom somebody hands in who has a role of their own, or in whose place a deputy does.
    An actor nobody knows yet becomes a person by this: whoever hands in an idea needs no account.
    """

    data: Mapping[str, Any]
    lifecycle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(ItemCommand):
    """Fire a transition. `data` fills the record kind the transition names as its form; `key` where that has one."""

    transition: str
    reason: str | None = None
    data: Mapping[str, Any] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(ItemCommand):
    """Write a record, or a new version of one. `version`: the version the writer saw (0: none yet)."""

    kind: str
    data: Mapping[str, Any]
    key: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(ItemCommand):
    """Link the item to another one."""

    kind: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink(ItemCommand):
    """End a link. It stays in the history."""

    kind: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(ItemCommand):
    """Give a person a role on this item."""

    role: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassign(ItemCommand):
    """Take a person's role on this item back."""

    role: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(ItemCommand):
    """Give a deadline until the day `to`, for a reason. `rule`, `key`: which one, where several run on the item."""

    to: date
    reason: str
    rule: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(ItemCommand):
    """A remark on the item: for those who work on it, or (`public`) for everybody once the item is released."""

    text: str
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDocument(ItemCommand):
    """A document of the item, or of its records of the kind `record`. Its bytes are in the folder already
    (workflow/documents.py puts them there). `public`: everybody may see it once the item is released."""

    name: str
    media_type: str
    size: int
    sha256: str
    record: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDocument(ItemCommand):
    """A document is not to be had any more. That it was there stays in the history."""

    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDocument(ItemCommand):
    """Everybody may see a document once the item is released; or (`public` false) nobody but those who work on it."""

    document: str
    public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(ItemCommand):
    """A resident stands behind an item of a lifecycle that counts support. Once a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(ItemCommand):
    """An administrator puts an item into a state past all transitions, with a reason. Appended, never rewritten."""

    to: str
    reason: str
