"""What holds for every answer: security headers, no script, the right host, no trace of a fault for its reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient

from ideenweg.web.app import create_app
from ideenweg.web.pages import overview
from ideenweg.web.shield import host_of
from ideenweg.wiring import App
from workflow.errors import Busy

ADDRESSES = ["/", "/ideen", "/ideen?stage=x", "/nichts", "/lebenszyklus/idea-to-project", "/health/live"]


KINDS = [
    *(("GET", address, None) for address in ADDRESSES),
    ("GET", "/static/ideenweg.css", 200),
    ("GET", "/static/nichts.css", 404),
    ("GET", "/lebenszyklus/idea-to-project.svg", 200),
    ("GET", "/feed.atom", 200),
    ("GET", "/termine.ics", 200),
    ("GET", "/kalender/nichts.ics", 404),
    ("GET", "/dokumente/nichts", 404),
    ("GET", "/verwaltung", 303),
    ("GET", "/metrics", 403),
    ("GET", "/api/v1/items", 200),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/worklist", 401),
    ("GET", "/api/v1/nichts", 404),
    ("OPTIONS", "/api/v1/items", 405),
    ("POST", "/ideen", 405),
    ("POST", "/meine-idee/nichts/dokumente", 404),
]
"""One of every kind of answer."""


@pytest.mark.parametrize(("method", "address", "status"), KINDS)
def test_every_answer_carries_the_headers(pages: TestClient, method: str, address: str, status: int | None) -> None:
    answer = pages.request(method, address, follow_redirects=False)
    assert status is None or answer.status_code == status
    headers = answer.headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    released = method == "GET" and address.startswith("/api/")  # what needs no token may be read from any page
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if released else "same-origin")
    assert "Server" not in headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy or "script-src 'self';" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("strict-origin-when-cross-origin", "no-referrer")
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("address", ADDRESSES[:-1])
def test_no_page_needs_what_the_policy_forbids(pages: TestClient, address: str) -> None:
    page = pages.get(address).text
    assert not re.search(r"<script>|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_files_are_kept_by_browsers_for_ever_where_their_address_says_which_they_are(pages: TestClient) -> None:
    sheet = re.search(r'href="(/static/ideenweg\.css\?v=\w+)"', pages.get("/").text)
    assert sheet
    assert pages.get(sheet[1]).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert pages.get("/static/ideenweg.css").headers["Cache-Control"] == "public, max-age=3600"
    assert pages.get("/static/nichts.css").status_code == 404


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST:8000", "localhost"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[::1]:8000", "[::1]"),
        ("", ""),
    ],
)
def test_the_host_is_told_from_its_port(header: str, host: str) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize(("host", "status"), [("localhost:8000", 200), ("127.0.0.1", 200), ("evil.example", 421)])
def test_a_name_that_is_not_ours_gets_no_page(pages: TestClient, host: str, status: int) -> None:
    answer = pages.get("/ideen", headers={"Host": host})
    assert answer.status_code == status
    assert ("Ein Datenportal" in answer.text) == (status == 200)


def test_a_watchman_may_come_by_any_name(pages: TestClient) -> None:
    assert pages.get("/health/ready", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/ideen/%00", 404),
        ("/ideen/%ff%fe", 404),
        ("/ideen/2026-99999999999999999999", 404),
        ("/ideen/" + "1" * 5000, 404),
        ("/lebenszyklus/%00", 404),
        ("/lebenszyklus/%00.svg", 404),
        ("/ideen?q=%00%ff", 200),
        ("/ideen?q=" + "%F0%9F%8C%B3+" * 500, 200),
        ("/ideen?stage=%00", 400),
        ("/ideen?after=%00", 400),
        ("/ideen?after=2026-99999999999999999999", 400),
        ("/ideen?after=99999-0001", 400),
        ("/ideen?after=2026-0001&after=quatsch", 400),
        ("/ideen?lang=%00&q=a&q=b", 200),
        ("/static/..%2f..%2fapp.py", 404),
        ("/static/vendor", 404),
        ("/ideen/", 404),
    ],
)
def test_no_address_makes_it_stumble(pages: TestClient, address: str, status: int) -> None:
    assert pages.get(address).status_code == status


def test_a_public_address_is_answered_for_and_https_is_insisted_on(demo: App) -> None:
    pages = TestClient(create_app(demo, base_url="https://ideen.example.org"), base_url="https://ideen.example.org")
    answer = pages.get("/?lang=en")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Secure" in answer.headers["Set-Cookie"]
    elsewhere = pages.get("/", headers={"Host": "evil.example", "Accept-Language": "en"})
    assert "https://ideen.example.org" in elsewhere.text


@pytest.mark.parametrize("address", ["/", "/ideen", "/lebenszyklus/idea-to-project"])
def test_head_is_answered_like_get_without_a_body(pages: TestClient, address: str) -> None:
    answer = pages.head(address)
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_can_only_be_read(pages: TestClient, method: str) -> None:
    answer = pages.request(method, "/ideen")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert "Diese Seite kann nur gelesen werden." in answer.text


@pytest.fixture
def broken(pages: TestClient) -> Iterator[TestClient]:
    with patch.object(overview.public, "counts", side_effect=ZeroDivisionError("secret detail")):
        yield pages


def test_a_fault_is_logged_and_told_without_its_trace(broken: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = broken.get("/")
    assert answer.status_code == 500
    assert "Hier ist etwas schiefgegangen" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Content-Security-Policy"]
    assert "GET / failed" in caplog.text
    assert "secret detail" in caplog.text


def test_a_busy_database_is_told_with_when_to_come_back(pages: TestClient) -> None:
    with patch.object(overview.public, "counts", side_effect=Busy(30)):
        answer = pages.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Gerade nicht erreichbar" in answer.text
