"""Who is who: persons, roles with scope and dates, deputies. Every change is an event of the person's stream.

A person is a pseudonymous id everywhere but in `contact`. Functions take a connection inside a writing transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection, delete, insert, literal_column, select, update

from states.lifecycle import Role
from states.programme import Programme
from states.sentences import Sentence
from workflow.db import upsert
from workflow.errors import BadInput, NotFound
from workflow.events import Kind, timestamp
from workflow.models import contact, deputy, event, person, refusal_window, role_grant
from workflow.scopes import checked_scope
from workflow.streams import Origin, append

REFUSALS_A_MINUTE = 10
"""How many refusals of one person are written in a minute; the next one written says how many were left out."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person with the name and address that nothing else holds."""

    id: str
    email: str
    name: str
    locale: str
    zone: str | None


def find(connection: Connection, asked: str) -> Contact:
    """The person with this e-mail address or pseudonymous id. Raises NotFound."""
    column = contact.c.email if "@" in asked else person.c.id
    row = connection.execute(
        select(person.c.id, contact.c.email, contact.c.name, person.c.locale, person.c.zone)
        .join(contact, contact.c.person == person.c.id)
        .where(column == asked.strip().lower(), person.c.erased_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound("person", asked)
    return Contact(*row)


def add(
    connection: Connection, email: str, name: str, origin: Origin | None, now: datetime, *, locale: str = "de"
) -> str:
    """A new person; the pseudonymous id. `origin` None: the person adds themselves, by handing in an idea.

    Raises BadInput for an address that is none or is taken.
    """
    address = checked_email(email)
    _checked_locale(locale)
    if connection.execute(select(contact.c.person).where(contact.c.email == address)).first():
        raise BadInput(
            Sentence(f"{address} ist schon bekannt.", f"{address} is known already."),
            remedy=Sentence(
                "Geben Sie Rollen mit `ideenweg person grant`.", "Grant roles to it with `ideenweg person grant`."
            ),
        )
    return _add(connection, address, name.strip() or address, origin, now, locale)


def add_stand_in(
    connection: Connection, address: str, name: str, origin: Origin | None, now: datetime, *, locale: str = "de"
) -> str:
    """A person of whom a name is known and no more, or not even that; the pseudonymous id.

    address: unique, and under `.invalid`, where nobody can be reached (RFC 2606 §2). `origin` None: as of `add`.
    """
    assert address.endswith(".invalid")
    return _add(connection, address, name.strip() or address, origin, now, locale)


def _add(connection: Connection, address: str, name: str, origin: Origin | None, now: datetime, locale: str) -> str:
    key = f"p-{secrets.token_hex(8)}"
    name = " ".join(name.split())  # one line: it stands in the head of mails
    connection.execute(insert(person).values(id=key, locale=locale, created_at=timestamp(now)))
    connection.execute(insert(contact).values(person=key, email=address, name=name))
    append(connection, f"person:{key}", Kind.PERSON_ADDED, origin or Origin(key, "api"), now)
    return key


def checked_email(email: str) -> str:
    """The address in lower case. Raises BadInput with what is wrong with it."""
    from email_validator import EmailNotValidError, validate_email  # rarely needed, and slow to import

    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise BadInput(
            Sentence(f"„{email}“ ist keine E-Mail-Adresse: {error}", f"{email!r} is no e-mail address: {error}"),
            remedy=Sentence("Schreiben Sie sie wie name@example.org.", "Write it as name@example.org."),
        ) from None


def grant(
    connection: Connection,
    asked: str,
    role: Role,
    scope: str | None,
    programme: Programme,
    origin: Origin,
    now: datetime,
    *,
    valid_from: date,
    valid_to: date | None = None,
) -> str:
    """Give a person a role for a scope and time, both days inclusive; the id of the grant.

    Raises BadInput where the role wants another scope, or the programme knows no such city, body or office.
    """
    holder = find(connection, asked)
    kind = checked_scope(role, scope, programme)
    if valid_to and valid_to < valid_from:
        raise BadInput(
            Sentence(
                f"Die Rolle würde am {valid_to} enden, bevor sie am {valid_from} beginnt.",
                f"The role would end on {valid_to}, before it begins on {valid_from}.",
            )
        )
    key = f"g-{secrets.token_hex(8)}"
    granted = {
        "id": key,
        "role": role.key,
        "scope_kind": kind,
        "scope": scope,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else None,
    }
    connection.execute(insert(role_grant).values(person=holder.id, granted_at=timestamp(now), **granted))
    append(connection, f"person:{holder.id}", Kind.GRANTED, origin, now, details=granted)
    return key


def revoke(connection: Connection, grant_id: str, origin: Origin, now: datetime) -> None:
    """End a grant now. It stays in the table and in the history. Raises NotFound."""
    holder = connection.execute(
        update(role_grant)
        .where(role_grant.c.id == grant_id, role_grant.c.revoked_at.is_(None))
        .values(revoked_at=timestamp(now))
        .returning(role_grant.c.person)
    ).scalar_one_or_none()
    if holder is None:
        raise NotFound("role grant", grant_id)
    append(connection, f"person:{holder}", Kind.REVOKED, origin, now, details={"id": grant_id})


def deputise(
    connection: Connection,
    asked: str,
    substitute: str,
    origin: Origin,
    now: datetime,
    *,
    valid_from: date,
    valid_to: date,
    role: str | None = None,
) -> str:
    """Let `substitute` act in a person's place from one day to another, both inclusive; the id of the deputyship."""
    away, acting = find(connection, asked), find(connection, substitute)
    if away.id == acting.id:
        raise BadInput(
            Sentence("Niemand vertritt sich selbst.", "Nobody is their own deputy."),
            remedy=Sentence("Nennen Sie eine andere Person.", "Name another person."),
        )
    if valid_to < valid_from:
        raise BadInput(
            Sentence(
                f"Die Vertretung würde am {valid_to} enden, bevor sie am {valid_from} beginnt.",
                f"The deputyship would end on {valid_to}, before it begins on {valid_from}.",
            )
        )
    key = f"d-{secrets.token_hex(8)}"
    details = {
        "id": key,
        "deputy": acting.id,
        "role": role,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat(),
    }
    connection.execute(insert(deputy).values(person=away.id, **details))
    append(connection, f"person:{away.id}", Kind.DEPUTISED, origin, now, details=details)
    return key


def end_deputyship(connection: Connection, key: str, last_day: date, origin: Origin, now: datetime) -> None:
    """Let a deputyship end on `last_day`, earlier than it was to; before its first day, it never begins.

    Raises NotFound, and BadInput for a day that is no earlier.
    """
    row = connection.execute(select(deputy).where(deputy.c.id == key)).one_or_none()
    if row is None:
        raise NotFound("deputyship", key)
    if last_day.isoformat() >= row.valid_to:
        raise BadInput(
            Sentence(
                f"Die Vertretung endet schon am {row.valid_to}.", f"The deputyship ends on {row.valid_to} already."
            ),
            remedy=Sentence("Nennen Sie einen früheren Tag.", "Give an earlier day."),
        )
    connection.execute(update(deputy).where(deputy.c.id == key).values(valid_to=last_day.isoformat()))
    details = {"id": key, "valid_to": last_day.isoformat()}
    append(connection, f"person:{row.person}", Kind.DEPUTY_ENDED, origin, now, details=details)


def looked_up(connection: Connection, asked: str, origin: Origin, now: datetime) -> Contact:
    """The person, for somebody else to read their name and address: noted in their stream, once a day and reader.

    Raises NotFound.
    """
    found = find(connection, asked)
    stream = f"person:{found.id}"
    noted = select(event.c.seq).where(
        event.c.stream == stream, event.c.kind == Kind.CONTACT_READ, event.c.actor == origin.actor,
        event.c.recorded_at >= timestamp(now)[:10],
    )  # fmt: skip
    if origin.actor != found.id and connection.execute(noted.limit(1)).first() is None:
        append(connection, stream, Kind.CONTACT_READ, origin, now)
    return found


def speak(connection: Connection, asked: str, locale: str) -> None:
    """Write to a person in this language from now on. Raises NotFound, and BadInput for another language."""
    known = find(connection, asked)
    connection.execute(update(person).where(person.c.id == known.id).values(locale=_checked_locale(locale)))


def keep_time(connection: Connection, asked: str, zone: str | None) -> None:
    """Write to a person by the clocks of this time zone from now on; None: by the programme's.

    Raises NotFound, and BadInput for a zone that there is not.
    """
    known = find(connection, asked)
    if zone is not None and zone not in (zones := available_timezones()):
        close = get_close_matches(zone, sorted(zones), n=3)
        meant = Sentence(f"Meinten Sie {' oder '.join(close)}?", f"Did you mean {' or '.join(close)}?")
        right = Sentence("Schreiben Sie sie wie Europe/Berlin.", "Write it as Europe/Berlin.")
        raise BadInput(
            Sentence(f"Es gibt die Zeitzone „{zone}“ nicht.", f"There is no time zone {zone!r}."),
            remedy=meant if close else right,
        )
    connection.execute(update(person).where(person.c.id == known.id).values(zone=zone))


def refused(connection: Connection, actor: str, about: Mapping[str, Any], origin: Origin, now: datetime) -> None:
    """Note a refusal in the actor's stream, at most REFUSALS_A_MINUTE a minute; nobody known is noted nowhere."""
    try:
        holder = find(connection, actor).id
    except NotFound:
        return
    minute = timestamp(now)[:16]
    written = connection.execute(
        upsert(connection, refusal_window)
        .values(person=holder, minute=minute, written=1, left_out=0)
        .on_conflict_do_update(
            index_elements=["person", "minute"], set_={"written": literal_column("refusal_window.written + 1")}
        )
        .returning(refusal_window.c.written)
    ).scalar_one()
    window = (refusal_window.c.person == holder) & (refusal_window.c.minute == minute)
    if written > REFUSALS_A_MINUTE:
        connection.execute(update(refusal_window).where(window).values(left_out=written - REFUSALS_A_MINUTE))
        return
    earlier = (refusal_window.c.person == holder) & (refusal_window.c.minute < minute)
    left_out = connection.execute(select(refusal_window.c.left_out).where(earlier)).scalars().all()
    connection.execute(delete(refusal_window).where(earlier))
    by = Origin(holder, origin.via, origin.account, origin.on_behalf_of, origin.command_id)
    append(connection, f"person:{holder}", Kind.REFUSED, by, now, details={**about, "left_out": sum(left_out)})


def _checked_locale(locale: str) -> str:
    if locale not in ("de", "en"):
        raise BadInput(
            Sentence(
                f"„{locale}“ ist keine Sprache dieser Installation.", f"{locale!r} is no language of this installation."
            ),
            remedy=Sentence("Nehmen Sie de oder en.", "Use de or en."),
        )
    return locale
