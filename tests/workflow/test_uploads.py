"""What is let in is what its bytes say, and of a picture nothing but the picture."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from states.programme import DocumentLimits
from workflow import uploads
from workflow.errors import Invalid

LIMITS = DocumentLimits(megabytes=1)
OOXML = ("[Content_Types].xml", "word/document.xml")


def archive(*names: str, mimetype: str | None = None) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "<x/>")
    return written.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 20), **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **more)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kept", "media_type"),
    [
        ("Skizze.PDF", b"%PDF-1.4\n%%EOF", "Skizze.PDF", "application/pdf"),
        ("C:\\Bilder\\foto.jpg", picture("JPEG"), "foto.jpg", "image/jpeg"),
        ("bild.png", picture("PNG"), "bild.png", "image/png"),
        ("bild.jpg", picture("PNG"), "bild.jpg.png", "image/png"),  # what it is, whatever it is called
        ("bild.webp", picture("WEBP"), "bild.webp", "image/webp"),
        ("notiz.txt", "Grüße\n".encode(), "notiz.txt", "text/plain"),
        ("alt.txt", "Grüße".encode("cp1252"), "alt.txt", "text/plain"),
        ("a.csv", b"a;b\n1;2\n", "a.csv", "text/csv"),
        ("b.docx", archive(*OOXML), "b.docx",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("b.odt", archive(mimetype="application/vnd.oasis.opendocument.text"), "b.odt",
         "application/vnd.oasis.opendocument.text"),
        ("../../etc/" + "x" * 300 + ".pdf", b"%PDF-1.4", "x" * 196 + ".pdf", "application/pdf"),
    ],
)  # fmt: skip
def test_what_is_let_in(name: str, content: bytes, kept: str, media_type: str) -> None:
    found = uploads.checked(name, content, LIMITS)
    assert (found.name, found.media_type) == (kept, media_type)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leer.pdf", b""),
        ("gross.txt", b"x" * 1_000_001),
        ("seite.html", b"<html><script>alert(1)</script>"),
        ("seite.txt", b" <html>"),
        ("bild.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("bild.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("programm.exe", b"MZ\x90\0"),
        ("programm.txt", b"MZ\x90\0"),
        ("makro.docx", archive(*OOXML, "word/vbaProject.bin")),
        ("makro.odt", archive("Basic/x.xml", mimetype="application/vnd.oasis.opendocument.text")),
        ("sammlung.docx", archive("readme.txt")),
        ("kaputt.docx", b"PK\x03\x04" + b"x" * 50),
        ("kaputt.jpg", picture("JPEG")[:200]),
        ("tiff.tif", picture("TIFF")),
        ("ohne", b"nur Text"),
    ],
)
def test_what_is_not_let_in(name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        uploads.checked(name, content, LIMITS)
    assert caught.value.path == "file"


def test_a_kind_that_the_programme_does_not_name_is_not_let_in() -> None:
    with pytest.raises(Invalid, match="pdf"):
        uploads.checked("bild.png", picture("PNG"), DocumentLimits(("pdf",)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright_and_says_nothing_of_place_time_or_camera(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Kamera von Erika"
    exif.get_ifd(0x8825)[1] = "N"
    found = uploads.checked(f"b.{kind.lower()}", picture(kind, exif=exif), LIMITS)
    with Image.open(io.BytesIO(found.content)) as painted:
        assert painted.size == (20, 40)
        assert not painted.getexif()
        assert painted.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    assert b"Erika" not in found.content


def test_a_file_that_unpacks_to_too_much_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    text, document = archive(mimetype="application/vnd.oasis.opendocument.text"), archive(*OOXML)
    for limit, content in (("LONGEST_TYPE", text), ("MOST_UNPACKED", document), ("MOST_PARTS", document)):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(uploads, limit, 1)
            with pytest.raises(Invalid):
                uploads.checked("b.odt" if content is text else "b.docx", content, LIMITS)


def test_a_picture_of_too_many_pixels_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_PIXELS", 100)
    loaded: list[object] = []
    bomb = picture("PNG")
    monkeypatch.setattr(Image.Image, "load", loaded.append)
    with pytest.raises(Invalid):
        uploads.checked("bombe.png", bomb, LIMITS)
    assert not loaded


def test_what_is_see_through_stays_so() -> None:
    written = io.BytesIO()
    Image.new("LA", (4, 4), (9, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(uploads.checked("a.png", written.getvalue(), LIMITS).content)) as painted:
        assert painted.getchannel("A").getextrema() == (0, 0)
