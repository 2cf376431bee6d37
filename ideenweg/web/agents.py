"""A browser in the words of people: `Firefox, Linux`. It names itself at length, and every one as all the others."""

from __future__ import annotations

BROWSERS = (("Firefox/", "Firefox"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""What it says of itself -> what it is; the first that fits, since Edge says Chrome, and Chrome says Safari."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def named(agent: str) -> str:
    """The browser and its system, as far as its User-Agent header tells them; else its first word."""
    found = [next((name for mark, name in marks if mark in agent), None) for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or agent.split(" ")[0]
