"""Workers that are killed while they send: nothing is lost, and what is sent again is the same to the last byte."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App, open_workflow
from notifications.channels.email import Email, MailServer
from workflow.models import delivery

from .conftest import BASE, KEYS, NOW, Server, parsed, rows

IDEAS, KILLS = 30, 5


def work(url: str, port: int) -> None:
    """A worker: dispatches until it is killed or nothing is left."""
    outgoing = Outgoing(BASE, Email(MailServer("127.0.0.1", port, starttls=False), patience=5), KEYS)
    with open_workflow(url, outgoing=outgoing) as app:
        while app.dispatch(now=NOW + timedelta(hours=1)).sent:
            pass


def test_killed_workers_lose_nothing_and_repeat_at_most_the_message_in_flight(
    app: App, server: Server, database_url: str, submitted: Callable[..., str]
) -> None:
    for _ in range(IDEAS):
        submitted()
    context = multiprocessing.get_context("spawn")
    for _ in range(KILLS):
        worker = context.Process(target=work, args=(database_url, server.port))
        before = len(server.mails)
        worker.start()
        until = time.monotonic() + 30
        while len(server.mails) == before and worker.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.02))
        if worker.is_alive() and worker.pid is not None:
            os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        with app.database.writing() as connection:  # its lease runs out
            connection.execute(update(delivery).values(lease_until=None))
    app.dispatch(now=NOW + timedelta(hours=2))
    assert {row.status for row in rows(app, role="submitter")} == {"sent"}
    ids = Counter(parsed(raw)["Message-ID"] for _, raw in server.mails)
    assert len(ids) == IDEAS
    assert sum(ids.values()) - IDEAS <= KILLS
    assert len({raw for _, raw in server.mails}) == IDEAS
