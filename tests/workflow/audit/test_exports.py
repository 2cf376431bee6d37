"""The history as a file: written whole or not at all, proved without the database, held against the database later."""

from __future__ import annotations

import csv
import errno
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from workflow import exports
from workflow.chains import Finding, Verification
from workflow.commands import Comment, Create
from workflow.errors import BadInput, StorageFull
from workflow.events import Kind
from workflow.export_check import verify_export
from workflow.exports import KEYS, harmless
from workflow.history import EVERYTHING, AuditFilter
from workflow.models import event
from workflow.streams import Origin

LATER = datetime(2026, 6, 2, 8, tzinfo=UTC)
AUDITOR = Origin("p-auditor", "cli", "root")
COORDINATOR = "koordination@dortmund.example"
CONTRACT = [
    "stream", "seq", "number", "kind", "trigger", "from", "to", "actor", "on_behalf_of", "via", "at", "recorded_at",
    "command_id", "prev_hash", "hash", "payload",
]  # fmt: skip


@pytest.fixture
def export(history: Any, tmp_path: Path) -> Callable[..., Path]:
    def export(kind: str = "jsonl", name: str = "history", filters: AuditFilter = EVERYTHING) -> Path:
        file = tmp_path / f"{name}.{kind}"
        history.app.audit.export(file, kind, filters, origin=AUDITOR, now=LATER)
        return file

    return export


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def count(history: Any) -> int:
    with history.app.database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(event)))


# --- writing ----------------------------------------------------------------------------------------------------------


def test_the_first_line_says_what_is_in_the_file(history: Any, export: Callable[..., Path]) -> None:
    before = count(history)
    first, *events = lines(export())
    assert first == {
        "export": "ideenweg history",
        "schema": 1,
        "created_at": "2026-06-02T08:00:00.000000Z",
        "complete": True,
        "filter": {},
        "events": before,
    }
    assert len(events) == before


def test_an_event_has_exactly_the_agreed_keys_in_log_order(history: Any, export: Callable[..., Path]) -> None:
    _, *events = lines(export())
    assert {tuple(one) for one in events} == {tuple(CONTRACT)}
    order = [(one["recorded_at"], one["stream"], one["seq"]) for one in events]
    assert order == sorted(order)
    stored = {(one["stream"], one["seq"]): one for one in history.events(history.stream)}
    for one in events:
        if one["stream"] == history.stream:
            assert one["payload"].encode() == stored[one["stream"], one["seq"]]["payload"]
            assert one["number"] == history.number
        elif not one["stream"].startswith("item:"):
            assert one["number"] is None


def test_a_filtered_export_says_so_and_holds_nothing_else(history: Any, export: Callable[..., Path]) -> None:
    first, *events = lines(export(filters=AuditFilter(item=history.number, kind="advanced")))
    assert (first["complete"], first["filter"]) == (False, {"item": history.number, "kind": "advanced"})
    assert {(one["number"], one["kind"]) for one in events} == {(history.number, "advanced")}
    assert len(events) == first["events"] > 0


def test_an_export_is_an_event_with_the_hash_of_the_file(history: Any, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    done = history.app.audit.export(file, "jsonl", AuditFilter(via="cli"), origin=AUDITOR, now=LATER)
    last = history.events("system")[-1]
    assert (last["kind"], last["actor"], last["via"], last["account"]) == (
        "system:export_run",
        "p-auditor",
        "cli",
        "root",
    )
    assert json.loads(last["payload"])["details"] == {
        "format": "jsonl",
        "filter": {"via": "cli"},
        "events": done.events,
        "sha256": sha256(file.read_bytes()).hexdigest(),
    }
    assert done.sha256 == sha256(file.read_bytes()).hexdigest()
    assert history.app.audit.verify().ok


def test_progress_is_told_to_the_end(history: Any, tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    total = count(history)
    history.app.audit.export(
        tmp_path / "h.jsonl", "jsonl", origin=AUDITOR, now=LATER, progress=lambda *call: calls.append(call)
    )
    assert calls[-1] == ("events", total, total)


def test_a_csv_is_what_rfc_4180_says(export: Callable[..., Path]) -> None:
    file = export("csv")
    assert file.read_bytes().count(b"\r\n") == file.read_bytes().count(b"\n")
    with file.open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    assert header == CONTRACT
    _, *events = lines(export("jsonl"))
    assert [row[:2] for row in rows] == [
        [one["stream"], str(one["seq"])] for one in events if one["kind"] != "system:export_run"
    ]
    assert {row[CONTRACT.index("payload")] for row in rows} <= {one["payload"] for one in events}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(begin: str) -> None:
    assert harmless(f"{begin}HYPERLINK(A1)") == f"'{begin}HYPERLINK(A1)"
    assert harmless(f"c{begin}1") == f"c{begin}1"
    assert harmless(7) == 7


def test_a_formula_sent_as_a_command_id_stays_one_in_the_proof_only(history: Any, export: Callable[..., Path]) -> None:
    command = Comment(item=history.number, actor=COORDINATOR, text="ja", command_id='=HYPERLINK("x")')
    history.app.engine.execute(command, now=LATER)
    with export("csv").open(encoding="utf-8", newline="") as source:
        assert '\'=HYPERLINK("x")' in {row["command_id"] for row in csv.DictReader(source)}
    file = export("jsonl")
    assert '=HYPERLINK("x")' in {one["command_id"] for one in lines(file)[1:]}
    assert history.app.audit.verify_export(file).ok


def test_a_file_that_is_there_is_not_overwritten(history: Any, export: Callable[..., Path]) -> None:
    before = count(history)
    export()
    with pytest.raises(BadInput, match="exists already"):
        export()
    assert count(history) == before + 1


def test_an_export_that_breaks_off_leaves_no_file_and_no_event(
    history: Any, export: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = count(history)
    monkeypatch.setattr(exports, "write_jsonl", full)
    with pytest.raises(StorageFull, match="no space left"):
        export()
    assert (list(tmp_path.glob("history*")), count(history)) == ([], before)


def test_a_folder_that_is_not_there_is_named(export: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match="cannot be written: No such file"):
        export(name="nirgends/history")


# --- the export alone -------------------------------------------------------------------------------------------------


def test_an_export_proves_itself(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    found = history.app.audit.verify_export(file)
    assert (found.ok, found.complete, found.events) == (True, True, len(lines(file)) - 1)
    with history.app.database.reading() as connection:
        assert found.streams == connection.scalar(select(func.count(event.c.stream.distinct())))


def test_a_partial_export_proves_what_it_holds_and_says_that_it_is_partial(
    history: Any, export: Callable[..., Path]
) -> None:
    found = history.app.audit.verify_export(export(filters=AuditFilter(kind="advanced")))
    assert (found.ok, found.complete) == (True, False)


def test_the_program_in_the_docs_agrees(history: Any, export: Callable[..., Path]) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", docs, re.DOTALL)
    assert program
    file = export()

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program[1], str(file)], capture_output=True, text=True, check=False
        )

    streams = history.app.audit.verify_export(file).streams
    assert run().stdout == f"{len(lines(file)) - 1} events in {streams} streams are as they were written\n"
    for change in ALTERED.values():
        original = file.read_text(encoding="utf-8")
        file.write_text(change(original, history.stream), encoding="utf-8")
        assert "is not as it was written" in run().stderr
        file.write_text(original, encoding="utf-8")


def _change(text: str, stream: str, seq: int, change: Callable[[dict[str, Any]], None]) -> str:
    changed = []
    for line in text.splitlines():
        told = json.loads(line)
        if (told.get("stream"), told.get("seq")) == (stream, seq):
            change(told)
        changed.append(json.dumps(told, ensure_ascii=False))
    return "\n".join(changed) + "\n"


def _put(key: str, value: object) -> Callable[[str, str], str]:
    return lambda text, stream: _change(text, stream, 4, lambda told: told.update({key: value}))


ALTERED: dict[str, Callable[[str, str], str]] = {
    **{key: _put(key, "x") for key in KEYS if key not in ("seq", "number", "recorded_at")},
    "recorded_at": _put("recorded_at", "2026-06-01T08:00:00.000001Z"),
    "seq": _put("seq", 900),
    "a missing line": lambda text, stream: (
        "\n".join(line for line in text.splitlines() if (f'"{stream}"' not in line or '"seq": 4,' not in line)) + "\n"
    ),
}


def test_an_altered_line_is_found(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    whole = file.read_text(encoding="utf-8")
    for what, change in {**ALTERED, "number": _put("number", "2026-0900")}.items():
        file.write_text(change(whole, history.stream), encoding="utf-8")
        found = history.app.audit.verify_export(file)
        assert found.first[history.stream].seq == 4, what


FAULTS: dict[str, Callable[[list[str]], list[str]]] = {
    "cut at the end": lambda lines: lines[:-1],
    "cut in a line": lambda lines: [*lines[:-1], lines[-1][:50]],
    "a line twice": lambda lines: [*lines, lines[-1]],
    "no event": lambda lines: [*lines[:-1], '{"a": 1}'],
    "other keys": lambda lines: [*lines[:-1], json.dumps({**json.loads(lines[-1]), "more": 1})],
    "a seq that is a text": lambda lines: [*lines[:-1], json.dumps({**json.loads(lines[-1]), "seq": "1"})],
    "a stream that is a number": lambda lines: [*lines[:-1], json.dumps({**json.loads(lines[-1]), "stream": 1})],
    "lines in another order": lambda lines: [lines[0], *reversed(lines[1:])],
}


def test_a_file_that_was_not_left_as_it_was_is_found(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    whole = file.read_text(encoding="utf-8").splitlines()
    for fault, change in FAULTS.items():
        file.write_text("\n".join(change(whole)) + "\n", encoding="utf-8")
        assert not history.app.audit.verify_export(file).ok, fault


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Titel;Stadtteil\n",
        "[1]\n",
        '{"export": "ideenweg history"}\n',
        '{"export": "ideenweg history", "schema": 1, "complete": true, "created_at": "gestern", "events": 0}\n',
    ],
)
def test_another_file_is_no_export(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match="is no export of a history"):
        verify_export(file)


def test_an_export_of_another_schema_is_named(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    file.write_text(file.read_text(encoding="utf-8").replace('"schema": 1', '"schema": 2', 1), encoding="utf-8")
    with pytest.raises(BadInput, match="is of schema 2"):
        history.app.audit.verify_export(file)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.jsonl"
    if content:
        file.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read"):
        verify_export(file)


# --- the database against an export -----------------------------------------------------------------------------------


def test_a_database_that_only_went_on_agrees_with_its_export(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    history.app.engine.execute(Comment(item=history.number, actor=COORDINATOR, text="später"), now=LATER)
    history.app.engine.execute(Create(actor=COORDINATOR, data={"title": "Neu"}), now=LATER)
    for kept in (file, export(name="part", filters=AuditFilter(item=history.number))):
        assert history.app.audit.compare(kept) == Verification(
            kept == file, *(history.app.audit.verify_export(kept).streams, len(lines(kept)) - 1), ()
        )


Hands = Callable[[Connection], object]


def test_a_cut_tail_is_found(
    history: Any, export: Callable[..., Path], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    for text in ("eins", "zwei"):
        history.app.engine.execute(Comment(item=history.number, actor=COORDINATOR, text=text), now=LATER)
    last = history.events(history.stream)[-1]["seq"]
    file = export()
    by_hand(lambda connection: forge.cut(connection, history.number, last - 2))
    assert history.app.audit.verify().ok, "nothing in the database itself tells of it"
    found = history.app.audit.compare(file)
    assert [(one.stream, one.seq, one.found) for one in found.findings] == [(history.stream, last - 1, None)]


def test_a_missing_stream_is_found(
    history: Any, export: Callable[..., Path], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    lonely = history.app.engine.execute(Create(actor=COORDINATOR, data={"title": "Weg damit"}), now=LATER).item.number
    file = export()
    by_hand(lambda connection: forge.remove(connection, lonely))
    assert history.app.audit.verify().ok
    found = history.app.audit.compare(file)
    assert [(one.stream, one.seq, one.what) for one in found.findings] == [(f"item:{lonely}", None, "stream")]


def test_a_rewriting_of_everything_is_found(
    history: Any, export: Callable[..., Path], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    """The coordinator who asked becomes somebody else, everywhere, and all hashes are computed anew."""
    file = export()
    with history.app.database.reading() as connection:
        streams = list(connection.scalars(select(event.c.stream).distinct()))

    def rewrite(connection: Connection) -> None:
        old, new = history.person, "p-0000000000000000"
        connection.execute(event.update().where(event.c.actor == old).values(actor=new))
        for stream in streams:
            forge.rehash(
                connection,
                stream,
                lambda payload: payload.replace(f'"actor":"{old}"'.encode(), f'"actor":"{new}"'.encode()),
            )

    by_hand(rewrite)
    assert {one.what for one in history.app.audit.verify().findings} <= {"record.author", "record.writer"}
    found = history.app.audit.compare(file)
    assert {history.stream, f"person:{history.person}"} <= set(found.first)
    asked = next(one for one in history.events(history.stream) if one["actor"] == "p-0000000000000000")
    assert (found.first[history.stream].seq, found.first[history.stream].what) == (asked["seq"], "event.hash")
    assert len(found.findings) == len(found.first), "one finding a stream: the first event that differs"


def test_an_export_that_was_altered_itself_is_no_witness(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    file.write_text(_put("via", "web")(file.read_text(encoding="utf-8"), history.stream), encoding="utf-8")
    found = history.app.audit.compare(file)
    assert [(one.stream, one.seq, one.what) for one in found.findings] == [(history.stream, 4, "event.via")]


def test_an_item_put_in_later_and_dated_back_is_found(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    early = datetime(2026, 5, 1, tzinfo=UTC)
    number = history.app.engine.execute(
        Create(actor=COORDINATOR, data={"title": "War schon da"}), now=early
    ).item.number
    found = history.app.audit.compare(file)
    assert found.first[f"item:{number}"].expected == "none, as in the export"


def test_an_event_committed_while_the_export_ran_is_no_finding(history: Any, export: Callable[..., Path]) -> None:
    file = export()
    history.app.engine.execute(
        Create(actor=COORDINATOR, data={"title": "Gerade eben"}), now=LATER - timedelta(minutes=1)
    )
    assert history.app.audit.compare(file).ok


def test_of_a_partial_export_only_what_it_holds_is_compared(
    history: Any, export: Callable[..., Path], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    lonely = history.app.engine.execute(Create(actor=COORDINATOR, data={"title": "Weg damit"}), now=LATER).item.number
    file = export(filters=AuditFilter(item=history.number))
    by_hand(lambda connection: forge.remove(connection, lonely))
    assert history.app.audit.compare(file).ok
    by_hand(lambda connection: forge.append(connection, history.number, Kind.COMMENTED, text="0" * 64, public=False))
    assert history.app.audit.compare(file).ok


def test_a_finding_of_a_comparison_reads_as_a_sentence(history: Any) -> None:
    finding = Finding("item:2026-0001", 7, "event", "ab" * 32, None)
    assert str(finding) == f"item:2026-0001#7: event should be {'ab' * 32} and is nothing."
