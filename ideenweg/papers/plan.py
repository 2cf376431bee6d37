"""What fills the placeholders of a template: the YAML file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from states.errors import nearest
from states.lifecycle import Lifecycle
from workflow.errors import BadInput

FOLDER, NAME = "papers", "beschlussvorlage"

NAMES = {"type": "array", "items": {"type": "string"}}
KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


def _one_of(**forms: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(forms), "properties": forms}


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["language", "missing", "lifecycles", "roles", "fields"],
    "properties": {
        "language": {"enum": ["de", "en"]},
        "missing": {"type": "string", "minLength": 1},
        "lifecycles": NAMES,
        "roles": NAMES,
        "fields": {
            "type": "object",
            "propertyNames": KEY,
            "additionalProperties": {
                "oneOf": [
                    _one_of(item={"enum": ["number", "title"]}),
                    _one_of(paper={"enum": ["body", "day"]}),
                    _one_of(record=KEY, field=KEY),
                ]
            },
        },
        "lists": {
            "type": "object",
            "propertyNames": KEY,
            "additionalProperties": {"oneOf": [_one_of(record=KEY), _one_of(record=KEY, entries=KEY)]},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Plan:
    """fields, lists: placeholder -> where its text comes from, as README.md beside the file explains.

    lifecycles, roles: for whose items the paper is made, and who may have it made.
    """

    template: Path
    place: str
    language: str
    missing: str
    lifecycles: tuple[str, ...]
    roles: tuple[str, ...]
    fields: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, Mapping[str, str]]


def read_plan(folder: Path, shipped: Path) -> Plan:
    """The plan of a configuration folder, or the shipped one; the same with the template. Raises BadInput."""
    file, template = (_either(folder, shipped, f"{NAME}.{form}") for form in ("yaml", "docx"))
    return _parsed(file.read_bytes(), file, template)


@lru_cache(maxsize=8)
def _parsed(source: bytes, file: Path, template: Path) -> Plan:
    """By its text, so that a file that was changed is read anew and one that was not costs a page nothing."""
    try:
        data = yaml.safe_load(source.decode()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"This cannot be read: {error}.", str(file)) from None
    for wrong in Draft202012Validator(SCHEMA).iter_errors(data):
        raise BadInput(f"{wrong.json_path}: {wrong.message}.", str(file), remedy="See config/papers/README.md.")
    return Plan(
        template, str(file), data["language"], data["missing"], tuple(data["lifecycles"]), tuple(data["roles"]),
        data["fields"], data.get("lists", {}),
    )  # fmt: skip


def fits(plan: Plan, lifecycle: Lifecycle) -> None:
    """Return if every record kind and field of the plan is one of the lifecycle. Raises BadInput with the nearest."""
    for name, source in [*plan.fields.items(), *plan.lists.items()]:
        if "record" not in source:
            continue
        kind = lifecycle.records.get(source["record"])
        if kind is None:
            raise BadInput(
                f"{name}: {lifecycle.key} has no record kind {source['record']!r}.", plan.place,
                remedy=nearest(source["record"], list(lifecycle.records)),
            )  # fmt: skip
        field = source.get("field") or source.get("entries")
        if field is not None and field not in kind.fields:
            raise BadInput(
                f"{name}: {kind.key} has no field {field!r}.", plan.place, remedy=nearest(field, list(kind.fields))
            )


def _either(folder: Path, shipped: Path, name: str) -> Path:
    own = folder / FOLDER / name
    return own if own.exists() else shipped / FOLDER / name
