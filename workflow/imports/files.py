"""Reads a table from a file: CSV in the encoding and with the delimiter it has, or a worksheet of an XLSX file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from states.sentences import Sentence
from workflow.errors import BadInput
from workflow.imports.csv_files import lines_of_csv
from workflow.imports.tables import NAMES_ON_TOP, Table, table
from workflow.imports.xlsx_files import lines_of_xlsx


def read_table(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, worksheet: str | None = None
) -> Table:
    """The table in the file `path`.

    encoding, delimiter: of a CSV file; absent: recognised. worksheet: of an XLSX file; absent: the first.
    Raises BadInput for a file that is no table at all. Single lines that are broken become flaws.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror
        raise BadInput(Sentence(f"{path} ist nicht lesbar: {why}.", f"{path} cannot be read: {why}.")) from None
    if not raw.strip():
        raise BadInput(Sentence("die Datei ist leer.", "the file is empty."), str(path), remedy=NAMES_ON_TOP)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(
            Sentence(
                "das ist eine alte Excel-Datei (.xls) oder eine mit Passwort.",
                "this is an old Excel file (.xls), or one with a password.",
            ),
            str(path),
            remedy=Sentence("Speichern Sie sie als .xlsx oder CSV.", "Save it as .xlsx or CSV."),
        )
    if raw.startswith(b"PK\x03\x04"):
        form, lines, flaws = lines_of_xlsx(raw, str(path), worksheet)
    else:
        form, lines, flaws = lines_of_csv(raw, str(path), encoding, delimiter)
    return table(str(path), sha256(raw).hexdigest(), form, lines, flaws)
