"""How wide a text is drawn and where its lines end: what a layout has to know of a font without having one.

The widths are those of Helvetica, which Arial and Liberation Sans share, in thousandths of the font size.
"""

from __future__ import annotations

import re
import unicodedata

FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"

BOLD = 1.1  # bold letters are at most a tenth wider
UNKNOWN = 1000  # a letter of another script

_WIDTHS = {
    letter: width
    for width, letters in {
        191: "'",
        222: "ijl‘’‚",
        260: "|",
        278: " !,./:;I[]\\ft·",
        333: "()-`r„“”",
        355: '"',
        389: "*",
        469: "^",
        500: "Jckvsxyz{}",
        556: "#$0123456789?L_abdeghnopqu€§–",
        584: "+<=>~",
        611: "FTZß",
        667: "&ABEKPSVXY",
        722: "CDHNRUw",
        778: "GOQ",
        833: "Mm",
        889: "%",
        944: "W",
        1000: "—…→",
        1015: "@",
    }.items()
    for letter in letters
}


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of `text` in px at a font size of `size` px; accents do not widen a letter."""
    letters = (letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return sum(_WIDTHS.get(letter, UNKNOWN) for letter in letters) * size / 1000 * (BOLD if bold else 1)


def pieces(text: str) -> list[str]:
    """`text` in the pieces between which a line may end: after a space, a hyphen or a slash."""
    return re.findall(r"[^\s/-]*[/-]+\s*|[^\s/-]+\s*", text)


def wrap(text: str, size: float, room: float, bold: bool = False) -> tuple[str, ...]:
    """`text` in as few lines of at most `room` px as it takes, and these about equally long.

    A piece that is wider than `room` has a line of its own.
    """
    lines = _filled(text, size, room, bold)
    while len(narrower := _filled(text, size, room - size / 2, bold)) == len(lines) > 1 and room > size:
        lines, room = narrower, room - size / 2
    return lines


def _filled(text: str, size: float, room: float, bold: bool) -> tuple[str, ...]:
    lines = [""]
    for piece in pieces(text):
        if lines[-1] and width((lines[-1] + piece).rstrip(), size, bold) > room:
            lines.append("")
        lines[-1] += piece
    return tuple(line.strip() for line in lines)
