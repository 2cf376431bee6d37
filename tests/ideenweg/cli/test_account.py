"""`ideenweg person invite | forget-factor` and `ideenweg session`: who may sign in, and who is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from workflow import access
from workflow.accounts import factors, keeping, sessions
from workflow.accounts.sessions import Way
from workflow.db import Database

if TYPE_CHECKING:
    from conftest import Cli

KEY = "a key of an installation, long enough"


def sign_in(cli: Cli, times: int) -> None:
    """Give the coordinator a second factor, and sessions."""
    now = datetime.now(UTC)

    def prepare(connection: Connection) -> None:
        who = access.find(connection, cli.coordinator).id
        keeping.set_password(connection, who, "Brombeere Ufer Kanzel", now)
        factors.turn_on(connection, (KEY.encode(),), who, factors.new_secret(), 1, now)
        for _ in range(times):
            sessions.begin(connection, who, Way.PASSWORD, now, agent="Firefox")

    database = Database(cli.url)
    database.attempt(prepare)
    database.close()


def test_somebody_is_invited_by_a_mail_that_waits_for_a_server(cli: Cli) -> None:
    told = cli.document("person", "invite", cli.coordinator, IDEENWEG_SECRET_KEY=KEY)["invited"]
    assert (told["email"], told["mail_server"]) == (cli.coordinator, False)
    waiting = cli.document("outbox", "list")["outbox"]
    assert [(one["recipient"], one["result"]) for one in waiting] == [(cli.coordinator, "no_mail_server")]
    unknown = cli("person", "invite", "koordinatio@dortmund.example", IDEENWEG_SECRET_KEY=KEY)
    assert unknown.code == 4
    assert f"Did you mean {cli.coordinator}" in unknown.err
    assert "stays in the outbox" in cli("person", "invite", cli.coordinator, IDEENWEG_SECRET_KEY=KEY).out


def test_sessions_are_listed_and_ended(cli: Cli) -> None:
    assert cli("session", "list", cli.coordinator).out == "Signed in nowhere.\n"
    sign_in(cli, 3)
    found = cli.document("session", "list", cli.coordinator)["sessions"]
    assert [(one["way"], one["second_factor"], one["agent"]) for one in found] == [("password", False, "Firefox")] * 3
    assert "Firefox" in cli("session", "list", cli.coordinator).out
    assert cli.document("session", "revoke", cli.coordinator, found[0]["id"]) == {"ended": 1}
    assert cli("session", "revoke", cli.coordinator, found[0]["id"]).code == 4
    assert cli("session", "revoke", cli.second, found[1]["id"]).code == 4
    assert cli.document("session", "revoke", cli.coordinator) == {"ended": 2}


def test_whoever_lost_the_phone_comes_in_without_it(cli: Cli) -> None:
    sign_in(cli, 1)
    told = cli.document("person", "forget-factor", cli.coordinator)
    assert told == {"email": cli.coordinator, "sessions_ended": 1}
    database = Database(cli.url)
    with database.reading() as connection:
        account = keeping.find(connection, cli.coordinator)
    database.close()
    assert account is not None
    assert account.password is not None
    assert account.factor is None
