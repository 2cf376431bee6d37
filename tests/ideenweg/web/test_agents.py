"""Browsers in the words of people."""

from __future__ import annotations

import pytest

from ideenweg.web.agents import named

WEBKIT = "AppleWebKit/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0",
            "Edge, Windows",
        ),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel) {WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1", "Safari, iOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert named(agent) == name
