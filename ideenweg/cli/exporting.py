"""`ideenweg export`: what others may have, as open files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Session, pass_session
from states.transfer import sheet_schema
from workflow.errors import BadInput
from workflow.transfer import sheet_of

LICENCE = "CC-BY-4.0"


@click.group(cls=Group)
def export() -> None:
    """Write project sheets for other cities. The history is exported by `ideenweg audit export`."""


@export.command()
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--licence", default=LICENCE, show_default=True, help="Under which the texts may be reused (SPDX).")
@pass_session
def sheet(session: Session, number: str, file: Path | None, licence: str) -> None:
    """Write the project sheet of a released item to FILE; without one, to the screen.

    It holds what everybody may see: sheet, decisions, milestones, indicators with their measurements, lessons, costs,
    and the offices to ask. `ideenweg import sheet` of another installation takes it in.

    \b
    Examples:
      ideenweg export sheet 2026-0147 sensoren.json
      ideenweg export sheet 2026-0147 --licence CC0-1.0
    """
    with session.app() as app, app.database.reading() as connection:
        found = sheet_of(connection, app.rules, number, app.outgoing.base_url, licence)
    if file is None:
        emit(found)
        return
    try:
        file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from None
    if session.as_json:
        emit({"number": number, "file": str(file)})
    else:
        line(session.say(f"{number} steht in {file}.", f"{number} is in {file}."))


@export.command()
def schema() -> None:
    """Print the JSON Schema of project sheets.

    \b
    Examples:
      ideenweg export schema > project-sheet.schema.json
    """
    emit(sheet_schema())
