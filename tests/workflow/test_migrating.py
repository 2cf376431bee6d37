"""Running items go to another version of their lifecycle: as the dry run said, each once, and what cannot go stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ideenweg.wiring import App
from states.errors import FileFault
from states.lifecycle import Lifecycle
from states.migration import MigrationMap, load_map
from workflow.commands import Advance, Record
from workflow.engine import Outcome
from workflow.errors import BadInput
from workflow.migrating import Migrated, Migration
from workflow.models import deadline, due_step, event, item
from workflow.streams import Origin
from workflow.transaction import Transaction

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LATER = datetime(2026, 6, 3, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli", "operator")
SHORT = Path(__file__).parents[1] / "lifecycles" / "short.yaml"

MAP = """
states:
  in_review: expert_review
  accepted: [{state: popular, when: [{support: {minimum: 1, within: 6 weeks}}]}, waiting]
  popular: waiting
"""

CHANGES = (  # version 2 renames, splits and removes states
    ("version: 1\n", "version: 2\n"),
    ("\n  in_review:\n    label: {de: In Prüfung", "\n  expert_review:\n    label: {de: Geprüft"),
    ("\n  accepted: {label: {de: Angenommen, en: Accepted}}", "\n  waiting: {label: {de: Wartet, en: Waiting}}"),
    ("[in_review]", "[expert_review]"),
    ("to: in_review", "to: expert_review"),
    ("visit: in_review", "visit: expert_review"),
    ("while: in_review", "while: expert_review"),
    ("to: accepted", "to: waiting"),
    ("from: [accepted]", "from: [waiting]"),
    ("[draft, in_review, asked, accepted, popular]", "[draft, expert_review, asked, waiting, popular]"),
)  # fmt: skip


def second(*changes: tuple[str, str]) -> str:
    """The short lifecycle's second version, with further changes."""
    text = SHORT.read_text(encoding="utf-8")
    for before, after in (*CHANGES, *changes):
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.fixture
def load(app: App, tmp_path: Path) -> Callable[..., Lifecycle]:
    def load(*changes: tuple[str, str]) -> Lifecycle:
        path = tmp_path / "second.yaml"
        path.write_text(second(*changes), encoding="utf-8")
        return app.load(path, now=NOW)[0]

    return load


def mapped(app: App, new: Lifecycle, text: str = MAP) -> MigrationMap:
    with app.database.reading() as connection:
        return load_map(text, "map.yaml", [app.rules.lifecycle(Transaction(connection), "short", 1)], new)


def migrate(app: App, mapping: MigrationMap, *, dry_run: bool = False) -> Migrated:
    return Migration(app.database, app.rules, "short", 2, mapping, OPERATOR).run(LATER, dry_run=dry_run)


def fire(app: App, number: str, transition: str, actor: str, **more: object) -> None:
    app.engine.execute(Advance(item=number, transition=transition, actor=actor, **more), now=NOW)  # type: ignore[arg-type]


def submitted(app: App, create: Callable[..., Outcome]) -> str:
    number = create().item.number
    fire(app, number, "submit", "buergerin@dortmund.example")
    return number


def states(app: App) -> dict[str, tuple[str, int]]:
    with app.database.reading() as connection:
        rows = connection.execute(select(item.c.number, item.c.state, item.c.version))
        return {row.number: (row.state, row.version) for row in rows}


def test_states_are_renamed_and_split_and_what_is_left_of_a_deadline_is_kept(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    draft, reviewed, asked = create().item.number, submitted(app, create), submitted(app, create)
    fire(app, asked, "ask", "koordination@dortmund.example", reason="Wo genau?")
    accepted = submitted(app, create)
    fire(app, accepted, "accept", "koordination@dortmund.example", data={"feasible": True})
    mapping = mapped(app, load())
    planned = migrate(app, mapping, dry_run=True)
    assert set(states(app).values()) == {("draft", 1), ("in_review", 1), ("asked", 1), ("accepted", 1)}

    done = migrate(app, mapping)

    assert done == planned
    assert done.moved == Counter(
        {(1, "draft", "draft"): 1, (1, "in_review", "expert_review"): 1, (1, "asked", "asked"): 1,
         (1, "accepted", "waiting"): 1}
    )  # fmt: skip
    assert states(app) == {
        draft: ("draft", 2), reviewed: ("expert_review", 2), asked: ("asked", 2), accepted: ("waiting", 2),
    }  # fmt: skip
    with app.database.reading() as connection:
        kept = connection.execute(select(deadline).where(deadline.c.item == reviewed, deadline.c.status == "running"))
        assert [(row.rule, row.local_date) for row in kept] == [("expert_review", "2026-06-16")]
        steps = connection.execute(select(due_step.c.rule, due_step.c.status).where(due_step.c.item == reviewed))
        assert {tuple(row) for row in steps} <= {("in_review", "void"), ("expert_review", "open")}
        row = connection.execute(select(item).where(item.c.number == asked)).one()
        assert (row.origin, row.entered_at[:10]) == ("expert_review", "2026-06-01")
    assert app.audit.verify().ok

    fire(app, asked, "answer", "buergerin@dortmund.example")  # the clock goes on where it had stopped
    assert states(app)[asked] == ("expert_review", 2)
    with app.database.reading() as connection:
        row = connection.execute(
            select(deadline).where(deadline.c.item == asked, deadline.c.rule == "expert_review")
        ).one()
        assert (row.status, row.local_date) == ("running", "2026-06-16")
    assert app.audit.verify().ok


def test_a_state_splits_by_what_guards_see(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    liked, plain = submitted(app, create), submitted(app, create)
    fire(app, liked, "accept", "koordination@dortmund.example", data={"feasible": True})
    fire(app, plain, "accept", "koordination@dortmund.example", data={"feasible": False})
    liked_ones = "{state: popular, when: [{recorded: {record: opinion, values: {feasible: [true]}}}]}"
    migrate(app, mapped(app, load(), f"states: {{accepted: [{liked_ones}, waiting]}}"))
    assert states(app) == {liked: ("popular", 2), plain: ("waiting", 2)}


def test_what_cannot_be_moved_is_listed_with_its_reason_and_stays(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    stranded = submitted(app, create)
    written = create().item.number
    fire(app, written, "submit", "buergerin@dortmund.example")
    app.engine.execute(
        Record(item=written, kind="opinion", data={"feasible": True}, actor="koordination@dortmund.example"), now=NOW
    )
    new = load(("  opinion:\n", "  view:\n"), ("form: opinion", "form: view"))
    done = migrate(app, mapped(app, new, "states: {in_review: expert_review}"))
    assert [(one.number, one.blockers[0].code) for one in done.left] == [(written, "gone_record")]
    assert states(app) == {stranded: ("expert_review", 2), written: ("in_review", 1)}


def test_where_nothing_is_to_be_moved_that_is_said(app: App, load: Callable[..., Lifecycle]) -> None:
    load()
    with pytest.raises(BadInput, match="No item of short"):
        migrate(app, MigrationMap())


def test_a_state_without_a_target_stays_until_the_map_names_one(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    number = submitted(app, create)
    new = load()
    first = migrate(app, MigrationMap())
    assert [(one.number, one.blockers[0].code) for one in first.left] == [(number, "unmapped_state")]
    assert not first.moved
    assert migrate(app, mapped(app, new)).moved == Counter({(1, "in_review", "expert_review"): 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("states: {in_reviw: expert_review}", "no state 'in_reviw'"),
        ("states: {in_review: expert_reviw}", "no state 'expert_reviw'"),
        ("deadlines: {in_review: never}", "no deadline 'never'"),
        ("state: {}", "Unknown key 'state'"),
        ("states: {in_review: [{state: draft, when: [{not_a_guard: {}}]}]}", "no guard 'not_a_guard'"),
        ("- in_review", "is no mapping"),
    ],
)
def test_a_map_with_a_fault_is_refused_with_its_place(
    app: App, load: Callable[..., Lifecycle], text: str, said: str
) -> None:
    with pytest.raises(FileFault) as caught:
        mapped(app, load(), text)
    assert said in str(caught.value)
    assert caught.value.findings[0].place.line == 1


RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ideenweg.wiring import open_workflow
from states.migration import load_map
from workflow import migrating
from workflow.streams import Origin
from workflow.transaction import Transaction
migrating.BATCH = 10
url, text = sys.argv[1:]
with open_workflow(url, create=False) as app:
    with app.database.reading() as connection:
        tx = Transaction(connection)
        old, new = app.rules.lifecycle(tx, "short", 1), app.rules.lifecycle(tx, "short", 2)
    mapping = load_map(text, "map.yaml", [old], new)
    migration = migrating.Migration(app.database, app.rules, "short", 2, mapping, Origin("operator", "cli"))
    print("begun", flush=True)
    migration.run(datetime(2026, 6, 3, 8, tzinfo=UTC), progress=lambda *far: print(*far, flush=True))
"""


def killed_and_resumed(
    app: App, number_of_items: int, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    for _ in range(number_of_items):
        submitted(app, create)
    mapping = mapped(app, load())
    planned = migrate(app, mapping, dry_run=True)
    url = str(app.database.engine.url.render_as_string(hide_password=False))
    process = subprocess.Popen([sys.executable, "-c", RUN, url, MAP], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(2 + number_of_items // 30):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    moved = sum(version == 2 for _, version in states(app).values())
    assert 0 < moved < number_of_items
    migrate(app, mapping)
    assert states(app) == dict.fromkeys(states(app), ("expert_review", 2))
    assert planned.moved == Counter({(1, "in_review", "expert_review"): number_of_items})
    with app.database.reading() as connection:
        migrations = select(event.c.stream, func.count()).where(event.c.kind == "migrated").group_by(event.c.stream)
        counted = {row[0]: row[1] for row in connection.execute(migrations)}
    assert counted == {f"item:{number}": 1 for number in states(app)}
    assert app.audit.verify().ok


def test_killed_in_the_middle_and_resumed_every_item_is_moved_once(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    killed_and_resumed(app, 60, create, load)


@pytest.mark.campaign
def test_ten_thousand_items_killed_in_the_middle_are_moved_once(
    app: App, create: Callable[..., Outcome], load: Callable[..., Lifecycle]
) -> None:
    killed_and_resumed(app, 10_000, create, load)
