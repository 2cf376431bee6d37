"""Figures that are kept for a while: made once, by one request, and anew when their time is over."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ideenweg.web import lately
from ideenweg.web.lately import Lately

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)


def test_figures_are_made_once_a_minute_for_each_key() -> None:
    kept, made = Lately(), iter(range(9))
    asked = [("a", 0), ("a", 59), ("b", 59), ("a", 60), ("b", 60)]
    found = [kept.of(key, NOW + timedelta(seconds=after), lambda: next(made)) for key, after in asked]
    assert found == [0, 0, 1, 2, 1]


def test_what_takes_long_is_kept_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 5.0, 100.0, 100.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    kept, made = Lately(), iter(range(9))
    found = [kept.of("a", NOW + timedelta(minutes=after), lambda: next(made)) for after in (0, 4.9, 5)]
    assert found == [0, 0, 1]


def test_who_asks_at_the_same_time_waits_for_what_is_being_made() -> None:
    kept, made, begun = Lately(), iter(range(9)), threading.Event()

    def make() -> int:
        begun.wait(5)
        return next(made)

    with ThreadPoolExecutor(4) as several:
        asking = [several.submit(kept.of, "a", NOW, make) for _ in range(4)]
        begun.set()
        assert [one.result() for one in asking] == [0, 0, 0, 0]


def test_who_asks_while_they_are_made_anew_sees_those_from_before() -> None:
    kept, begun, done = Lately(), threading.Event(), threading.Event()
    kept.of("a", NOW, lambda: "old")
    later = NOW + timedelta(minutes=2)

    def make() -> str:
        begun.set()
        assert done.wait(5)
        return "new"

    with ThreadPoolExecutor(1) as other:
        asking = other.submit(kept.of, "a", later, make)
        assert begun.wait(5)
        assert kept.of("a", later, lambda: "never") == "old"
        done.set()
        assert asking.result() == "new"
    assert kept.of("a", later, lambda: "never") == "new"


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lately, "MOST", 2)
    kept, made = Lately(), iter(range(9))
    assert [kept.of(key, NOW, lambda: next(made)) for key in "abcba"] == [0, 1, 2, 1, 3]
