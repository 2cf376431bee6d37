"""How people prove who they are: accounts, sessions, tokens, links that work once, and what is noted of sign-ins.

Nothing here opens a door to whoever reads it: passwords are argon2 hashes, sessions, tokens and recovery codes SHA-256
digests of random values, links and the secret of a second factor are worth nothing without the installation's key.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from workflow.models.base import metadata

account = Table(
    "account",
    metadata,
    Column("person", Text, ForeignKey("person.id"), primary_key=True),
    Column("password", Text),  # argon2id in its own notation; null: signs in by another way, or was not set yet
    Column("password_at", Text),
    Column("factor", Text),  # the sealed secret of the TOTP generator; null: no second factor
    Column("factor_at", Text),
    Column("factor_step", Integer),  # the last time step whose code was used: none is good twice
    Column("made_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

identity = Table(  # who somebody is at a provider; an e-mail address binds nothing
    "identity",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("bound_at", Text, nullable=False),
    PrimaryKeyConstraint("issuer", "subject"),
    Index(None, "person"),
    sqlite_with_rowid=False,
)

identity_grant = Table(  # the roles that claims of a provider have given, and may take away again
    "identity_grant",
    metadata,
    Column("grant", Text, ForeignKey("role_grant.id"), primary_key=True),
    sqlite_with_rowid=False,
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("person", "digest"),
    sqlite_with_rowid=False,
)

session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),  # of the cookie's value
    Column("id", Text, nullable=False, unique=True),  # what the page with all sessions calls it
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("way", Text, nullable=False),  # password, oidc, demo
    Column("factor_at", Text),  # when a second factor was shown; null: none was
    Column("opened_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),  # to the minute
    Column("ends_at", Text, nullable=False),  # however busy it is
    Column("agent", Text),  # the browser, in its own words
    Index(None, "person"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

api_token = Table(
    "api_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),  # in whose name it acts
    Column("label", Text, nullable=False),
    Column("scope", Text, nullable=False),  # words of workflow/accounts/tokens.py, separated by spaces
    Column("made_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Column("used_at", Text),  # to the minute
    Column("revoked_at", Text),
    Index(None, "person"),
    sqlite_with_rowid=False,
)

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("id", Text, primary_key=True),  # the link itself carries it with the installation's mark
    Column("person", Text, ForeignKey("person.id")),  # null: whoever sets the installation up
    Column("purpose", Text, nullable=False),  # invite, reset, set_up
    Column("made_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Index(None, "person"),
    sqlite_with_rowid=False,
)

security_log = Table(
    "security_log",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("person", Text, ForeignKey("person.id")),  # null: nobody known
    Column("address", Text),  # the network address it came from
    Index(None, "at"),
    Index(None, "person", "at"),
    sqlite_with_rowid=False,
)
