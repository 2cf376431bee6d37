"""Bad input: a clear line, the right exit code, nothing changed, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Cli

COMMAND = str(Path(sys.executable).parent / "ideenweg")
NEVER = ("Traceback", "sqlalchemy", "sqlite3.", "psycopg")


@pytest.fixture
def in_review(cli: Cli) -> str:
    number = cli.create()
    cli.document("item", "advance", number, "submit", "--as", cli.resident)
    return number


# --- data files -------------------------------------------------------------------------------------------------------

DATA = {
    "a comma too many": ('{\n  "feasible": true,\n}', 2, ":3:1: this is not JSON: a key in double quotes is missing"),
    "a quote that is not closed": ('{\n  "feasible: true\n}', 2, ":2:18: this is not JSON: a text does not end"),
    "no object": ("[1, 2]", 2, ":1:1: this is no JSON object"),
    "nothing": ("", 2, ":1:1: this is not JSON"),
    "Latin-1": ('{\n  "remark": "schön"}'.encode("latin-1"), 2, ":2: this is not UTF-8"),
    "a key twice": ('{"feasible": true, "feasible": false}', 2, "'feasible' stands twice"),
    "no number": ('{"feasible": NaN}', 2, "NaN is no JSON number"),
    "a number without end": ('{"feasible": 1e999}', 2, "too large"),
    "nested without end": ("[" * 100_000, 2, "nested too deeply"),
    "a field too many": ('{\n  "feasible": true,\n  "colour": "red"\n}', 2, ":3:3: "),
    "a wrong type": ('{\n  "feasible": "perhaps"\n}', 2, ":2:3: "),
    "a field too few": ('{\n  "remark": "Gut."\n}', 2, ":1:1: "),
}


@pytest.mark.parametrize(("content", "code", "said"), DATA.values(), ids=DATA.keys())
def test_a_faulty_data_file_is_told_with_line_and_column(
    sqlite_cli: Cli, write: Callable[..., str], content: str | bytes, code: int, said: str
) -> None:
    number = sqlite_cli.create()
    sqlite_cli.document("item", "advance", number, "submit", "--as", sqlite_cli.resident)
    file = write(content)
    before = sqlite_cli.document("item", "show", number)
    call = ("item", "record", number, "opinion", "--as", sqlite_cli.coordinator, "--data")
    wrong = sqlite_cli(*call, file)
    assert (wrong.code, wrong.out) == (code, "")
    assert said in wrong.err
    assert not any(word in wrong.err for word in NEVER)
    document = sqlite_cli(*call, file, "--json")
    assert document.code == code
    assert document.error["place"].startswith(file)
    typed = sqlite_cli(*call, "-", stdin=content)
    assert typed.code == code
    assert "stdin" in typed.err
    assert sqlite_cli.document("item", "show", number) == before


def test_every_fault_of_a_record_has_its_own_place(cli: Cli, in_review: str, write: Callable[..., str]) -> None:
    file = write('{\n  "feasible": 3,\n  "colour": "red"\n}')
    wrong = cli("item", "record", in_review, "opinion", "--as", cli.coordinator, "--data", file, "--json")
    places = {one["place"] for one in wrong.error["blockers"]}
    assert (wrong.code, places) == (2, {f"{file}:2:3", f"{file}:3:3"})


def test_a_data_file_that_cannot_be_read_is_told(sqlite_cli: Cli, tmp_path: Path) -> None:
    for source in (tmp_path / "nowhere.json", tmp_path):
        call = ("item", "create", "--lifecycle", "short", "--as", sqlite_cli.resident, "--data", str(source))
        assert sqlite_cli(*call).code == 2


# --- names ------------------------------------------------------------------------------------------------------------


CALLS = {
    "an unknown transition": ("advance N acept --as COORDINATOR", 2, "accept"),
    "a missing reason": ("advance N ask --as COORDINATOR", 1, "reason"),
    "a reason of blanks": ("advance N ask --as COORDINATOR --reason=\u00a0", 1, "reason"),
    "an unknown record kind": ("record N opinon --as COORDINATOR --data -", 2, "opinion"),
    "an unknown link": ("link N hangs_of N --as COORDINATOR", 2, "hangs_on"),
    "a link to nowhere": ("link N hangs_on 2020-0001 --as COORDINATOR", 4, "2020-0001"),
    "a link to itself": ("link N hangs_on N --as COORDINATOR", 2, "itself"),
    "an unknown role": ("assign N exprt EXPERT --as COORDINATOR", 2, "expert"),
    "an unknown item": ("advance 2020-0001 submit --as COORDINATOR", 4, "2020-0001"),
    "no item number": ("show ';DROP/TABLE", 4, "DROP"),
    "an unknown actor": ("advance N ask --as koordinaton@dortmund.example", 4, "koordination@dortmund.example"),
    "no address": ("advance N ask --as koordination", 4, "person add"),
    "the system itself": ("advance N go_on --as system", 4, "system"),
    "an unknown person": ("assign N expert x@y.example --as COORDINATOR", 4, "x@y.example"),
    "an unknown state": ("correct N acepted --reason x --as ADMINISTRATOR", 2, "accepted"),
    "a form where there is none": ("advance N close --as COORDINATOR --reason x --data -", 2, "form"),
}


@pytest.mark.parametrize(("call", "code", "said"), CALLS.values(), ids=CALLS.keys())
def test_a_wrong_name_is_told_with_the_right_ones(cli: Cli, in_review: str, call: str, code: int, said: str) -> None:
    meant = {"N": in_review, "COORDINATOR": cli.coordinator, "EXPERT": cli.expert, "ADMINISTRATOR": cli.administrator}
    arguments = [meant.get(word, word) for word in call.split(" ")]
    before = cli.document("item", "show", in_review)
    wrong = cli("item", *arguments, stdin="{}")
    assert (wrong.code, wrong.out) == (code, "")
    assert said in wrong.err
    assert not any(word in wrong.err for word in NEVER)
    assert cli("item", *arguments, "--json", stdin="{}").code == code
    assert cli.document("item", "show", in_review) == before


def test_an_unknown_actor_is_not_made_known_by_handing_in(cli: Cli) -> None:
    call = ("item", "create", "--lifecycle", "short", "--as", "niemand@dortmund.example", "--data", "-")
    assert cli(*call, stdin='{"title": "Eine Idee"}').code == 4
    assert "niemand@dortmund.example" not in cli("person", "list").out


@pytest.mark.parametrize(
    ("address", "code"),
    [("keine-adresse", 2), ("a@b", 2), ("a b@dortmund.example", 2), ("", 2), ("Buergerin@Dortmund.example", 2)],
)
def test_a_wrong_or_taken_address_is_told(cli: Cli, address: str, code: int) -> None:
    wrong = cli("person", "add", address, "--name", "Niemand")
    assert (wrong.code, wrong.out) == (code, "")
    assert len(wrong.err.splitlines()) == 1


# --- lifecycle files --------------------------------------------------------------------------------------------------


def test_a_broken_lifecycle_file_is_told_fault_by_fault_with_line_and_column(
    cli: Cli, write: Callable[..., str]
) -> None:
    file = write(
        "lifecycle: x\nversion: 1\ninitial: here\nstates:\n  there: {label: There, colour: red}\n"
        "transitions:\n  go: {from: [there], to: nowhere, roles: [nobody]}\n",
        "x.yaml",
    )
    for command in ("check", "load"):
        wrong = cli("lifecycle", command, file)
        assert (wrong.code, wrong.out) == (2, "")
        assert f"{file}:5:" in wrong.err
        assert f"{file}:7:" in wrong.err
        document = cli("lifecycle", command, file, "--json")
        findings = document.error["findings"]
        assert {one["line"] for one in findings} >= {3, 5, 7}
        assert all(one["check"] and one["message"] and one["column"] for one in findings)
    assert "x" not in [one["lifecycle"] for one in cli.document("lifecycle", "list")["lifecycles"]]


def test_yaml_that_is_none_is_told_with_its_line(sqlite_cli: Cli, write: Callable[..., str]) -> None:
    file = write('lifecycle: x\nlabel: "open\nversion: 1\n', "x.yaml")
    assert f"{file}:" in sqlite_cli("lifecycle", "check", file).err
    assert sqlite_cli("lifecycle", "check", write(b"\xff\xfe\x00", "y.yaml")).code == 2


# --- databases --------------------------------------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_made_by_nothing_but_an_upgrade(bare: Cli) -> None:
    for arguments in (
        ("item", "list"), ("audit", "verify"), ("person", "list"), ("lifecycle", "list"), ("sweep",), ("db", "status"),
        ("deadline", "list"), ("db", "backup", "x.zip"), ("person", "add", "a@dortmund.example", "--name", "A"),
    ):  # fmt: skip
        missing = bare(*arguments)
        assert missing.code == 4, arguments
        assert "ideenweg db upgrade" in missing.err
        assert bare(*arguments, "--json").error["code"] == "no_database"
    if bare.url.startswith("sqlite"):
        assert not Path(bare.url.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database URL"),
        ("mysql://localhost/x", "not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:////nowhere/at/all.db", "there is no folder"),
        ("sqlite:////", "folder"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(bare: Cli, url: str, said: str) -> None:
    wrong = bare("item", "list", "--database", url)
    assert wrong.code == 2
    assert said in wrong.err
    assert not any(word in wrong.err for word in NEVER)
    assert bare("item", "list", IDEENWEG_DATABASE_URL=url).code == 2


def test_a_password_is_not_repeated(bare: Cli) -> None:
    wrong = bare("item", "list", "--database", "postgresql://me:s3cret@127.0.0.1:1/nothing")
    assert "s3cret" not in wrong.err + wrong.out


def test_a_file_that_is_no_database_stays_what_it_is(bare: Cli, write: Callable[..., str]) -> None:
    file = write("Das ist ein Brief, keine Datenbank. " * 100, "brief.db")
    before = Path(file).read_bytes()
    for arguments in (("item", "list"), ("db", "upgrade"), ("audit", "verify")):
        wrong = bare(*arguments, "--database", f"sqlite:///{file}")
        assert wrong.code == 2
        assert "not an SQLite database" in wrong.err
    assert Path(file).read_bytes() == before


def test_a_database_of_a_newer_version_stops_with_a_word(sqlite_cli: Cli) -> None:
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    wrong = sqlite_cli("item", "list")
    assert wrong.code == 2
    assert "newer version" in wrong.err


def test_a_full_disk_is_told_and_nothing_is_lost(sqlite_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    number = sqlite_cli.create()
    before = sqlite_cli.document("item", "show", number)
    connect = sqlite3.connect

    def full(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        data = json.dumps({"title": "Eine lange Idee", "contact": "x" * 100_000})
        call = ("item", "create", "--lifecycle", "short", "--as", sqlite_cli.resident, "--data", "-")
        wrong = sqlite_cli(*call, stdin=data)
    assert wrong.code == 2
    assert "no space left" in wrong.err
    assert sqlite_cli.document("item", "show", number) == before
    assert len(sqlite_cli.document("item", "list")["items"]) == 1
    assert sqlite_cli.document("audit", "verify")["ok"]


def test_a_damaged_stored_lifecycle_is_told_as_such(sqlite_cli: Cli) -> None:
    number = sqlite_cli.create()
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER lifecycle_version_no_update")
        connection.execute("UPDATE lifecycle_version SET source = replace(source, 'Entwurf', 'Ende')")
    damaged = sqlite_cli("item", "show", number)
    assert damaged.code == 5
    assert "audit verify" in damaged.err


# --- settings ---------------------------------------------------------------------------------------------------------


def test_a_wrong_setting_names_its_variable(sqlite_cli: Cli) -> None:
    wrong = sqlite_cli("item", "list", IDEENWEG_CONFIG_DIR="/nowhere")
    assert wrong.code == 2
    assert "IDEENWEG_CONFIG_DIR" in wrong.err


# --- signals and pipes ------------------------------------------------------------------------------------------------


def test_ctrl_c_while_waiting_for_the_database_says_that_nothing_was_changed(sqlite_cli: Cli) -> None:
    number = sqlite_cli.create()
    environment = {**os.environ, "IDEENWEG_DATABASE_URL": sqlite_cli.url, "LC_ALL": "C.UTF-8"}
    call = [COMMAND, "item", "advance", number, "submit", "--as", sqlite_cli.resident]
    with sqlite3.connect(sqlite_cli.url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        process = subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for_open(process.pid, "ideenweg.db")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        other.execute("ROLLBACK")
    assert (process.returncode, out) == (130, "")
    assert err.strip().endswith("Interrupted; nothing was changed.")
    assert sqlite_cli.document("item", "show", number)["item"]["state"] == "draft"


def wait_for_open(pid: int, name: str) -> None:
    """Until the process has the file open, and then a little: it waits for the lock by then."""
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc to see when the process waits for the database")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        links = Path(f"/proc/{pid}/fd")
        if any(str(link.readlink()).endswith(name) for link in links.iterdir() if link.exists()):
            time.sleep(0.5)
            return
        time.sleep(0.05)
    pytest.fail("the process never opened the database")


@pytest.mark.skipif(shutil.which("head") is None, reason="needs head")
def test_a_reader_that_leaves_early_is_no_error(sqlite_cli: Cli) -> None:
    for number in range(40):
        sqlite_cli.create(f"Idee {number} " + "x" * 150)
    environment = {"IDEENWEG_DATABASE_URL": sqlite_cli.url, "PATH": os.environ["PATH"]}
    script = f"{COMMAND} item list --json --limit 500 | head -c 10; echo; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] in ("0", "141")
