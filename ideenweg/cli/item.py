"""`ideenweg item`: find and read items. What changes them is in changing.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from ideenweg.cli.advancing import ADVANCING
from ideenweg.cli.agenda import agenda, results
from ideenweg.cli.bulk import advance_all
from ideenweg.cli.changing import CHANGING
from ideenweg.cli.comparing import alike, versions
from ideenweg.cli.document import DOCUMENTS
from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import narrowed
from ideenweg.cli.output import emit, iso, line, table
from ideenweg.cli.ranking import ranking
from ideenweg.cli.session import Session, pass_session
from ideenweg.cli.showing import as_document, as_text
from ideenweg.cli.who import known
from ideenweg.wiring import App
from states.errors import nearest
from states.lifecycle import Lifecycle
from workflow.errors import BadInput
from workflow.queries.detail import find
from workflow.queries.items import LARGEST_PAGE, ItemFilter, ItemLine, list_items
from workflow.queries.roles import newest
from workflow.transaction import Transaction


@click.group(cls=Group)
def item() -> None:
    """Ideas, projects and whatever else lives through a lifecycle."""


for command in (*CHANGING, *DOCUMENTS, *ADVANCING, advance_all, ranking, agenda, results, alike, versions):
    item.add_command(command)


@item.command("list")
@click.option("--lifecycle", metavar="KEY")
@narrowed
@click.option(
    "--query", "text", metavar="TEXT", help="Each word of it begins a word of the title or of the public texts."
)
@click.option("--overdue", is_flag=True, help="Only those with a deadline that has run out.")
@click.option("--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", metavar="NUMBER", help="Go on behind a page: its `next`.")
@pass_session
def list_command(
    session: Session, /, text: str | None, overdue: bool, limit: int, cursor: str | None, **keys: Any
) -> None:
    """List items, the newest first. All filters can be combined.

    \b
    Examples:
      ideenweg item list --state in_review --city dortmund
      ideenweg item list --field smart-mobility --overdue --json
      ideenweg item list --query "sensoren bäume"
    """
    now = session.now
    with session.app() as app:
        zone = app.rules.programme.zone
        with app.database.reading() as connection:
            asks_for_rules = any(keys[name] is not None for name in ("lifecycle", "state", "stage"))
            check_filters(keys, newest(connection, app.rules) if asks_for_rules else {}, app)
            filters = ItemFilter(**keys, text=text, overdue_at=now if overdue else None)
            page = list_items(connection, filters, limit, cursor)
            tx = Transaction(connection)
            pinned = {one.number: app.rules.lifecycle(tx, one.lifecycle, one.version) for one in page.items}
    if session.as_json:

        def told(one: ItemLine) -> dict[str, Any]:
            return {
                "number": one.number,
                "title": one.title,
                "lifecycle": one.lifecycle,
                "version": one.version,
                "state": one.state,
                "label": pinned[one.number].states[one.state].label[session.locale],
                "stage": one.stage,
                "revision": one.revision,
                "released": one.released,
                **{facet: list(one.facets.get(facet, ())) for facet in ("cities", "fields", "provenance", "funding")},
                "entered_at": iso(one.entered_at, zone),
                "created_at": iso(one.created_at, zone),
                "due": one.due.isoformat() if one.due else None,
                "deadline": one.rule,
                "overdue": one.due_at is not None and one.due_at <= now,
            }

        emit({"items": [told(one) for one in page.items], "next": page.next})
        return
    if not page.items:
        line(session.say("Keine Vorgänge.", "No items."))
        return
    table(
        (
            session.say("Nummer", "Number"),
            session.say("Zustand", "State"),
            session.say("Bis", "Due"),
            session.say("Städte", "Cities"),
            session.say("Titel", "Title"),
        ),
        [
            (
                one.number,
                pinned[one.number].states[one.state].label[session.locale],
                f"{one.due}{' !' if one.due_at and one.due_at <= now else ''}" if one.due else "",
                ", ".join(one.facets.get("cities", ())),
                one.title,
            )
            for one in page.items
        ],
    )
    if page.next:
        line(session.say(f"Weiter: --cursor {page.next}", f"More: --cursor {page.next}"))


@item.command()
@click.argument("number")
@click.option("--as", "actor", metavar="EMAIL", help="See it as this person does; absent: as the operator, all of it.")
@pass_session
def show(session: Session, number: str, actor: str | None) -> None:
    """Show an item: where it stands, whose turn it is, what is due, what can be done next, and all that has been.

    With --as you see what that person may see, and for each next step whether they may take it, or else every reason
    why not and who can help.

    \b
    Examples:
      ideenweg item show 2026-0147
      ideenweg item show 2026-0147 --as koordination@dortmund.example --json
    """
    now = session.now
    with session.app() as app, app.database.reading() as connection:
        if actor is not None:
            known(session, connection, actor)
        detail = find(connection, app.rules, number, actor, now)
    if session.as_json:
        emit(as_document(detail, session, now))
    else:
        as_text(detail, session, now)


def check_filters(keys: dict[str, str | None], stored: dict[str, Lifecycle], app: App) -> None:
    """Raises BadInput for a filter value that nothing can have, with the nearest that something can."""
    lifecycle = keys["lifecycle"]
    meant = [stored[lifecycle]] if lifecycle in stored else list(stored.values())
    programme = app.rules.programme
    choices: dict[str, Iterable[str]] = {
        "lifecycle": stored,
        "state": {state for one in meant for state in one.states},
        "stage": {stage for one in meant for stage in one.stages},
        "field": programme.fields,
        "city": (*programme.cities, "unknown"),
        "provenance": programme.provenance,
        "funding": programme.funding,
    }
    for name, value in keys.items():
        allowed = sorted(choices[name])
        if value is not None and value not in allowed:
            raise BadInput(f"There is no {name} {value!r}.", f"--{name}", remedy=nearest(value, allowed))
