"""The API as other programs call it: on the demonstration (`shown`, for reading) and on a short lifecycle (`api`)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from limits import RateLimitItemPerMinute
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ideenweg.demo.play import play
from ideenweg.outgoing import Outgoing
from ideenweg.web.api.app import Mounted, create_api
from ideenweg.web.api.throttle import Throttle
from ideenweg.wiring import App, open_workflow
from workflow.accounts import tokens
from workflow.accounts.tokens import Scope

SHORT = Path(__file__).parents[3] / "lifecycles" / "short.yaml"
NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)

RESIDENT, COORDINATOR = "buergerin@dortmund.example", "koordination@dortmund.example"
OTHER_CITY, EXPERT = "koordination@schwerte.example", "tiefbauamt@dortmund.example"
ADMINISTRATOR = "verwaltung@dortmund.example"
PEOPLE = {
    RESIDENT: (),
    COORDINATOR: (("coordinator", "dortmund"),),
    OTHER_CITY: (("coordinator", "schwerte"),),
    EXPERT: (("expert", "civil-engineering-dortmund"),),
    ADMINISTRATOR: (("administrator", None),),
}
UNLIMITED = Throttle(RateLimitItemPerMinute(10**9), RateLimitItemPerMinute(10**9))


def served(app: App, throttle: Throttle = UNLIMITED) -> Starlette:
    """The API at its place, and nothing else."""
    return Starlette(routes=[Mounted(create_api(app, clock=lambda: NOW, throttle=throttle))])


def token(app: App, email: str, scopes: Iterable[Scope]) -> str:
    """A new token of the person."""
    return app.database.attempt(lambda connection: tokens.issue(connection, email, scopes, NOW)[0])


@dataclass
class Api:
    """Calls the API in somebody's name, or in nobody's."""

    app: App
    client: TestClient
    headers: dict[str, str]

    def by(self, email: str, *scopes: Scope) -> Api:
        """The same with a token of theirs; absent, it may write."""
        bearer = token(self.app, email, scopes or (Scope.WRITE,))
        return Api(self.app, self.client, {"Authorization": f"Bearer {bearer}"})

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        names = {"key": "Idempotency-Key", "seen": "If-Match", "known": "If-None-Match"}
        told = {names.get(name, name): value for name, value in headers.items()}
        return self.client.request(method, f"/api/v1{path}", json=json, headers={**self.headers, **told})

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """The document at `path`."""
        answer = self("GET", path, **headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, json: Any, status: int = 201, **headers: str) -> Any:
        """What is answered to `json`."""
        answer = self("POST", path, json, **headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def create(self, title: str = "Sensoren an Brücken", **sheet: Any) -> str:
        """A new item; its number."""
        made = self.post("/items", {"lifecycle": "short", "data": {"title": title, "cities": ["dortmund"], **sheet}})
        return str(made["item"]["number"])


@pytest.fixture
def api(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[Api]:
    furnish(database_url, "api", partial(furnished, appoint))
    with opened(database_url) as found:
        yield found


@pytest.fixture
def api_on_sqlite(sqlite_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[Api]:
    """For what has nothing to do with the kind of database."""
    furnish(sqlite_url, "api", partial(furnished, appoint))
    with opened(sqlite_url) as found:
        yield found


@contextmanager
def opened(url: str) -> Iterator[Api]:
    with open_workflow(url, outgoing=Outgoing(given_keys=(b"a key for tests",))) as app:
        app.engine.default = "short"
        yield Api(app, TestClient(served(app), base_url="http://localhost"), {})


@pytest.fixture(scope="session")
def shown(demo: App) -> Api:
    return Api(demo, TestClient(served(demo), base_url="http://localhost"), {})


def furnished(appoint: Callable[..., None], url: str) -> None:
    """Put the short lifecycle into a database, and everybody of PEOPLE with their roles since 2020."""
    with open_workflow(url, lifecycle=SHORT) as app:
        appoint(app, "short", PEOPLE, NOW)


@dataclass(frozen=True)
class Running:
    """The API of the demonstration behind a real port, on a database that may be changed."""

    app: App
    url: str

    def token(self, email: str, *scopes: Scope) -> str:
        """A new token of the person; absent, it may write."""
        return token(self.app, email, scopes or (Scope.WRITE,))


@pytest.fixture(scope="session")
def shown_on_sqlite(demo_sqlite_app: App) -> Api:
    return Api(demo_sqlite_app, TestClient(served(demo_sqlite_app), base_url="http://localhost"), {})


@pytest.fixture(scope="session")
def demo_sqlite_app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A demonstration of these tests' own."""
    file = tmp_path_factory.mktemp("api") / "demo.db"
    file.write_bytes(sqlite_template.read_bytes())
    with open_workflow(f"sqlite:///{file}", outgoing=Outgoing(given_keys=(b"a key for tests",))) as app:
        play(app, NOW)
        yield app


@contextmanager
def listening(app: App) -> Iterator[Running]:
    """The API of `app` behind a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(served(app), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield Running(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def running(demo_sqlite_app: App) -> Iterator[Running]:
    with listening(demo_sqlite_app) as found:
        yield found


@pytest.fixture
def running_on_either(database_url: str) -> Iterator[Running]:
    """A demonstration of this test's own, on each kind of database."""
    with open_workflow(database_url, outgoing=Outgoing(given_keys=(b"a key for tests",))) as app:
        play(app, NOW)
        with listening(app) as found:
            yield found
