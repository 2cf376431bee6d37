"""The doors: web pages, API, command line; the application that puts the rooms together. It decides nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ideenweg.wiring import open_workflow as open_workflow

__all__ = ["open_workflow"]


def __getattr__(name: str) -> Any:
    # The wiring imports every room; `ideenweg --help` needs none of them (PEP 562).
    if name == "open_workflow":
        from ideenweg.wiring import open_workflow

        return open_workflow
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
