"""One archive with everything a restart elsewhere needs: the rows of every table and the documents. No secrets.

A ZIP file: `manifest.json` (schema, when, rows and SHA-256 of every member), `tables/NAME.jsonl` (the first line names
the columns, each further line is a row; bytes as {"base64": …}), `documents/…`. It knows no kind of database: what was
saved from SQLite can be restored into PostgreSQL and the other way round.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import Connection, LargeBinary, Table, func, insert, select, text, update

from workflow import migrations
from workflow.accounts import keeping
from workflow.db import Database
from workflow.errors import BadInput, SchemaTooNew
from workflow.events import Kind, timestamp
from workflow.files import PART
from workflow.models import delivery, metadata, outbox
from workflow.progress import Progress, silent
from workflow.streams import Origin, append

FORMAT = 1
BATCH = 1000
HELD = "held"
"""The status of notices that a backup held unsent: after a restore nobody gets them unasked."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds: rows by table, and how many documents."""

    rows: dict[str, int]
    documents: int


def backup(
    database: Database, target: Path, documents: Path | None, now: datetime, progress: Progress = silent
) -> Saved:
    """Write an archive of one moment of `database` to the new file `target`; others go on reading and writing.

    documents: the folder of uploaded documents, or None. Raises BadInput where `target` exists or cannot be made.
    """
    if target.exists():
        raise BadInput(f"{target} exists already.", remedy="Name a new file; a backup never overwrites another.")
    part = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            members: dict[str, dict[str, Any]] = {}
            # Tables first: a document that comes meanwhile is one too many in the archive, never one too few.
            with database.reading() as connection:
                rows = {
                    table.name: _save_table(connection, table, archive, members, progress)
                    for table in metadata.sorted_tables
                }
                revision = migrations.status(database).current
            files = _save_documents(documents, archive, members) if documents else 0
            manifest = {
                "format": FORMAT,
                "schema": revision,
                "created_at": timestamp(now),
                "rows": rows,
                "members": members,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.rename(target)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)
    return Saved(rows, files)


def restore(
    url: str, source: Path, documents: Path | None, origin: Origin, now: datetime, progress: Progress = silent
) -> Saved:
    """Make the database `url` and the folder `documents` what the archive `source` says.

    Both must be empty. Everything is checked against the manifest on the way; if it is wrong, nothing is left behind.
    Notices that were still to be sent are held; every session, token and link of the backup is ended, since some of
    them may have been revoked after it was made. Raises BadInput, SchemaTooNew or another StorageError.
    """
    if documents and documents.exists() and any(documents.iterdir()):
        raise BadInput(f"{documents} holds documents already.", remedy="Restore into an empty folder.")
    database = Database(url)
    with closing(database), _opened(source) as archive:
        manifest = _manifest(archive, source)
        fresh = migrations.status(database)
        if fresh.schema is not migrations.Schema.EMPTY and _rows(database):
            raise BadInput(f"{database.where} is not empty.", remedy="Restore into a new database, then switch to it.")
        if manifest["schema"] != fresh.head:
            # The first version of the tables is the only one so far: an archive of another one is of a later program.
            raise SchemaTooNew(str(source), manifest["schema"], fresh.head)
        made = database.path if database.path and not database.path.exists() else None
        try:
            migrations.upgrade(url)
            database.attempt(lambda connection: _fill(connection, archive, manifest, source, origin, now, progress))
            files = _restore_documents(archive, manifest, documents, source) if documents else 0
        except BaseException:
            database.close()
            for suffix in ("", "-wal", "-shm") if made else ():
                Path(f"{made}{suffix}").unlink(missing_ok=True)
            raise
    return Saved(manifest["rows"], files)


def _save_table(
    connection: Connection, table: Table, archive: zipfile.ZipFile, members: dict[str, Any], progress: Progress
) -> int:
    total = connection.execute(select(func.count()).select_from(table)).scalar_one()
    name, digest, done = f"tables/{table.name}.jsonl", sha256(), 0
    with archive.open(name, "w", force_zip64=True) as member:
        _write(member, digest, [column.name for column in table.columns])
        found = connection.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key))
        for row in found:
            _write(member, digest, [_out(value) for value in row])
            done += 1
            if done % BATCH == 0:
                progress(table.name, done, total)
    progress(table.name, done, total)
    members[name] = {"sha256": digest.hexdigest()}
    return done


def _write(member: IO[bytes], digest: Any, row: list[Any]) -> None:
    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    digest.update(line)
    member.write(line)


def _out(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, (bytes, memoryview)) else value


def _save_documents(folder: Path, archive: zipfile.ZipFile, members: dict[str, Any]) -> int:
    found = folder.rglob("*") if folder.is_dir() else ()
    files = sorted(path for path in found if path.is_file() and path.suffix != PART)
    for path in files:
        name = f"documents/{path.relative_to(folder).as_posix()}"
        content = path.read_bytes()
        archive.writestr(name, content)
        members[name] = {"sha256": sha256(content).hexdigest()}
    return len(files)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except OSError as error:
        raise BadInput(f"{source} cannot be read: {error.strerror}.") from None
    except zipfile.BadZipFile:
        raise _damaged(source, "it is no complete ZIP file") from None


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise BadInput(f"{source} is no backup of Ideenweg.", remedy="Make one with `ideenweg db backup`.") from None
    if manifest.get("format") != FORMAT:
        raise SchemaTooNew(str(source), f"format {manifest.get('format')}", f"format {FORMAT}")
    return manifest


def _rows(database: Database) -> bool:
    """Whether anything but what an upgrade writes is there."""
    with database.reading() as connection:
        return any(connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables)


def _fill(
    connection: Connection,
    archive: zipfile.ZipFile,
    manifest: dict[str, Any],
    source: Path,
    origin: Origin,
    now: datetime,
    progress: Progress,
) -> None:
    for table in metadata.sorted_tables:
        rows = _table(archive, table, manifest, source)
        done, total = 0, manifest["rows"][table.name]
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            connection.execute(insert(table), batch)
            done += len(batch)
            progress(table.name, done, total)
        if done != total:
            raise _damaged(source, f"{table.name} has {done} rows, not {total}")
    # What the backup has not sent the installation it was made of may have sent since: nobody is written to twice.
    connection.execute(update(outbox).where(outbox.c.status == "open").values(status=HELD))
    unsent = delivery.c.status.in_(("waiting", "for_digest", "for_batch"))
    connection.execute(update(delivery).where(unsent).values(status=HELD, lease_until=None))
    keeping.shut(connection)
    append(connection, "system", Kind.RESTORED, origin, now, details={"created_at": manifest["created_at"]})
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))
    else:
        connection.execute(text("INSERT INTO item_text_index (item_text_index) VALUES ('rebuild')"))


def _table(archive: zipfile.ZipFile, table: Table, manifest: dict[str, Any], source: Path) -> Iterator[dict[str, Any]]:
    """The rows of a table; after the last one its checksum is compared."""
    name, digest = f"tables/{table.name}.jsonl", sha256()
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    try:
        with archive.open(name) as member:
            first = member.readline()
            digest.update(first)
            columns = json.loads(first)
            for line in member:
                digest.update(line)
                row = dict(zip(columns, json.loads(line), strict=True))
                for column in (one for one in binary & row.keys() if row[one] is not None):
                    row[column] = base64.b64decode(row[column]["base64"])
                yield row
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(source, f"{name}: {error}") from None
    if digest.hexdigest() != manifest["members"][name]["sha256"]:
        raise _damaged(source, f"{name} is not what the manifest says")


def _restore_documents(archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path, source: Path) -> int:
    names = [name for name in manifest["members"] if name.startswith("documents/")]
    for name in names:
        relative = PurePosixPath(name.removeprefix("documents/"))
        if relative.is_absolute() or ".." in relative.parts:
            raise _damaged(source, f"{name} leads out of the folder of documents")
        content = archive.read(name)
        if sha256(content).hexdigest() != manifest["members"][name]["sha256"]:
            raise _damaged(source, f"{name} is not what the manifest says")
        target = folder.joinpath(*relative.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(names)


def _damaged(source: Path, what: str) -> BadInput:
    return BadInput(f"{source} is damaged: {what}.", remedy="Nothing was restored. Take another backup.")
