"""The JSON Schemas that editors show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import config
from states.guards import GUARDS
from states.schema import FORMATS, NAME, lifecycle_schema, programme_schema

SHIPPED = Path(config.__file__).parent
LIFECYCLES = [*sorted((SHIPPED / "lifecycles").glob("*.yaml")), Path(__file__).parent / "good.yaml"]


def keys(schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every key that the schema describes, with its schema; guards bring their own words."""
    if not isinstance(schema, Mapping):
        return
    yield from schema.get("properties", {}).items()
    definitions = (one for name, one in schema.get("$defs", {}).items() if name != "guard")
    inner = (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ()), *definitions)
    for one in (*inner, *schema.get("properties", {}).values()):
        yield from keys(one)


@pytest.mark.parametrize("schema", [lifecycle_schema(), programme_schema()], ids=["lifecycle", "programme"])
def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("file", LIFECYCLES, ids=lambda file: file.stem)
def test_an_editor_finds_nothing_wrong_with_a_good_lifecycle(file: Path) -> None:
    data = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts alone: dates stay texts
    errors = list(Draft202012Validator(lifecycle_schema()).iter_errors(_typed(data)))

    assert not errors, errors[0]


def test_an_editor_finds_nothing_wrong_with_the_shipped_programme() -> None:
    data = yaml.safe_load((SHIPPED / "programme.yaml").read_text("utf-8"))

    assert Draft202012Validator(programme_schema()).is_valid(data)


def test_an_editor_knows_every_guard_and_its_parameters() -> None:
    _, named = lifecycle_schema()["$defs"]["guard"]["anyOf"]

    assert set(named["properties"]) == set(GUARDS)
    assert "minimum" in named["properties"]["assigned"]["properties"]
    assert named["properties"]["assigned"]["description"] == GUARDS["assigned"].summary


def test_an_editor_knows_the_guards_of_packages_too() -> None:
    schema = lifecycle_schema({"weather": GUARDS["assigned"]})

    assert list(schema["$defs"]["guard"]["anyOf"][1]["properties"]) == ["weather"]


@pytest.mark.parametrize("schema", [lifecycle_schema(), programme_schema()], ids=["lifecycle", "programme"])
def test_every_key_says_what_it_is_for(schema: dict[str, Any]) -> None:
    limits = {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    lists = {"minItems", "maxItems", "uniqueItems"}

    silent = {key for key, part in keys(schema) if "description" not in part and "$ref" not in part}

    assert silent <= limits | lists | {"de", "en"}


def test_every_format_is_explained() -> None:
    schema = lifecycle_schema()["properties"]["records"]["additionalProperties"]["properties"]["fields"]
    described = schema["additionalProperties"]["properties"]["format"]["description"]

    assert all(f"`{name}` {what}" in described for name, what in FORMATS.items())


def test_a_name_does_not_end_with_a_line_break() -> None:
    validator = Draft202012Validator({"pattern": NAME})

    assert validator.is_valid("in_review-2")
    assert not validator.is_valid("in_review\n")


def _typed(data: Any) -> Any:
    """Numbers and truth values in place of their texts, as YAML 1.2 reads plain scalars."""
    if isinstance(data, dict):
        return {key: _typed(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_typed(value) for value in data]
    if data in ("true", "false"):
        return data == "true"
    try:
        return float(data) if "." in data else int(data)
    except ValueError:
        return data
