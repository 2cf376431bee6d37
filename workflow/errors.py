"""The errors of this room.

WorkflowError
├── Refused                the rules stand against it; every blocker
│   └── Invalid            the input itself is bad
├── Conflict               somebody was faster
├── NotFound               no such item, person, lifecycle, …
├── TooManySteps           automatic transitions that never come to rest
├── BadInput               a file or a value that cannot be read, with the place
├── IntegrityBroken        the history, or what is kept from it, was changed by other hands
└── StorageError           the database
    ├── Busy               others held it for too long
    ├── StorageFull        no space left
    ├── Unreachable        no such folder, no permission, no server
    ├── NotADatabase       the file is something else
    └── SchemaError        the tables are not those of this version
        ├── SchemaMissing
        ├── SchemaOutdated
        └── SchemaTooNew
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from states.blockers import Blocker
from states.sentences import in_locale


class WorkflowError(Exception):
    """Any error of this room."""


class Refused(WorkflowError):
    """The command is not possible now; `blockers` has every reason."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        self.blockers = tuple(blockers)
        super().__init__("\n".join(blocker.message for blocker in self.blockers))


class Invalid(Refused):
    """The command says something that can never be right: an unknown name, a field too many, a wrong type."""

    @property
    def path(self) -> str | None:
        """Where in the data the first fault lies ("milestones[2].date"), as far as it lies in the data."""
        return next((str(blocker.params["path"]) for blocker in self.blockers if "path" in blocker.params), None)


class Conflict(WorkflowError):
    """Somebody was faster. `current` is what there is now, where that helps."""

    def __init__(self, message: str, current: Any = None) -> None:
        self.message, self.current = message, current
        super().__init__(message)


class NotFound(WorkflowError):
    """There is no such thing."""

    def __init__(self, what: str, name: str) -> None:
        self.what, self.name = what, name
        super().__init__(f"There is no {what} {name!r}.")


class TooManySteps(WorkflowError):
    """The automatic transitions of an item did not come to rest; nothing was changed."""

    def __init__(self, item: str, most: int) -> None:
        self.item, self.most = item, most
        super().__init__(
            f"{item} did not come to rest after {most} automatic transitions, so nothing was changed. "
            "Look for a circle of `fire: automatic` in its lifecycle."
        )


class BadInput(WorkflowError):
    """A file or a value cannot be read. `place` says where: "ideas.csv:14:3"; `remedy` what to do about it."""

    def __init__(self, message: str, place: str | None = None, *, remedy: str | None = None) -> None:
        self.message, self.place, self.remedy = message, place, remedy
        super().__init__(self.in_locale("en"))

    def in_locale(self, locale: str) -> str:
        """The place, what is wrong and what to do, in `locale` as far as there is a text in it."""
        said = " ".join(in_locale(one, locale) for one in (self.message, self.remedy) if one)
        return f"{self.place}: {said}" if self.place else said


class IntegrityBroken(WorkflowError):
    """The history, or what is kept from it, was changed by other hands."""


class StorageError(WorkflowError):
    """The database cannot do it now."""


class Busy(StorageError):
    """Others held the database for too long."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds
        waited = f"was busy for {seconds:.0f} seconds" if seconds and seconds >= 1 else "is busy"
        super().__init__(f"The database {waited}, so nothing was changed. Try again.")


class StorageFull(StorageError):
    """No space left where the database lies."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"There is no space left for {where}; nothing was changed. Free some and try again.")


class Unreachable(StorageError):
    """No such folder, no permission, no server."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(f"The database {where} cannot be reached: {why}")


class NotADatabase(StorageError):
    """The file is something else than an SQLite database."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"{where} is not an SQLite database. Name another file, or restore a backup.")


class SchemaError(StorageError):
    """The tables are not those of this version."""


class SchemaMissing(SchemaError):
    """The database has no tables yet."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} has no tables yet. Make them with `ideenweg db upgrade`.")


class SchemaOutdated(SchemaError):
    """The database is of an older version."""

    def __init__(self, where: str, current: str, head: str) -> None:
        self.current, self.head = current, head
        super().__init__(
            f"{where} is of an older version ({current}; this program needs {head}). Make a backup with "
            "`ideenweg db backup`, then run `ideenweg db upgrade`."
        )


class SchemaTooNew(SchemaError):
    """The database was upgraded by a newer version of this program."""

    def __init__(self, where: str, current: str, head: str) -> None:
        self.current, self.head = current, head
        super().__init__(
            f"{where} was upgraded by a newer version of Ideenweg ({current}; this program knows {head}). "
            "Install that version, or restore a backup of before."
        )
