"""A workflow of the test's own on each database, and an administrator's browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from ideenweg.outgoing import Outgoing
from ideenweg.wiring import SHIPPED, App, open_workflow
from notifications.channels import Channel
from states.lifecycle import Role
from workflow import access
from workflow.streams import Origin

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
ADMIN = "verwaltung@dortmund.example"
OPERATOR = Origin("operator", "cli", "operator")


def furnished(url: str) -> None:
    """Put the shipped lifecycle and an administrator into a database, and nothing else."""
    with open_workflow(url) as app:
        app.load(SHIPPED / "lifecycles" / "idea-to-project.yaml", now=NOW)
        lifecycle = app.rules.newest_of(app.database, "idea-to-project")
        administrator: Role = lifecycle.roles["administrator"]
        with app.database.writing() as connection:
            access.add(connection, ADMIN, "Administration", OPERATOR, NOW)
            access.grant(
                connection, ADMIN, administrator, None, app.rules.programme, OPERATOR, NOW, valid_from=NOW.date()
            )


@pytest.fixture
def made(furnish: Callable[..., None]) -> Callable[..., App]:
    """Opens a workflow with the shipped lifecycle, an administrator, and nothing else."""

    def made(database_url: str, mail: Channel | None = None) -> App:
        furnish(database_url, "administration", furnished)
        return open_workflow(database_url, outgoing=Outgoing(mail=mail, given_keys=(b"k" * 32,)))

    return made


@pytest.fixture
def own(database_url: str, made: Callable[..., App]) -> Iterator[App]:
    """A workflow for this test alone."""
    with made(database_url) as app:
        yield app


@pytest.fixture
def admin(own: App, browsing: Callable[..., Any]) -> Iterator[Any]:
    """The browser of the administrator of `own`."""
    with browsing(own, ADMIN, NOW) as browser:
        yield browser


@pytest.fixture
def opened(browsing: Callable[..., Any], made: Callable[..., App]) -> Iterator[Callable[..., Any]]:
    """Opens a workflow of the test's own with a mail server; the browser of its administrator."""
    with ExitStack() as stack:

        def start(database_url: str, mail: Channel) -> Any:
            return stack.enter_context(browsing(stack.enter_context(made(database_url, mail)), ADMIN, NOW))

        yield start


@pytest.fixture
def settled(admin: Any) -> Callable[[str], str]:
    """The page of a job, once it has ended."""

    def wait(address: str) -> str:
        for _ in range(200):
            text = str(admin.get(address).text)
            if 'id="running"' not in text:
                return text
            time.sleep(0.05)
        raise AssertionError(f"{address} did not end")

    return wait
