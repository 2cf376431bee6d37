"""What a person wants to be told, and when: at once, in the daily digest, or, of optional notices, not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from notifications.render import APART, Templates
from states.errors import nearest
from workflow import signing
from workflow.db import upsert
from workflow.errors import BadInput
from workflow.events import timestamp
from workflow.models import preference

UNSUBSCRIBE = "unsubscribe"
"""What the links of mails are signed for."""

EVERY = ""
"""In place of a notice: all that have no line of their own."""

PURPOSE = "unsubscribe"


class Mode(StrEnum):
    """How somebody wants to be told."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    OFF = "off"


Wishes = Mapping[str, Mapping[str, Mode]]
"""Person -> notice (or EVERY) -> mode."""


def wishes(connection: Connection, people: Iterable[str]) -> Wishes:
    """What these people have set."""
    found: dict[str, dict[str, Mode]] = {}
    rows = connection.execute(select(preference).where(preference.c.person.in_(sorted(set(people)))))
    for row in rows:
        found.setdefault(row.person, {})[row.notice] = Mode(row.mode)
    return found


def mode(wanted: Wishes, templates: Templates, person: str, notice: str, *, handed_in: bool) -> Mode:
    """How `person` is told of `notice`.

    Who handed the item in is told at once and so learns its decision; everybody else by the digest, unless the notice
    waits for none. An obligatory notice cannot be switched off, only put into the digest where it may wait.
    """
    manner = templates.manner(notice)
    set_by = wanted.get(person, {})
    usual = Mode.AT_ONCE if handed_in else Mode.DIGEST
    asked = set_by.get(notice, set_by.get(EVERY, usual))
    if asked is Mode.OFF:
        return Mode.OFF if manner.optional else (Mode.AT_ONCE if handed_in or manner.at_once else Mode.DIGEST)
    return Mode.AT_ONCE if manner.at_once else asked


def choosable(templates: Templates) -> tuple[str, ...]:
    """The notices of which a person may choose how they are told."""
    return tuple(name for name in templates.notices if name not in APART)


def choose(
    connection: Connection, templates: Templates, person: str, notice: str, wanted: Mode | None, now: datetime
) -> None:
    """Set how `person` is told of `notice` (EVERY: of all others); None: as usual again.

    Raises BadInput for a notice that there is not, that is not optional and is to be off, or that waits for no digest
    and is to be in one.
    """
    if notice != EVERY and notice not in (known := choosable(templates)):
        raise BadInput(f"There is no notice {notice!r} to choose.", remedy=nearest(notice, known))
    manner = templates.manner(notice)
    if wanted is Mode.OFF and notice != EVERY and not manner.optional:
        usual = "It is always sent at once." if manner.at_once else "Choose at_once or digest."
        raise BadInput(f"{notice} cannot be switched off, it is not optional.", remedy=usual)
    if wanted is Mode.DIGEST and manner.at_once:
        raise BadInput(f"{notice} waits for no digest, it is always sent at once.")
    if wanted is None:
        connection.execute(delete(preference).where(preference.c.person == person, preference.c.notice == notice))
        return
    row = {"mode": wanted.value, "at": timestamp(now)}
    connection.execute(
        upsert(connection, preference)
        .values(person=person, notice=notice, **row)
        .on_conflict_do_update(index_elements=["person", "notice"], set_=row)
    )


def unsubscribe_token(keys: Sequence[bytes], person: str, notice: str) -> str:
    """What a mail carries so that one click switches `notice` off (RFC 8058). Signed with the first of `keys`."""
    return signing.sign(keys, PURPOSE, f"{person} {notice}")


def unsubscribed(keys: Sequence[bytes], token: str) -> tuple[str, str] | None:
    """The person and notice of a token that one of `keys` has signed; None for any other text."""
    person, _, notice = (signing.signed(keys, PURPOSE, token) or "").partition(" ")
    return (person, notice) if notice else None
