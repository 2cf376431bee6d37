"""Looks into files before they are let in: what they really are, and, of pictures, nothing but the picture.

A file is what its bytes say, whatever its name or sender claims; the name's ending only decides between kinds whose
bytes look alike. Pictures are painted anew, upright, so that place, time, camera and thumbnails stay behind. Pages for
a browser (HTML, SVG) and office files with macros are never let in.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from states.attachments import LONGEST_NAME
from states.blockers import blocker
from states.programme import DOCUMENT_TYPES, DocumentLimits
from workflow.errors import Invalid

MOST_PIXELS = 50_000_000
"""Of a picture: a file of some kilobytes can say that it has billions, and each takes four bytes to look at."""

MOST_PARTS, MOST_UNPACKED = 10_000, 500_000_000
"""Files in an office document, and the bytes they unpack to."""

LONGEST_TYPE = 200
"""Bytes of the name of a media type."""

PICTURES = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
TEXTS = ("txt", "csv")
OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
OPEN_OFFICE = ("odt", "ods", "odp")
ENDINGS = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept. `name` ends as its kind does."""

    name: str
    media_type: str
    content: bytes


def checked(name: str, content: bytes, limits: DocumentLimits) -> Upload:
    """The file as it may be kept. Raises Invalid, with the path `file`, for one that is not let in."""
    if not content:
        raise _wrong("Die Datei ist leer.", "The file is empty.")
    if len(content) > limits.megabytes * 1_000_000:
        raise _wrong(
            "Die Datei ist größer als {megabytes} MB. Verkleinern Sie sie, oder teilen Sie sie auf.",
            "The file is larger than {megabytes} MB. Make it smaller, or split it.",
            megabytes=limits.megabytes,
        )
    plain = _plain(name)
    kind = _kind(PurePath(plain).suffix.lower().lstrip("."), content, limits.types)
    if kind is None:
        raise _wrong(
            "Diese Art von Datei wird hier nicht angenommen, oder ihr Inhalt passt nicht zur Endung. "
            "Möglich sind: {types}.",
            "This kind of file is not taken here, or what is in it does not fit its ending. Possible are: {types}.",
            types=", ".join(limits.types),
        )
    kept = _repainted(kind, content) if kind in PICTURES else content
    return Upload(_ending(plain, kind), DOCUMENT_TYPES[kind], kept)


def _kind(ending: str, content: bytes, allowed: Sequence[str]) -> str | None:
    """Which of the allowed kinds the bytes are; None for any other."""
    claimed = ENDINGS.get(ending, ending)
    guessed = _guessed(content)
    for kind in allowed:
        if kind not in TEXTS and DOCUMENT_TYPES[kind] in guessed and _is(kind, content):
            return kind
    return claimed if claimed in TEXTS and claimed in allowed and _is_text(content) else None


def _is(kind: str, content: bytes) -> bool:
    """Whether the bytes are of the kind that they begin like: office files all begin alike."""
    if kind in OFFICE:
        return _holds(content, OFFICE[kind])
    return kind not in OPEN_OFFICE or _declares(content, DOCUMENT_TYPES[kind])


def _guessed(content: bytes) -> set[str]:
    """The media types that the first and last bytes may be of."""
    import puremagic  # slow to import, and rarely needed

    try:
        return {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return set()


def _unpacks_within(archive: zipfile.ZipFile) -> bool:
    """Whether whoever opens the file is not drowned by it: as much as it says it holds is all that is ever unpacked."""
    parts = archive.infolist()
    return len(parts) <= MOST_PARTS and sum(one.file_size for one in parts) <= MOST_UNPACKED


def _holds(content: bytes, folder: str) -> bool:
    """Whether a ZIP file is an office document of that kind, without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist() if _unpacks_within(archive) else []
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not macros


def _declares(content: bytes, media_type: str) -> bool:
    """Whether a ZIP file is an OpenDocument file of that type (ODF 1.3 part 2 § 3.3), without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            macros = any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist())
            if not _unpacks_within(archive) or archive.getinfo("mimetype").file_size > LONGEST_TYPE:
                return False
            return archive.read("mimetype").decode("ascii", "replace").strip() == media_type and not macros
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, NotImplementedError):
        return False


def _is_text(content: bytes) -> bool:
    """Whether the bytes are text that no browser takes for a page."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        if "�" in text:
            return False
    return not text.lstrip().startswith("<") and all(letter.isprintable() or letter in "\t\r\n\f" for letter in text)


def _repainted(kind: str, content: bytes) -> bytes:
    """The picture without anything beside it: upright, in sRGB as far as it says how to get there."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # slow to import

    try:
        with Image.open(io.BytesIO(content), formats=[PICTURES[kind]]) as found:
            if found.width * found.height > MOST_PIXELS:
                raise _wrong(
                    "Das Bild hat mehr als {limit} Millionen Bildpunkte. Bitte verkleinern.",
                    "The picture has more than {limit} million pixels. Please make it smaller.",
                    limit=MOST_PIXELS // 1_000_000,
                )
            found.load()
            upright = ImageOps.exif_transpose(found)
            mode = "RGBA" if kind != "jpeg" and upright.has_transparency_data else "RGB"
            painted = Image.new(mode, upright.size)
            painted.paste(upright.convert(mode))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise _wrong(
            "Das Bild ist beschädigt und lässt sich nicht öffnen.", "The picture is damaged and cannot be opened."
        ) from error
    written = io.BytesIO()
    painted.save(written, PICTURES[kind], **({} if kind == "png" else {"quality": 90}))
    return written.getvalue()


def _plain(name: str) -> str:
    """The name without folders and what cannot be printed, not longer than names may be."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    stem, suffix = PurePath(printable).stem, PurePath(printable).suffix[:20]
    return (stem[: LONGEST_NAME - len(suffix)] + suffix) or "datei"


def _ending(name: str, kind: str) -> str:
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ENDINGS.get(ending, ending) == kind:
        return name
    shown = "jpg" if kind == "jpeg" else kind
    return f"{name[: LONGEST_NAME - len(shown) - 1]}.{shown}"


def _wrong(german: str, english: str, **params: object) -> Invalid:
    return Invalid([blocker("invalid_document", german, english, path="file", **params)])
