"""The portfolio as files that anybody may use: CSV (RFC 4180), JSON and XLSX, a row or an object an item.

They hold what everybody may read of released items. No field of a sheet is known by name here: its public ones are
columns, in the order of the lifecycle's file. A table is for people, and has labels in one language; JSON is for
programs, and has keys, with the labels of states and steps in both languages.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy import Connection

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Field
from states.sentences import Text
from states.snapshot import local_day
from states.transfer import LICENCE
from workflow.exports import harmless, new_file, settle, watched
from workflow.progress import Progress, silent
from workflow.queries.items import FACETS, ItemFilter, count_items
from workflow.queries.released import SHEET, OpenItem, released
from workflow.rules import Rules

FORMAT = "ideenweg portfolio"
VERSION = 1

FIRST = ("number", "title", "lifecycle", "stage", "stage_label", "state", "state_label", *FACETS.values())
"""The columns before those of the sheet."""

LAST = ("created_on", "last_step", "last_step_on", "address")
"""The columns behind them."""

BETWEEN = "; "
"""Between several values in one cell."""

VOCABULARIES = ("city", "field", "body", "office", "provenance", "funding")
UNKNOWN = Text("unbekannt", "unknown")
MOST = 2**31
"""More items than any installation has."""


class Format(StrEnum):
    """The kinds of file."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Portfolio:
    """What is asked for: released items of `lifecycle`, its newest version, that `filters` lets through.

    base_url: where everybody reaches the pages. locale: the language of tables.
    """

    lifecycle: Lifecycle
    programme: Programme
    filters: ItemFilter
    base_url: str
    locale: str = "de"

    @property
    def columns(self) -> tuple[str, ...]:
        """The first line of a table."""
        others = {*FIRST, *LAST}
        return (*FIRST, *(f"sheet_{key}" if key in others else key for key in self.fields), *LAST)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The public fields of the sheet that are columns: those that fit into a cell, and that no other column has."""
        kind = self.lifecycle.records.get(self.lifecycle.sheet or SHEET)
        if kind is None or not kind.read.public:
            return {}
        return {key: one for key, one in kind.fields.items() if one.public and one.sets is None and _flat(one.schema)}

    def row(self, one: OpenItem) -> list[Any]:
        """The cells of an item, in the order of `columns`."""
        line, state = one.line, one.lifecycle.states[one.line.state]
        stage = one.lifecycle.stages[state.stage].label[self.locale] if state.stage else ""
        facets = {facet: list(line.facets.get(facet, ())) for facet in FACETS.values()}
        move = one.lifecycle.transitions.get(one.move or "")
        cells = [
            line.number, line.title, line.lifecycle, state.stage or "", stage, line.state, state.label[self.locale],
            *(self._said({"format": name}, facets[facet]) for name, facet in FACETS.items()),
            *(self._said(field.schema, one.sheet.get(key, "")) for key, field in self.fields.items()),
            local_day(line.created_at, self.programme).isoformat(), move.label[self.locale] if move else "",
            local_day(line.entered_at, self.programme).isoformat(), self.address(line.number),
        ]  # fmt: skip
        return [harmless(cell) for cell in cells]

    def document(self, one: OpenItem) -> dict[str, Any]:
        """An item for programs."""
        line, state = one.line, one.lifecycle.states[one.line.state]
        move = one.lifecycle.transitions.get(one.move or "")
        return {
            "number": line.number,
            "title": line.title,
            "lifecycle": line.lifecycle,
            "version": line.version,
            "stage": state.stage,
            "state": {"key": line.state, "label": both(state.label)},
            **{facet: list(line.facets.get(facet, ())) for facet in FACETS.values()},
            "sheet": dict(one.sheet),
            "created_on": local_day(line.created_at, self.programme).isoformat(),
            "last_step": {
                "transition": one.move,
                "label": both(move.label) if move else None,
                "on": local_day(line.entered_at, self.programme).isoformat(),
            },
            "address": self.address(line.number),
        }

    def address(self, number: str) -> str:
        """Where everybody reads of an item."""
        return f"{self.base_url.rstrip('/')}/ideen/{number}"

    def _said(self, schema: Mapping[str, Any], value: Any) -> Any:
        """The value as a cell says it: labels for keys; numbers and days as machines write them."""
        if isinstance(value, list):
            return BETWEEN.join(str(self._said(schema.get("items", schema), one)) for one in value)
        if isinstance(value, bool):
            return str(value).lower()
        if labels := schema.get("x-labels"):
            return labels[value][self.locale] if value in labels else value
        vocabulary = schema.get("format", "").split("_or_")[0]
        if vocabulary in VOCABULARIES:
            known = self.programme.vocabulary(vocabulary)
            label = known[value].label if value in known else UNKNOWN if value == "unknown" else None
            return label[self.locale] if label else value
        return value


def export(
    connection: Connection, rules: Rules, file: Path, kind: Format, portfolio: Portfolio, progress: Progress = silent
) -> int:
    """Write the portfolio to the new file `file`, which appears whole; how many items it has.

    Raises BadInput where the file exists or cannot be written, and StorageFull.
    """
    total = count_items(connection, portfolio.filters, MOST)
    items = watched(released(connection, rules, portfolio.filters), total, progress, "items")
    with new_file(file) as part:
        if kind is Format.XLSX:
            write_xlsx(part, portfolio, items)
        else:
            with part.open("w", encoding="utf-8", newline="") as target:
                WRITERS[kind](target, portfolio, items)
        settle(part)
    return total


def write_csv(target: IO[str], portfolio: Portfolio, items: Iterable[OpenItem]) -> None:
    """A line of column names, then one item a line; with a mark of the encoding, since spreadsheets guess another."""
    target.write("\ufeff")
    lines = csv.writer(target, lineterminator="\r\n")
    lines.writerow(portfolio.columns)
    lines.writerows(map(portfolio.row, items))


def write_json(target: IO[str], portfolio: Portfolio, items: Iterable[OpenItem]) -> None:
    """One document, whose `items` stand one on a line."""
    asked = {name: value for name in (*FACETS, "state", "stage") if (value := getattr(portfolio.filters, name))}
    head = {
        "format": FORMAT,
        "version": VERSION,
        "licence": LICENCE,
        "programme": both(portfolio.programme.label),
        "lifecycle": portfolio.lifecycle.key,
        "filter": asked,
    }
    target.write(json.dumps(head, ensure_ascii=False).removesuffix("}") + ', "items": [')
    for line in _between(",", (json.dumps(portfolio.document(one), ensure_ascii=False) for one in items)):
        target.write(line)
    target.write("\n]}\n")


def write_xlsx(file: Path, portfolio: Portfolio, items: Iterable[OpenItem]) -> None:
    """One sheet, with the same rows as the CSV; its first one stays in sight."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Portfolio")
    sheet.freeze_panes = "A2"
    sheet.append(portfolio.columns)
    for one in items:
        sheet.append(
            [ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in portfolio.row(one)]
        )
    book.save(file)


WRITERS = {Format.CSV: write_csv, Format.JSON: write_json}
"""The formats that are text."""


def both(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"de": text.de, "en": text.en}


def _flat(schema: Mapping[str, Any]) -> bool:
    """Whether a value fits into a cell: no object, and no list of objects."""
    return bool(schema.get("items", schema).get("type") != "object")


def _between(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield f"{mark if place else ''}\n{line}"
