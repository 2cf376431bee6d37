"""Documents of items: attached, shown, removed, proved, swept, saved and erased; drafts with their files."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ideenweg.wiring import App
from states.reading import Reader
from workflow import backup, documents, drafts
from workflow.commands import AttachDocument, RemoveDocument, ShowDocument
from workflow.errors import Invalid, NotFound, Refused
from workflow.events import Kind
from workflow.files import PART
from workflow.models import document
from workflow.queries.documents import Document, find, of_item
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
RESIDENT, OTHER, COORDINATOR = "buergerin@dortmund.example", "buerger@schwerte.example", "koordination@dortmund.example"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def number(create: Callable[..., Any]) -> str:
    number: str = create().item.number
    return number


@pytest.fixture
def attach(app: App, number: str) -> Callable[..., str]:
    """Attaches a file; the document's id."""

    def attach(content: bytes = PDF, name: str = "skizze.pdf", actor: str = RESIDENT, **more: Any) -> str:
        app.attach(app.engine, actor=actor, item=number, name=name, content=content, now=NOW, **more)
        return listed(app, number)[-1].id

    return attach


def listed(app: App, number: str) -> tuple[Document, ...]:
    with app.database.reading() as connection:
        return of_item(connection, app.rules.newest_of(app.database, "short"), number, None)


def opened(app: App, key: str, person: str | None) -> bool:
    try:
        with app.database.reading() as connection:
            return find(connection, app.rules, key, person, NOW).id == key
    except NotFound:
        return False


def files(app: App) -> list[Path]:
    return [path for path in app.files.folder.rglob("*") if path.is_file()]


def age(app: App) -> None:
    """Let a day and more go by for every file."""
    for path in files(app):
        os.utime(path, (0, 0))


def test_a_document_has_its_checksum_in_the_history_and_its_bytes_in_the_folder(
    app: App, number: str, attach: Callable[..., str]
) -> None:
    attach(command_id="once")
    attach(command_id="once")  # sent again
    (one,) = listed(app, number)
    assert (one.name, one.media_type, one.size) == ("skizze.pdf", "application/pdf", len(PDF))
    assert app.files.path(one.sha256).read_bytes() == PDF
    (event,) = [event for event in app.audit.list().events if event.kind == Kind.ATTACHED]
    assert one.sha256 in str(event)
    assert "skizze" not in str(event), "a name may tell of a person, and is committed to alone"
    assert app.audit.verify().ok


def test_who_may_open_attach_show_and_remove(app: App, number: str, attach: Callable[..., str]) -> None:
    key = attach()
    seen = {who: opened(app, key, who) for who in (RESIDENT, COORDINATOR, OTHER, None)}
    assert seen == {RESIDENT: True, COORDINATOR: True, OTHER: False, None: False}
    refused: list[tuple[str, Any]] = [
        ("role", ShowDocument(actor=RESIDENT, item=number, document=key)),
        ("role", RemoveDocument(actor=OTHER, item=number, document=key)),
        ("role", AttachDocument(actor=OTHER, item=number, name="x", media_type="text/plain", size=1, sha256="0" * 64)),
        ("invalid_document", AttachDocument(actor=RESIDENT, item=number, name="x", media_type="text/html", size=1,
                                            sha256="0" * 64)),
        ("invalid_name", AttachDocument(actor=RESIDENT, item=number, name="../x", media_type="text/plain", size=1,
                                        sha256="0" * 64)),
    ]  # fmt: skip
    for code, command in refused:
        with pytest.raises(Refused) as caught:
            app.engine.execute(command, now=NOW)
        assert code in [one.code for one in caught.value.blockers]
    app.engine.execute(ShowDocument(actor=COORDINATOR, item=number, document=key), now=NOW)
    app.engine.execute(ShowDocument(actor=COORDINATOR, item=number, document=key), now=NOW)  # nothing to change
    (one,) = listed(app, number)
    assert one.public
    lifecycle = app.rules.newest_of(app.database, "short")
    with app.database.reading() as connection:
        assert of_item(connection, lifecycle, number, Reader(released=True)) == (one,)
        assert of_item(connection, lifecycle, number, Reader()) == (), "nothing is public before the release"
    app.engine.execute(RemoveDocument(actor=RESIDENT, item=number, document=key), now=NOW)
    assert listed(app, number) == ()
    assert not opened(app, key, RESIDENT)
    with pytest.raises(NotFound):
        app.engine.execute(RemoveDocument(actor=RESIDENT, item=number, document=key), now=NOW)
    assert app.audit.verify().ok


def test_an_item_takes_so_many_documents_and_no_more(app: App, number: str, attach: Callable[..., str]) -> None:
    for turn in range(app.rules.programme.documents.number):
        attach(f"Zeile {turn}".encode(), "notiz.txt")
    with pytest.raises(Refused, match="documents"):
        attach(b"zu viel", "notiz.txt")


def test_verification_finds_a_missing_and_an_altered_file_and_rows_that_nobody_told_of(
    app: App, number: str, attach: Callable[..., str]
) -> None:
    attach()
    (one,) = listed(app, number)
    path = app.files.path(one.sha256)
    path.write_bytes(PDF + b"!")
    (altered,) = app.audit.verify().findings
    assert (altered.what, altered.expected) == ("document.file", one.sha256)
    assert altered.found not in (None, one.sha256)
    path.unlink()
    (missing,) = app.audit.verify().findings
    assert (missing.what, missing.found) == ("document.file", None)
    path.write_bytes(PDF)
    for values in ({"name": "anders.pdf"}, {"public": True}, {"size": 3}, {"ended_seq": 2}, {"name": None}):
        with app.database.writing() as connection:
            before = connection.execute(document.select()).mappings().one()
            connection.execute(update(document).values(**values))
        (column,) = values
        assert f"document.{column}" in [finding.what for finding in app.audit.verify().findings]
        with app.database.writing() as connection:
            connection.execute(update(document).values(**{column: before[column]}))
    assert app.audit.verify().ok


def test_housekeeping_takes_what_nothing_names_and_what_was_removed_a_day_ago(
    app: App, number: str, attach: Callable[..., str]
) -> None:
    kept, removed = attach(), attach(b"weg damit", "alt.txt")
    orphan = app.files.put(b"niemandes")
    half = app.files.path(orphan).with_name(f"{orphan}.1{PART}")
    half.write_bytes(b"ni")
    app.engine.execute(RemoveDocument(actor=RESIDENT, item=number, document=removed), now=NOW)
    assert documents.sweep(app.database, app.files, NOW) == 0, "what is young may still be on its way"
    age(app)
    assert documents.sweep(app.database, app.files, NOW) == 2, "the file without a name, and the half written one"
    assert documents.sweep(app.database, app.files, NOW + timedelta(days=2)) == 1
    (one,) = listed(app, number)
    assert [path.name for path in files(app)] == [one.sha256]
    assert one.id == kept
    assert app.audit.verify().ok


def test_two_documents_may_be_the_same_file(app: App, number: str, attach: Callable[..., str]) -> None:
    attach()
    second = attach()
    app.engine.execute(RemoveDocument(actor=RESIDENT, item=number, document=second), now=NOW)
    age(app)
    assert documents.sweep(app.database, app.files, NOW + timedelta(days=2)) == 0
    assert app.audit.verify().ok


def test_who_is_erased_leaves_the_checksum_and_no_file(app: App, number: str, attach: Callable[..., str]) -> None:
    attach(b"Foto von mir", "max-mustermann.txt")
    attach(b"Vermerk", "vermerk.txt", actor=COORDINATOR)
    with app.database.writing() as connection:
        secret, digest = drafts.begin(connection, "short", NOW)
        drafts.keep(connection, digest, {"name": "ich"}, RESIDENT.upper(), NOW)
    digests = [one.sha256 for one in listed(app, number)]
    app.erase(RESIDENT, OPERATOR, NOW)
    assert [one.name for one in listed(app, number)] == ["vermerk.txt"], "the administration's own stays"
    assert [path.name for path in files(app)] == digests[1:]
    assert app.audit.verify().ok
    with app.database.reading() as connection:
        assert drafts.find(connection, secret, NOW) is None


def test_a_backup_brings_the_documents_elsewhere(
    app: App, attach: Callable[..., str], empty_sqlite_url: str, tmp_path: Path
) -> None:
    attach()
    saved = tmp_path / "saved.zip"
    assert backup.backup(app.database, saved, app.files.folder, NOW).documents == 1
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    url = f"sqlite:///{elsewhere / 'ideenweg.db'}"
    backup.restore(url, saved, elsewhere / "documents", OPERATOR, NOW)
    from ideenweg.wiring import open_workflow

    with open_workflow(url, lifecycle=Path(__file__).parents[1] / "lifecycles" / "short.yaml") as restored:
        assert restored.audit.verify().ok


# --- drafts -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(app: App) -> tuple[str, str]:
    """A draft with a file: its secret and digest."""
    kept = documents.keep(app.files, "foto.txt", b"Bild", app.rules.programme.documents)
    with app.database.writing() as connection:
        secret, digest = drafts.begin(connection, "short", NOW)
        drafts.keep(connection, digest, {"title": "Bänke"}, None, NOW)
        drafts.attach(connection, digest, kept, NOW)
    return secret, digest


def test_a_draft_is_found_by_its_secret_alone_and_for_thirty_days(app: App, draft: tuple[str, str]) -> None:
    secret, digest = draft
    with app.database.reading() as connection:
        found = drafts.find(connection, secret, NOW + timedelta(days=29))
        assert found is not None
        assert (found.data, [one.name for one in found.documents]) == ({"title": "Bänke"}, ["foto.txt"])
        assert drafts.find(connection, digest, NOW) is None
        assert drafts.find(connection, secret, NOW + timedelta(days=31)) is None
    age(app)
    assert documents.sweep(app.database, app.files, NOW) == 0, "a draft's file is needed"
    with app.database.writing() as connection:
        assert drafts.purge(connection, NOW + timedelta(days=29)) == 0
        assert drafts.purge(connection, NOW + timedelta(days=31)) == 1
    age(app)
    assert documents.sweep(app.database, app.files, NOW) == 1


def test_a_file_of_a_draft_can_be_taken_out_again(app: App, draft: tuple[str, str]) -> None:
    secret, digest = draft
    with app.database.writing() as connection:
        found = drafts.find(connection, secret, NOW)
        assert found is not None
        drafts.detach(connection, digest, found.documents[0].id)
        again = drafts.find(connection, secret, NOW)
        assert again is not None
        assert again.documents == ()


def test_a_bad_file_is_refused_before_anything_is_kept(app: App, attach: Callable[..., str]) -> None:
    with pytest.raises(Invalid):
        attach(b"<svg onload='alert(1)'/>", "bild.svg")
    assert files(app) == []
