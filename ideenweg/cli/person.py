"""`ideenweg person`: people, their roles and their deputies."""

from __future__ import annotations

import sys
from typing import Any

import click

from ideenweg.cli.account import forget_factor, invite
from ideenweg.cli.feed import calendar
from ideenweg.cli.framework import Group
from ideenweg.cli.granting import deputy, grant, revoke
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from ideenweg.cli.wishes import notices, zone
from ideenweg.cli.worklist import worklist_command
from states.snapshot import local_day
from workflow import access, erasure
from workflow.queries import people
from workflow.queries.people import GrantLine
from workflow.queries.roles import role_of


@click.group(cls=Group)
def person() -> None:
    """People, their roles and their deputies."""


for command in (grant, revoke, deputy, invite, forget_factor, notices, zone, calendar, worklist_command):
    person.add_command(command)


@person.command()
@click.argument("email")
@click.option("--name", required=True, help="What others call them.")
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Of mails to them.")
@pass_session
def add(session: Session, email: str, name: str, language: str) -> None:
    """Make a person known, so that they can act and be given roles.

    \b
    Examples:
      ideenweg person add koordination@dortmund.example --name "Koordination Dortmund"
    """
    with session.app() as app:
        key = app.database.attempt(
            lambda connection: access.add(connection, email, name, session.origin, session.now, locale=language)
        )
        session.progress = Progress.DONE
        with app.database.reading() as connection:
            who = access.find(connection, key)
    if session.as_json:
        emit({"person": {"id": who.id, "email": who.email, "name": who.name, "locale": who.locale}})
    else:
        line(session.say(f"{who.name} <{who.email}> ist aufgenommen.", f"{who.name} <{who.email}> is known now."))


@person.command("list")
@click.option("--role", help="Only those who were granted this role.")
@click.option("--limit", type=click.IntRange(1, people.LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", metavar="EMAIL", help="Go on behind a page: its `next`.")
@pass_session
def list_command(session: Session, role: str | None, limit: int, cursor: str | None) -> None:
    """List people with the roles they hold today.

    \b
    Examples:
      ideenweg person list
      ideenweg person list --role coordinator
    """
    with session.app() as app:
        today = local_day(session.now, app.rules.programme)
        with app.database.reading() as connection:
            if role is not None:
                role_of(connection, app.rules, role, None)
            page = people.list_people(connection, role=role, limit=limit, cursor=cursor)
    if session.as_json:
        emit(
            {
                "people": [
                    {
                        "id": one.id,
                        "email": one.email,
                        "name": one.name,
                        "locale": one.locale,
                        "grants": [_grant_json(grant) for grant in one.grants if grant.holds_on(today)],
                    }
                    for one in page.people
                ],
                "next": page.next,
            }
        )
        return
    if not page.people:
        line(session.say("Niemand.", "Nobody."))
        return
    table(
        ("E-Mail", "Name", session.say("Rollen", "Roles")),
        [
            (one.email, one.name, ", ".join(_grant_text(grant) for grant in one.grants if grant.holds_on(today)))
            for one in page.people
        ],
    )
    if page.next:
        line(session.say(f"Weiter: --cursor {page.next}", f"More: --cursor {page.next}"))


@person.command()
@click.argument("email")
@pass_session
def show(session: Session, email: str) -> None:
    """Show a person with all their roles, deputies, and the items they have a role on.

    \b
    Examples:
      ideenweg person show koordination@dortmund.example
    """
    with session.app() as app, app.database.reading() as connection:
        who = known(session, connection, email)
        grants = people.grants_of(connection, [who.id]).get(who.id, ())
        deputies = people.deputies_of(connection, who.id)
        items = people.items_of(connection, who.id)
    if session.as_json:
        emit(
            {
                "person": {"id": who.id, "email": who.email, "name": who.name, "locale": who.locale},
                "grants": [_grant_json(one) for one in grants],
                "deputies": [
                    {
                        "id": one.id,
                        "person": one.person,
                        "deputy": one.deputy,
                        "role": one.role,
                        "valid_from": one.valid_from.isoformat(),
                        "valid_to": one.valid_to.isoformat(),
                    }
                    for one in deputies
                ],
                "items": [
                    {"number": one.number, "title": one.title, "state": one.state, "role": one.role} for one in items
                ],
            }
        )
        return
    line(f"{who.name} <{who.email}>", style="bold")
    for grant_line in grants:
        until = session.say(f" bis {grant_line.valid_to}", f" to {grant_line.valid_to}") if grant_line.valid_to else ""
        since = session.say(f"ab {grant_line.valid_from}", f"from {grant_line.valid_from}")
        line(f"  {_grant_text(grant_line)} {since}{until} [{grant_line.id}]")
    for one in deputies:
        line(
            session.say(
                f"  {one.deputy} vertritt {one.person}, {one.valid_from} bis {one.valid_to}",
                f"  {one.deputy} is the deputy of {one.person}, {one.valid_from} to {one.valid_to}",
            )
        )
    for held in items:
        line(f"  {held.number} {held.role}: {held.title}")


@person.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def erase(session: Session, email: str, yes: bool) -> None:
    """Erase a person for good: name, address, what they wrote in their own name, and the fields that name them; their
    inbox and preferences, and what was not sent to them yet.

    That they acted stays in the history under a pseudonym, and so do the public reasons of decisions;
    `ideenweg audit verify` stays green. On a terminal you are asked first.

    \b
    Examples:
      ideenweg person export buergerin@dortmund.example > auskunft.json
      ideenweg person erase buergerin@dortmund.example --yes
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        if not yes and sys.stdin.isatty():
            question = session.say(
                f"{who.name} <{who.email}> endgültig löschen?", f"Erase {who.name} <{who.email}> for good?"
            )
            click.confirm(question, abort=True, err=True)
        session.progress = Progress.STEPS
        erased = app.erase(who.id, session.origin, session.now)
        session.progress = Progress.DONE
    if session.as_json:
        emit(
            {
                "erased": erased.person,
                "texts": erased.texts,
                "items": list(erased.items),
                "roles_left": [{"number": number, "role": role} for number, role in erased.roles_left],
            }
        )
        return
    line(
        session.say(
            f"Gelöscht. {erased.texts} Texte in {len(erased.items)} Vorgängen sind entfernt.",
            f"Erased. {erased.texts} texts in {len(erased.items)} items are gone.",
        )
    )
    for number, role in erased.roles_left:
        line(session.say(f"  {number}: {role} braucht eine andere Person", f"  {number}: {role} needs somebody else"))


@person.command()
@click.argument("email")
@pass_session
def export(session: Session, email: str) -> None:
    """Print everything that is kept about a person, as one JSON document. That it was asked for is recorded.

    \b
    Examples:
      ideenweg person export buergerin@dortmund.example > auskunft.json
    """
    with session.app() as app:
        with app.database.reading() as connection:
            who = known(session, connection, email)
        found = app.database.attempt(
            lambda connection: erasure.told(connection, app.rules, who.id, session.origin, session.now)
        )
        session.progress = Progress.DONE
    emit(found)


def _grant_text(one: GrantLine) -> str:
    return f"{one.role} ({one.scope})" if one.scope else one.role


def _grant_json(one: GrantLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role,
        "scope_kind": one.scope_kind,
        "scope": one.scope,
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
    }
