"""An installed package adds a guard; a lifecycle file uses it like those of the vocabulary."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import invalidate_caches
from pathlib import Path

import pytest

from ideenweg.wiring import open_workflow, vocabulary
from states.errors import FileFault, GuardClash
from workflow.commands import Advance, Create
from workflow.errors import Refused

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CITIZEN = "buergerin@dortmund.example"

GUARD = """
from states.blockers import blocker
from states.guards import Guard
from states.snapshot import Needs

def judge(question):
    if question.snapshot.revision < question.params["events"]:
        yield blocker("too_fresh", "Noch zu frisch.", "Still too fresh.")

guard = Guard(
    name="{name}",
    summary="The item has a history of so many events.",
    schema={{"type": "object", "properties": {{"events": {{"type": "integer"}}}}, "additionalProperties": False}},
    needs=lambda params: Needs(),
    wakes=lambda params: frozenset(),
    judge=judge,
)
"""

LIFECYCLE = """
lifecycle: seasoned
version: 1
initial: new
states:
  new: {label: New}
  old: {label: Old, tags: [final]}
transitions:
  age: {from: [new], to: old, roles: [anyone], guards: [{seasoned: {events: 3}}]}
  rest: {from: [new], to: new, roles: [anyone]}
"""


def install(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay a package with the guard `name` where Python finds it, as pip would."""
    (folder / "house_guards.py").write_text(GUARD.format(name=name))
    info = folder / "house_guards-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-guards\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ideenweg.guards]\nhouse = house_guards:guard\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "house_guards", raising=False)
    invalidate_caches()


def test_a_guard_of_an_installed_package_is_judged_like_the_others(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "seasoned", monkeypatch)
    file = tmp_path / "seasoned.yaml"
    file.write_text(LIFECYCLE)
    with open_workflow(database_url, lifecycle=file) as app:
        number = app.engine.execute(Create(actor=CITIZEN, data={"title": "Neu"}), now=NOW).item.number
        age = Advance(item=number, transition="age", actor=CITIZEN)
        with pytest.raises(Refused, match="too fresh"):
            app.engine.execute(age, now=NOW)
        app.engine.execute(Advance(item=number, transition="rest", actor=CITIZEN), now=NOW)
        assert app.engine.execute(age, now=NOW).item.state == "old"


def test_without_the_package_the_file_does_not_get_in(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "seasoned.yaml"
    file.write_text(LIFECYCLE)
    with pytest.raises(FileFault, match="seasoned"):
        open_workflow(sqlite_url, lifecycle=file)


def test_a_package_cannot_replace_a_guard_of_the_vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "four_eyes", monkeypatch)
    with pytest.raises(GuardClash, match="four_eyes"):
        vocabulary()
