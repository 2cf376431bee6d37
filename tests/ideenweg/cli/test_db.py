"""`ideenweg db`: make, upgrade, look at, save, restore and mend a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url, text

if TYPE_CHECKING:
    from conftest import Cli


def test_an_upgrade_makes_the_database_and_a_second_one_changes_nothing(bare: Cli) -> None:
    first, second = bare.document("db", "upgrade"), bare.document("db", "upgrade")
    assert first["before"] is None
    assert first["revision"] == second["before"] == second["revision"]
    assert bare.document("db", "status") | {"database": ""} == {
        "database": "",
        "schema": "current",
        "revision": first["revision"],
        "guarded": True,
    }
    assert bare("db", "status").code == 0


def test_a_history_that_is_no_longer_guarded_is_told(sqlite_cli: Cli) -> None:
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER event_no_update")
    assert sqlite_cli("db", "status").code == 5
    assert sqlite_cli("db", "upgrade").code == 0
    assert sqlite_cli("db", "status").code == 0


def test_on_postgresql_the_owner_upgrades_and_the_application_may_not_change_history(
    empty_postgresql_url: str, sqlite_cli: Cli
) -> None:
    owner = make_url(empty_postgresql_url)
    role = f"app_{owner.database}"
    engine = create_engine(owner, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    try:
        sqlite_cli.url = owner.set(username=role).render_as_string(hide_password=False)
        sqlite_cli.document("db", "upgrade", IDEENWEG_OWNER_DATABASE_URL=empty_postgresql_url)
        assert sqlite_cli("person", "add", "a@dortmund.example", "--name", "A").code == 0
        application = create_engine(sqlite_cli.url)
        with application.connect() as connection:
            allowed = text("SELECT has_table_privilege('event', 'INSERT'), has_table_privilege('event', 'UPDATE')")
            assert tuple(connection.execute(allowed).one()) == (True, False)
        application.dispose()
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        engine.dispose()


def test_what_was_saved_is_restored_into_a_new_database(cli: Cli, tmp_path: Path) -> None:
    number = cli.create("Sensoren an Brücken")
    archive = tmp_path / "saved.zip"
    saved = cli.document("db", "backup", str(archive))
    assert saved["rows"]["item"] == 1
    assert cli("db", "backup", str(archive)).code == 2
    assert cli("db", "restore", str(archive)).code == 2, "the database is not empty"
    cli.url = f"sqlite:///{tmp_path / 'new.db'}"
    assert "1 item" in cli("db", "restore", str(archive)).out
    assert cli.document("item", "show", number)["item"]["title"] == "Sensoren an Brücken"
    assert cli.document("audit", "verify")["ok"]


def test_an_archive_that_is_none_restores_nothing(bare: Cli, tmp_path: Path) -> None:
    (tmp_path / "letter.zip").write_text("Das ist ein Brief.")
    assert bare("db", "restore", str(tmp_path / "letter.zip")).code == 2
    assert bare("db", "restore", str(tmp_path / "nothing.zip")).code == 2
    assert bare("item", "list").code == 4


def test_what_search_and_worklists_keep_is_written_anew(sqlite_cli: Cli) -> None:
    number = sqlite_cli.create("Bank am Kanal")
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///")) as connection:
        connection.execute("DELETE FROM item_word")
    found = sqlite_cli("audit", "verify")
    assert (found.code, "`ideenweg db rebuild`" in found.out) == (5, True)
    assert sqlite_cli.document("db", "rebuild") == {"mended": [number]}
    assert sqlite_cli("audit", "verify").code == 0
