"""A table as text: columns with names, and rows that know their line.

Cells are text without blanks around it; lines are counted from 1, as editors and spreadsheets show them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from states.sentences import Sentence, said
from workflow.errors import BadInput

NAMES_ON_TOP = Sentence(
    "Geben Sie eine Tabelle, in deren erster Zeile die Namen der Spalten stehen.",
    "Give a table with a line of column names at its top.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of data: its number in the file, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A line that cannot be read as a row of the table, and why."""

    line: int
    message: str
    remedy: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. `form` says in words how it was read; `blank` counts the lines without any text."""

    name: str
    sha256: str
    form: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    flaws: tuple[Flaw, ...] = ()
    blank: int = 0


Line = tuple[int, Sequence[str]]
"""A line's number and its cells, before the header is known."""


def table(name: str, digest: str, form: str, lines: Sequence[Line], flaws: Sequence[Flaw]) -> Table:
    """The table of these lines, the first with any text being the names of its columns.

    Raises BadInput for a table without one, or whose columns cannot be told apart.
    """
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in lines]
    filled = [(number, cells) for number, cells in filled if any(cells)]
    if not filled:
        raise BadInput(Sentence("die Tabelle ist leer.", "the table is empty."), name, remedy=NAMES_ON_TOP)
    top, header = filled[0]
    columns = _columns(header, filled[1:], f"{name}:{top}")
    rows: list[Row] = []
    found = list(flaws)
    for number, cells in filled[1:]:
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        if len(cells) == len(columns):
            rows.append(Row(number, dict(zip(columns, cells, strict=True))))
        else:
            found.append(
                Flaw(
                    number,
                    said(
                        "Die Zeile hat {cells} Zellen, die Tabelle {columns} Spalten.",
                        "The line has {cells} cells, but there are {columns} columns.",
                        cells=len(cells),
                        columns=len(columns),
                    ),
                    Sentence(
                        "Suchen Sie in dieser oder der vorigen Zeile nach einem Anführungs- oder Trennzeichen zu viel "
                        "oder zu wenig.",
                        "Look for a quote or a delimiter too many or too few, in this line or the one before.",
                    ),
                )
            )
    found.sort(key=lambda flaw: flaw.line)
    return Table(name, digest, form, columns, tuple(rows), tuple(found), len(lines) - len(filled))


def _columns(header: Sequence[str], rest: Sequence[Line], place: str) -> tuple[str, ...]:
    """The names of the columns. A nameless last column is none if nothing stands in it."""
    names = list(header)
    while names and not names[-1] and not any(len(cells) >= len(names) and cells[len(names) - 1] for _, cells in rest):
        names.pop()
    shown = ", ".join(name or "(nameless)" for name in names)
    if not all(names):
        number = names.index("") + 1
        raise BadInput(
            said(
                "Spalte {number} hat keinen Namen. Die Spalten sind: {shown}.",
                "column {number} has no name. The columns are: {shown}.",
                number=number,
                shown=shown,
            ),
            place,
            remedy=Sentence("Geben Sie ihr einen.", "Give it a name."),
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(
            said(
                "doppelte Spalten: {twice}. Die Spalten sind: {shown}.",
                "{noun} {twice} stands twice. The columns are: {shown}.",
                noun="columns" if len(twice) > 1 else "the column",
                twice=", ".join(map(repr, twice)),
                shown=shown,
            ),
            place,
            remedy=Sentence("Geben Sie jeder Spalte einen eigenen Namen.", "Give every column a name of its own."),
        )
    return tuple(names)
