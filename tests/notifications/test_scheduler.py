"""The clock: every chore at its interval, whatever becomes of one run."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

import pytest

from notifications.scheduler import Chore, Clock

OFTEN = timedelta(milliseconds=20)
PATIENCE = 10


def test_a_chore_is_done_at_once_and_again_with_the_time_of_each_call() -> None:
    calls: list[datetime] = []
    twice = threading.Event()

    def do(now: datetime) -> None:
        calls.append(now)
        if len(calls) >= 2:
            twice.set()

    clock = Clock([Chore("count", OFTEN, do)])
    clock.start()
    assert twice.wait(PATIENCE)
    clock.stop()
    assert all(call.tzinfo is not None for call in calls)
    assert calls == sorted(calls)


def test_a_chore_that_fails_is_logged_and_done_again(caplog: pytest.LogCaptureFixture) -> None:
    again = threading.Event()
    calls: list[datetime] = []

    def do(now: datetime) -> None:
        calls.append(now)
        if len(calls) > 1:
            again.set()
        raise ValueError("no such thing")

    clock = Clock([Chore("stumble", OFTEN, do)])
    with caplog.at_level(logging.ERROR):
        clock.start()
        assert again.wait(PATIENCE)
        clock.stop()
    assert "stumble failed; it is tried again in 0:00:00.020000" in caplog.text
    assert "no such thing" in caplog.text


def test_a_slow_chore_runs_once_at_a_time_and_holds_up_no_other() -> None:
    running = threading.Lock()
    twice_at_once = threading.Event()
    gate, other = threading.Event(), threading.Event()

    def slow(now: datetime) -> None:
        if not running.acquire(blocking=False):
            twice_at_once.set()
            return
        gate.wait(PATIENCE)
        running.release()

    def quick(now: datetime) -> None:
        if other.is_set():
            gate.set()
        other.set()

    clock = Clock([Chore("slow", OFTEN, slow), Chore("quick", OFTEN, quick)])
    clock.start()
    assert gate.wait(PATIENCE)
    clock.stop()
    assert not twice_at_once.is_set()


def test_to_stop_waits_for_the_run_under_way() -> None:
    begun, done = threading.Event(), threading.Event()
    release = threading.Event()

    def do(now: datetime) -> None:
        begun.set()
        release.wait(PATIENCE)
        done.set()

    clock = Clock([Chore("long", timedelta(hours=1), do)])
    clock.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=clock.stop)
    stopping.start()
    assert not done.is_set()
    release.set()
    stopping.join(PATIENCE)
    assert done.is_set()
