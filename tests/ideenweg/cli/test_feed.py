"""`ideenweg person calendar`: an address is told once, and taken back."""

from __future__ import annotations

from typing import Any


def test_an_address_is_made_told_once_and_taken_back(cli: Any) -> None:
    first, second = (cli.document("person", "calendar", cli.coordinator)["calendar"]["url"] for _ in range(2))
    assert first != second
    assert first.startswith("http://127.0.0.1:8000/kalender/")
    assert cli("person", "calendar", cli.coordinator, "--revoke").out == "The address has stopped working.\n"
    assert "has no address" in cli("person", "calendar", cli.coordinator, "--revoke").out
    unknown = cli("person", "calendar", "niemand@dortmund.example")
    assert unknown.code == 4
