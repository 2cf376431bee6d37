"""The stored versions of lifecycles and of the programme: immutable, parsed once a process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Table, insert, select

from states.calendar import WorkingCalendar
from states.calendar_versions import read
from states.guards import GUARDS, Guard
from states.lifecycle import Lifecycle
from states.loader import load_programme, read_stored
from states.programme import Programme
from workflow.db import Database
from workflow.errors import Conflict, IntegrityBroken, NotFound
from workflow.events import Kind, timestamp
from workflow.models import calendar_version, lifecycle_version, programme_version
from workflow.streams import Origin, append
from workflow.transaction import Transaction

SOURCE = "SELECT source, sha256 FROM {table} WHERE key = {p} AND version = {p}"
NEWEST = "SELECT max(version) FROM lifecycle_version WHERE key = {p}"


class Rules:
    """What the engine goes by: versions of the database, guards of the vocabulary, calendars of the house.

    Versions never change, so a parsed one is kept for the life of the process. `programme` is the newest version of the
    programme; items keep the one they were created under.
    """

    def __init__(
        self, *, vocabulary: Mapping[str, Guard] = GUARDS, calendars: Mapping[str, WorkingCalendar] | None = None
    ) -> None:
        self.vocabulary = vocabulary
        # Not `or`: asking a mapping that reads when it is asked whether it is empty reads it.
        self.calendars = {} if calendars is None else calendars
        self.programme = Programme()
        self._adopted: dict[str, WorkingCalendar] = {}
        self._lifecycles: dict[tuple[str, int], Lifecycle] = {}
        self._programmes: dict[tuple[str, int], Programme] = {}

    def lifecycle(self, tx: Transaction, key: str, version: int) -> Lifecycle:
        """That version. Raises NotFound, and IntegrityBroken where its text was altered."""
        found = self._lifecycles.get((key, version))
        if found is None:
            source = _source(tx, "lifecycle_version", key, version)
            found = read_stored(source, f"{key} {version}", vocabulary=self.vocabulary)
            self._lifecycles[key, version] = found
        return found

    def newest(self, tx: Transaction, key: str) -> Lifecycle:
        """The newest version of lifecycle `key`. Raises NotFound."""
        version = tx.read((NEWEST.format(p=_mark(tx)), (key,)))[0][0][0]
        if version is None:
            raise NotFound("lifecycle", key)
        return self.lifecycle(tx, key, version)

    def newest_of(self, database: Database, key: str) -> Lifecycle:
        """`newest`, in a reading transaction of its own."""
        with database.reading() as connection:
            return self.newest(Transaction(connection), key)

    def programme_of(self, tx: Transaction, key: str | None, version: int | None) -> Programme:
        """The version an item is pinned to; an empty programme for an item that has none."""
        if key is None or version is None:
            return Programme()
        found = self._programmes.get((key, version))
        if found is None:
            found = load_programme(_source(tx, "programme_version", key, version), f"{key} {version}")
            self._programmes[key, version] = found
        return found

    def calendar_of(self, lifecycle: Lifecycle) -> WorkingCalendar | None:
        """The working-day calendar the lifecycle names, or None: as it is stored, else that of the configuration."""
        if lifecycle.calendar is None:
            return None
        return self._adopted.get(lifecycle.calendar) or self.calendars.get(lifecycle.calendar)

    def read_calendars(self, connection: Connection) -> None:
        """Go by the newest stored version of each calendar; another process may have adopted one."""
        rows = connection.execute(
            select(calendar_version.c.key, calendar_version.c.source).order_by(calendar_version.c.version)
        )
        self._adopted = {key: read(source) for key, source in {row.key: row.source for row in rows}.items()}

    def store_lifecycle(self, connection: Connection, lifecycle: Lifecycle, origin: Origin, now: datetime) -> bool:
        """Store a version; False if this very text is stored already.

        Raises Conflict where the version is taken by another text.
        """
        self._lifecycles.setdefault((lifecycle.key, lifecycle.version), lifecycle)
        return _store(connection, lifecycle, Kind.LIFECYCLE_LOADED, origin, now)

    def store_programme(self, connection: Connection, programme: Programme, origin: Origin, now: datetime) -> bool:
        """Store a version of the programme, as `store_lifecycle`; it is the one new items are pinned to."""
        stored = _store(connection, programme, Kind.PROGRAMME_LOADED, origin, now)
        self._programmes[programme.key, programme.version] = self.programme = programme
        return stored

    def adopt(self, connection: Connection, programme: Programme) -> bool:
        """Go by this version of the programme if this very text is stored already, and say whether it is.

        Raises Conflict where the version is taken by another text.
        """
        known = _known(connection, programme)
        if known:
            self._programmes[programme.key, programme.version] = self.programme = programme
        return known


def _mark(tx: Transaction) -> str:
    return "?" if tx.dialect == "sqlite" else "%s"


def _source(tx: Transaction, table: str, key: str, version: int) -> str:
    rows = tx.read((SOURCE.format(table=table, p=_mark(tx)), (key, version)))[0]
    if not rows:
        raise NotFound(table.removesuffix("_version"), f"{key} {version}")
    source, digest = rows[0]
    if sha256(source.encode()).hexdigest() != digest:
        raise IntegrityBroken(
            f"The stored text of {key} {version} is not the one that was loaded. Run `ideenweg audit verify`, and "
            "restore a backup."
        )
    return str(source)


def _known(connection: Connection, rules: Lifecycle | Programme) -> bool:
    table = _table(rules)
    known = connection.execute(
        select(table.c.sha256).where(table.c.key == rules.key, table.c.version == rules.version)
    ).scalar_one_or_none()
    if known not in (None, rules.sha256):
        raise Conflict(
            f"Version {rules.version} of {rules.key} is stored with another text (SHA-256 {known[:12]}…). "
            f"A stored version never changes: give the new text version {rules.version + 1}."
        )
    return known is not None


def _store(connection: Connection, rules: Lifecycle | Programme, kind: Kind, origin: Origin, now: datetime) -> bool:
    if _known(connection, rules):
        return False
    connection.execute(
        insert(_table(rules)).values(
            key=rules.key, version=rules.version, sha256=rules.sha256, source=rules.source, loaded_at=timestamp(now)
        )
    )
    append(
        connection,
        "system",
        kind,
        origin,
        now,
        details={"key": rules.key, "version": rules.version, "sha256": rules.sha256},
    )
    return True


def _table(rules: Lifecycle | Programme) -> Table:
    return lifecycle_version if isinstance(rules, Lifecycle) else programme_version
