"""`ideenweg item create | record | advance | …`: each a command of the engine, in somebody's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ideenweg.cli.errors import blocker_json
from ideenweg.cli.framework import Command
from ideenweg.cli.inputs import read_data
from ideenweg.cli.output import complain, emit, iso, line
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from ideenweg.wiring import App
from workflow import commands
from workflow.bulk import split_off
from workflow.engine import ItemView, Outcome
from workflow.transaction import Transaction

F = TypeVar("F", bound=Callable[..., Any])

NUMBER = click.argument("number")


def acting(function: F) -> F:
    """The options of every change: who acts, in whose place, and under which id."""
    for option in reversed(
        (
            click.option("--as", "actor", metavar="EMAIL", required=True, help="Who acts."),
            click.option(
                "--for",
                "on_behalf_of",
                metavar="EMAIL",
                help="In whose place: as their deputy, or for somebody without an account.",
            ),
            click.option("--command-id", metavar="ID", help="Sent again under the same id, the command happens once."),
        )
    ):
        function = option(function)
    return function


def on_item(function: F) -> F:
    """What every change of an existing item takes beside these."""
    revision = click.option("--revision", type=click.IntRange(1), help="Only if the item is still at this revision.")
    return NUMBER(acting(revision(function)))


@click.command(cls=Command)
@acting
@click.option("--data", metavar="FILE", required=True, help="The sheet, a JSON object: a file, or - for stdin.")
@click.option("--lifecycle", metavar="KEY", help="Absent: the programme's own.")
@pass_session
def create(session: Session, /, data: str, lifecycle: str | None, **who: Any) -> None:
    """Create an item in the first state of its lifecycle.

    \b
    Examples:
      ideenweg item create --as buergerin@dortmund.example --data idea.json
      echo '{"title": "Sensoren für Straßenbäume"}' | ideenweg item create --as buergerin@dortmund.example --data -
    """
    carry_out(session, commands.Create(data=read(session, data), lifecycle=lifecycle, **who))


@click.command(cls=Command)
@on_item
@click.argument("kind")
@click.option("--data", metavar="FILE", required=True, help="The record, a JSON object: a file, or - for stdin.")
@click.option("--key", help="Which one: a body, unit or city where the writer speaks for several, or a free key.")
@click.option("--version", type=click.IntRange(0), help="Only if the record is still at this version (0: none yet).")
@pass_session
def record(
    session: Session, /, number: str, kind: str, data: str, key: str | None, version: int | None, **who: Any
) -> None:
    """Write a record of KIND about an item, or a new version of it.

    \b
    Examples:
      ideenweg item record 2026-0147 statement --as tiefbauamt@dortmund.example --data statement.json
      ideenweg item record 2026-0147 milestone --key m1 --as leitung@projekt.example --data m1.json
    """
    found = read(session, data)
    carry_out(session, commands.Record(item=number, kind=kind, data=found, key=key, version=version, **who))


@click.command(cls=Command)
@on_item
@click.argument("kind")
@click.argument("other")
@pass_session
def link(session: Session, /, number: str, kind: str, other: str, **who: Any) -> None:
    """Link an item to the item OTHER.

    \b
    Examples:
      ideenweg item link 2026-0147 candidate_of 2026-0002 --as koordination@dortmund.example
    """
    carry_out(session, commands.Link(item=number, kind=kind, other=other, **who))


@click.command(cls=Command)
@on_item
@click.argument("kind")
@click.argument("other")
@pass_session
def unlink(session: Session, /, number: str, kind: str, other: str, **who: Any) -> None:
    """End a link. It stays in the history.

    \b
    Examples:
      ideenweg item unlink 2026-0147 related 2026-0101 --as koordination@dortmund.example
    """
    carry_out(session, commands.Unlink(item=number, kind=kind, other=other, **who))


@click.command(cls=Command)
@NUMBER
@acting
@click.argument("kind")
@click.option("--data", metavar="FILE", required=True, help="The sheet of the new item: a file, or - for stdin.")
@pass_session
def split(session: Session, /, number: str, kind: str, data: str, **who: Any) -> None:
    """Make a part of an item one of its own, with a link of KIND back to where it came from.

    The item that it came from stays as it is, with its support, its documents and its history.

    \b
    Examples:
      ideenweg item split 2026-0147 split_from --as koordination@dortmund.example --data part.json
    """
    found = read(session, data)
    with session.app() as app:
        check_people(session, app, commands.Command(actor=who["actor"], on_behalf_of=who["on_behalf_of"]))
        made, against = split_off(app.engine, number, kind, found, now=session.now, **who)
        if against:
            why = " ".join(one.in_locale(session.locale) for one in against)
            number_of = made.item.number
            complain(
                session.say("Hinweis: ", "Note: "),
                [
                    session.say(
                        f"{number_of} ist angelegt, aber nicht verknüpft: {why}",
                        f"{number_of} is made, but not linked: {why}",
                    )
                ],
            )
        tell(session, app, made)


@click.command(cls=Command)
@on_item
@click.argument("role")
@click.argument("person")
@pass_session
def assign(session: Session, /, number: str, role: str, person: str, **who: Any) -> None:
    """Give PERSON a role on an item.

    \b
    Examples:
      ideenweg item assign 2026-0147 department umweltamt@dortmund.example --as koordination@dortmund.example
    """
    carry_out(session, commands.Assign(item=number, role=role, person=person, **who), person)


@click.command(cls=Command)
@on_item
@click.argument("role")
@click.argument("person")
@pass_session
def unassign(session: Session, /, number: str, role: str, person: str, **who: Any) -> None:
    """Take PERSON's role on an item back.

    \b
    Examples:
      ideenweg item unassign 2026-0147 reviewer eins@gutachten.example --as koordination@dortmund.example
    """
    carry_out(session, commands.Unassign(item=number, role=role, person=person, **who), person)


@click.command(cls=Command)
@on_item
@click.argument("text")
@click.option("--public", is_flag=True, help="For everybody, once the item is released.")
@pass_session
def comment(session: Session, /, number: str, text: str, public: bool, **who: Any) -> None:
    """Add a remark to an item: for those who work on it, or for everybody.

    \b
    Examples:
      ideenweg item comment 2026-0147 "Die Unterlagen liegen vor." --as koordination@dortmund.example
    """
    carry_out(session, commands.Comment(item=number, text=text, public=public, **who))


@click.command(cls=Command)
@on_item
@pass_session
def support(session: Session, /, number: str, **who: Any) -> None:
    """Stand behind an item of a lifecycle that counts support. Once a person.

    \b
    Examples:
      ideenweg item support 2026-0009 --as buergerin@dortmund.example
    """
    carry_out(session, commands.Support(item=number, **who))


CHANGING = (create, record, link, unlink, split, assign, unassign, comment, support)


def read(session: Session, source: str) -> dict[str, Any]:
    """The JSON object that `--data` names."""
    session.data = read_data(source)
    return session.data.data


def check_people(session: Session, app: App, command: commands.Command, *others: str) -> None:
    """Everybody named has to be known: only a door that authenticates takes in whoever comes."""
    with app.database.reading() as connection:
        for one in (command.actor, command.on_behalf_of, *others):
            if one is not None:
                known(session, connection, one)


def carry_out(session: Session, command: commands.Command, *others: str) -> None:
    """Execute the command and tell what became of the item. others: more people that have to be known."""
    with session.app() as app:
        check_people(session, app, command, *others)
        tell(session, app, app.engine.execute(command, now=session.now))


def tell(session: Session, app: App, outcome: Outcome) -> None:
    """Say what became of the item, and what is odd about what was written."""
    session.progress = Progress.DONE
    with app.database.reading() as connection:
        lifecycle = app.rules.lifecycle(Transaction(connection), outcome.item.lifecycle, outcome.item.version)
    label = lifecycle.states[outcome.item.state].label[session.locale]
    zone = app.rules.programme.zone
    if session.as_json:
        shown = {**_item_json(outcome.item), "label": label, "entered_at": iso(outcome.item.entered_at, zone)}
        odd = [blocker_json(one, session) for one in outcome.warnings]
        emit({"item": shown, "seqs": list(outcome.seqs), "repeated": outcome.repeated, "warnings": odd})
        return
    line(_told(session, outcome, label))
    complain(
        session.say("Bitte prüfen: ", "Please check: "), [one.in_locale(session.locale) for one in outcome.warnings]
    )


def _told(session: Session, outcome: Outcome, label: str) -> str:
    item = outcome.item
    before = session.say(" (war schon geschehen)", " (had been done before)") if outcome.repeated else ""
    revision = session.say("Revision", "revision")
    return f"{item.number} {item.title}: {label} [{item.state}], {revision} {item.revision}{before}"


def _item_json(item: ItemView) -> dict[str, Any]:
    return {
        "number": item.number,
        "title": item.title,
        "lifecycle": item.lifecycle,
        "version": item.version,
        "state": item.state,
        "stage": item.stage,
        "revision": item.revision,
        "visit": item.visit,
    }
