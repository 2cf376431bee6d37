"""`ideenweg import` tells what it did, every bad row, and ends with the right exit code."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ideenweg.cli import run

SHORT = Path(__file__).parents[2] / "lifecycles" / "short.yaml"

MAPPING = """
source: {name: workshop, key: [Nr]}
lifecycle: short
actor: koordination@dortmund.example
title: {columns: [Titel], fallback: "Idee {Nr}"}
fields:
  cities: {column: Stadt, empty: ["-"]}
skip: [{when: {Stadt: [Bochum]}, because: Bochum macht nicht mit.}]
"""

TABLE = "Nr;Titel;Stadt;Farbe\n1;Bänke;Dortmund;rot\n2;;Schwerte;\n3;;-;\n4;Brunnen;Bochum;\n"

LOG = "Fall;Schritt;Zeit;Wer\n7;submit;2025-03-01;A\n7;accept;2025-03-02;B\n"

LOG_MAPPING = """
source: {name: log}
lifecycle: short
actor: koordination@dortmund.example
title: {columns: [Fall], fallback: "Vorgang {Fall}"}
case: Fall
activity: Schritt
time: {column: Zeit}
person: {column: Wer}
activities: {submit: submit, accept: accept}
"""

YEAR = datetime.now(UTC).year

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with tables and mapping files."""
    for name, text in (
        ("ideas.csv", TABLE), ("ideas.map.yaml", MAPPING), ("log.csv", LOG), ("log.map.yaml", LOG_MAPPING),
    ):  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ideenweg(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Calls the command line in `folder`: exit code, stdout, stderr."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("IDEENWEG_DATABASE_URL", database_url)
    monkeypatch.setenv("IDEENWEG_SECRET_KEY", "x" * 40)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    assert call("lifecycle", "load", str(SHORT))[0] == 0
    return call


def test_ideas_tells_what_it_did_and_what_the_mapping_decided(ideenweg: Call) -> None:
    code, out, err = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml")
    assert code == 0
    assert out.splitlines() == [
        "Left out:",
        "  ideas.csv:5: Bochum macht nicht mit.",
        "Decided by the mapping:",
        "  ideas.csv:3: Titel: title made up: 'Idee 2'",
        "  ideas.csv:4: Titel: title made up: 'Idee 3'",
        "",
        "state  items",
        "Draft  3",
        "",
        "cities    items",
        "dortmund  1",
        "schwerte  1",
        "",
        f"ideas.csv (CSV, UTF-8, semicolon); 4 rows; 3 items made ({YEAR}-0001 – {YEAR}-0003); 1 left out.",
    ]
    assert err == "Note: The mapping uses none of these columns: Farbe. Name them under `unused` to leave them out.\n"


def test_a_dry_run_and_a_second_run_say_so(ideenweg: Call) -> None:
    assert (
        "3 items would be made; 1 left out."
        in ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml", "--dry-run")[1]
    )
    ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml")
    again = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml", "--locale", "de")[1]
    assert again.endswith("4 Zeilen; 0 Vorgänge angelegt; 3 schon da; 1 ausgelassen.\n")


def test_json_is_one_document_on_stdout(ideenweg: Call) -> None:
    code, out, _ = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml", "--json")
    told: dict[str, Any] = json.loads(out)["import"]
    assert (code, told["items"], told["states"], told["unmapped"]) == (0, 3, {"draft": 3}, ["Farbe"])


def test_every_bad_row_is_told_and_the_exit_code_is_2(ideenweg: Call, folder: Path) -> None:
    (folder / "ideas.csv").write_text("Nr;Titel;Stadt\n1;Bank;Hagen\n2;Baum\n3;Brunnen;Witten\n", encoding="utf-8")
    code, out, err = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml")
    assert (code, out) == (2, "")
    assert [line.split(" ")[0] for line in err.splitlines()] == [
        "ideenweg:",
        "ideas.csv:2:",
        "ideas.csv:3:",
        "ideas.csv:4:",
    ]
    code, out, err = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml", "--json")
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (2, "bad_rows")
    assert [(one["line"], one["column"]) for one in error["report"]["problems"]] == [
        (2, "Stadt"),
        (3, None),
        (4, "Stadt"),
    ]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("source: {name: x\n", "ideas.map.yaml:"),
        (MAPPING.replace("[Titel]", "[Thema]"), "ideas.map.yaml:5:19: The table has no column 'Thema'."),
        (MAPPING.replace("lifecycle: short", "lifecycle: long"), "There is no lifecycle 'long'."),
    ],
)
def test_a_wrong_mapping_is_told_with_its_place(ideenweg: Call, folder: Path, mapping: str, said: str) -> None:
    (folder / "ideas.map.yaml").write_text(mapping, encoding="utf-8")
    code, _, err = ideenweg("import", "ideas", "ideas.csv", "--map", "ideas.map.yaml")
    assert code in (2, 4)
    assert said in err
    assert "Traceback" not in err


def test_missing_files_are_told(ideenweg: Call) -> None:
    assert ideenweg("import", "ideas", "none.csv", "--map", "ideas.map.yaml")[0] == 2
    assert ideenweg("import", "ideas", "ideas.csv", "--map", "none.yaml")[0] == 2
    assert ideenweg("import", "ideas", "ideas.csv")[0] == 2


def test_a_log_with_misfits_needs_lenient(ideenweg: Call) -> None:
    code, _, err = ideenweg("import", "history", "log.csv", "--map", "log.map.yaml")
    assert code == 2
    assert "log.csv:3: 7, accept: " in err
    code, out, _ = ideenweg("import", "history", "log.csv", "--map", "log.map.yaml", "--lenient")
    assert code == 0
    assert "Does not fit the lifecycle:\n  log.csv:3: 7, accept: " in out
    assert "2 steps; 2 new people" in out


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "nothing was changed"), (signal.SIGKILL, -signal.SIGKILL, "")]
)
def test_an_import_that_is_ended_in_the_middle_changes_nothing(
    sqlite_url: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IDEENWEG_DATABASE_URL", sqlite_url)
    assert run(["lifecycle", "load", str(SHORT)]) == 0
    rows = "".join(f"{number};Bank {number};Dortmund;\n" for number in range(5_000))
    (folder / "ideas.csv").write_text("Nr;Titel;Stadt;Farbe\n" + rows, encoding="utf-8")
    arguments = ["import", "ideas", "ideas.csv", "--map", "ideas.map.yaml"]
    process = subprocess.Popen(
        [sys.executable, "-c", f"from ideenweg.cli import main; main({arguments})"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    wait_for_numbers(sqlite_url.removeprefix("sqlite:///"))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    assert said in err
    capsys.readouterr()
    run(["item", "list", "--json"])
    assert json.loads(capsys.readouterr().out)["items"] == []


def wait_for_numbers(file: str) -> None:
    """Return once numbers are reserved: the rows are judged by then, and are being prepared."""
    deadline = time.monotonic() + 60
    with closing(sqlite3.connect(file)) as connection:
        while not connection.execute("SELECT last FROM counter").fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.02)
