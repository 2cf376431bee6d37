"""`ideenweg export portfolio`: the released items as a file that anybody may use, or the catalogue of open data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.inputs import narrowed
from ideenweg.cli.output import emit, line, progress
from ideenweg.cli.session import Session, pass_session
from workflow.errors import BadInput

TURTLE = "ttl"
FORMATS = ("json", "csv", "xlsx", TURTLE)


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True)
@click.option("--lifecycle", metavar="KEY", help="Absent: the one that new items take.")
@narrowed
@pass_session
def portfolio(session: Session, /, file: Path, format_: str, **keys: str | None) -> None:
    """Write what everybody may see of the released items to the new file FILE, one row an item.

    CSV and XLSX have labels in the language of --locale; JSON has keys, and the labels of states in both languages.
    TTL is the catalogue that open-data portals read (DCAT-AP.de), the same as /catalog.ttl; it describes the whole
    portfolio, so no filter goes with it.

    \b
    Examples:
      ideenweg export portfolio --format xlsx portfolio.xlsx --locale de
      ideenweg export portfolio --format csv gefoerdert.csv --funding smart-cities --stage implementation
      ideenweg export portfolio --format ttl catalog.ttl
    """
    from ideenweg.cli.item import check_filters
    from workflow.catalog import catalog_of
    from workflow.exports import new_file
    from workflow.open_data import Format, Portfolio, export
    from workflow.queries.items import ItemFilter
    from workflow.queries.roles import newest

    said = session.say("Exportiere", "Exporting")
    with session.app() as app, app.database.reading() as connection, progress(said) as move:
        keys["lifecycle"] = keys["lifecycle"] or app.engine.default
        if keys["lifecycle"] is None:
            raise BadInput("The programme names no lifecycle for new items.", remedy="Add --lifecycle KEY.")
        stored = newest(connection, app.rules)
        check_filters(keys, stored, app)
        lifecycle, base_url = stored[keys["lifecycle"]], app.outgoing.base_url
        if format_ == TURTLE:
            if asked_for := [name for name, value in keys.items() if value and name != "lifecycle"]:
                raise BadInput(
                    f"The catalogue describes the whole portfolio; --{asked_for[0]} does not go with it.",
                    f"--{asked_for[0]}",
                    remedy="Leave it out, or choose another format.",
                )
            with new_file(file) as part:
                part.write_text(catalog_of(connection, app.rules.programme, lifecycle, base_url), encoding="utf-8")
            items = None
        else:
            filters: dict[str, Any] = dict(keys)
            asked = Portfolio(
                lifecycle, app.rules.programme, ItemFilter(**filters, released=True), base_url, session.locale
            )
            items = export(connection, app.rules, file, Format(format_), asked, move)
    if session.as_json:
        emit({"file": str(file), "format": format_, **({} if items is None else {"items": items})})
    elif items is None:
        line(session.say(f"Der Katalog steht in {file}.", f"The catalogue is in {file}."))
    else:
        line(session.say(f"{items} Vorgänge stehen in {file}.", f"{items} items are in {file}."))
