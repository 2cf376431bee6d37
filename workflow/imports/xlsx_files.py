"""A worksheet as the text that its cells show: dates as exact as their format, numbers with their leading zeros."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from states.sentences import Sentence, said
from workflow.errors import BadInput
from workflow.imports.tables import Flaw, Line

QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""In a number format: text that is shown as it is, and colours and locales."""


def lines_of_xlsx(raw: bytes, name: str, worksheet: str | None) -> tuple[str, list[Line], list[Flaw]]:
    """The worksheet in words, its lines, and the cells that cannot be read.

    Formulas count as the value they had when the file was saved. Raises BadInput for another kind of file, or where
    there is no such worksheet.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: drop-down lists, colours
            book = load_workbook(BytesIO(raw), read_only=True, data_only=True)
    except Exception:  # noqa: BLE001 - a broken archive shows in a dozen ways
        raise BadInput(
            Sentence("das ist keine XLSX-Datei oder eine beschädigte.", "this is no XLSX file, or a damaged one."),
            name,
            remedy=Sentence("Speichern Sie sie neu als .xlsx.", "Save it anew as .xlsx."),
        ) from None
    try:
        names = [sheet.title for sheet in book.worksheets]
        if worksheet is not None and worksheet not in names:
            raise BadInput(
                said("ein Blatt „{sheet}“ gibt es nicht.", "there is no worksheet {sheet!r}.", sheet=worksheet),
                name,
                remedy=said("Die Blätter: {names}.", "Its worksheets: {names}.", names=names),
            )
        sheet: Any = book[worksheet or names[0]]
        sheet.reset_dimensions()  # what other programs write there is often wrong
        lines: list[Line] = []
        flaws: list[Flaw] = []
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            lines.append((number, [shown(cell.value, cell.number_format) for cell in cells]))
            flaws.extend(
                Flaw(
                    number,
                    said(
                        "In Zelle {cell} steht der Fehler {value}.",
                        "Cell {cell} holds the error {value}.",
                        cell=cell.coordinate,
                        value=cell.value,
                    ),
                    Sentence("Berichtigen Sie ihre Formel.", "Correct its formula."),
                )
                for cell in cells
                if cell.data_type == "e"
            )
        return f"XLSX, worksheet {sheet.title!r}", _squared(lines), flaws
    finally:
        book.close()


def worksheets(raw: bytes) -> list[str]:
    """The names of the worksheets of a file; none where it is no XLSX file."""
    try:
        book = load_workbook(BytesIO(raw), read_only=True)
    except Exception:  # noqa: BLE001 - as above; whoever reads the table says so
        return []
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def shown(value: Any, number_format: str | None) -> str:
    """A cell's value as text. Dates are ISO 8601: 2023-02-15, or 2023-02 where the format shows no day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return _date(value, number_format or "")
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value, number_format or "")
    return str(value)


def _date(value: date, number_format: str) -> str:
    if isinstance(value, datetime) and value.time() != time():
        return value.isoformat(timespec="minutes" if not value.second else "seconds")
    shape = QUOTED.sub("", number_format).lower()
    text = value.isoformat()[:10]
    if "d" in shape or "y" not in shape:
        return text
    return text[:7] if "m" in shape else text[:4]


def _number(value: int | float, number_format: str) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    if number_format and set(number_format) == {"0"} and isinstance(value, int):
        return text.zfill(len(number_format))  # a postal or municipality code that begins with a zero
    return text


def _squared(lines: list[Line]) -> list[Line]:
    """The lines with as many cells as the longest: a worksheet leaves out those at the end of a line."""
    width = max((len(cells) for _, cells in lines), default=0)
    return [(number, [*cells, *[""] * (width - len(cells))]) for number, cells in lines]
