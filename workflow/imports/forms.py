"""Fills a record's fields, and an item's title, from the cells of a row by the rules of the mapping file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import RecordKind
from states.sentences import Sentence, said
from workflow.imports.mapping import MappingFile, Title
from workflow.imports.report import Problem, Remark
from workflow.imports.rules import Rule, Unfit, fill
from workflow.imports.tables import Row
from workflow.imports.values import fit

ELLIPSIS = "…"


@dataclass(slots=True)
class Filled:
    """What a row gives for one record, and what there is to say about it."""

    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: bool = False  # a cell of the row, not the mapping alone, says something


def fill_form(rules: Mapping[str, Rule], kind: RecordKind, row: Row, programme: Programme) -> Filled:
    """The fields of `kind` that the rules fill from `row`."""
    filled = Filled()
    for key, rule in rules.items():
        try:
            found = rule.look(row.cells)
            if found.value is None:
                continue
            filled.data[key] = fit(
                found.value,
                kind.fields[key].schema,
                programme,
                formats=() if found.own else rule.formats,
                decimal=rule.decimal,
            )
        except Unfit as error:
            column = error.column or rule.column
            filled.problems.append(Problem(row.line, error.message, error.remedy, column))
            continue
        filled.told = filled.told or found.told
        filled.notes += found.notes
        filled.remarks += [Remark(row.line, one, rule.column) for one in found.remarks]
    return filled


def fill_sheet(mapping: MappingFile, lifecycle: Lifecycle, row: Row, programme: Programme) -> Filled:
    """The sheet of the item that `row` becomes: its title, its fields, and the notes of the value maps."""
    kind = sheet_kind(lifecycle)
    filled = fill_form(mapping.fields, kind, row, programme)
    schema = kind.fields["title"].schema
    title, remark = _title(mapping.title, schema.get("minLength", 1), row.cells)
    longest = min(mapping.title.longest or schema.get("maxLength", 200), schema.get("maxLength", 200))
    if not title:
        several, columns = len(mapping.title.columns) > 1, mapping.title.columns
        where = Sentence(f" in {' und '.join(columns)}", f" in {' and '.join(columns)}") if several else ""
        message = said("Ein brauchbarer Titel{where} fehlt.", "There is no usable title{where}.", where=where)
        remedy = Sentence(
            "Ergänzen Sie einen, oder in der Zuordnung `fallback`.", "Add one, or a `fallback` to the mapping file."
        )
        filled.problems.append(Problem(row.line, message, remedy, columns[0]))
    elif len(title) > longest:
        title = _cut(title, longest)
        remark = said("Titel gekürzt: „{title}“", "title shortened: {title!r}", title=title)
    filled.data["title"] = title
    if remark:
        filled.remarks.insert(0, Remark(row.line, remark, mapping.title.columns[0]))
    if mapping.notes and filled.notes:
        before = filled.data.get(mapping.notes)
        filled.data[mapping.notes] = " – ".join([*([str(before)] if before else []), *dict.fromkeys(filled.notes)])
    return filled


def sheet_kind(lifecycle: Lifecycle) -> RecordKind:
    """The record kind that a new item's data fills."""
    assert lifecycle.sheet is not None
    return lifecycle.records[lifecycle.sheet]


def problems_of(
    blockers: Iterable[Blocker], rules: Mapping[str, Rule], title: Title | None, line: int
) -> list[Problem]:
    """Blockers against a record's data, told by the columns that its fields come from."""
    found: list[Problem] = []
    for one in blockers:
        name = str(one.params.get("path", "")).split(".")[0]
        column = rules[name].column if name in rules else None
        if name == "title" and title:
            column = title.columns[0]
        found.append(Problem(line, Sentence(one.text.de, one.text.en), column=column))
    return found


def _title(title: Title, shortest: int, cells: Mapping[str, str]) -> tuple[str, str | None]:
    """The title, and what is to be said about where it comes from."""
    for at, column in enumerate(title.columns):
        text = " ".join(cells[column].split())
        if text not in title.empty and len(text) >= shortest:
            taken = said(
                "Titel aus „{column}“: „{text}“", "title taken from {column!r}: {text!r}", column=column, text=text
            )
            return text, taken if at else None
    made_up = fill(title.fallback, cells) if title.fallback else ""
    return made_up, said("Titel gebildet: „{title}“", "title made up: {title!r}", title=made_up)


def _cut(text: str, longest: int) -> str:
    shortened = textwrap.shorten(text, longest, placeholder=ELLIPSIS)
    # A single word that is too long would leave nothing.
    return shortened if len(shortened) > 1 else text[: longest - 1] + ELLIPSIS
