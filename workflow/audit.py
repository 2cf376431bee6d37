"""The history as administrators and auditors use it: list, verify, export, prove, compare with what lies elsewhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow import access, checkpoints, export_check, exports, history, proofs, slots, verify
from workflow.chains import Verification
from workflow.checkpoints import Checkpoint
from workflow.db import Database
from workflow.errors import StorageError
from workflow.exports import Exported, Format
from workflow.files import Files
from workflow.history import EVERYTHING, AuditFilter, Page
from workflow.progress import Progress, silent
from workflow.rules import Rules
from workflow.streams import Origin

PAGE = 50


class Audit:
    """The history of one database. rules: where the lifecycles are found that items are rebuilt by. files: its
    documents."""

    def __init__(self, database: Database, rules: Rules, files: Files) -> None:
        self.database = database
        self.rules = rules
        self.files = files

    def list(
        self,
        filters: AuditFilter = EVERYTHING,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        backwards: bool = False,
    ) -> Page:
        """Up to `limit` events that `filters` lets through, behind `cursor` or (`backwards`) right before it; in log
        order, or the newest first.

        Raises NotFound for an unknown e-mail address, BadInput for a cursor that is none, and StorageError.
        """
        filters = self._known(filters)
        with self.database.reading() as connection:
            return history.page(connection, filters, limit, cursor, newest_first=newest_first, backwards=backwards)

    def verify(self, progress: Progress = silent) -> Verification:
        """Everything in the database that is not as it was written; docs/audit.md says what that can find.

        That it was looked at is noted for `slots.last`, unless the database only lets itself be read.
        Raises StorageError.
        """
        found = verify.verify(self.database, self.rules, progress, self.files)
        with suppress(StorageError):
            slots.note(self.database, slots.VERIFIED if found.ok else slots.BROKEN, datetime.now(UTC))
        return found

    def verify_export(self, file: Path, progress: Progress = silent) -> Verification:
        """What a JSONL export proves by itself. Raises BadInput for another file."""
        return export_check.verify_export(file, progress)

    def compare(self, file: Path, progress: Progress = silent) -> Verification:
        """What the database has lost or changed since `file` was made: a JSONL export, a checkpoint or a proof.

        Raises BadInput and StorageError.
        """
        kept = proofs.read(file)
        if kept is not None:
            return proofs.consistent(self.database, kept, progress)
        return export_check.compare(self.database, file, progress)

    def checkpoint(self, now: datetime, progress: Progress = silent) -> Checkpoint:
        """The root over all events so far, to be kept elsewhere. Raises StorageError and IntegrityBroken."""
        return checkpoints.make(self.database, now, progress)

    def prove(self, number: str, *, last: bool = False) -> dict[str, Any]:
        """The proof that an item's events (or its last one) are in the latest checkpoint, as `proofs.prove` says."""
        with self.database.reading() as connection:
            return proofs.prove(connection, number, self.rules.programme.key, last=last)

    def export(
        self,
        file: Path,
        format: Format | str,  # noqa: A002 – the word of the command line
        filters: AuditFilter = EVERYTHING,
        *,
        origin: Origin,
        now: datetime,
        progress: Progress = silent,
    ) -> Exported:
        """Write the events that `filters` lets through to a new file, and note in the history that `origin` did so.

        Raises NotFound, BadInput and StorageError.
        """
        return exports.export(
            self.database, self.rules, file, Format(format), self._known(filters), origin, now, progress
        )

    def _known(self, filters: AuditFilter) -> AuditFilter:
        """The filter with a person's pseudonymous id in place of their e-mail address."""
        if filters.person is None or "@" not in filters.person:
            return filters
        with self.database.reading() as connection:
            return replace(filters, person=access.find(connection, filters.person).id)
