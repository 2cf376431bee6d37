"""CSV as it comes: its encoding and delimiter are recognised, and a broken quote is reported with its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from charset_normalizer import from_bytes

from states.sentences import Sentence, said
from workflow.errors import BadInput
from workflow.imports.tables import Flaw, Line

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

SAMPLE = 200
"""Records that are looked at to recognise the delimiter."""

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

ENCODINGS = ["cp1252", "cp850", "mac_roman"]
"""What German spreadsheets write beside Unicode: Windows (Latin-1 is a part of it), DOS, old Macs."""

LIKE_LATIN = frozenset("äöüÄÖÜßéèàâêîôûçñëïøåæ€§°²³µ–—„“”‚‘’…«»´ ·½¼¾×")
"""What such text is made of beside ASCII: a reading that gives other characters is likely the wrong one."""


def lines_of_csv(
    raw: bytes, name: str, encoding: str | None, delimiter: str | None
) -> tuple[str, list[Line], list[Flaw]]:
    """How the file was read, in words; its lines; and the lines that cannot be read.

    Raises BadInput where it is no text, or not in the `encoding` that is asked for.
    """
    text, used = _text(raw, name, encoding)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadInput(
            Sentence("das ist keine Textdatei.", "this is no text file."),
            f"{name}:{line}",
            remedy=Sentence("Geben Sie eine CSV- oder XLSX-Datei.", "Give a CSV or an XLSX file."),
        )
    mark = delimiter or _delimiter(text)
    lines, flaws = _parse(text, mark)
    return f"CSV, {used}, {DELIMITERS.get(mark, repr(mark))}", lines, flaws


def _text(raw: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """The text and the name of the encoding that it was read in."""
    for bom, codec in BOMS:
        if raw.startswith(bom):
            return _decoded(raw[len(bom) :], codec, name), codec.removesuffix("-le").removesuffix("-be").upper()
    if encoding:
        try:
            shown = codecs.lookup(encoding).name
        except LookupError:
            raise BadInput(
                said("Die Kodierung „{one}“ gibt es nicht.", "There is no encoding {one!r}.", one=encoding),
                remedy=Sentence("Schreiben Sie utf-8, cp1252 oder auto.", "Write utf-8, cp1252 or auto."),
            ) from None
        return _decoded(raw, encoding, name), shown
    try:
        return raw.decode(), "UTF-8"
    except UnicodeDecodeError as error:
        if _is_utf8_but_for_a_slip(raw):
            line = raw[: error.start].count(b"\n") + 1
            raise BadInput(
                said(
                    "das Byte {byte:#04x} ist kein UTF-8, der Rest der Datei schon.",
                    "byte {byte:#04x} is not UTF-8, though the rest of the file is.",
                    byte=raw[error.start],
                ),
                f"{name}:{line}",
                remedy=Sentence(
                    "Speichern Sie die Datei neu als UTF-8, oder nennen Sie ihre Kodierung in der Zuordnung.",
                    "Save the file again as UTF-8, or name its encoding in the mapping file.",
                ),
            ) from None
    return _guessed(raw, name)


def _decoded(raw: bytes, codec: str, name: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadInput(
            said("das ist kein Text in {codec}.", "this is not {codec} text.", codec=codec),
            f"{name}:{line}",
            remedy=Sentence("Nennen Sie eine andere Kodierung.", "Name another encoding."),
        ) from None


def _is_utf8_but_for_a_slip(raw: bytes) -> bool:
    """Whether most of what is not ASCII is sound UTF-8: by chance that hardly happens in any other encoding."""
    wrong = raw.decode(errors="replace").count("\ufffd")
    right = sum(byte >= 0xC2 for byte in raw.decode(errors="ignore").encode("utf-8"))
    return right > wrong


def _guessed(raw: bytes, name: str) -> tuple[str, str]:
    best = from_bytes(raw, cp_isolation=ENCODINGS, threshold=1.0).best()
    codec = best.encoding if best else ENCODINGS[0]
    readings = {one: raw.decode(one, errors="replace") for one in dict.fromkeys([codec, *ENCODINGS])}
    # Short texts give the library little to go by; what German is made of gives more.
    likely = max(readings, key=lambda one: (_likeness(readings[one]), one == codec))
    if "\ufffd" in readings[likely]:
        raise BadInput(
            Sentence("die Kodierung der Datei ist nicht zu erkennen.", "the encoding of the file is not recognised."),
            name,
            remedy=Sentence(
                "Speichern Sie sie als UTF-8, oder nennen Sie ihre Kodierung.",
                "Save it as UTF-8, or name its encoding.",
            ),
        )
    return readings[likely], {"cp1252": "Windows-1252", "cp850": "DOS (CP850)"}.get(likely, "Mac Roman")


def _likeness(text: str) -> float:
    beyond = [character for character in text if ord(character) > 127]
    return sum(character in LIKE_LATIN for character in beyond) / len(beyond) if beyond else 1.0


def _delimiter(text: str) -> str:
    """The delimiter under which the most records have as many cells as the header, of those with the most columns.

    Not csv.Sniffer: it takes a letter, or the colon of a time, for the delimiter of a table with long texts.
    """

    def fit(mark: str) -> tuple[float, int]:
        try:
            records = [cells for _, cells in _records(text, mark, strict=False, most=SAMPLE)]
        except _Broken:
            return 0.0, 0
        widths = [len(cells) for cells in records if any(cells)]
        if not widths or widths[0] < 2:
            return 0.0, max(map(len, records), default=0)
        return round(widths.count(widths[0]) / len(widths), 1), widths[0]

    return max(DELIMITERS, key=fit)


def _parse(text: str, mark: str) -> tuple[list[Line], list[Flaw]]:
    lines: list[Line] = []
    begun = 1
    try:
        for begun, cells in _records(text, mark, strict=True):
            lines.append((begun, cells))
    except _Broken as error:
        return lines, [
            Flaw(
                error.line,
                said(
                    "Ein Anführungszeichen wird nicht geschlossen ({why}; gelesen bis Zeile {line}), darunter ist "
                    "nichts zu lesen.",
                    "The quotes do not close ({why}; the line is read on as far as line {line}), so nothing below can "
                    "be read.",
                    why=error.why,
                    line=error.reached,
                ),
                Sentence(
                    'Schreiben Sie Anführungszeichen in einem Text doppelt (""), und schließen Sie jedes.',
                    'Write a quote within a text twice (""), and close each that is opened.',
                ),
            )
        ]
    return lines, []


class _Broken(Exception):
    def __init__(self, line: int, reached: int, why: str) -> None:
        self.line, self.reached, self.why = line, reached, why


def _records(text: str, mark: str, *, strict: bool, most: int | None = None) -> Iterator[Line]:
    """The records, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=strict)
    begun = 1
    while most is None or most > 0:
        try:
            cells: Sequence[str] = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Broken(begun, reader.line_num, str(error)) from None
        yield begun, cells
        begun = reader.line_num + 1
        most = None if most is None else most - 1
