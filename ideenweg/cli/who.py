"""Who is meant: people by their e-mail address, with the nearest ones where nobody has it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from ideenweg.cli.session import Session
from states.snapshot import SYSTEM
from workflow.access import Contact, find
from workflow.errors import NotFound
from workflow.queries.people import near


def known(session: Session, connection: Connection, asked: str) -> Contact:
    """The person with this address or pseudonymous id. Raises NotFound that names the nearest addresses."""
    try:
        return find(connection, asked)
    except NotFound as error:
        if close := near(connection, asked):
            either = session.say(" oder ", " or ").join(close)
            error.add_note(session.say(f"Meinten Sie {either}?", f"Did you mean {either}?"))
        raise


def name(people: Mapping[str, tuple[str, str]], person: str | None, session: Session) -> str:
    """What to call somebody: the name; for whoever may not be named, or was erased, what is left of them."""
    if person is None:
        return ""
    if person == SYSTEM:
        return session.say("von selbst", "by itself")
    return people[person][0] if person in people else person
