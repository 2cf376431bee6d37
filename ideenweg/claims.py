"""What the claims of a provider mean for roles: sign-in.yaml of the configuration folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from states.errors import nearest
from states.lifecycle import Role
from workflow.errors import BadInput

FILE = "sign-in.yaml"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "claims": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "required": {"type": "array", "items": {"type": "string"}},
        "roles": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["role"],
                "additionalProperties": False,
                "properties": {"role": {"type": "string"}, "scope": {"type": "string"}},
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Claims:
    """paths: where the provider puts values. required: one of these is needed for a new account; empty: none.

    roles: value -> role and scope.
    """

    paths: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    roles: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)

    def values(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Every value under the paths."""
        return frozenset(value for path in self.paths for value in _under(claims, path.split(".")))

    def admits(self, claims: Mapping[str, Any]) -> bool:
        """Whether somebody new gets an account."""
        return not self.required or not self.required.isdisjoint(self.values(claims))

    def granted(self, claims: Mapping[str, Any], known: Mapping[str, Role]) -> Iterator[tuple[Role, str | None]]:
        """The roles that the claims give, of those that the loaded lifecycles know."""
        for value in sorted(self.values(claims) & self.roles.keys()):
            key, scope = self.roles[value]
            if key in known:
                yield known[key], scope


def read_claims(folder: Path) -> Claims:
    """The file in a configuration folder; nothing where there is none. Raises BadInput with what is wrong in it."""
    path = folder / FILE
    if not path.exists():
        return Claims()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"This cannot be read: {error}.", str(path), remedy=None) from None
    for wrong in Draft202012Validator(SCHEMA).iter_errors(data):
        hint = nearest(str(wrong.instance), list(SCHEMA["properties"])) if not wrong.path else "See docs/sign-in.md."
        raise BadInput(f"{wrong.json_path}: {wrong.message}.", str(path), remedy=hint)
    roles = {value: (one["role"], one.get("scope")) for value, one in data.get("roles", {}).items()}
    return Claims(tuple(data.get("claims", ())), frozenset(data.get("required", ())), roles)


def _under(value: Any, path: Sequence[str]) -> Iterator[str]:
    if path:
        inner = value.get(path[0]) if isinstance(value, Mapping) else None
        yield from _under(inner, path[1:])
    elif isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))
