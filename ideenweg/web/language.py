"""In which language a page is given: as its address asks, as was chosen before, as the person who is signed in has set,
as the browser prefers, else German."""

from __future__ import annotations

from starlette.requests import Request

LANGUAGES = ("de", "en")
COOKIE = "lang"
KEPT = 365 * 24 * 60 * 60
"""Seconds that a browser keeps the choice."""


def chosen(request: Request) -> str | None:
    """The language that the address itself asks for: `?lang=en`. Any other is no choice."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def language_of(request: Request, own: str | None = None) -> str:
    """The language of the answer to `request`. own: that of the person who is signed in."""
    kept = request.cookies.get(COOKIE)
    return (
        chosen(request)
        or (kept if kept in LANGUAGES else None)
        or own
        or preferred(request.headers.get("accept-language", ""))
        or LANGUAGES[0]
    )


def preferred(header: str) -> str | None:
    """The best of LANGUAGES in an Accept-Language header (RFC 9110 §12.5.4); None where it names neither.

    Of two with the same weight the first counts. What cannot be read counts for nothing.
    """
    best, most = None, 0.0
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1) if weight else 1.0
        except ValueError:
            continue
        language = tag.strip().lower().split("-")[0]
        if language in LANGUAGES and quality > most:
            best, most = language, quality
    return best
