"""Whoever is away names their own deputy, and ends that when they are back; each an event of their stream."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from workflow import access
from workflow.errors import BadInput, NotFound
from workflow.models import deputy
from workflow.queries.acting import standing
from workflow.streams import Origin

LONGEST = timedelta(days=366)
"""For longer, the administration gives somebody the role itself."""


class WrongAbsence(BadInput):
    """What is wrong with an absence: in which `field` (deputy, valid_from, valid_to), and in a word: `code`."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message, remedy=None)
        self.field, self.code = field, code


def name_deputy(
    connection: Connection,
    person: str,
    substitute: str,
    today: date,
    origin: Origin,
    now: datetime,
    *,
    valid_from: date,
    valid_to: date,
    role: str | None = None,
) -> str:
    """Let `substitute` (e-mail address or id) act in the person's place, both days inclusive; the id of the deputyship.

    role: for that one alone. A deputy is somebody with a role of their own: they know the work, and have an account.
    Raises WrongAbsence, and NotFound for a person that is not known.
    """
    if valid_from < today:
        raise WrongAbsence("valid_from", "past", f"{valid_from} has passed. Give today or a later day.")
    if valid_to < valid_from:
        raise WrongAbsence("valid_to", "order", f"The absence would end on {valid_to}, before it begins.")
    if valid_to - valid_from > LONGEST:
        raise WrongAbsence("valid_to", "long", "An absence lasts a year at most.")
    try:
        acting = access.find(connection, substitute).id
    except NotFound:
        raise WrongAbsence("deputy", "unknown", f"{substitute!r} is nobody who works here.") from None
    if acting == person:
        raise WrongAbsence("deputy", "self", "Nobody is their own deputy.")
    if not standing(connection, acting, today).roles:
        # In the same words as for somebody unknown: who has an account here is not told.
        raise WrongAbsence("deputy", "unknown", f"{substitute!r} is nobody who works here.")
    return access.deputise(
        connection, person, acting, origin, now, valid_from=valid_from, valid_to=valid_to, role=role
    )  # fmt: skip


def end_absence(connection: Connection, person: str, key: str, today: date, origin: Origin, now: datetime) -> None:
    """The person is back: nobody acts in their place by this deputyship from `today` on. Raises NotFound, BadInput."""
    own = select(deputy.c.id).where(deputy.c.id == key, deputy.c.person == person)
    if connection.execute(own).first() is None:
        raise NotFound("deputyship", key)
    access.end_deputyship(connection, key, today - timedelta(days=1), origin, now)
