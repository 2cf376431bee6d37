"""What becomes of a command that a form sent: done, refused with every reason, or overtaken by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work import past
from ideenweg.web.pages.work.opened import Opened, opened, revision_of
from states.blockers import Blocker, blocker
from workflow.commands import Command
from workflow.engine import Outcome
from workflow.errors import Conflict, NotFound, Refused

REFUSED, OVERTAKEN = 422, 409

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Stale:
    """What the sender saw, what is now, and what has happened between."""

    before: str
    now: str
    since: tuple[past.Stop, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing was changed, with the item as it is by now."""

    opened: Opened
    blockers: tuple[Blocker, ...] = ()
    stale: Stale | None = None

    @property
    def status(self) -> int:
        return OVERTAKEN if self.stale else REFUSED

    def sentences(self) -> list[str]:
        return [one.in_locale(self.opened.say.locale) for one in self.blockers]

    def at(self, *paths: str) -> dict[str, str]:
        """Name of a field -> what is wrong with it, for the blockers that name one of the paths."""
        locale = self.opened.say.locale
        return {
            str(one.params["path"]): one.in_locale(locale) for one in self.blockers if one.params.get("path") in paths
        }

    def besides(self, *paths: str) -> list[str]:
        """What stands against it that is at no field."""
        locale = self.opened.say.locale
        return [one.in_locale(locale) for one in self.blockers if one.params.get("path") not in paths]


def send(page: Opened, command: Command) -> Outcome | Trouble:
    """Carry the command out, or say why not."""
    return attempt(page, lambda: page.site.engine.execute(command, now=page.now))


def attempt(page: Opened, act: Callable[[], Done]) -> Done | Trouble:
    """What `act` gives, or the Trouble that it got into."""
    try:
        return act()
    except Refused as error:
        return Trouble(page, error.blockers)
    except Conflict:
        now = opened(page.request)
        seen = revision_of(form_of(page.request)) or page.detail.item.revision
        state = now.lifecycle.states[now.detail.item.state]
        return Trouble(now, stale=Stale(past.state_at(now, seen), now.text(state.label), tuple(past.since(now, seen))))
    except NotFound as error:
        if error.what not in ("person", "item", "link", "assignment"):
            raise
        return Trouble(page, (_unknown(error),))


def _unknown(error: NotFound) -> Blocker:
    """The blocker for somebody or something that there is not, at the field where it was typed."""
    if error.what == "person":
        return blocker(
            "unknown_person",
            "Unter „{name}“ ist niemand bekannt. Prüfen Sie die Adresse; ein Konto legt die Administration an.",
            "Nobody is known as “{name}”. Check the address; the administration can add an account.",
            name=error.name,
            path="people",
        )
    return blocker(
        "unknown_item",
        "„{name}“ gibt es nicht oder nicht mehr.",
        "There is no “{name}”, or not any more.",
        name=error.name,
        path="other",
    )
