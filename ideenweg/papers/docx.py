"""Fills a DOCX template: placeholders in its paragraphs, tables, headers and footers; a word processor may have cut one
into several runs, each with formatting of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ideenweg.papers.facts import Facts, Lines
from states.errors import nearest
from workflow.errors import BadInput

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""The media type."""

PLACE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\s*\}\}")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML has no place for."""

Say = Callable[[str, str | None], Lines | None]
"""Placeholder -> its lines; None: it is missing."""


def filled(template: Path, facts: Facts, now: datetime) -> bytes:
    """The paper. Raises BadInput for a template that is none, or with a placeholder that nothing fills."""
    try:
        document = Document(str(template))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError):
        raise BadInput("This is no DOCX file.", str(template), remedy="Save the template as DOCX.") from None

    def say(name: str, column: str | None) -> Lines | None:
        known = [*facts.fields, *facts.missing, *facts.lists]
        if name not in known or (column is None) == (name in facts.lists):
            raise BadInput(f"Nothing fills {{{{{name}}}}}.", str(template), remedy=nearest(name, known))
        return facts.fields.get(name)

    marked = _Marked(facts)
    for part in [document, *_margins(document)]:
        for table in list(_tables(part)):
            for row in list(table.rows):
                _repeat(row, facts, marked, say)
        for paragraph in _paragraphs(part):
            marked.fill(paragraph, say)
    document.core_properties.created = document.core_properties.modified = now.replace(tzinfo=None)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _repeat(row: _Row, facts: Facts, marked: _Marked, say: Say) -> None:
    """A row that speaks of a list is there once for each of its entries; where there are none, it says so."""
    found = next((match for one in _of_row(row) for match in PLACE.finditer(one.text) if match[2]), None)
    if found is None or found[1] not in facts.lists:
        return
    name = found[1]
    entries: Sequence[Mapping[str, Lines] | None] = facts.lists[name] or [None]
    for entry in entries:
        copied = deepcopy(row._tr)
        row._tr.addprevious(copied)

        def of_entry(asked: str, column: str | None, entry: Mapping[str, Lines] | None = entry) -> Lines | None:
            if asked != name or column is None:
                return say(asked, column)
            return entry.get(column, ()) if entry is not None else None if column == found[2] else ()

        for paragraph in _of_row(_Row(copied, row.table)):
            marked.fill(paragraph, of_entry)
    row._tr.getparent().remove(row._tr)


class _Marked:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def fill(self, paragraph: Paragraph, say: Say) -> None:
        """Put the lines in place of each placeholder, in the formatting of its beginning."""
        if "{{" not in paragraph.text:
            return
        _gather(paragraph)
        for run in paragraph.runs:
            pieces = PLACE.split(run.text)
            if len(pieces) == 1:
                continue
            # text, name, column, text, name, column, …, text
            for place in range(0, len(pieces), 3):
                if pieces[place]:
                    _beside(run, paragraph).text = pieces[place]
                if place + 2 < len(pieces):
                    self._write(_beside(run, paragraph), pieces[place + 1], say(pieces[place + 1], pieces[place + 2]))
            run._r.getparent().remove(run._r)

    def _write(self, run: Run, name: str, lines: Lines | None) -> None:
        if lines is None:
            run.text = f"{self.facts.word}: {self.facts.missing[name]}"
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            return
        run.text = ""
        for place, line in enumerate(lines):
            if place:
                run.add_break()
            run.add_text(CONTROLS.sub("\ufffd", line))


def _gather(paragraph: Paragraph) -> None:
    """Give each placeholder to the run in which it begins."""
    runs = paragraph.runs
    while len(runs) > 1:
        run, following = runs[0], runs[1]
        if _open(run.text, following.text):
            run.text += following.text
            following._r.getparent().remove(following._r)
            runs.pop(1)
        else:
            runs.pop(0)


def _open(text: str, following: str) -> bool:
    """Whether a placeholder has begun in `text` that goes on behind it."""
    begun = text.rfind("{{")
    return (begun >= 0 and "}}" not in text[begun:]) or (text.endswith("{") and following.startswith("{"))


def _beside(run: Run, paragraph: Paragraph) -> Run:
    """A run before this one that looks like it."""
    copied = deepcopy(run._r)
    run._r.addprevious(copied)
    return Run(copied, paragraph)


def _margins(document: Any) -> Iterator[Any]:
    for section in document.sections:
        for part in (
            section.header, section.footer, section.first_page_header, section.first_page_footer,
            section.even_page_header, section.even_page_footer,
        ):  # fmt: skip
            if not part.is_linked_to_previous:
                yield part


def _tables(part: Any) -> Iterator[Table]:
    """The tables of a part, those in cells as well."""
    for table in part.tables:
        yield table
        for row in table.rows:
            for cell in row.cells:
                yield from _tables(cell)


def _paragraphs(part: Any) -> Iterator[Paragraph]:
    yield from part.paragraphs
    for table in part.tables:
        for row in table.rows:
            yield from _of_row(row)


def _of_row(row: _Row) -> Iterator[Paragraph]:
    for cell in row.cells:
        yield from _paragraphs(cell)
