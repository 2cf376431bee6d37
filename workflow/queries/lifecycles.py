"""The stored versions of lifecycles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.events import moment
from workflow.models import lifecycle_version


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A stored version of a lifecycle."""

    key: str
    version: int
    sha256: str
    loaded_at: datetime


def list_versions(connection: Connection) -> tuple[VersionLine, ...]:
    """All stored versions, by key and version."""
    table = lifecycle_version.c
    rows = connection.execute(
        select(table.key, table.version, table.sha256, table.loaded_at).order_by(table.key, table.version)
    )
    return tuple(VersionLine(row.key, row.version, row.sha256, moment(row.loaded_at)) for row in rows)


def source_of(connection: Connection, key: str, version: int | None) -> str | None:
    """The text of a stored version (None: the newest), or None where there is no such one."""
    table = lifecycle_version.c
    found = select(table.source).where(table.key == key)
    if version is not None:
        found = found.where(table.version == version)
    return connection.scalar(found.order_by(table.version.desc()).limit(1))
