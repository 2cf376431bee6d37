"""`ideenweg person grant | revoke | deputy`: who may do what, from when to when."""

from __future__ import annotations

from datetime import date

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.inputs import Day
from ideenweg.cli.output import emit, line
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known
from states.snapshot import local_day
from workflow import access
from workflow.errors import BadInput
from workflow.queries.roles import role_of


@click.command(cls=Command)
@click.argument("email")
@click.argument("role")
@click.option("--city", help="For a role that is granted for a city.")
@click.option("--body", help="For a role that is granted for a body.")
@click.option("--unit", help="For a role that is granted for an office.")
@click.option("--from", "valid_from", type=Day(), help="The first day; absent: today.")
@click.option("--to", "valid_to", type=Day(), help="The last day; absent: without an end.")
@click.option("--lifecycle", metavar="KEY", help="Where several lifecycles mean different roles by one name.")
@pass_session
def grant(
    session: Session,
    email: str,
    role: str,
    city: str | None,
    body: str | None,
    unit: str | None,
    valid_from: date | None,
    valid_to: date | None,
    lifecycle: str | None,
) -> None:
    """Give a person a role, for the city, body or unit that the role is granted for.

    \b
    Examples:
      ideenweg person grant koordination@dortmund.example coordinator --city dortmund
      ideenweg person grant ratsbuero@dortmund.example session_office --body council-dortmund --from 2026-09-01
    """
    scopes = {kind: value for kind, value in (("city", city), ("body", body), ("unit", unit)) if value is not None}
    if len(scopes) > 1:
        raise click.UsageError("A role is granted for one thing: give only one of --city, --body and --unit.")
    now = session.now
    with session.app() as app:
        programme = app.rules.programme
        with app.database.reading() as connection:
            known(session, connection, email)
            declared = role_of(connection, app.rules, role, lifecycle)
        _right_scope(declared.key, declared.scope, scopes)
        first = valid_from or local_day(now, programme)
        key = app.database.attempt(
            lambda connection: access.grant(
                connection, email, declared, next(iter(scopes.values()), None), programme, session.origin, now,
                valid_from=first, valid_to=valid_to,
            )
        )  # fmt: skip
        session.progress = Progress.DONE
    if session.as_json:
        emit(
            {
                "grant": {
                    "id": key,
                    "email": email,
                    "role": declared.key,
                    "scope_kind": next(iter(scopes), None),
                    "scope": next(iter(scopes.values()), None),
                    "valid_from": first.isoformat(),
                    "valid_to": valid_to.isoformat() if valid_to else None,
                }
            }
        )
        return
    scope = "".join(f" ({value})" for value in scopes.values())
    line(
        session.say(
            f"{email}: {declared.label.de}{scope} ab {first}. Zurücknehmen: ideenweg person revoke {key}",
            f"{email}: {declared.label.en}{scope} from {first}. To take it back: ideenweg person revoke {key}",
        )
    )


@click.command(cls=Command)
@click.argument("grant_id", metavar="GRANT")
@pass_session
def revoke(session: Session, grant_id: str) -> None:
    """Take a granted role back now. `ideenweg person show EMAIL` lists the ids of grants.

    \b
    Examples:
      ideenweg person revoke g-0f3a5b7c9d1e2f40
    """
    with session.app() as app:
        app.database.attempt(lambda connection: access.revoke(connection, grant_id, session.origin, session.now))
        session.progress = Progress.DONE
    if session.as_json:
        emit({"revoked": grant_id})
    else:
        line(session.say(f"{grant_id} ist zurückgenommen.", f"{grant_id} is taken back."))


@click.command(cls=Command)
@click.argument("email")
@click.argument("substitute", metavar="DEPUTY")
@click.option("--from", "valid_from", type=Day(), required=True, help="The first day.")
@click.option("--to", "valid_to", type=Day(), required=True, help="The last day.")
@click.option("--role", help="For this role only; absent: for all roles.")
@pass_session
def deputy(session: Session, email: str, substitute: str, valid_from: date, valid_to: date, role: str | None) -> None:
    """Let DEPUTY act in a person's place from one day to another, both included.

    What a deputy does is recorded as theirs, in the other's place (`--as DEPUTY --for EMAIL`).

    \b
    Examples:
      ideenweg person deputy leitung@dortmund.example vertretung@dortmund.example --from 2026-07-01 --to 2026-07-21
    """
    with session.app() as app:
        with app.database.reading() as connection:
            for asked in (email, substitute):
                known(session, connection, asked)
            if role is not None:
                role_of(connection, app.rules, role, None)
        key = app.database.attempt(
            lambda connection: access.deputise(
                connection, email, substitute, session.origin, session.now,
                valid_from=valid_from, valid_to=valid_to, role=role,
            )
        )  # fmt: skip
        session.progress = Progress.DONE
    if session.as_json:
        days = {"valid_from": valid_from.isoformat(), "valid_to": valid_to.isoformat()}
        emit({"deputy": {"id": key, "person": email, "deputy": substitute, "role": role, **days}})
        return
    line(
        session.say(
            f"{substitute} vertritt {email} vom {valid_from} bis {valid_to}.",
            f"{substitute} is the deputy of {email} from {valid_from} to {valid_to}.",
        )
    )


def _right_scope(role: str, wanted: str | None, scopes: dict[str, str]) -> None:
    """Raises BadInput where the option is another one than the role is granted for."""
    given = next(iter(scopes), None)
    if given is not None and wanted in ("city", "body", "unit") and given != wanted:
        raise BadInput(f"{role} is granted for a {wanted}, not for a {given}.", remedy=f"Use --{wanted}.")
