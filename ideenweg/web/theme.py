"""Light, dark, or as the browser has it: chosen by the address, kept by a cookie."""

from __future__ import annotations

from starlette.requests import Request

THEMES = ("auto", "light", "dark")
COOKIE = "theme"


def chosen(request: Request) -> str | None:
    """The theme that the address asks for: `?theme=dark`. Any other is no choice."""
    asked = request.query_params.get("theme")
    return asked if asked in THEMES else None


def theme_of(request: Request) -> str:
    """The theme of the answer to `request`."""
    kept = request.cookies.get(COOKIE)
    return chosen(request) or (kept if kept in THEMES else None) or THEMES[0]
