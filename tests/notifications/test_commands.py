"""`ideenweg dispatch`, `outbox` and `notice`: what was sent and what was not, and the words of mails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config
from ideenweg.cli import run
from ideenweg.wiring import App

from .conftest import NOW, RESIDENT, Server

SHIPPED = Path(config.__file__).parent
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(
    app: App, server: Server, database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Call:
    """Runs a command against the app's database and mail server; exit code and JSON document."""
    monkeypatch.setenv("IDEENWEG_DATABASE_URL", database_url)
    monkeypatch.setenv("IDEENWEG_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setenv("IDEENWEG_SECRET_KEY", "k" * 32)

    def call(*arguments: str) -> tuple[int, Any]:
        capfd.readouterr()
        code = run([*arguments, "--json"])
        return code, json.loads(capfd.readouterr().out)

    return call


def test_dispatch_sends_and_the_outbox_tells_of_it(call: Call, server: Server, submitted: Callable[..., str]) -> None:
    number = submitted()
    assert call("outbox", "list", "--state", "open")[1]["outbox"][0]["item"] == number
    code, done = call("dispatch", "--now", NOW.isoformat())
    assert (code, done["sent"], done["expanded"]) == (0, 1, 2)
    (sent,) = call("outbox", "list", "--state", "sent")[1]["outbox"]
    assert (sent["recipient"], sent["result"], sent["attempts"]) == (RESIDENT, "250 taken", 1)
    assert call("outbox", "show", sent["id"])[1]["outbox"] == [sent]
    assert call("outbox", "show", "nothing")[0] == 4
    assert call("outbox", "retry", sent["id"])[0] == 3


def test_a_dead_letter_is_sent_again_under_its_old_message_id(
    call: Call, server: Server, submitted: Callable[..., str]
) -> None:
    submitted()
    server.answers[RESIDENT] = "550 unknown"
    call("dispatch", "--now", NOW.isoformat())
    (failed,) = call("outbox", "list", "--state", "failed")[1]["outbox"]
    server.answers.clear()
    assert call("outbox", "retry", failed["id"]) == (0, {"again": 1})
    assert call("dispatch")[1]["failed"] == 0
    assert server.to(RESIDENT)[0]["Message-ID"] == failed["message_id"]


def test_the_outbox_is_listed_in_pages(call: Call, submitted: Callable[..., str]) -> None:
    for _ in range(3):
        submitted()
    seen, cursor = [], ()
    while True:
        code, page = call("outbox", "list", "--limit", "2", *cursor)
        assert code == 0
        seen += [one["id"] for one in page["outbox"]]
        if page["next"] is None:
            break
        cursor = ("--cursor", page["next"])
    assert len(seen) == len(set(seen)) == 6


def test_a_notice_is_previewed_on_a_real_item_and_sent_to_try(
    call: Call, server: Server, submitted: Callable[..., str]
) -> None:
    number = submitted()
    code, made = call("notice", "preview", "received", "--item", number, "--locale", "en")
    assert (code, made["subject"]) == (0, f"Your idea {number} has arrived")
    code, sent = call("notice", "send-test", "question", "--to", "verwaltung@dortmund.example")
    assert (code, sent["sent"]) == (0, True)
    assert len(server.to("verwaltung@dortmund.example")) == 1
    assert call("notice", "preview", "nothing", "--item", number)[0] == 2
    server.answers["verwaltung@dortmund.example"] = "550 unknown"
    assert call("notice", "send-test", "question", "--to", "verwaltung@dortmund.example")[0] == 2


def test_a_broken_template_of_the_operators_is_refused_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "programme.yaml").write_text((SHIPPED / "programme.yaml").read_text("utf-8"), "utf-8")
    monkeypatch.setenv("IDEENWEG_CONFIG_DIR", str(tmp_path))
    assert run(["notice", "check", "--json"]) == 0
    broken = tmp_path / "templates" / "de" / "received" / "body.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("eins\n{{ item.colour }}\n", "utf-8")
    capfd.readouterr()
    assert run(["notice", "check", "--json"]) == 2
    error = json.loads(capfd.readouterr().out)["error"]
    assert error["place"] == f"{broken}:2"
    assert run(["notice", "list", "--json"]) == 0
