"""What commands print: one JSON document, or tables and lines for people. Colour only on a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from rich.console import Console

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would steer a terminal or turn the direction of text: nobody's title may do that."""

UNLIMITED = 100_000
"""Columns, where nobody looks at a screen: a pipe gets whole lines."""


def emit(document: Any) -> None:
    """Write the one JSON document of a call. It is UTF-8 whatever the terminal speaks (RFC 8259 §8.1)."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2).encode())


def clean(text: str) -> str:
    """The text without characters that steer a terminal."""
    return CONTROLS.sub("\ufffd", text)


def iso(moment: datetime | str, zone: ZoneInfo) -> str:
    """A moment, or the text of one as the tables have it, in ISO 8601 with the offset of `zone`."""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return aware.astimezone(zone).isoformat()


def minute(moment: datetime | str, zone: ZoneInfo) -> str:
    """A moment for people: `2026-06-09 14:00`, in `zone`."""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return aware.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def console(*, err: bool = False) -> Console:
    """Where rich writes. Titles and names are text: nothing in them is markup."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else UNLIMITED
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def line(text: str = "", style: str = "") -> None:
    """One line for people; a terminal that is too narrow wraps it."""
    console().print(clean(text), style=style, soft_wrap=True)


def complain(label: str, lines: Iterable[str]) -> None:
    """Lines on stderr behind a label that a terminal shows in red."""
    from rich.text import Text

    out = console(err=True)
    for number, one in enumerate(lines):
        text = Text(label if number == 0 else "", style="bold red")
        out.print(text.append(clean(one), style="default not bold"), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, indent: int = 0) -> None:
    """Aligned columns under a heading; on a terminal long cells wrap within their column."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, indent), header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(clean(cell)) for cell in row))
    out = console()
    if out.is_terminal:
        out.print(shown)
        return
    with out.capture() as captured:
        out.print(shown)
    for printed in captured.get().splitlines():
        click.echo(printed.rstrip())


@contextmanager
def progress(label: str) -> Iterator[Any]:
    """A callable (what, done, total) that moves a bar on a terminal, and is silent elsewhere."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console(err=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def move(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(f"{label} {what}", total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield move
