"""How many residents support an item, and whether one of them is who asks. Nobody learns who the others are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from workflow.models import support


@dataclass(frozen=True, slots=True)
class Supporters:
    """number: how many; own: whether `person` is one of them."""

    number: int
    own: bool


def supporters_of(connection: Connection, number: str, person: str | None = None) -> Supporters:
    """Those of the item; each counts once."""
    own = func.coalesce(func.max(support.c.person).filter(support.c.person == (person or "")), "")
    count, mine = connection.execute(select(func.count(), own).where(support.c.item == number)).one()
    return Supporters(count, bool(mine))
