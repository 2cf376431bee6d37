"""The first page keeps its word: every command on it runs, and the idea arrives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(400)
def test_the_first_page_brings_an_idea_from_nothing_to_integrated(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"}
    environment["IDEENWEG_DATABASE_URL"] = f"sqlite:///{tmp_path / 'first.db'}"
    shown = tmp_path / "shown.json"
    script = "".join(["set -euo pipefail\n", *BLOCKS, f'ideenweg item show "$idea" --json > {shown}\n'])
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is as it was written." in done.stdout
    assert json.loads(shown.read_text(encoding="utf-8"))["item"]["state"] == "integrated"


def test_the_first_page_names_no_file_that_is_not_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), f"README.md links to {target}"
