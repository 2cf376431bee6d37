"""`ideenweg export`: what others may have, as open files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.open_data import portfolio
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Session, pass_session
from ideenweg.wiring import SHIPPED
from states.transfer import LICENCE, sheet_schema
from workflow.errors import BadInput
from workflow.transfer import sheet_of


@click.group(cls=Group)
def export() -> None:
    """Write the portfolio as open data, project sheets for other cities, and papers for bodies.

    `ideenweg audit export` exports the history.
    """


export.add_command(portfolio)


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
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--body", required=True, metavar="KEY", help="The body that is to decide or advise.")
@click.option("--as", "actor", metavar="EMAIL", help="Whose view it is. Absent: the operator's.")
@pass_session
def paper(session: Session, number: str, file: Path, body: str, actor: str | None) -> None:
    """Write the paper (Beschlussvorlage) for a body on item NUMBER to FILE, as DOCX.

    The template and what fills it lie in the configuration folder (papers/); config/papers/README.md explains them.
    What the item does not say is marked in the paper and told here.

    \b
    Examples:
      ideenweg export paper 2026-0147 vorlage.docx --body council-dortmund
    """
    from ideenweg.papers.docx import filled
    from ideenweg.papers.facts import facts_of
    from ideenweg.papers.plan import read_plan

    with session.app() as app, app.database.reading() as connection:
        plan = read_plan(app.config_dir, SHIPPED)
        facts = facts_of(connection, app.rules, plan, number, body, actor, session.now)
    written = filled(plan.template, facts, session.now)
    try:
        file.write_bytes(written)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from None
    missing = list(facts.missing.values())
    if session.as_json:
        emit({"number": number, "file": str(file), "missing": missing})
        return
    line(session.say(f"Die Vorlage zu {number} steht in {file}.", f"The paper on {number} is in {file}."))
    if missing:
        line(session.say(f"Es fehlt: {', '.join(missing)}.", f"Missing: {', '.join(missing)}."))


@export.command()
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "actor", metavar="EMAIL", help="Whose view it is. Absent: the operator's.")
@pass_session
def package(session: Session, number: str, file: Path, actor: str | None) -> None:
    """Write the file set for the funder on the strategy, round or obligation NUMBER to FILE, a ZIP archive.

    Of it and of each item that is linked to it the sheet (JSON, HTML); all records, decisions and grants among them,
    as CSV; sums by city and funding as CSV; a manifest with the SHA-256 of each file. It holds what the person of --as
    may see, and nothing that names people.

    \b
    Examples:
      ideenweg export package 2026-0003 einreichung.zip --as foerdermittel@dortmund.example
    """
    from workflow.packages import package_of

    with session.app() as app, app.database.reading() as connection:
        made = package_of(connection, app.rules, number, actor, app.outgoing.base_url, session.now)
    try:
        file.write_bytes(made.content)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from None
    if session.as_json:
        emit({"of": number, "file": str(file), "items": made.items, "left_out": made.left_out})
        return
    count, left = len(made.items), ", ".join(made.left_out)
    line(session.say(f"{count} Vorgänge stehen in {file}.", f"{count} items are in {file}."))
    if left:
        line(session.say(f"Nicht einsehbar, also nicht dabei: {left}.", f"Not to be seen, so not in it: {left}."))


@export.command()
def schema() -> None:
    """Print the JSON Schema of project sheets.

    \b
    Examples:
      ideenweg export schema > project-sheet.schema.json
    """
    emit(sheet_schema())
