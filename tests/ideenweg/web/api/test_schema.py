"""schemathesis holds the API against its document: no fault, no answer that is not documented, by all its checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workflow.accounts.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api, Running

SETTINGS = Path(__file__).parent / "schemathesis.toml"
ADMINISTRATOR = "verwaltung@dortmund.example"


def hold(running: Running, folder: Path, *options: str, token: bool) -> dict[str, Any]:
    """The figures of one run of schemathesis with all its checks, without a token or with one that may do all."""
    headers = ["--header", f"Authorization: Bearer {running.token(ADMINISTRATOR, *Scope)}"] if token else []
    report = folder / "report.json"
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "--no-color", "run",
         f"{running.url}/api/v1/openapi.json", "--checks", "all", "--continue-on-failure", "--generation-database=none",
         "--suppress-health-check", "all", "--warnings", "off", "--output-sanitize", "false",
         "--wait-for-schema", "60", "--request-timeout", "60",
         "--report-json-path", str(report), *headers, *options],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-10_000:] + run.stderr[-2000:]
    found: dict[str, Any] = json.loads(report.read_text())
    assert found["test_cases"]["generated"], "nothing was asked"
    return found


@pytest.mark.parametrize("token", [False, True], ids=["without a token", "with one"])
def test_every_answer_is_one_that_the_document_tells(running: Running, tmp_path: Path, token: bool) -> None:
    hold(running, tmp_path, "--phases", "fuzzing", "--max-examples", "1", "--seed", "2030", token=token)


@pytest.mark.campaign
@pytest.mark.timeout(3 * 60 * 60)
def test_every_answer_of_10_000_cases_a_database_is_one_that_the_document_tells(
    running_on_either: Running, tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    cases = 0
    for seed, token in enumerate((False, True)):
        found = hold(running_on_either, tmp_path, "--max-examples", "50", "--seed", str(seed), token=token)
        cases += found["test_cases"]["generated"]
    record_property("cases, no finding", cases)
    assert cases >= 10_000


def test_the_document_names_each_operation_once_and_documents_it(shown_on_sqlite: Api) -> None:
    document = shown_on_sqlite.get("/openapi.json")
    operations = [one for way in document["paths"].values() for one in way.values()]
    names = [one["operationId"] for one in operations]
    assert sorted(names) == sorted(set(names))
    assert document["openapi"].startswith("3.1")
    for one in operations:
        assert one["summary"], one["operationId"]
        assert one["description"], one["operationId"]
        assert {"400", "401", "403", "429", "503"} <= one["responses"].keys(), one["operationId"]
        assert one["security"], one["operationId"]
