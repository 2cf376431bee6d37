"""Persons, what they are called, what they may do and who stands in for them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from workflow.models.base import metadata

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),  # pseudonymous: p-… ; the only name the history knows
    Column("locale", Text, nullable=False, server_default="de"),
    Column("zone", Text),  # as the tz database calls it; null: where the programme is
    Column("created_at", Text, nullable=False),
    Column("erased_at", Text),
    sqlite_with_rowid=False,
)

contact = Table(
    "contact",
    metadata,
    Column("person", Text, ForeignKey("person.id"), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # lower case
    Column("name", Text, nullable=False),
    Column("address", Text),
    sqlite_with_rowid=False,
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_kind", Text),  # city, body, unit; null: the whole programme
    Column("scope", Text),
    Column("valid_from", Text, nullable=False),  # a date, inclusive
    Column("valid_to", Text),  # a date, inclusive
    Column("granted_at", Text, nullable=False),
    Column("revoked_at", Text),
    Index(None, "person"),
    Index(None, "role", "scope"),
    sqlite_with_rowid=False,
)

deputy = Table(
    "deputy",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False),  # who is away
    Column("deputy", Text, ForeignKey("person.id"), nullable=False),  # who acts
    Column("role", Text),  # null: for all roles
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text, nullable=False),
    Index(None, "person"),
    Index(None, "deputy"),
    sqlite_with_rowid=False,
)

calendar_feed = Table(  # the secret address of a person's calendar: one at a time, known to them alone
    "calendar_feed",
    metadata,
    Column("person", Text, ForeignKey("person.id"), primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),  # SHA-256 of the token, hexadecimal
    Column("made_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
