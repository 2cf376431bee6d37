"""The story of DOS 2030 can be played to its end, and says what of it is known."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

import config
from ideenweg.wiring import open_workflow

ROOT = Path(config.__file__).parents[1]
SEEN = ROOT.parent / "shared" / "data" / "dos2030_projects_seen.json"


@pytest.fixture(scope="module")
def story() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dos2030_story", ROOT / "docs" / "examples" / "dos2030" / "story.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_story_is_told_with_the_days_that_are_known(story: ModuleType, database_url: str) -> None:
    projects = json.loads(SEEN.read_text("utf-8"))["projekte"][:4] if SEEN.exists() else story.PROJECTS
    with open_workflow(database_url) as app:
        numbers = story.play(app, projects)
        told = "\n".join(story.timelines(app, numbers))
        verified = app.audit.verify()
    assert verified.ok
    known = [line.split() for line in told.splitlines() if line.startswith("  ")]
    assert [line[0] for line in known] == ["01.09.2020", "28.03.2023", "31.03.2023"]
    for ending in ("In städtische Strukturen integriert", "Abgeschlossen", "Umsetzung beginnen"):
        assert ending in told
    assert all(project["titel"] in told for project in projects)
    assert told.count("In den Ideenpool aufnehmen") == len(projects) + len(story.LATER)
