"""Takes the pictures of all mails anew, a sheet a language and width: `python tests/notifications/take_screens.py`."""

from __future__ import annotations

import io
import shutil
import sys
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from notifications.render import LOCALES, Templates, sample

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SHEETS = {"phone": (360, 1.0, 6), "desk": (1440, 0.4, 4)}
"""Size -> width of the window, scale on the sheet, mails side by side."""

COLOURS = 48
STYLE = (
    "body{margin:0;padding:16px;display:grid;gap:16px;background:#c4c9d0;font:14px sans-serif;align-items:start}"
    "figure{margin:0}figcaption{padding:4px 0;font-weight:bold}div{overflow:hidden;background:#fff}"
    "iframe{border:0;display:block;transform-origin:0 0}"
)


def sheet(page: Page, locale: str, size: str) -> bytes:
    """A PNG of all mails in one language, as a window of that size shows them."""
    templates = Templates()
    width, scale, columns = SHEETS[size]
    cells = []
    for notice in templates.notices:
        mail = templates.render(locale, notice, sample(locale))
        page.set_viewport_size({"width": width, "height": 300})
        page.set_content(mail.html)
        height = page.evaluate("document.documentElement.scrollHeight")
        cells.append(
            f"<figure><figcaption>{notice}: {escape(mail.subject)}</figcaption>"
            f'<div style="width:{width * scale}px;height:{height * scale}px"><iframe srcdoc="{escape(mail.html)}" '
            f'style="width:{width}px;height:{height}px;transform:scale({scale})"></iframe></div></figure>'
        )
    page.set_viewport_size({"width": int(columns * (width * scale + 16) + 16), "height": 800})
    grid = f"body{{grid-template-columns:repeat({columns},{width * scale}px)}}"
    page.set_content(f"<style>{STYLE}{grid}</style>{''.join(cells)}", wait_until="load")
    return page.screenshot(full_page=True)


def main() -> None:
    """Write the sheets."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("There is no Chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for locale in LOCALES:
            for size in SHEETS:
                picture = Image.open(io.BytesIO(sheet(page, locale, size))).convert("RGB").quantize(COLOURS)
                picture.save(FOLDER / f"mails-{locale}-{size}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
