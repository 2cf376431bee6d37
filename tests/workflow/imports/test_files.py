"""Tables as cities hand them in: every encoding, delimiter and spreadsheet, and what is said of a broken one."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from workflow.errors import BadInput
from workflow.imports.files import read_table

ROWS = [
    ["Titel", "Stadt", "Betrag"],
    ["Bänke für Ältere", "Dortmund", "1.200,50 €"],
    ["Straßenlaternen, „smart“", "Schwerte\nMitte", ""],
    ["a;b|c\td", "Dortmund", "5"],
]


def written(path: Path, encoding: str, delimiter: str = ";", rows: list[list[str]] = ROWS) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding, errors="replace"))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_encoding_and_delimiter_are_recognised(tmp_path: Path, encoding: str, delimiter: str) -> None:
    table = read_table(written(tmp_path / "ideas.csv", encoding, delimiter))
    assert [list(row.cells.values()) for row in table.rows] == ROWS[1:]
    assert table.columns == ("Titel", "Stadt", "Betrag")


@pytest.mark.parametrize("encoding", ["latin-1", "cp850"])
def test_older_encodings_are_recognised_by_their_umlauts(tmp_path: Path, encoding: str) -> None:
    rows = [["Titel"], ["Bänke für Ältere"], ["Straße"]]
    table = read_table(written(tmp_path / "ideas.csv", encoding, rows=[[*row, "x"] for row in rows]))
    assert [row.cells["Titel"] for row in table.rows] == ["Bänke für Ältere", "Straße"]


def test_the_mapping_may_name_encoding_and_delimiter(tmp_path: Path) -> None:
    path = written(tmp_path / "ideas.csv", "cp850", "|")
    assert read_table(path, encoding="cp850", delimiter="|").rows[0].cells["Titel"] == "Bänke für Ältere"
    with pytest.raises(BadInput, match=r"ideas\.csv:2: this is not utf-8 text"):
        read_table(path, encoding="utf-8")
    with pytest.raises(BadInput, match="There is no encoding 'klingon'"):
        read_table(path, encoding="klingon")


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    assert [row.line for row in read_table(written(tmp_path / "ideas.csv", "utf-8")).rows] == [2, 3, 5]


def test_cells_are_trimmed_and_empty_lines_counted_but_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("\n Titel ;Stadt\u00a0\n  Bank ; Dortmund\u00a0\n;\n\n Brunnen;Schwerte\n", encoding="utf-8")
    table = read_table(path)
    assert [row.cells for row in table.rows] == [
        {"Titel": "Bank", "Stadt": "Dortmund"},
        {"Titel": "Brunnen", "Stadt": "Schwerte"},
    ]
    assert table.blank == 3


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('Titel;Stadt\nBank;Dortmund\n"Brunnen" neu;Schwerte\nBaum;Dortmund\n', 3, "quotes do not close"),
        ('Titel;Stadt\nBank;Dortmund\n"Brunnen;Schwerte\nBaum;Dortmund\n', 3, "as far as line 4"),
        ('Titel;Stadt\nBank;Dortmund\n"Brunnen;Schwerte\n"Baum";Dortmund\n', 3, "quotes do not close"),
        ("Titel;Stadt\nBank;Dortmund;44135\nBaum;Dortmund\n", 2, "3 cells, but there are 2 columns"),
        ("Titel;Stadt\nBank;Dortmund\nBaum\n", 3, "1 cells, but there are 2 columns"),
    ],
)
def test_a_broken_line_is_told_with_its_number(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "ideas.csv"
    path.write_bytes(text.encode("latin-1"))
    (flaw,) = read_table(path).flaws
    assert flaw.line == line
    assert said in flaw.message


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "ideas.csv: the file is empty"),
        (b" \r\n\n", "the file is empty"),
        (b";;\n;;\n", "the table is empty"),
        (b"Titel;Stadt;Titel\na;b;c\n", "'Titel' stands twice. The columns are: Titel, Stadt, Titel"),
        (b"Titel;;Stadt\na;b;c\n", "column 2 has no name. The columns are: Titel, (nameless), Stadt"),
        (b"Titel\0;Stadt\n", "this is no text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel file"),
        (b"PK\x03\x04 and no more", "no XLSX file, or a damaged one"),
        ("Titel;Stadt\nBänke;Dortmund\nBrücke;".encode() + b"M\xfcnster\n", "ideas.csv:3: byte 0xfc is not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "ideas.csv"
    path.write_bytes(raw)
    with pytest.raises(BadInput) as error:
        read_table(path)
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_table(tmp_path / "none.csv")


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("Titel;Stadt\n")
    assert read_table(path).rows == ()


def test_a_trailing_delimiter_makes_no_column(tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("Titel;Stadt;\nBank;Dortmund;\n")
    assert read_table(path).columns == ("Titel", "Stadt")


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Bestand"
    sheet.append(["Titel", "Seit", "Beschluss", "Jahr", "AGS", "Summe", "Anteil", "Öffentlich"])
    sheet.append(["Bänke", date(2023, 2, 15), date(2023, 2, 1), date(2023, 1, 1), 4011000, 1200.0, 0.5, True])
    sheet.append([])
    sheet.append(["Brunnen", datetime(2023, 2, 15, 9, 30)])  # noqa: DTZ001 - as worksheets hold it
    for cell, shape in (("B2", "DD.MM.YYYY"), ("C2", 'MMMM "im Jahr" YYYY'), ("D2", "YYYY"), ("E2", "00000000")):
        sheet[cell].number_format = shape
    book.create_sheet("Leer")
    book.save(path)
    return path


def test_a_worksheet_gives_the_text_that_it_shows(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path / "bestand.xlsx"))
    first, second = table.rows
    assert list(first.cells.values()) == ["Bänke", "2023-02-15", "2023-02", "2023", "04011000", "1200", "0.5", "true"]
    assert (second.line, second.cells["Seit"], second.cells["AGS"]) == (4, "2023-02-15T09:30", "")
    assert table.form == "XLSX, worksheet 'Bestand'"


def test_a_worksheet_is_asked_for_by_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bestand.xlsx")
    with pytest.raises(BadInput, match=r"there is no worksheet 'Ideen'\. Its worksheets: Bestand, Leer"):
        read_table(path, worksheet="Ideen")
    with pytest.raises(BadInput, match="the table is empty"):
        read_table(path, worksheet="Leer")


def test_an_error_in_a_cell_is_a_flaw_of_its_row(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Titel"])
    sheet.append(["#REF!"])
    book.save(tmp_path / "bestand.xlsx")
    (flaw,) = read_table(tmp_path / "bestand.xlsx").flaws
    assert (flaw.line, flaw.message) == (2, "Cell A2 holds the error #REF!.")
