"""Plans a move: may it be made, by which way, and what does it bring about? Fires nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.blockers import Blocker
from states.lifecycle import Transition


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. With blockers, nothing would: `target` is then None.

    keeps_visit: the move leads back to `origin`; the visit and its running deadlines go on.
    pauses: the move enters a pausing state; `origin` is remembered and the running deadlines stop.
    guards: the names of the guards that held, for the event.
    record: the data of the transition's form, normalised (`personal` fields included), or None.
    """

    transition: Transition | None
    blockers: tuple[Blocker, ...]
    target: str | None = None
    keeps_visit: bool = False
    pauses: bool = False
    guards: tuple[str, ...] = ()
    record: Mapping[str, Any] | None = None

    @property
    def allowed(self) -> bool:
        return not self.blockers
