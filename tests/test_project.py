"""The project itself: its lock files, its version, its top level, and what only a look at the source can hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK_FILES = ["build.txt", "constraints.txt", "package-lock.json"]
TOP_LEVEL = {
    *("config", "states", "workflow", "notifications", "ideenweg", "tests", "bench", "docs"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "THIRD_PARTY.md", "publiccode.yml"),
    *("LICENSE", "LICENSES", "REUSE.toml"),
    *("pyproject.toml", "hatch_build.py", "Makefile", "build.txt", "constraints.txt"),
    *("package.json", "package-lock.json", ".npmrc"),
    *(".ci", ".gitignore", ".gitattributes", ".editorconfig"),
}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("needs the git checkout")
    return listed.stdout.splitlines()


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_names_no_registry(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert not [
        line
        for line in lines
        if "://" in line or line.lstrip().startswith(("--index", "--extra", "--find", "-i", "-f"))
    ]


@pytest.mark.parametrize("name", ["build.txt", "constraints.txt"])
def test_every_pin_has_its_hash(name: str) -> None:
    pins = re.split(r"^(?=[a-zA-Z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert pins
    assert not [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin]


def test_the_lock_file_holds_every_dependency_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    names = [re.split(r"[\[<>=~! ]", name)[0].lower().replace("_", "-") for name in named]
    assert [name for name in names if name not in pinned] == []


def test_the_page_assets_are_pinned_to_one_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


def test_one_version_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    changes = re.findall(
        r"^## \[([^]]+)\] - (?:Unreleased|\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert public["softwareVersion"] == version
    assert changes[0] == version


def test_the_public_description_keeps_to_the_standards_lengths() -> None:
    descriptions = yaml.safe_load((ROOT / "publiccode.yml").read_text())["description"]
    assert set(descriptions) == {"de", "en"}
    for text in descriptions.values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]


def test_the_licence_stands_where_people_and_where_tools_look() -> None:
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "LICENSES" / "EUPL-1.2.txt").read_bytes()


def test_nothing_lies_at_the_top_level_that_has_no_home_there(tracked: list[str]) -> None:
    assert {name.split("/")[0] for name in tracked} - TOP_LEVEL == set()


def test_the_tests_are_no_package(tracked: list[str]) -> None:
    assert [name for name in tracked if name.startswith("tests/") and name.endswith("__init__.py")] == []


@pytest.mark.parametrize("module", sorted((ROOT / "states").glob("*.py")), ids=lambda path: path.stem)
def test_states_reads_no_clock_and_opens_no_file(module: Path) -> None:
    """What import-linter cannot see: `datetime` is needed for its arithmetic, `open` needs no import."""
    impure = {"now", "today", "utcnow", "open", "read_text", "read_bytes", "print", "input"}
    calls = [node.func for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    assert names & impure == set()
