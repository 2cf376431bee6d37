"""The log over all events: it only grows, proves each event, and (against a copy elsewhere) the whole of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from workflow import checkpoints, merkle, proofs
from workflow.checkpoints import FORMAT, Checkpoint, growth, latest, make
from workflow.commands import Comment, Create
from workflow.db import Database
from workflow.errors import BadInput, IntegrityBroken, NotFound
from workflow.models import checkpoint, event, log_leaf, log_node

LATER = datetime(2026, 6, 2, 8, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"
DOCS = Path(__file__).parents[3] / "docs" / "audit.md"
Hands = Callable[[Connection], object]


@pytest.fixture
def keep(history: Any, tmp_path: Path) -> Callable[..., Path]:
    """Makes a checkpoint (or a proof of `number` against it) and keeps it elsewhere."""

    def keep(number: str | None = None) -> Path:
        made = history.app.audit.checkpoint(LATER)
        told = history.app.audit.prove(number) if number else made.told("dos-2030")
        file = tmp_path / f"{number or 'checkpoint'}.json"
        file.write_text(json.dumps(told, indent=2), encoding="utf-8")
        return file

    return keep


def comment(history: Any, text: str, now: datetime = LATER) -> None:
    history.app.engine.execute(Comment(item=history.number, actor=COORDINATOR, text=text), now=now)


def places(history: Any) -> list[tuple[str, int]]:
    with history.app.database.reading() as connection:
        rows = connection.execute(select(log_leaf).order_by(log_leaf.c.position)).all()
    assert [row.position for row in rows] == list(range(len(rows)))
    return [(row.stream, row.seq) for row in rows]


def in_log_order(history: Any) -> list[tuple[str, int]]:
    with history.app.database.reading() as connection:
        order = (event.c.recorded_at, event.c.stream, event.c.seq)
        return [tuple(row) for row in connection.execute(select(event.c.stream, event.c.seq).order_by(*order))]


# --- making -----------------------------------------------------------------------------------------------------------


def test_every_event_gets_one_place_and_keeps_it(history: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    database: Database = history.app.database
    monkeypatch.setattr(checkpoints, "LEAVES_AT_A_TIME", 4)
    with database.reading() as connection:
        assert latest(connection) is None
    told: list[tuple[str, int, int]] = []
    first = history.app.audit.checkpoint(LATER, lambda *call: told.append(call))
    before = places(history)
    assert before == in_log_order(history)
    assert (first.size, first.at, told[-1][1]) == (len(before), "2026-06-02T08:00:00.000000Z", len(before))
    assert make(database, LATER + timedelta(days=1)) == first, "nothing is new"

    comment(history, "heute", LATER + timedelta(minutes=1))
    comment(history, "von gestern", LATER - timedelta(days=1))
    second = make(database, LATER + timedelta(minutes=2))
    seq = history.events(history.stream)[-1]["seq"]
    assert places(history) == [*before, (history.stream, seq - 1), (history.stream, seq)], "late comes behind"
    with database.reading() as connection:
        assert latest(connection) == second
        path = [bytes.fromhex(one) for one in growth(connection, first.size, second.size)]
        with pytest.raises(BadInput, match="No checkpoint of"):
            growth(connection, second.size + 1, second.size)
    roots = [bytes.fromhex(one.root) for one in (first, second)]
    assert merkle.consistent(first.size, roots[0], second.size, roots[1], path)
    assert history.app.audit.verify().ok


def test_many_at_once_make_one_log(history: Any) -> None:
    url = history.app.database.url

    def work(place: int) -> Checkpoint:
        database = Database(url)
        try:
            comment(history, f"von {place}", LATER + timedelta(seconds=place))
            return make(database, LATER)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(work, range(8)))
    assert len(places(history)) == max(one.size for one in made) == len(in_log_order(history))
    assert history.app.audit.verify().ok


def test_new_events_are_found_without_reading_the_old_ones(history: Any) -> None:
    if history.app.database.dialect == "postgresql":
        pytest.skip("plans of so small a table say nothing on PostgreSQL")
    make(history.app.database, LATER)
    with history.app.database.reading() as connection:
        place = ("2026-06-02T07:00:00.000000Z", "", 0)
        statement = checkpoints._new_ones(place).compile(connection, compile_kwargs={"literal_binds": True})
        seen = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert any("SEARCH event USING" in one and "recorded_at" in one for one in seen), seen
    assert not any("SCAN" in one or "TEMP B-TREE" in one for one in seen), seen


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_proof_is_checked_by_the_program_in_the_docs(history: Any, keep: Callable[..., Path], tmp_path: Path) -> None:
    script = tmp_path / "check.py"
    script.write_text(re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1])
    file = keep(history.number)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, script, file], capture_output=True, text=True, check=False)

    whole = file.read_text(encoding="utf-8")
    proof = json.loads(whole)
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(proof['events'])} events are in the log of {proof['checkpoint']['root']}\n"
    for old, new in (('\\"seq\\":2,', '\\"seq\\":3,'), (proof["events"][4]["path"][0], "0" * 64)):
        file.write_text(whole.replace(old, new, 1), encoding="utf-8")
        assert run().returncode == 1
        found = history.app.audit.compare(file)
        assert found.findings
        assert {one.what for one in found.findings} <= {"proof", "event.hash"}


def test_a_proof_covers_what_the_latest_checkpoint_covers(history: Any) -> None:
    prove = history.app.audit.prove
    with pytest.raises(BadInput, match="No checkpoint covers"):
        prove(history.number)
    history.app.audit.checkpoint(LATER)
    comment(history, "danach")
    proof = prove(history.number)
    assert [one["seq"] for one in proof["events"]] == [one["seq"] for one in history.events(history.stream)[:-1]]
    assert (proof["newer"], proof["number"], proof["checkpoint"]["format"]) == (1, history.number, FORMAT)
    assert [one["seq"] for one in prove(history.number, last=True)["events"]] == [proof["events"][-1]["seq"]]
    with pytest.raises(NotFound):
        prove("2026-0999")
    new = history.app.engine.execute(Create(actor=COORDINATOR, data={"title": "Neu"}), now=LATER).item.number
    with pytest.raises(BadInput, match="audit checkpoint"):
        prove(new)


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        ("", True),
        ("[]", True),
        ('{"export": "ideenweg history"}', True),
        ('{"format": "ideenweg checkpoint v1", "size": 1, "root": "", "at": ""}', False),
        (f'{{"format": "ideenweg checkpoint v1", "size": "1", "root": "{"0" * 64}", "at": ""}}', False),
        ('{"format": "ideenweg proof v1"}', False),
    ],
)
def test_what_is_no_checkpoint_is_left_to_others_and_half_a_one_is_named(
    tmp_path: Path, content: str, whole: bool
) -> None:
    file = tmp_path / "kept.json"
    file.write_text(content, encoding="utf-8")
    if whole:
        assert proofs.read(file) is None
    else:
        with pytest.raises(BadInput, match="is not whole"):
            proofs.read(file)


# --- against the events -----------------------------------------------------------------------------------------------


def _remove_leaf(connection: Connection) -> None:
    last = connection.scalar(select(func.max(log_leaf.c.position)))
    connection.execute(delete(log_leaf).where(log_leaf.c.position == last))


ALTERED: dict[str, Hands] = {
    "a leaf": lambda c: c.execute(update(log_leaf).where(log_leaf.c.position == 3).values(hash="x")),
    "another event's place": lambda c: c.execute(update(log_leaf).where(log_leaf.c.position == 3).values(seq=900)),
    "a place left out": lambda c: c.execute(delete(log_leaf).where(log_leaf.c.position == 3)),
    "the last place taken away": _remove_leaf,
    "a node": lambda c: c.execute(update(log_node).where(log_node.c.level == 2).values(hash="0" * 64)),
    "a node taken away": lambda c: c.execute(delete(log_node).where(log_node.c.level == 1, log_node.c.position == 1)),
    "a node put in": lambda c: c.execute(insert(log_node).values(level=1, position=900, hash="0" * 64)),
    "a node put in between": lambda c: c.execute(insert(log_node).values(level=0, position=2, hash="0" * 64)),
    "a root": lambda c: c.execute(update(checkpoint).values(root="0" * 64)),
    "a checkpoint of what was not": lambda c: c.execute(insert(checkpoint).values(size=900, root="0" * 64, at="x")),
    "a checkpoint of nothing": lambda c: c.execute(insert(checkpoint).values(size=0, root="0" * 64, at="x")),
}


def test_a_log_that_was_altered_is_found_and_grows_no_further(
    history: Any, after: Callable[..., Any], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    for text in ("eins", "zwei"):
        comment(history, text)
    history.app.audit.checkpoint(LATER)
    for what, hands in ALTERED.items():
        found = after(hands)
        assert not found.ok, what
        assert all(str(one).endswith(".") for one in found.findings)

    last = history.events(history.stream)[-1]["seq"]
    found = after(lambda connection: forge.cut(connection, history.number, last - 2))
    left = [(one.stream, one.seq, one.what) for one in found.findings]
    assert left == [(history.stream, seq, "log_leaf") for seq in (last - 1, last)], "a cut tail leaves places behind"

    by_hand(lambda connection: connection.execute(update(log_node).values(hash="x")))
    comment(history, "danach")
    with pytest.raises(IntegrityBroken, match="audit verify"):
        history.app.audit.checkpoint(LATER)


# --- what only a copy elsewhere finds: everything in the database was made to fit -------------------------------------


def test_what_was_kept_elsewhere_finds_each_fraud(
    history: Any, keep: Callable[..., Path], by_hand: Callable[[Hands], None], forge: Any
) -> None:
    """A cut tail, a missing stream, a rewriting of everything; the log is made anew to fit each of them."""
    compare, verify = history.app.audit.compare, history.app.audit.verify

    def forged(hands: Hands) -> None:
        def all_of_it(connection: Connection) -> None:
            hands(connection)
            forge.relog(connection)

        by_hand(all_of_it)
        assert verify().ok, "nothing in the database itself tells of it"

    lonely = history.app.engine.execute(Create(actor=COORDINATOR, data={"title": "Weg damit"}), now=LATER).item.number
    for text in ("eins", "zwei"):
        comment(history, text)
    kept, proof = keep(), keep(history.number)
    size, last = json.loads(kept.read_text())["size"], history.events(history.stream)[-1]["seq"]
    forged(lambda connection: forge.cut(connection, history.number, last - 2))
    assert [one.what for one in compare(kept).findings] == ["number of events"]
    gone = [(one.seq, one.what) for one in compare(proof).findings if one.stream == history.stream]
    assert gone == [(last - 1, "event"), (last, "event")]
    for text in ("drei", "vier", "fünf"):
        comment(history, text)
    history.app.audit.checkpoint(LATER + timedelta(days=1))
    assert [one.what for one in compare(kept).findings] == [f"root of {size} events"]

    kept, proof = keep(), keep(lonely)
    forged(lambda connection: forge.remove(connection, lonely))
    assert not compare(kept).ok
    assert compare(proof).first[f"item:{lonely}"].what == "event"

    def rewrite(connection: Connection) -> None:
        streams = list(connection.scalars(select(event.c.stream).distinct()))
        connection.execute(update(event).where(event.c.via == "api").values(via="page"))
        for stream in streams:
            forge.rehash(connection, stream, lambda payload: payload.replace(b'"via":"api"', b'"via":"page"'))

    kept, proof = keep(), keep(history.number)
    size = json.loads(kept.read_text())["size"]
    forged(rewrite)
    assert [one.what for one in compare(kept).findings] == [f"root of {size} events"]
    assert compare(proof).first[history.stream].what == "event.hash"


def test_a_history_that_only_went_on_contains_what_was_kept(history: Any, keep: Callable[..., Path]) -> None:
    files = keep(), keep(history.number)
    comment(history, "danach")
    history.app.audit.checkpoint(LATER + timedelta(days=1))
    for file in files:
        found = history.app.audit.compare(file)
        assert (found.findings, found.events, found.complete) == ((), json.loads(files[0].read_text())["size"], True)
