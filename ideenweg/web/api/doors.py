"""What every call shares: the workflow, and the engine that notes its commands as done by the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ideenweg.web.api.throttle import Throttle
from ideenweg.wiring import App
from workflow.engine import Engine


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Doors:
    """One installation, as the API reaches it. `now`: the aware moment of a call."""

    workflow: App
    engine: Engine
    throttle: Throttle
    now: Callable[[], datetime] = utc_now
