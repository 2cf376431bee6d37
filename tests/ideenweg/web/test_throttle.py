"""How often one may ask, and whose word counts for the address that somebody asks from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from limits import RateLimitItemPerMinute
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from ideenweg.outgoing import Outgoing
from ideenweg.web import throttle
from ideenweg.web.app import create_app
from ideenweg.web.routes import get, route
from ideenweg.web.throttle import client_of, network_of
from ideenweg.wiring import App, open_workflow

HOME = "https://ideen.example.org"
PROXY = "10.1.0.5"

Asking = Callable[..., TestClient]


@pytest.fixture(scope="module")
def empty(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    file = tmp_path_factory.mktemp("throttle") / "empty.db"
    file.write_bytes(sqlite_template.read_bytes())
    with open_workflow(f"sqlite:///{file}", outgoing=Outgoing(given_keys=(b"a key for tests",))) as app:
        yield app


@pytest.fixture
def asking(empty: App) -> Asking:
    """Gives a browser behind `address`, at pages that others reach."""

    def browser(address: str, *, base_url: str | None = HOME, proxies: tuple[str, ...] = ()) -> TestClient:
        pages = create_app(empty, base_url=base_url, proxies=proxies)
        pages.router.routes.insert(0, route(get("/probe", told)))
        return TestClient(pages, base_url=base_url or "http://localhost", client=(address, 1), follow_redirects=False)

    return browser


def told(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{client_of(request)} {request.url.scheme}")


@pytest.mark.parametrize(
    ("address", "proxies", "forwarded", "seen"),
    [
        (PROXY, (), "192.0.2.7", f"{PROXY} https"),
        (PROXY, ("10.1.0.0/24",), "192.0.2.7", "192.0.2.7 http"),
        (PROXY, (PROXY,), "198.51.100.1, 192.0.2.7", "192.0.2.7 http"),  # what the sender himself put before
        (PROXY, ("10.1.0.0/24",), "192.0.2.7, 10.1.0.9", "192.0.2.7 http"),  # one proxy behind the other
        ("192.0.2.66", (PROXY,), "192.0.2.7", "192.0.2.66 https"),
    ],
)
def test_only_trusted_proxies_say_from_where_somebody_asks(
    asking: Asking, address: str, proxies: tuple[str, ...], forwarded: str, seen: str
) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    assert asking(address, proxies=proxies).get("/probe", headers=headers).text == seen


def test_who_pretends_to_come_from_elsewhere_is_counted_all_the_same(asking: Asking) -> None:
    direct, proxied = asking("192.0.2.1"), asking(PROXY, proxies=(PROXY,))

    def reports(browser: TestClient) -> list[int]:
        answers = (browser.post("/barrierefreiheit", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(11))
        return sorted({answer.status_code for answer in answers})

    assert reports(direct) == [400, 429]
    assert reports(proxied) == [400]


def test_forms_and_searches_have_a_measure_where_others_reach_the_pages(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORMS", "SEARCHES"):
        monkeypatch.setattr(throttle, name, RateLimitItemPerMinute(2, 10, namespace=name))
    browser, alone = asking("2001:db8:1:2::7"), asking("127.0.0.1", base_url=None)
    for method, address in (("POST", "/abmelden"), ("GET", "/ideen?q=baum")):
        answers = [browser.request(method, address) for _ in range(3)]
        assert [one.status_code == 429 for one in answers] == [False, False, True]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
        assert all(alone.request(method, address).status_code != 429 for _ in range(3))
    assert "Das war sehr oft" in browser.get("/ideen?q=baum", headers={"Accept-Language": "de"}).text
    assert browser.get("/ideen").status_code == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("testclient", "testclient"), ("", "")],
)
def test_a_house_is_counted_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted
