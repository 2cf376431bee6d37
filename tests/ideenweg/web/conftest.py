"""The pages of the demonstration, asked as a browser on the same machine asks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.app import create_app
from ideenweg.wiring import App

HOME = "http://localhost"


@pytest.fixture
def pages(demo: App) -> Iterator[TestClient]:
    with TestClient(create_app(demo, demo=True), base_url=HOME, headers={"Accept-Language": "de"}) as client:
        yield client


@pytest.fixture
def number(demo: App) -> Callable[[str], str]:
    """The number of the item with this title."""
    from sqlalchemy import select

    from workflow.models import item

    def find(title: str) -> str:
        with demo.database.reading() as connection:
            return str(connection.execute(select(item.c.number).where(item.c.title == title)).scalar_one())

    return find
