"""`ideenweg db`: make, upgrade, save, restore and mend the database."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import make_url

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, line, progress
from ideenweg.cli.session import Session, pass_session
from ideenweg.wiring import Settings
from workflow import backup as archives
from workflow import kept, migrations, slots
from workflow.db import Database
from workflow.errors import IntegrityBroken

SHOWN = 20
"""Items that are named."""


@click.group(cls=Group)
def db() -> None:
    """Make, upgrade, save, restore and mend the database."""


@db.command()
@pass_session
def upgrade(session: Session) -> None:
    """Bring the database to this version: make it if there is none, migrate it if it is older.

    On PostgreSQL this is done as the owner whom IDEENWEG_OWNER_DATABASE_URL names, where it is set; the role of
    IDEENWEG_DATABASE_URL then gets what the application needs, and no right to change the history.

    \b
    Examples:
      ideenweg db upgrade
      ideenweg db upgrade --database sqlite:////srv/ideenweg/ideenweg.db
    """
    before, after, where = bring_up(session.settings())
    if session.as_json:
        emit({"database": where, "before": before.current, "revision": after.current})
    elif before.current == after.current:
        line(
            session.say(
                f"{where} ist auf dem neuesten Stand ({after.current}).", f"{where} is up to date ({after.current})."
            )
        )
    else:
        was = before.current or session.say("leer", "empty")
        line(session.say(f"{where}: {was} -> {after.current}.", f"{where}: {was} -> {after.current}."))


@db.command()
@pass_session
def status(session: Session) -> None:
    """Say whether the database is that of this version, and whether its history is guarded.

    Exit code 0: it is. 4: there is none yet. 2: it is older or newer, or another program's. 5: triggers that guard the
    history are missing; `ideenweg db upgrade` makes them anew, `ideenweg audit verify` tells what happened meanwhile.

    \b
    Examples:
      ideenweg db status
      ideenweg db status --json
    """
    with _opened(session.settings().database_url) as database:
        migrations.require_current(database)
        found = migrations.status(database)
        where = database.where
    if found.unguarded:
        missing = ", ".join(found.unguarded)
        raise IntegrityBroken(f"The history in {where} is not guarded: {missing}. Run `ideenweg db upgrade`.")
    if session.as_json:
        emit({"database": where, "schema": found.schema.value, "revision": found.current, "guarded": True})
    else:
        line(
            session.say(
                f"{where} ist auf dem neuesten Stand ({found.current}).", f"{where} is up to date ({found.current})."
            )
        )


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def backup(session: Session, file: Path) -> None:
    """Save everything to the new archive FILE while others go on working: the database and the documents.

    Secrets (IDEENWEG_SECRET_KEY, passwords in URLs) are not in it; keep them apart.

    \b
    Examples:
      ideenweg db backup ideenweg-2026-06-09.zip
    """
    settings = session.settings()
    with _opened(settings.database_url) as database, progress(session.say("Sichere", "Saving")) as move:
        migrations.require_current(database)
        saved = archives.backup(database, file, settings.documents, session.now, move)
        slots.note(database, slots.SAVED, session.now)
    _tell(session, file, saved, session.say("Gesichert", "Saved"))


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def restore(session: Session, file: Path) -> None:
    """Fill a new database, and an empty folder of documents, from the archive FILE, and check the result.

    Notices that were still to be sent when the archive was made are held: nobody is told twice.

    \b
    Examples:
      ideenweg db restore ideenweg-2026-06-09.zip --database sqlite:///restored.db
    """
    settings = session.settings()
    with progress(session.say("Stelle her", "Restoring")) as move:
        saved = archives.restore(_owner(settings), file, settings.documents, session.origin, session.now, move)
    _tell(session, file, saved, session.say("Wiederhergestellt", "Restored"))


@db.command()
@pass_session
def rebuild(session: Session) -> None:
    """Write anew what follows from the items and is kept for search and worklists; the history stays as it is.

    For when `ideenweg audit verify` names `item_word`, `item_text` or `task`. Others may go on working.

    \b
    Examples:
      ideenweg db rebuild
    """
    with session.app() as app, progress(session.say("Schreibe neu", "Writing anew")) as move:
        mended = kept.rebuild(app.database, app.rules, session.now, move)
    if session.as_json:
        emit({"mended": mended})
    else:
        said = ", ".join(mended[:SHOWN]) + (" …" if len(mended) > SHOWN else "")
        line(
            session.say(
                f"Neu geschrieben: {len(mended)} Vorgänge{': ' if mended else ''}{said}.",
                f"Written anew: {len(mended)} items{': ' if mended else ''}{said}.",
            )
        )


def bring_up(settings: Settings) -> tuple[migrations.Status, migrations.Status, str]:
    """Make or upgrade the database; what it was before, what it is now, and where it is."""
    owner = _owner(settings)
    with _opened(owner) as database:
        before = migrations.status(database)
        migrations.upgrade(owner)
        if owner != settings.database_url:
            migrations.grant_application_role(database, str(make_url(settings.database_url).username))
        return before, migrations.status(database), database.where


def _opened(url: str) -> closing[Database]:
    return closing(Database(url))


def _owner(settings: Settings) -> str:
    """The URL to change tables with: the owner's, if it leads to the same database."""
    if settings.owner_database_url is None:
        return settings.database_url
    own, owner = make_url(settings.database_url), make_url(settings.owner_database_url)
    same = (own.host, own.port, own.database) == (owner.host, owner.port, owner.database)
    return settings.owner_database_url if same else settings.database_url


def _tell(session: Session, file: Path, saved: archives.Saved, done: str) -> None:
    if session.as_json:
        emit({"file": str(file), "rows": saved.rows, "documents": saved.documents})
        return
    rows, items = sum(saved.rows.values()), saved.rows.get("item", 0)
    line(
        session.say(
            f"{done}: {items} Vorgänge, {rows} Zeilen, {saved.documents} Dokumente ({file}).",
            f"{done}: {items} items, {rows} rows, {saved.documents} documents ({file}).",
        )
    )
