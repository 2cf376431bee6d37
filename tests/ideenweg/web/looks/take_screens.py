"""Takes the pictures of docs/screens/ that show pages: `python -m tests.ideenweg.web.looks.take_screens [NAME …]`.

Each page in German on a desk, light, and on a phone, dark; some in English. Everything on them is invented.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from .installation import installed, served
from .visits import ADMINISTRATION, COORDINATION, COUNCIL, Visit
from .window import View, Windows

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).parents[4] / "docs" / "screens"
COLOURS = 96
DESK, PHONE = View(1440, "light", "de"), View(360, "dark", "de")
HEIGHT = {DESK.width: 1000, PHONE.width: 780}
"""Width of a window -> its height, unless a picture has one of its own."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a page is called, whether it is worth showing in English too, and how much of it on a desk and a phone."""

    name: str
    visit: Visit
    english: bool = False
    height: int = HEIGHT[DESK.width]
    phone: int = HEIGHT[PHONE.width]


PICTURES = (
    Picture("start", Visit("/"), english=True),
    Picture("idea", Visit("/ideen/{rich}"), english=True),
    Picture("submission", Visit("/einreichen/schritt/idea", draft=True)),
    Picture("worklist", Visit("/aufgaben", COORDINATION), english=True),
    Picture("item", Visit("/ideen/{voted}", COORDINATION)),
    Picture("board", Visit("/board", COORDINATION)),
    Picture("deadlines", Visit("/fristen?month=2026-06", COORDINATION)),
    Picture("portfolio", Visit("/portfolio", COORDINATION)),
    Picture("selection", Visit("/auswahl", COORDINATION), phone=1280),
    Picture("session", Visit("/sitzungen/{session}", COUNCIL)),
    Picture("audit", Visit("/verwaltung/protokoll?until=2026-06-10", ADMINISTRATION)),
    Picture("health", Visit("/verwaltung/zustand", ADMINISTRATION), height=740),
)


def files(picture: Picture) -> dict[str, View]:
    """The names of its files, and what each shows."""
    shown = {f"{picture.name}-desk.png": DESK, f"{picture.name}-phone.png": PHONE}
    if picture.english:
        shown[f"{picture.name}-desk-en.png"] = View(1440, "light", "en")
    return shown


def take(page: Page, width: int, height: int) -> Image.Image:
    """What fits on the screen, in few colours."""
    page.set_viewport_size({"width": width, "height": height})
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)


def main() -> None:
    """Take them all, or those that are named."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("There is no Chromium.")
    wanted = [one for one in PICTURES if one.name in sys.argv[1:]] or PICTURES
    with (
        tempfile.TemporaryDirectory() as folder,
        installed(Path(folder)) as made,
        served(made),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        windows = Windows(browser, made)
        for picture in wanted:
            for name, view in files(picture).items():
                height = picture.phone if view is PHONE else picture.height
                take(windows.visit(picture.visit, view), view.width, height).save(FOLDER / name, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
