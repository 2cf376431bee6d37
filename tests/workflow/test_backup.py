"""One archive with everything, made while the program runs, restored on either database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from ideenweg.wiring import App, open_workflow
from workflow.access import find
from workflow.accounts import sessions
from workflow.accounts.sessions import Way
from workflow.backup import HELD, backup, restore
from workflow.commands import Advance
from workflow.engine import Outcome
from workflow.errors import BadInput, SchemaTooNew
from workflow.models import event, metadata, outbox, stream_head
from workflow.streams import Origin

SHORT = Path(__file__).parents[1] / "lifecycles" / "short.yaml"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
CHANGED = {"event", "stream_head"}  # a restore tells of itself in the stream `system`


@pytest.fixture
def saved(app: App, create: Callable[..., Outcome], tmp_path: Path) -> Path:
    """A backup of a database with an item under way, and of two documents."""
    number = create().item.number
    app.engine.execute(Advance(item=number, transition="submit", actor="buergerin@dortmund.example"), now=NOW)
    documents = tmp_path / "documents"
    (documents / "2026").mkdir(parents=True)
    (documents / "2026" / "plan.pdf").write_bytes(b"%PDF")
    (documents / "skizze.png").write_bytes(b"\x89PNG")
    target = tmp_path / "backup.zip"
    assert backup(app.database, target, documents, NOW).documents == 2
    return target


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """The URL of another SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


def contents(app: App) -> dict[str, list[tuple[object, ...]]]:
    with app.database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("target", ["elsewhere", "empty_postgresql_url"])
def test_what_was_saved_is_restored_on_either_database(
    app: App, saved: Path, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(target)
    restore(url, saved, tmp_path / "restored", OPERATOR, NOW)
    with open_workflow(url, lifecycle=SHORT) as restored:
        before, after = contents(app), contents(restored)
        assert {name: after[name] for name in after if name not in CHANGED} == {
            name: before[name] for name in before if name not in CHANGED
        }
        assert restored.audit.verify().ok
        with restored.database.reading() as connection:
            last = select(event.c.kind).where(event.c.stream == "system").order_by(event.c.seq.desc()).limit(1)
            assert connection.execute(last).scalar_one() == "system:restored"
    assert (tmp_path / "restored" / "2026" / "plan.pdf").read_bytes() == b"%PDF"


def test_notices_still_to_be_sent_are_held_after_a_restore(
    app: App, create: Callable[..., Outcome], elsewhere: str, tmp_path: Path
) -> None:
    number = create().item.number
    waiting = ("n-1", "received", number, 1, "[]", "{}", "2026-06-01T08:00:00.000000Z", "open")
    app.database.attempt(lambda connection: connection.execute(outbox.insert().values(waiting)))
    backup(app.database, tmp_path / "backup.zip", None, NOW)
    restore(elsewhere, tmp_path / "backup.zip", None, OPERATOR, NOW)
    with open_workflow(elsewhere) as restored, restored.database.reading() as connection:
        assert connection.execute(select(outbox.c.status)).scalars().all() == [HELD]


def test_nobody_is_signed_in_after_a_restore(app: App, elsewhere: str, tmp_path: Path) -> None:
    def begin(connection: Connection) -> str:
        return sessions.begin(connection, find(connection, "verwaltung@dortmund.example").id, Way.PASSWORD, NOW)

    value = app.database.attempt(begin)
    backup(app.database, tmp_path / "backup.zip", None, NOW)
    restore(elsewhere, tmp_path / "backup.zip", None, OPERATOR, NOW)
    found = []
    with open_workflow(elsewhere) as restored:
        for one in (app, restored):
            with one.database.reading() as connection:
                found.append(sessions.find(connection, value, NOW) is not None)
    assert found == [True, False]


def test_a_backup_never_overwrites_another(app: App, saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        backup(app.database, saved, None, NOW)
    assert saved.read_bytes() == before


def test_a_backup_into_no_folder_says_so_and_leaves_nothing(app: App, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        backup(app.database, tmp_path / "missing" / "backup.zip", None, NOW)


def test_a_restore_never_touches_a_database_with_something_in_it(app: App, saved: Path) -> None:
    before = contents(app)
    with pytest.raises(BadInput, match="is not empty"):
        restore(app.database.url.render_as_string(hide_password=False), saved, None, OPERATOR, NOW)
    assert contents(app) == before


def damage(source: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = change(members[member])
    with zipfile.ZipFile(source, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("member", "change", "said"),
    [
        ("tables/item.jsonl", lambda text: text.replace(b"Sensoren", b"Senioren"), "not what the manifest says"),
        ("tables/person.jsonl", lambda text: b"".join(text.splitlines(keepends=True)[:-1]), "person"),
        ("tables/event.jsonl", lambda text: text[:-30], "event"),
        ("documents/skizze.png", lambda content: content + b"x", "skizze"),
        ("manifest.json", lambda text: b"{", "no backup"),
    ],
)
def test_a_damaged_backup_restores_nothing(
    saved: Path, member: str, change: Callable[[bytes], bytes], said: str, elsewhere: str, tmp_path: Path
) -> None:
    damage(saved, member, change)
    with pytest.raises(BadInput, match=said):
        restore(elsewhere, saved, tmp_path / "restored", OPERATOR, NOW)
    assert not Path(elsewhere.removeprefix("sqlite:///")).exists()


def test_a_cut_archive_and_another_file_are_told_apart_from_a_backup(elsewhere: str, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:200])
    with pytest.raises(BadInput, match="no complete ZIP"):
        restore(elsewhere, saved, None, OPERATOR, NOW)


def test_a_backup_of_a_newer_version_is_refused(saved: Path, elsewhere: str) -> None:
    damage(saved, "manifest.json", lambda text: json.dumps({**json.loads(text), "schema": "v9999"}).encode())
    with pytest.raises(SchemaTooNew):
        restore(elsewhere, saved, None, OPERATOR, NOW)


def test_a_backup_is_one_moment_while_others_write(
    app: App, create: Callable[..., Outcome], tmp_path: Path, elsewhere: str
) -> None:
    create()
    written: list[str] = []

    def progress(table: str, done: int, total: int) -> None:
        if table == "person":  # saved before the items
            written.append(create().item.number)

    backup(app.database, tmp_path / "backup.zip", None, NOW, progress)
    restore(elsewhere, tmp_path / "backup.zip", None, OPERATOR, NOW)
    with open_workflow(elsewhere, lifecycle=SHORT) as restored:
        assert written
        assert restored.audit.verify().ok
        with restored.database.reading() as connection:
            heads = select(func.count()).select_from(stream_head)
            assert connection.execute(heads).scalar_one() > 0
