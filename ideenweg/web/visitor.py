"""Who asks for a page, as recognition.py found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from workflow.accounts.sessions import Session


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page; `person` None: anybody.

    roles: those granted to them that hold today, not those on single items. staff: they work on ideas, by such a role,
    in somebody's place today, or by a role on a single item other than that of whoever handed it in.
    deputy: they act in somebody's place today. administrator: they hold a role that the programme names for
    administration.
    """

    person: str | None = None
    name: str = ""
    email: str = ""
    locale: str | None = None
    roles: frozenset[str] = frozenset()
    staff: bool = False
    deputy: bool = False
    administrator: bool = False
    session: Session | None = None

    @property
    def known(self) -> bool:
        """They are signed in."""
        return self.person is not None


ANYBODY = Visitor()


def visitor_of(request: Request) -> Visitor:
    """Who asks; anybody, where nobody has looked yet."""
    return cast(Visitor, getattr(request.state, "visitor", ANYBODY))
