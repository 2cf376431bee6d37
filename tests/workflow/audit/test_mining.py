"""Exports for process mining: valid by their schemas, an item a case, and nothing that names a person or quotes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from workflow.history import EVERYTHING, AuditFilter
from workflow.streams import Origin

LATER = datetime(2026, 6, 2, 8, tzinfo=UTC)
AUDITOR = Origin("p-auditor", "cli", "root")
TEXTS = ("Sensoren", "0231 500", "Tiefbauamt fragen", "An welchen Brücken?", "@", "Zu früh angenommen")


@pytest.fixture
def export(history: Any, tmp_path: Path) -> Callable[..., Path]:
    def export(kind: str, filters: AuditFilter = EVERYTHING) -> Path:
        file = tmp_path / f"history-{len(list(tmp_path.iterdir()))}.{kind}"
        done = history.app.audit.export(file, kind, filters, origin=AUDITOR, now=LATER)
        assert done.events > 0
        return file

    return export


def test_a_log_in_xes_has_a_trace_an_item(history: Any, export: Callable[..., Path]) -> None:
    file = export("xes")
    text = file.read_text(encoding="utf-8")
    assert not [one for one in TEXTS if one in text]
    log = ElementTree.fromstring(text)  # noqa: S314
    traces = {_value(trace, "concept:name"): trace.findall("event") for trace in log.findall("trace")}
    assert set(traces) == {history.number, "2026-0002"}
    events = history.events(history.stream)
    assert [_value(one, "time:timestamp") for one in traces[history.number]] == [one["at"] for one in events]
    assert {_value(one, "lifecycle:transition") for one in traces[history.number]} == {"complete"}
    by_key = {_value(one, "ideenweg:transition"): one for one in traces[history.number]}
    lifecycle = history.app.rules.newest_of(history.app.database, "short")
    assert _value(by_key["ask"], "concept:name") == lifecycle.transitions["ask"].label["de"]
    assert _value(by_key["ask"], "org:role") == "coordinator"
    assert _value(by_key["ask"], "org:resource") == history.person
    assert _value(by_key["accept"], "ideenweg:on_behalf_of") == history.person
    assert lifecycle.records["sheet"].label["de"] in {_value(one, "concept:name") for one in traces[history.number]}


def test_a_log_in_ocel_relates_items_and_persons(history: Any, export: Callable[..., Path]) -> None:
    text = export("ocel").read_text(encoding="utf-8")
    assert not [one for one in TEXTS if one in text]
    log = json.loads(text)
    objects = {one["id"]: one for one in log["objects"]}
    assert {one["id"] for one in log["objects"] if one["type"] == "item"} == {history.number, "2026-0002"}
    assert {"objectId": "2026-0002", "qualifier": "hangs_on"} in objects[history.number]["relationships"]
    assert {one["type"] for one in log["events"]} == {one["name"] for one in log["eventTypes"]}
    related = [one for event in log["events"] for one in event["relationships"]]
    assert {one["objectId"] for one in related} == set(objects), "everything that is named is there, and nothing else"
    assert {one["qualifier"] for one in related} == {"item", "actor", "on_behalf_of"}
    part = json.loads(export("ocel", AuditFilter(person=history.person)).read_text(encoding="utf-8"))
    assert {one["id"] for one in part["objects"] if one["type"] == "item"} == {history.number}
    assert next(one for one in part["objects"] if one["type"] == "item")["relationships"] == []


def test_both_are_valid_by_their_schemas(history: Any, export: Callable[..., Path], shared: Path) -> None:
    jsonschema, etree = pytest.importorskip("jsonschema"), pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(shared / "schemas" / "xes.xsd"))
    schema.assertValid(etree.parse(export("xes")))
    told = json.loads((shared / "schemas" / "ocel20-schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(export("ocel").read_text(encoding="utf-8")), told)


def _value(element: ElementTree.Element, key: str) -> str | None:
    found = element.find(f"*[@key='{key}']")
    return None if found is None else found.get("value")
