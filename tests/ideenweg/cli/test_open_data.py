"""`ideenweg export portfolio`: what it answers, and what it refuses with which place; workflow tests have the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_the_answer_says_what_is_where(sqlite_cli: Cli, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"portfolio.{form}"
    sqlite_cli.create()
    told = sqlite_cli.document("export", "portfolio", "--lifecycle", "short", "--format", form, str(file))
    assert told == {"file": str(file), "format": form, "items": 0}
    assert file.stat().st_size


def test_the_catalogue_is_written_too(sqlite_cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "catalog.ttl"
    done = sqlite_cli("export", "portfolio", "--lifecycle", "short", "--format", "ttl", str(file), "--locale", "de")
    assert (done.code, done.out) == (0, f"Der Katalog steht in {file}.\n")
    assert "/api/v1/items?lifecycle=short>" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("csv", "--city", "dortmnd"), "--city: There is no city 'dortmnd'. Did you mean dortmund?"),
        (("csv", "--state", "accepte"), "Did you mean accepted?"),
        (("csv", "--lifecycle", "shrt"), "Did you mean short?"),
        (("ttl", "--city", "dortmund"), "--city: The catalogue describes the whole portfolio"),
        (("pdf",), "'pdf' is not one of"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(
    sqlite_cli: Cli, tmp_path: Path, asked: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "portfolio"
    refused = sqlite_cli("export", "portfolio", str(file), "--lifecycle", "short", "--format", *asked)
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert not list(tmp_path.glob("portfolio*"))


def test_a_file_that_is_there_is_never_overwritten(sqlite_cli: Cli, tmp_path: Path) -> None:
    for form in ("csv", "ttl"):
        file = tmp_path / f"kept.{form}"
        file.write_text("kept")
        refused = sqlite_cli("export", "portfolio", "--lifecycle", "short", "--format", form, str(file))
        assert (refused.code, file.read_text()) == (2, "kept")
        assert "exists already" in refused.err
