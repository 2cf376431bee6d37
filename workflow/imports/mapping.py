"""A mapping file as frozen data: which column of a table fills what. docs/importing.md tells the grammar.

`parsing.py` reads it for its shape alone; `fitting.py` holds it against the table, the lifecycle and the programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from states.document import Document, Path
from states.errors import FileFault
from states.faults import Fault
from workflow.imports.rules import Rule


@dataclass(frozen=True, slots=True)
class Source:
    """The table: the name its rows are remembered under, the columns that tell them apart, and how it is read."""

    name: str
    key: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    worksheet: str | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """Where an item's title comes from."""

    columns: tuple[str, ...]
    empty: frozenset[str] = frozenset()
    fallback: str | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows to leave out: those in which every one of these columns has one of its texts."""

    when: Mapping[str, frozenset[str]]
    because: str

    def meets(self, cells: Mapping[str, str]) -> bool:
        return all(cells[column] in texts for column, texts in self.when.items())


@dataclass(frozen=True, slots=True)
class Entry:
    """The state that a row enters at, since when, and which state a pausing one interrupts."""

    to: Rule
    since: Rule | None = None
    origin: Rule | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A record that a row fills. `path` is where it stands in the mapping file."""

    record: str
    fields: Mapping[str, Rule]
    path: Path
    key: Rule | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What a text in the activity column of a log stands for: exactly one of begin, transition, form, assign, ignore.

    With a transition `fields` and `key` fill its form.
    """

    path: Path
    begin: bool = False
    transition: str | None = None
    form: Form | None = None
    assign: str | None = None
    ignore: str | None = None
    reason: Rule | None = None
    key: Rule | None = None
    fields: Mapping[str, Rule] | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """What only the mapping of another tool's log says."""

    case: str
    activity: str
    time: Rule
    person: Rule
    activities: Mapping[str, Activity]
    by_time: bool = False  # the steps of a case are put in the order of their times


@dataclass(frozen=True)
class MappingFile:
    """A mapping file. `log` is in one for `import history` alone; `entry`, `records` and `people` in one for ideas.

    columns: every column the file speaks of, with the places where it does.
    """

    name: str
    document: Document
    source: Source
    lifecycle: str
    title: Title
    fields: Mapping[str, Rule]
    columns: tuple[tuple[str, Path], ...]
    actor: str | None = None
    notes: str | None = None
    skip: tuple[Skip, ...] = ()
    unused: frozenset[str] = frozenset()
    entry: Entry | None = None
    records: tuple[Form, ...] = ()
    people: Mapping[str, Rule] = field(default_factory=dict)
    log: Log | None = None

    def fault(self, faults: Iterable[Fault]) -> FileFault:
        """The error for these faults of the file."""
        return FileFault(self.name, [one.finding(self.document) for one in faults])
