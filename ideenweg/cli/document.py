"""`ideenweg item attach | documents | detach | publish`: the files of an item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ideenweg.cli.changing import NUMBER, carry_out, on_item, tell
from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, iso, table
from ideenweg.cli.session import Session, pass_session
from ideenweg.cli.who import known
from states.reading import reader_of
from workflow import commands
from workflow.errors import BadInput
from workflow.queries.documents import of_item
from workflow.queries.sight import look


@click.command(cls=Command)
@on_item
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--record", metavar="KIND", help="The record kind that it belongs to; absent: to the item.")
@pass_session
def attach(session: Session, /, number: str, file: Path, record: str | None, **who: Any) -> None:
    """Attach FILE to an item. Of pictures, place, time and camera are left behind.

    \b
    Examples:
      ideenweg item attach 2026-0147 skizze.pdf --as buergerin@dortmund.example
      ideenweg item attach 2026-0147 bescheid.pdf --record grant_notice --as foerderung@dortmund.example
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    with session.app() as app:
        with app.database.reading() as connection:
            for one in filter(None, (who["actor"], who["on_behalf_of"])):
                known(session, connection, one)
        tell(
            session,
            app,
            app.attach(app.engine, item=number, name=file.name, content=content, record=record, now=session.now, **who),
        )


@click.command(cls=Command)
@NUMBER
@click.option("--as", "actor", metavar="EMAIL", help="Those that this person may open; absent: all, as the operator.")
@pass_session
def documents(session: Session, number: str, actor: str | None) -> None:
    """List the documents of an item, with where their files lie.

    \b
    Examples:
      ideenweg item documents 2026-0147
      ideenweg item documents 2026-0147 --as koordination@dortmund.example --json
    """
    with session.app() as app, app.database.reading() as connection:
        if actor is not None:
            known(session, connection, actor)
        seen = look(connection, app.rules, number, actor, session.now)
        reader = reader_of(seen.lifecycle, seen.snapshot, released=bool(seen.item.released)) if actor else None
        found = of_item(connection, seen.lifecycle, number, reader)
        zone = app.rules.programme.zone
        paths = {one.id: app.files.path(one.sha256) for one in found}
    if session.as_json:
        emit(
            {
                "documents": [
                    {
                        "id": one.id,
                        "name": one.name,
                        "media_type": one.media_type,
                        "size": one.size,
                        "sha256": one.sha256,
                        "record": one.record,
                        "public": one.public,
                        "at": iso(one.at, zone),
                        "file": str(paths[one.id]),
                    }
                    for one in found
                ]
            }
        )
        return
    table(
        (
            "id",
            session.say("Name", "Name"),
            session.say("Byte", "Bytes"),
            session.say("Öffentlich", "Public"),
            session.say("Datei", "File"),
        ),
        [
            (one.id, one.name, str(one.size), session.say("ja", "yes") if one.public else "", str(paths[one.id]))
            for one in found
        ],
    )


@click.command(cls=Command)
@on_item
@click.argument("document")
@pass_session
def detach(session: Session, /, number: str, document: str, **who: Any) -> None:
    """Remove the document with the id DOCUMENT. Its checksum stays in the history, its file is deleted a day later.

    \b
    Examples:
      ideenweg item detach 2026-0147 d-5f1c09a7d2e84b36 --as buergerin@dortmund.example
    """
    carry_out(session, commands.RemoveDocument(item=number, document=document, **who))


@click.command(cls=Command)
@on_item
@click.argument("document")
@click.option("--hide", is_flag=True, help="Show it to nobody but those who work on the item.")
@pass_session
def publish(session: Session, /, number: str, document: str, hide: bool, **who: Any) -> None:
    """Show the document with the id DOCUMENT to everybody, once the item is released.

    \b
    Examples:
      ideenweg item publish 2026-0147 d-5f1c09a7d2e84b36 --as koordination@dortmund.example
      ideenweg item publish 2026-0147 d-5f1c09a7d2e84b36 --hide --as koordination@dortmund.example
    """
    carry_out(session, commands.ShowDocument(item=number, document=document, public=not hide, **who))


DOCUMENTS = (attach, documents, detach, publish)
