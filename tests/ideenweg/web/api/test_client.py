"""A client that is generated from the OpenAPI document works with the API, as a city's developers would have it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ideenweg.papers.docx import DOCX
from ideenweg.web.api.exchange import ZIP

if TYPE_CHECKING:
    from conftest import Api, Running

WHO = "koordination@dortmund.example"


@pytest.fixture
def generated(shown_on_sqlite: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports modules of the generated client."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(shown_on_sqlite.get("/openapi.json")))
    out = tmp_path / "client"
    options = ["--path", str(document), "--output-path", str(out), "--meta", "none", "--fail-on-warning"]
    config = tmp_path / "config.yaml"
    files = "".join(f"  {one}: application/octet-stream\n" for one in (ZIP, DOCX))  # which the generator knows as such
    config.write_text(f"package_name_override: ideenweg_client\npost_hooks: []\ncontent_type_overrides:\n{files}")
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *options, "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    out.rename(tmp_path / "ideenweg_client")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: importlib.import_module(f"ideenweg_client.{name}")
    for name in [name for name in sys.modules if name.startswith("ideenweg_client")]:
        del sys.modules[name]


def test_a_generated_client_reads_hands_in_and_is_told_why_not(generated: Any, running: Running) -> None:
    client = generated("client")
    models = generated("models")
    with client.Client(base_url=f"{running.url}/api/v1") as anybody:
        items = generated("api.items.find_items").sync(client=anybody, limit=2)
        assert len(items.items) == 2
        lifecycle = generated("api.rules.read_lifecycle").sync("idea-to-project", client=anybody)
        assert lifecycle.initial == "draft"

    with client.AuthenticatedClient(base_url=f"{running.url}/api/v1", token=running.token(WHO)) as coordinator:
        sheet = models.NewItemData.from_dict({"title": "Aus einem erzeugten Client", "cities": ["dortmund"]})
        outcome = generated("api.items.create_item").sync(
            client=coordinator, body=models.NewItem(data=sheet), idempotency_key="from-a-client"
        )
        number = outcome.item.number
        item = generated("api.items.read_item").sync(number, client=coordinator)
        assert (item.title, item.state) == ("Aus einem erzeugten Client", "draft")
        step = models.NewStep(transition="shortlist")
        problem = generated("api.items.fire_transition").sync(number, client=coordinator, body=step, if_match='"3"')
        assert isinstance(problem, models.ProblemModel)
        assert problem.blockers
        assert problem.blockers[0].message.de
