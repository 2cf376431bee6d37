"""`ideenweg lifecycle`: check, load, draw and compare lifecycle files; migrating.py moves items between versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.migrating import migrate
from ideenweg.cli.output import emit, iso, line, minute, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.wiring import checked_lifecycle, lifecycle_file, vocabulary
from states.calendar_file import calendar_schema
from states.diagram import mermaid, svg
from states.differences import Difference, differences
from states.lifecycle import Lifecycle
from states.migration import migration_schema
from states.schema import lifecycle_schema, programme_schema
from workflow.errors import BadInput, NotFound, SchemaMissing
from workflow.queries.lifecycles import list_versions
from workflow.transaction import Transaction


@click.group(cls=Group)
def lifecycle() -> None:
    """Check, load, draw and compare lifecycle files, and move running items to another version."""


lifecycle.add_command(migrate)


@lifecycle.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@pass_session
def check(session: Session, files: tuple[str, ...]) -> None:
    """Check lifecycle files and tell every fault with its line, column and remedy. Needs no database.

    FILE is a YAML file, or the key of a shipped lifecycle.

    \b
    Examples:
      ideenweg lifecycle check idea-to-project
      ideenweg lifecycle check my-lifecycle.yaml --json
    """
    folder = session.settings().config_dir
    found = [checked_lifecycle(lifecycle_file(name, folder), folder) for name in files]
    if session.as_json:
        emit({"lifecycles": [_summary(one, session) for one in found]})
        return
    for one in found:
        line(
            session.say(f"{one.key} {one.version} ist in Ordnung: ", f"{one.key} {one.version} is sound: ")
            + _size(one, session)
        )


@lifecycle.command()
@click.argument("kind", type=click.Choice(["lifecycle", "programme", "calendar", "map"]), default="lifecycle")
def schema(kind: str) -> None:
    """Print the JSON Schema of lifecycle files, or of programme, calendar and migration map files, for editors.

    The guards of installed packages are in it.

    \b
    Examples:
      ideenweg lifecycle schema > lifecycle.schema.json
      ideenweg lifecycle schema programme > programme.schema.json
    """
    match kind:
        case "lifecycle":
            emit(lifecycle_schema(vocabulary()))
        case "programme":
            emit(programme_schema())
        case "map":
            emit(migration_schema())
        case _:
            emit(calendar_schema())


@lifecycle.command("list")
@pass_session
def list_command(session: Session) -> None:
    """List the stored lifecycles with all their versions.

    \b
    Examples:
      ideenweg lifecycle list
    """
    with session.app() as app:
        zone = app.rules.programme.zone
        with app.database.reading() as connection:
            versions = list_versions(connection)
            labels = {
                (one.key, one.version): app.rules.lifecycle(Transaction(connection), one.key, one.version).label
                for one in versions
            }
        default = app.engine.default
    if session.as_json:
        emit(
            {
                "lifecycles": [
                    {
                        "lifecycle": one.key,
                        "version": one.version,
                        "label": labels[one.key, one.version][session.locale],
                        "sha256": one.sha256,
                        "loaded_at": iso(one.loaded_at, zone),
                        "default": one.key == default,
                    }
                    for one in versions
                ]
            }
        )
        return
    if not versions:
        line(
            session.say(
                "Noch keiner geladen: ideenweg lifecycle load FILE", "None loaded yet: ideenweg lifecycle load FILE"
            )
        )
        return
    table(
        (
            session.say("Lebenszyklus", "Lifecycle"),
            "Version",
            session.say("Name", "Label"),
            session.say("Geladen", "Loaded"),
        ),
        [
            (one.key, str(one.version), labels[one.key, one.version][session.locale], minute(one.loaded_at, zone))
            for one in versions
        ],
    )


@lifecycle.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@pass_session
def load(session: Session, files: tuple[str, ...]) -> None:
    """Check lifecycle files and store them as versions that never change.

    New items take the newest version; items that are under way keep theirs. Loading the same text again changes
    nothing; another text under a version that is taken is a conflict.

    \b
    Examples:
      ideenweg lifecycle load idea-to-project selection-round strategy
      ideenweg lifecycle load my-lifecycle.yaml
    """
    done = []
    with session.app() as app:
        paths = [lifecycle_file(name, app.config_dir) for name in files]
        for path in paths:  # all of them first: with a fault in one, none is stored
            checked_lifecycle(path, app.config_dir, programme=app.rules.programme)
        for path in paths:
            done.append(app.load(path, now=session.now))
            session.progress = Progress.STEPS
        session.progress = Progress.DONE
    if session.as_json:
        emit({"lifecycles": [{**_summary(one, session), "new": new} for one, new in done]})
        return
    for one, new in done:
        said = session.say("geladen", "loaded") if new else session.say("war schon geladen", "had been loaded before")
        line(f"{one.key} {one.version}: {said}.")


@lifecycle.command()
@click.argument("name", metavar="KEY")
@click.option("--format", "format_", type=click.Choice(["mermaid", "svg"]), default="mermaid", show_default=True)
@pass_session
def diagram(session: Session, name: str, format_: str) -> None:
    """Print the picture of a lifecycle: Mermaid text, or SVG with the stages as lanes.

    KEY is a stored lifecycle (KEY@VERSION for one version), a shipped one, or a YAML file.

    \b
    Examples:
      ideenweg lifecycle diagram idea-to-project > idea-to-project.mmd
      ideenweg lifecycle diagram idea-to-project@1 --format svg --locale de > weg.svg
    """
    found = _resolve(session, name)
    drawn = svg(found, session.locale) if format_ == "svg" else mermaid(found, session.locale)
    if session.as_json:
        emit({"lifecycle": found.key, "version": found.version, "format": format_, "diagram": drawn})
    else:
        click.echo(drawn.encode(), nl=not drawn.endswith("\n"))


@lifecycle.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@pass_session
def diff(session: Session, before: str, after: str) -> None:
    """Tell what is added, removed and changed on the way from A to B, entry by entry.

    A and B are YAML files, stored lifecycles (KEY or KEY@VERSION) or shipped ones.

    \b
    Examples:
      ideenweg lifecycle diff idea-to-project my-idea-to-project.yaml
      ideenweg lifecycle diff idea-to-project@1 idea-to-project@2
    """
    old, new = _resolve(session, before), _resolve(session, after)
    found = differences(old, new)
    if session.as_json:
        emit(
            {
                "before": {"lifecycle": old.key, "version": old.version},
                "after": {"lifecycle": new.key, "version": new.version},
                "differences": [
                    {
                        "section": one.section,
                        "key": one.key,
                        "what": one.what,
                        "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in one.changes],
                    }
                    for one in found
                ],
            }
        )
        return
    if not found:
        line(session.say("Kein Unterschied.", "No difference."))
    for one in found:
        for told in _told(one, session):
            line(told)


SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def _told(one: Difference, session: Session) -> Iterator[str]:
    what = {
        "added": session.say("neu", "added"),
        "removed": session.say("entfallen", "removed"),
        "changed": session.say("geändert", "changed"),
    }[one.what]
    yield f"{SIGNS[one.what]} {one.section}.{one.key} {what}"
    for change in one.changes:
        path = f"{change.path}: " if change.path else ""
        yield f"    {path}{_value(change.before)} -> {_value(change.after)}"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _resolve(session: Session, name: str) -> Lifecycle:
    """The lifecycle in a file; else the stored one, newest or of the version after an @; else the shipped one."""
    folder = session.settings().config_dir
    key, at, version = name.rpartition("@")
    if at and not version.isdigit():
        raise BadInput(f"{version!r} is no version.", name, remedy="Write KEY@2, or name a file.")
    if not Path(name).exists():
        try:
            with session.app() as app, app.database.reading() as connection:
                tx = Transaction(connection)
                return app.rules.lifecycle(tx, key, int(version)) if at else app.rules.newest(tx, name)
        except (SchemaMissing, NotFound):
            if at:
                raise
    return checked_lifecycle(lifecycle_file(name, folder), folder)


def _summary(one: Lifecycle, session: Session) -> dict[str, Any]:
    return {
        "lifecycle": one.key,
        "version": one.version,
        "label": one.label[session.locale],
        "sha256": one.sha256,
        "states": len(one.states),
        "transitions": len(one.transitions),
        "records": len(one.records),
    }


def _size(one: Lifecycle, session: Session) -> str:
    states, moves, kinds = len(one.states), len(one.transitions), len(one.records)
    return session.say(
        f"{states} Zustände, {moves} Übergänge, {kinds} Formulare.",
        f"{states} states, {moves} transitions, {kinds} record kinds.",
    )
