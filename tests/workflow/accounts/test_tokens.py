"""Tokens open what they are good for, as long as they are good, and leave nothing behind that opens anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from workflow import access
from workflow.accounts import log, tokens
from workflow.accounts.log import What
from workflow.accounts.tokens import Scope
from workflow.db import Database
from workflow.errors import BadInput, NotFound
from workflow.models import api_token
from workflow.streams import Origin

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
WHO = "koordination@dortmund.example"


@pytest.fixture
def database(database_url: str):
    opened = Database(database_url)
    with opened.writing() as connection:
        access.add(connection, WHO, "Koordination", Origin("operator", "cli"), NOW)
    yield opened
    opened.close()


def test_a_token_opens_until_it_ends_or_is_revoked_and_stands_in_no_table(database: Database) -> None:
    with database.writing() as connection:
        value, made = tokens.issue(connection, WHO, [Scope.WRITE], NOW, label="Portal")
        row = connection.execute(select(api_token)).one()

        assert value.startswith("idw_")
        assert len(value) > 40
        assert not any(value[4:] in str(column) for column in row)
        assert tokens.find(connection, value, NOW) == made
        assert tokens.find(connection, value, NOW + timedelta(days=364)) == made
        assert tokens.find(connection, value, NOW + timedelta(days=366)) is None
        for other in (value[:-1], value + "x", "idw_", "", "idw_ü", made.id):
            assert tokens.find(connection, other, NOW) is None

        tokens.revoke(connection, made.id, NOW)
        assert tokens.find(connection, value, NOW) is None
        tokens.revoke(connection, made.id, NOW + timedelta(days=1))
        assert tokens.listed(connection)[0].revoked_at == NOW
        noted = {one.what for one in log.latest(connection, made.person)}
        assert noted == {What.TOKEN_MADE, What.TOKEN_REVOKED}


def test_its_use_is_noted_once_a_minute(database: Database) -> None:
    with database.writing() as connection:
        value, made = tokens.issue(connection, WHO, [Scope.READ], NOW)
        assert tokens.unnoted(made, NOW)
        tokens.note(connection, made, NOW)
        used = tokens.find(connection, value, NOW)
        assert used is not None
        assert used.used_at == NOW
        assert not tokens.unnoted(used, NOW + timedelta(seconds=59))
        assert tokens.unnoted(used, NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        ({Scope.READ}, {Scope.READ}),
        ({Scope.WRITE}, {Scope.READ, Scope.WRITE}),
        ({Scope.ADMIN}, {Scope.ADMIN}),
        ({Scope.METRICS, Scope.AUDIT}, {Scope.METRICS, Scope.AUDIT}),
    ],
)
def test_writing_includes_reading_and_nothing_else_includes_anything(held: set[Scope], allowed: set[Scope]) -> None:
    made = tokens.Token("t-1", "p-1", WHO, "", "", frozenset(held), NOW, NOW, None, None)
    assert {one for one in Scope if made.allows(one)} == allowed


def test_what_cannot_be_a_token_is_none(database: Database) -> None:
    with database.writing() as connection:
        with pytest.raises(NotFound, match="person"):
            tokens.issue(connection, "niemand@dortmund.example", [Scope.READ], NOW)
        with pytest.raises(BadInput, match="scope"):
            tokens.issue(connection, WHO, [], NOW)
        for end in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=800)):
            with pytest.raises(BadInput, match="two years"):
                tokens.issue(connection, WHO, [Scope.READ], NOW, ends_at=end)
        with pytest.raises(NotFound, match="token"):
            tokens.revoke(connection, "t-0000", NOW)
