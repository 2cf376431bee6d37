"""docs/lifecycle-files.md tells of every key, format and check, and its examples are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from states.checks import CHECKS
from states.document import read
from states.loader import load_lifecycle
from states.schema import FORMATS, lifecycle_structure, programme_schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lifecycle-files.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SCHEMAS = {"lifecycle": lifecycle_structure(), "programme": programme_schema()}


def keys(schema: Any) -> Iterator[str]:
    """Every key that files may have, the words of guards apart."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        inner = (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ()))
        for one in (*inner, *schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
            yield from keys(one)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_key_is_told_of(schema: dict[str, Any]) -> None:
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))

    assert set(keys(schema)) <= words


def test_every_format_is_told_of() -> None:
    assert all(f"`{name}`" in PAGE for name in FORMATS)


def test_every_check_is_told_of_with_what_it_means_and_what_to_do() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", PAGE.split("## What is checked")[1], re.MULTILINE)

    assert rows == [(check.id, check.meaning, check.remedy) for check in CHECKS.values()]


def test_the_whole_file_on_the_page_is_the_one_that_is_tested() -> None:
    tested = (ROOT / "tests" / "lifecycles" / "petition.yaml").read_text("utf-8")

    assert load_lifecycle(BLOCKS[0], "page").states
    assert yaml.safe_load(BLOCKS[0]) == yaml.safe_load(tested)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split(":")[0])
def test_every_example_is_yaml(block: str) -> None:
    document, findings = read(block)

    assert not findings
    assert document.data
