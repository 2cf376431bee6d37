"""One event of the history: its kinds, its canonical bytes, its hash, and the commitments to text it does not hold.

    hash = SHA-256( "ideenweg event v1" LF prev_hash LF payload )      prev_hash of a stream's first event: 64 zeros
    commitment = SHA-256( "ideenweg commitment v1" LF salt LF text )

All hashes are lower-case hexadecimal, all text UTF-8. `payload` is the RFC 8785 form of a JSON object with every typed
column of the event and its `details`. What `details` holds is said at each kind.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
SCHEMA = 1

PARTS = ("data", "personal", "reason", "text", "name")
"""The names under which `details` holds a commitment and `disclosure` its salt."""


class Kind(StrEnum):
    """What an event tells: first of an item, then of a person, last of the system."""

    CREATED = "created"  # lifecycle, version, programme, programme_version, visit, deadlines; of an import: source, row
    IMPORTED = "imported"  # as created: an item that entered at the state it had elsewhere, since a date
    RECORDED = "recorded"  # record, key, visit, version, data and personal (commitments)
    ADVANCED = (
        "advanced"  # visit, origin, origin_visit, reason (commitment), public, deadlines; misfit for lenient imports
    )
    CORRECTED = "corrected"  # as advanced
    LINKED = "linked"  # link, other
    UNLINKED = "unlinked"  # link, other, ends (seq)
    ASSIGNED = "assigned"  # role, person, unit
    UNASSIGNED = "unassigned"  # role, person, ends (seq)
    COMMENTED = "commented"  # text (commitment), public
    ATTACHED = "attached"  # document, sha256, media_type, size, record, public, name (commitment)
    REMOVED = "removed"  # document, sha256
    SHOWN = "shown"  # document, sha256, public
    DEADLINE = "deadline"  # deadlines: [rule, key, date, status, version, fixed]; reason (commitment) of an extension
    MIGRATED = "migrated"  # from_version, to_version, visit, origin, origin_visit, deadlines
    ERASED = "erased"  # parts: [[seq, part], …]

    PERSON_ADDED = "person:added"  # nothing: name and address are in `contact` alone
    PERSON_ERASED = "person:erased"
    GRANTED = "person:granted"  # id, role, scope_kind, scope, valid_from, valid_to
    REVOKED = "person:revoked"  # id
    DEPUTISED = "person:deputised"  # id, deputy, role, valid_from, valid_to
    DEPUTY_ENDED = "person:deputy_ended"  # id, valid_to: the last day it is earlier than it was
    EXPORTED_PERSON = "person:exported"
    CONTACT_READ = "person:contact_read"  # nothing: that somebody else looked at name and address
    REFUSED = "person:refused"  # command, item, transition, blockers (codes), left_out (earlier ones, rate limit)

    LIFECYCLE_LOADED = "system:lifecycle_loaded"  # key, version, sha256
    LIFECYCLE_MIGRATED = "system:lifecycle_migrated"  # key, to_version, moved, left, map (sha256)
    PROGRAMME_LOADED = "system:programme_loaded"  # key, version, sha256
    VERIFIED = "system:verified"  # ok, events, findings: what the clock's daily verification came to
    CALENDAR_ADOPTED = "system:calendar_adopted"  # key, version, sha256
    IMPORT_RUN = "system:import_run"  # source, sha256, items
    EXPORT_RUN = "system:export_run"  # format, filter, events, sha256 (of the file)
    RESTORED = "system:restored"  # created_at of the backup


MOVES = frozenset({Kind.CREATED, Kind.IMPORTED, Kind.ADVANCED, Kind.CORRECTED})
"""The kinds of event that put an item into a state."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event before it is sealed. Times are as `timestamp` writes them."""

    stream: str
    seq: int
    kind: str
    actor: str
    via: str
    at: str
    recorded_at: str
    trigger: str | None = None
    source: str | None = None
    target: str | None = None
    on_behalf_of: str | None = None
    account: str | None = None
    guards: tuple[str, ...] = ()
    command_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


COLUMNS = (
    "stream", "seq", "kind", "trigger", "from", "to", "actor", "on_behalf_of", "via", "account", "guards",
    "command_id", "at", "recorded_at", "schema", "payload", "prev_hash", "hash",
)  # fmt: skip
"""The columns of `event`, in the order of `seal`'s row."""


def seal(event: Event, prev_hash: str) -> tuple[Any, ...]:
    """The row of `event` behind `prev_hash`, in the order of COLUMNS. `guards` is a JSON list or null."""
    guards = list(event.guards) or None
    payload = canonical(
        {
            "stream": event.stream,
            "seq": event.seq,
            "kind": event.kind,
            "trigger": event.trigger,
            "from": event.source,
            "to": event.target,
            "actor": event.actor,
            "on_behalf_of": event.on_behalf_of,
            "via": event.via,
            "account": event.account,
            "guards": guards,
            "command_id": event.command_id,
            "at": event.at,
            "recorded_at": event.recorded_at,
            "schema": SCHEMA,
            "details": event.details,
        }
    )
    return (
        event.stream, event.seq, event.kind, event.trigger, event.source, event.target, event.actor,
        event.on_behalf_of, event.via, event.account, json.dumps(guards) if guards else None,
        event.command_id, event.at, event.recorded_at, SCHEMA, payload, prev_hash, chain(prev_hash, payload),
    )  # fmt: skip


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value of objects with ASCII keys, lists, text, whole numbers, true, false and null.

    For these the standard library's encoder gives what RFC 8785 asks, eight times faster than the `rfc8785` package; a
    property test holds the two against each other. Record data, where numbers may have fractions, goes through
    `rfc8785` itself.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def chain(prev_hash: str, payload: bytes) -> str:
    """The hash of an event: it covers its own bytes and, by `prev_hash`, all before it in its stream."""
    return sha256(b"ideenweg event v1\n" + prev_hash.encode() + b"\n" + payload).hexdigest()


def commitment(salt: str, text: str) -> str:
    """What an event holds in place of a text: proof of it while the salt is kept, nothing once that is erased."""
    return sha256(b"ideenweg commitment v1\n" + salt.encode() + b"\n" + text.encode()).hexdigest()


def new_salt() -> str:
    """128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def timestamp(moment: datetime) -> str:
    """An aware moment as the tables write it: UTC, microseconds, `2026-06-09T12:00:00.000000Z`."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; pass an aware datetime.")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def moment(text: str) -> datetime:
    """The aware moment that `timestamp` wrote."""
    return datetime.fromisoformat(text)
