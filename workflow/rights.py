"""What a person's grants and deputyships must be if their events are true; and the stored rules that all go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from workflow.chains import Findings
from workflow.events import Kind
from workflow.models import calendar_version, lifecycle_version, programme_version

GRANTED = ("role", "scope_kind", "scope", "valid_from", "valid_to")
DEPUTISED = ("deputy", "role", "valid_from", "valid_to")

RULES = {
    Kind.LIFECYCLE_LOADED: lifecycle_version,
    Kind.PROGRAMME_LOADED: programme_version,
    Kind.CALENDAR_ADOPTED: calendar_version,
}

Loaded = dict[tuple[Kind, str, int], dict[str, Any]]
"""Which rules were loaded, as the events of `system` tell: kind, key, version -> columns of the stored version."""


class RightsReplay:
    """The rights of one person as their events tell them."""

    def __init__(self, stream: str, findings: Findings) -> None:
        self.stream = stream
        self.person = stream.removeprefix("person:")
        self.findings = findings
        self.grants: dict[str, dict[str, Any]] = {}
        self.deputies: dict[str, dict[str, Any]] = {}

    def follow(self, event: Mapping[str, Any]) -> None:
        """Take in the next event. Raises KeyError for one that makes no sense."""
        details = event["details"]
        if event["kind"] == Kind.GRANTED:
            granted = {name: details[name] for name in GRANTED}
            self.grants[details["id"]] = granted | {"granted_at": event["at"], "revoked_at": None}
        elif event["kind"] == Kind.REVOKED:
            self.grants[details["id"]]["revoked_at"] = event["at"]
        elif event["kind"] == Kind.DEPUTISED:
            self.deputies[details["id"]] = {name: details[name] for name in DEPUTISED}
        elif event["kind"] == Kind.DEPUTY_ENDED:
            self.deputies[details["id"]]["valid_to"] = details["valid_to"]

    def finish(self, grants: Iterable[Any], deputies: Iterable[Any]) -> None:
        """Compare with the person's rows of `role_grant` and `deputy`."""
        for table, told, rows in (("role_grant", self.grants, grants), ("deputy", self.deputies, deputies)):
            there = {row.id: row for row in rows}
            for key in told.keys() - there.keys():
                self.findings.add(self.stream, None, f"{table} {key}", "a row", None)
            for key in there.keys() - told.keys():
                self.findings.add(self.stream, None, f"{table} {key}", None, "a row of which no event speaks")
            for key in told.keys() & there.keys():
                self.findings.compare(self.stream, None, table, told[key], there[key])


def stored_rules(connection: Connection, loaded: Loaded, findings: Findings) -> None:
    """Compare the stored lifecycles, programmes and calendars with the events that loaded them."""
    left = dict(loaded)
    for kind, table in RULES.items():
        for row in connection.execute(select(table)):
            name = f"{table.name} {row.key} {row.version}"
            told = left.pop((kind, row.key, row.version), None)
            if told is None:
                findings.add("system", None, name, None, "a version that no event loaded")
                continue
            findings.compare("system", None, name, told, row)
            if (found := sha256(row.source.encode()).hexdigest()) != told["sha256"]:
                findings.add("system", None, f"{name}.source", told["sha256"], found)
    for kind, key, version in left:
        findings.add("system", None, f"{RULES[kind].name} {key} {version}", "the version that was loaded", None)
