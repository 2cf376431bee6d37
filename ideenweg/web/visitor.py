"""Who asks for a page, as recognition.py found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from workflow.accounts.sessions import Session


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page; `person` None: anybody.

    roles: those granted to them that hold today, not those on single items. deputy: they stand in for somebody today.
    administrator: they hold a role that the programme names for administration.
    """

    person: str | None = None
    name: str = ""
    email: str = ""
    locale: str | None = None
    roles: frozenset[str] = frozenset()
    deputy: bool = False
    administrator: bool = False
    session: Session | None = None

    @property
    def known(self) -> bool:
        """They are signed in."""
        return self.person is not None

    @property
    def staff(self) -> bool:
        """They work on ideas: by a role of their own or in somebody's place."""
        return bool(self.roles) or self.deputy


ANYBODY = Visitor()


def visitor_of(request: Request) -> Visitor:
    """Who asks; anybody, where nobody has looked yet."""
    return cast(Visitor, getattr(request.state, "visitor", ANYBODY))
