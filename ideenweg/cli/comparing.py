"""`ideenweg item alike | versions`: is there something of the kind already, and what a record said before."""

from __future__ import annotations

import json

import click
from sqlalchemy import ColumnElement, true

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, iso, line, table
from ideenweg.cli.session import Session, pass_session
from ideenweg.cli.who import known
from states.differences import changed
from states.snapshot import local_day
from workflow.errors import NotFound
from workflow.queries import visible
from workflow.queries.alike import alike as items_alike
from workflow.queries.detail import find
from workflow.queries.roles import newest
from workflow.queries.versions import chosen_pair, seen_versions

ACTOR = click.option("--as", "actor", metavar="EMAIL", help="Whose view it is. Absent: the operator's.")


@click.command(cls=Command)
@click.argument("text", nargs=-1, required=True)
@click.option("--lifecycle", metavar="KEY", help="Absent: the one that new items take.")
@ACTOR
@pass_session
def alike(session: Session, text: tuple[str, ...], lifecycle: str | None, actor: str | None) -> None:
    """Find items that have much in common with TEXT: a title, and what else is known.

    Compound words and umlauts that are spelled out do not hide anything.

    \b
    Examples:
      ideenweg item alike "Sensoren an Brücken"
      ideenweg item alike Baenke fuer den Westpark --as koordination@dortmund.example
    """
    with session.app() as app, app.database.reading() as connection:
        key = lifecycle or app.engine.default or ""
        if key not in newest(connection, app.rules):
            raise NotFound("lifecycle", key)
        within: ColumnElement[bool] = true()
        if actor is not None:
            who = known(session, connection, actor)
            today = local_day(session.now, app.rules.programme)
            within = visible.to_person(connection, app.rules, who.id, today)
        found = items_alike(connection, key, [" ".join(text)], within=within)
    if session.as_json:
        emit({"items": [{"number": one.number, "title": one.title, "score": round(one.score, 2)} for one in found]})
        return
    for one in found:
        line(f"{one.number} {one.title} ({100 * one.score:.0f} %)")
    if not found:
        line(session.say("Nichts Ähnliches gefunden.", "Nothing of the kind was found."))


@click.command(cls=Command)
@click.argument("number")
@click.argument("kind")
@click.option("--key", default="", help="Which record, where an item has several: a body, unit, city or free key.")
@click.option("--visit", type=click.IntRange(0), default=0, help="Of which visit of a state, as `item show` has it.")
@click.option("--before", type=click.IntRange(1), help="Absent: the version before the other one.")
@click.option("--after", type=click.IntRange(1), help="Absent: the last one.")
@ACTOR
@pass_session
def versions(
    session: Session, number: str, kind: str, key: str, visit: int, before: int | None, after: int | None,
    actor: str | None,
) -> None:  # fmt: skip
    """List the versions of the record of KIND about an item, and tell what differs between two of them.

    \b
    Examples:
      ideenweg item versions 2026-0147 sheet
      ideenweg item versions 2026-0147 decision --key council-dortmund --before 1 --after 3
    """
    with session.app() as app, app.database.reading() as connection:
        detail = find(connection, app.rules, number, actor, session.now, history=False)
        declared = detail.lifecycle.records.get(kind)
        if declared is None:
            raise NotFound("record kind", kind)
        found = seen_versions(connection, detail, declared, key, visit)
        zone = detail.programme.zone
    old, new = chosen_pair(found, before, after)
    differences = changed(old.data, new.data)
    if session.as_json:
        emit(
            {
                "versions": [{"version": one.version, "at": iso(one.at, zone), "data": one.data} for one in found],
                "before": old.version,
                "after": new.version,
                "changes": [{"path": one.path, "before": one.before, "after": one.after} for one in differences],
            }
        )
        return
    table(
        (session.say("Fassung", "Version"), session.say("Vom", "Of")),
        [(str(one.version), f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}") for one in found],
    )
    line(session.say(f"Von {old.version} nach {new.version}:", f"From {old.version} to {new.version}:"))
    for one in differences:
        line(f"  {one.path}: {_said(one.before)} -> {_said(one.after)}")
    if not differences:
        line(session.say("  kein Unterschied", "  no difference"))


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
