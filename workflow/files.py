"""The bytes of documents: a folder beside the database, in which each file is called by its SHA-256.

A file is there, whole and on the disk, before the row that names it is committed. So a crash leaves at most a file too
many, and housekeeping takes it away; never a row without its file.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path

KEPT = timedelta(days=1)
"""How old a file is before it may be taken for one that nobody names: a slow command may still be on its way."""

PART = ".part"
"""How the names of files end that are being written."""


class Files:
    """The folder of documents. It need not exist before the first one is put in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep the bytes; their SHA-256. On the disk when this returns. Raises OSError."""
        digest = sha256(content).hexdigest()
        path = self.path(digest)
        try:
            os.utime(path)  # young again, so that no housekeeping takes it before it is named
            return digest
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.{secrets.token_hex(4)}{PART}")
        try:
            with part.open("xb") as writing:
                writing.write(content)
                writing.flush()
                os.fsync(writing.fileno())
            part.chmod(0o640)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _settle(path.parent)
        return digest

    def path(self, digest: str) -> Path:
        """Where the file of that SHA-256 lies, if it is there."""
        return self.folder / digest[:2] / digest

    def state(self, digest: str) -> str | None:
        """The SHA-256 that the file really has; None where it is not there."""
        try:
            with self.path(digest).open("rb") as reading:
                return file_digest(reading, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def remove(self, digest: str) -> None:
        """Take the file away, if it is there."""
        self.path(digest).unlink(missing_ok=True)

    def old(self, now: datetime) -> Iterator[Path]:
        """The files that were last put in more than KEPT before the aware moment `now`, also those half written."""
        until = (now - KEPT).timestamp()
        for path in sorted(self.folder.glob("??/*")):
            try:
                if path.is_file() and path.stat().st_mtime < until:
                    yield path
            except FileNotFoundError:  # another worker was faster
                continue


def _settle(folder: Path) -> None:
    """Let the folder's entry reach the disk, where the system can do that for folders."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
