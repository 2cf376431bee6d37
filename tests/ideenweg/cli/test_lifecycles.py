"""`ideenweg lifecycle`: check, load, list, draw and compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from conftest import Cli

SHORT = Path(__file__).parents[2] / "lifecycles" / "short.yaml"


@pytest.mark.parametrize("name", ["idea-to-project", "strategy", "selection-round"])
def test_a_shipped_lifecycle_is_checked_and_loaded_by_its_key(cli: Cli, name: str) -> None:
    (checked,) = cli.document("lifecycle", "check", name)["lifecycles"]
    (loaded,) = cli.document("lifecycle", "load", name)["lifecycles"]
    assert (checked["lifecycle"], loaded["lifecycle"], loaded["new"]) == (name, name, True)
    assert name in cli("lifecycle", "list").out


def test_the_same_text_is_loaded_once_and_another_needs_another_version(cli: Cli, write: Callable[..., str]) -> None:
    (again,) = cli.document("lifecycle", "load", str(SHORT))["lifecycles"]
    assert again["new"] is False
    other = SHORT.read_text(encoding="utf-8").replace("Angenommen", "Genehmigt")
    taken = cli("lifecycle", "load", write(other, "other.yaml"))
    assert taken.code == 3
    assert "version 2" in taken.err
    (new,) = cli.document("lifecycle", "load", write(other.replace("version: 1", "version: 2"), "new.yaml"))[
        "lifecycles"
    ]
    assert (new["version"], new["new"]) == (2, True)
    versions = [(one["lifecycle"], one["version"]) for one in cli.document("lifecycle", "list")["lifecycles"]]
    assert versions == [("short", 1), ("short", 2)]


def test_with_a_fault_in_one_of_several_files_none_is_loaded(cli: Cli, write: Callable[..., str]) -> None:
    faulty = write("lifecycle: x\nversion: 1\ninitial: nowhere\nstates: {here: {}}\n", "x.yaml")
    assert cli("lifecycle", "load", "strategy", faulty).code == 2
    assert [one["lifecycle"] for one in cli.document("lifecycle", "list")["lifecycles"]] == ["short"]


def test_an_item_keeps_the_version_it_was_made_under(cli: Cli, write: Callable[..., str]) -> None:
    number = cli.create()
    other = SHORT.read_text(encoding="utf-8").replace("Entwurf", "Skizze").replace("version: 1", "version: 2")
    cli.document("lifecycle", "load", write(other, "new.yaml"))
    newer = cli.create()
    assert cli.document("item", "show", number, "--locale", "de")["item"]["label"] == "Entwurf"
    assert cli.document("item", "show", newer, "--locale", "de")["item"]["label"] == "Skizze"


def test_the_schema_is_one_that_editors_can_use(bare: Cli) -> None:
    schema = bare.document("lifecycle", "schema")
    Draft202012Validator.check_schema(schema)
    assert bare("lifecycle", "schema").json == schema


@pytest.mark.parametrize("kind", ["lifecycle", "programme", "calendar"])
def test_the_files_beside_a_lifecycle_have_schemas_too(bare: Cli, kind: str) -> None:
    assert kind in bare.document("lifecycle", "schema", kind)["required"]


def test_a_lifecycle_is_drawn_from_the_database_a_file_or_the_shipped_ones(cli: Cli, write: Callable[..., str]) -> None:
    assert cli("lifecycle", "diagram", "short").out.startswith(("flowchart", "---", "%%", "stateDiagram"))
    assert cli("lifecycle", "diagram", "short@1").out == cli("lifecycle", "diagram", str(SHORT)).out
    german = cli("lifecycle", "diagram", "idea-to-project", "--format", "svg", "--locale", "de").out
    assert german.lstrip().startswith("<svg")
    assert "Verstetigung" in german
    assert cli.document("lifecycle", "diagram", "short")["diagram"] == cli("lifecycle", "diagram", "short").out
    assert cli("lifecycle", "diagram", "short@7").code == 4
    assert cli("lifecycle", "diagram", "short@x").code == 2
    assert cli("lifecycle", "diagram", "shrt").code == 2


def test_what_differs_is_told_entry_by_entry(cli: Cli, write: Callable[..., str]) -> None:
    text = SHORT.read_text(encoding="utf-8").replace("version: 1", "version: 2")
    text = text.replace("due: 10 working days", "due: 15 working days").replace("reason: required", "reason: public")
    other = write(text, "other.yaml")
    found = cli.document("lifecycle", "diff", "short", other)["differences"]
    assert [(one["section"], one["key"], one["what"]) for one in found] == [
        ("states", "in_review", "changed"),
        ("transitions", "ask", "changed"),
    ]
    assert found[1]["changes"] == [{"path": "reason", "before": "required", "after": "public"}]
    told = cli("lifecycle", "diff", "short", other).out
    assert "~ states.in_review" in told
    assert '"required" -> "public"' in told
    assert cli("lifecycle", "diff", "short", str(SHORT)).out == "No difference.\n"


def test_running_items_are_moved_to_another_version_as_the_dry_run_said(cli: Cli, write: Callable[..., str]) -> None:
    number = cli.create()
    other = SHORT.read_text(encoding="utf-8").replace("version: 1", "version: 2").replace("draft", "sketch")
    cli.document("lifecycle", "load", write(other, "new.yaml"))
    call = ("lifecycle", "migrate", "short", "--to", "2", "--map", write("states: {draft: sketch}\n", "map.yaml"))
    planned = cli.document(*call, "--dry-run")
    assert planned["moved"] == [{"version": 1, "from": "draft", "to": "sketch", "items": 1}]
    assert cli.document("item", "show", number)["item"]["state"] == "draft"
    assert cli.document(*call) == {**planned, "dry_run": False}
    assert cli.document("item", "show", number)["item"]["state"] == "sketch"
    assert cli(*call).code == 2  # there is nothing left to move
    assert cli("audit", "verify").code == 0


def test_a_map_that_names_what_there_is_not_is_told_with_its_place(cli: Cli, write: Callable[..., str]) -> None:
    cli.create()
    cli.document("lifecycle", "load", write(SHORT.read_text("utf-8").replace("version: 1", "version: 2"), "new.yaml"))
    wrong = cli("lifecycle", "migrate", "short", "--to", "2", "--map", write("states: {draft: skech}\n", "map.yaml"))
    assert wrong.code == 2
    assert "map.yaml:1:17: Version 2 of short has no state 'skech'." in wrong.err
