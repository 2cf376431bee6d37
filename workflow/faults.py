"""What an error of a database driver means: wait and try again, or tell the caller in words of this room.

SQLite's result codes: https://www.sqlite.org/rescode.html. PostgreSQL's: the appendix "Error Codes" of its manual.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from workflow.errors import (
    Busy,
    IntegrityBroken,
    NotADatabase,
    SchemaMissing,
    StorageFull,
    Unreachable,
    WorkflowError,
)

WAIT = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available: lock_timeout is over
    }
)
"""PostgreSQL: another try may succeed, and this one has changed nothing."""

TAKEN = "23505"
"""PostgreSQL: unique_violation. A race that a second look decides: whoever was first is visible by then."""

LOST = frozenset({"57P01", "57P02", "08000", "08003", "08006"})
"""PostgreSQL: the connection is gone. Where the driver finds out itself, or never got one, there is no code at all."""

FULL = frozenset({"53100", "53200"})
"""PostgreSQL: disk_full, out_of_memory."""

DENIED = frozenset({"42501", "25006"})
"""PostgreSQL: insufficient_privilege, read_only_sql_transaction."""


def passing(error: Exception) -> bool:
    """Whether the error comes from others being at work, so that a later try may succeed."""
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return _code(cause) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return _state(cause) in WAIT or isinstance(cause, PoolTimeout)


def taken(error: Exception) -> bool:
    """Whether somebody else inserted the same key between our look and our write; never so on SQLite."""
    return _state(_cause(error)) == TAKEN


def lost(error: Exception) -> bool:
    """Whether there is no connection: it could not be made, or broke while it was in use."""
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error) or not hasattr(cause, "sqlstate"):
        return False
    return _state(cause) in LOST or (_state(cause) is None and type(cause).__name__ == "OperationalError")


def meaning(error: Exception, where: str, path: Path | None) -> WorkflowError | None:
    """The error of this room for a driver's, or None where it is a fault of the program and shall be seen as one.

    where: the database in words, without a password. path: its file, on SQLite.
    """
    cause = _cause(error)
    if passing(error):
        return Busy()
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, where, path)
    if _state(cause) in FULL:
        return StorageFull(where)
    if _state(cause) in DENIED or lost(error):
        return Unreachable(where, _sentence(cause))
    return None


def _of_sqlite(error: sqlite3.Error, where: str, path: Path | None) -> WorkflowError | None:
    match _code(error):
        case sqlite3.SQLITE_NOTADB:
            return NotADatabase(where)
        case sqlite3.SQLITE_FULL:
            return StorageFull(where)
        case sqlite3.SQLITE_CORRUPT:
            return IntegrityBroken(f"The file {where} is damaged ({error}). Restore a backup.")
        case sqlite3.SQLITE_READONLY:
            return Unreachable(where, "it may only be read here. Look at the permissions of the file and its folder.")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return _unopened(where, path)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_NOLFS | sqlite3.SQLITE_PROTOCOL:
            return Unreachable(where, f"the disk does not answer as it should ({error}).")
    return None


def _unopened(where: str, path: Path | None) -> WorkflowError:
    if path is None or path.is_dir():
        return Unreachable(where, "it is a folder. Name a file.")
    if not path.parent.is_dir():
        return Unreachable(where, f"there is no folder {path.parent}. Make it, or name another.")
    if path.exists() or not os.access(path.parent, os.W_OK | os.X_OK):
        return Unreachable(where, "permission denied. Look at the permissions of the file and its folder.")
    return SchemaMissing(where)


def _cause(error: Exception) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code; the driver's own errors have none."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _state(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None)


def _sentence(error: BaseException) -> str:
    return " ".join(str(error).split()).removesuffix(".") + "."
