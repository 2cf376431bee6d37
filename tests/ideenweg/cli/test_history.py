"""`ideenweg audit`, `deadline` and `sweep`: what was, what is due, and what time brings about."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli


@pytest.fixture
def in_review(cli: Cli) -> str:
    number = cli.create()
    cli.document("item", "advance", number, "submit", "--as", cli.resident)
    return number


def kinds(cli: Cli, *filters: str) -> list[str]:
    return [one["kind"] for one in cli.document("audit", "list", *filters)["events"]]


def test_events_are_listed_by_any_filters(cli: Cli, in_review: str) -> None:
    cli("item", "advance", in_review, "close", "--as", cli.resident)
    assert kinds(cli, "--item", in_review) == ["created", "recorded", "assigned", "advanced"]
    assert kinds(cli, "--item", in_review, "--newest-first", "--limit", "1") == ["advanced"]
    assert kinds(cli, "--transition", "submit") == ["advanced"]
    assert kinds(cli, "--person", cli.resident, "--kind", "person:refused") == ["person:refused"]
    assert kinds(cli, "--via", "clock") == []
    assert kinds(cli, "--stream", "system", "--kind", "system:lifecycle_loaded") == ["system:lifecycle_loaded"]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert kinds(cli, "--since", tomorrow) == []
    assert kinds(cli, "--until", tomorrow, "--item", in_review) == ["created", "recorded", "assigned", "advanced"]
    assert cli("audit", "list", "--person", "niemand@dortmund.example").code == 4


def test_a_long_history_comes_in_pages(cli: Cli, in_review: str) -> None:
    page = cli.document("audit", "list", "--item", in_review, "--limit", "3")
    rest = cli.document("audit", "list", "--item", in_review, "--limit", "3", "--cursor", page["next"])
    assert [one["seq"] for one in (*page["events"], *rest["events"])] == [1, 2, 3, 4]
    assert rest["next"] is None
    assert cli("audit", "list", "--cursor", "zzz").code == 2


def test_an_intact_history_is_proved_and_its_export_too(cli: Cli, in_review: str, tmp_path: Path) -> None:
    assert cli("audit", "verify").out.splitlines()[-1] == "Everything is as it was written."
    file = str(tmp_path / "history.jsonl")
    done = cli.document("audit", "export", "--format", "jsonl", file)
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    assert len(lines) == done["events"] + 1
    assert json.loads(lines[0])["complete"] is True
    for arguments in (("audit", "verify", file), ("audit", "verify", file, "--compare")):
        assert cli.document(*arguments)["ok"]
    assert cli("audit", "export", "--format", "jsonl", file).code == 2, "an export overwrites nothing"
    assert cli("audit", "verify", "--compare").code == 2
    part = str(tmp_path / "part.csv")
    assert cli.document("audit", "export", "--format", "csv", part, "--item", in_review)["events"] == 4


def test_a_history_that_was_changed_ends_with_five_and_the_first_broken_event(sqlite_cli: Cli, tmp_path: Path) -> None:
    number = sqlite_cli.create()
    file = str(tmp_path / "history.jsonl")
    sqlite_cli.document("audit", "export", "--format", "jsonl", file)
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET actor = 'p-0' WHERE stream = ? AND seq = 2", (f"item:{number}",))
    found = sqlite_cli("audit", "verify", "--json")
    assert found.code == 5
    assert found.json["ok"] is False
    assert found.json["first"][f"item:{number}"]["seq"] == 2
    assert f"item:{number}#2" in sqlite_cli("audit", "verify").out
    assert sqlite_cli("audit", "verify", file).code == 0
    text = Path(file).read_text(encoding="utf-8").replace('"seq": 2', '"seq": 9', 1)
    Path(file).write_text(text, encoding="utf-8")
    assert sqlite_cli("audit", "verify", file).code == 5
    assert sqlite_cli("audit", "verify", str(tmp_path / "nothing.jsonl")).code == 2


def test_a_checkpoint_kept_elsewhere_proves_the_history(cli: Cli, in_review: str, tmp_path: Path) -> None:
    kept, proof = str(tmp_path / "kept.json"), str(tmp_path / "proof.json")
    assert cli("audit", "prove", in_review).code == 2, "there is no checkpoint yet"
    assert cli("audit", "checkpoint", kept).out.startswith("Checkpoint of ")
    made = json.loads(Path(kept).read_text(encoding="utf-8"))
    assert list(made) == ["format", "programme", "size", "root", "at"]
    assert cli.document("audit", "checkpoint") == made, "nothing is new"
    assert cli("audit", "checkpoint", kept).code == 2, "what was kept is not overwritten"
    assert cli("audit", "prove", "2026-9999").code == 4
    assert "Nachweis über 4 Ereignisse" in cli("audit", "prove", in_review, proof, "--locale", "de").out
    assert len(cli.document("audit", "prove", in_review, "--last")["events"]) == 1
    cli("item", "advance", in_review, "ask", "--as", cli.coordinator, "--reason", "Wo genau?")
    assert "1 newer ones" in cli("audit", "prove", in_review, str(tmp_path / "again.json")).out
    for file in (kept, proof):
        assert " Ereignisse) unverändert." in cli("audit", "verify", file, "--locale", "de").out
    told = cli.document("audit", "verify", kept)
    assert (told["ok"], told["events"]) == (True, made["size"])

    Path(kept).write_text(json.dumps({**made, "root": "0" * 64}), encoding="utf-8")
    found = cli("audit", "verify", kept)
    assert found.code == 5
    assert found.out.splitlines()[-1].startswith("The present history is not that of the checkpoint of ")
    Path(kept).write_text(json.dumps({**made, "root": 0}), encoding="utf-8")
    assert cli("audit", "verify", kept).code == 2
    assert cli("audit", "checkpoint", str(tmp_path / "nowhere" / "x.json")).code == 2


def test_deadlines_are_listed_and_the_late_ones_told(cli: Cli, in_review: str) -> None:
    (running,) = cli.document("deadline", "list")["deadlines"]
    assert (running["number"], running["responsible"], running["overdue"]) == (in_review, "coordinator", False)
    assert cli.document("deadline", "list", "--overdue")["deadlines"] == []
    assert cli("deadline", "list", "--overdue").out == "Nothing is late.\n"
    assert in_review in cli("deadline", "list").out


def test_a_sweep_carries_out_once_what_is_due(cli: Cli, in_review: str) -> None:
    cli.document("item", "advance", in_review, "ask", "--as", cli.coordinator, "--reason", "Wo genau?")
    assert cli.document("sweep")["fired"] == 0
    later = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    assert cli.document("sweep", "--now", later)["fired"] == 1
    assert cli.document("sweep", "--now", later)["fired"] == 0
    assert cli.document("item", "show", in_review)["item"]["state"] == "in_review"
    assert kinds(cli, "--via", "clock") == ["advanced"]
    assert cli("sweep", "--now", "bald").code == 2
    assert "ired: 0" in cli("sweep", "--now", "2026-06-09").out
