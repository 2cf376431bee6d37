"""The history of items for tools of process mining: XES (IEEE 1849-2016) and OCEL 2.0 (JSON). No names, no texts.

A case is an item; an activity is a transition, or what else was done with the item. Persons are pseudonymous ids. Both
are written as they are read: an export of any size needs no more memory than a small one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import TextIOBase
from itertools import groupby
from typing import IO, Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from sqlalchemy import Connection, Row, Select, Subquery, func, select

from states.errors import FileFault
from states.lifecycle import Lifecycle
from states.snapshot import SYSTEM
from workflow.errors import IntegrityBroken, NotFound
from workflow.events import Kind
from workflow.history import AuditFilter, number_of, select_events
from workflow.models import item, link
from workflow.rules import Rules
from workflow.transaction import Transaction

EVENTS_AT_A_TIME = 1000
LOCALE = "de"
"""The language of activities: that of the administrations who export."""

EXTENSIONS = (
    ("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"),
)  # fmt: skip
WITH_EVENTS = ("via", "from", "to", "transition")
"""The attributes of an OCEL event, all of them strings."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event of an item, as both formats have it. activity: what was done, in words; role: who may, if only one."""

    id: str
    number: str
    activity: str
    at: str
    actor: str
    on_behalf_of: str | None
    via: str
    source: str | None
    target: str | None
    transition: str | None
    role: str | None

    @property
    def persons(self) -> list[tuple[str, str]]:
        """Who took part, and as what; the clock is nobody."""
        found = [(self.actor, "actor")] if self.actor != SYSTEM else []
        return [*found, (self.on_behalf_of, "on_behalf_of")] if self.on_behalf_of else found


def chosen(filters: AuditFilter) -> Subquery:
    """The events of items that `filters` lets through."""
    found = select_events(filters).order_by(None).subquery()
    return select(found).where(found.c.stream.startswith("item:", autoescape=True)).subquery()


def count(connection: Connection, events: Subquery) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).select_from(events)) or 0


def steps(connection: Connection, rules: Rules, events: Subquery) -> Iterator[Step]:
    """The events item by item, each item's in their order."""
    rows = _streamed(
        connection,
        select(events, item.c.lifecycle, item.c.version)
        .outerjoin(item, events.c.stream == "item:" + item.c.number)
        .order_by(events.c.stream, events.c.seq),
    )
    tx = Transaction(connection)
    for row in rows:
        yield _step(row, _lifecycle(rules, tx, row))


def write_xes(target: TextIOBase, found: Iterable[Step]) -> None:
    """A log with a trace an item."""
    xml = XMLGenerator(target, "UTF-8", short_empty_elements=True)
    xml.startDocument()
    _open(xml, "log", {"xes.version": "1849.2016", "xes.features": ""})
    for name, prefix in EXTENSIONS:
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        _leaf(xml, "extension", {"name": name, "prefix": prefix, "uri": uri})
    for scope, keys in (("trace", ("concept:name",)), ("event", ("concept:name", "lifecycle:transition"))):
        _open(xml, "global", {"scope": scope})
        for key in keys:
            _string(xml, key, "complete" if key == "lifecycle:transition" else "")
        xml.endElement("global")
    _leaf(xml, "classifier", {"name": "Activity", "scope": "event", "keys": "concept:name"})
    for number, of_item in groupby(found, key=lambda step: step.number):
        _open(xml, "trace", {})
        _string(xml, "concept:name", number)
        for step in of_item:
            _xes_event(xml, step)
        xml.endElement("trace")
    xml.endElement("log")
    xml.endDocument()


def write_ocel(target: IO[str], found: Iterable[Step], objects: Iterable[dict[str, Any]]) -> None:
    """Events with the item and the persons that took part, and these objects."""
    activities: set[str] = set()
    target.write('{"objectTypes": ')
    attributes = [{"name": "lifecycle", "type": "string"}]
    json.dump([{"name": "item", "attributes": attributes}, {"name": "person", "attributes": []}], target)
    _array(target, "objects", objects)
    _array(target, "events", (_ocel_event(step, activities) for step in found))
    target.write(', "eventTypes": ')
    kinds = [{"name": name, "type": "string"} for name in WITH_EVENTS]
    types = [{"name": name, "attributes": kinds} for name in sorted(activities)]
    json.dump(types, target, ensure_ascii=False)
    target.write("}\n")


def objects_of(connection: Connection, events: Subquery) -> Iterator[dict[str, Any]]:
    """The items and persons of these events; an item with its links to others of them."""
    streams = select(events.c.stream)
    there = ("item:" + item.c.number).in_(streams)
    linked = (link.c.item == item.c.number) & link.c.ended_seq.is_(None) & ("item:" + link.c.other).in_(streams)
    rows = _streamed(
        connection,
        select(item.c.number, item.c.lifecycle, item.c.created_at, link.c.kind, link.c.other)
        .select_from(item.outerjoin(link, linked))
        .where(there)
        .order_by(item.c.number, link.c.seq),
    )
    for number, of_item in groupby(rows, key=lambda row: row.number):
        links = list(of_item)
        yield {
            "id": number,
            "type": "item",
            "attributes": [{"name": "lifecycle", "value": links[0].lifecycle, "time": links[0].created_at}],
            "relationships": [{"objectId": one.other, "qualifier": one.kind} for one in links if one.other],
        }
    persons = select(events.c.actor).union(select(events.c.on_behalf_of))
    for (person,) in connection.execute(persons):
        if person not in (None, SYSTEM):
            yield {"id": person, "type": "person", "attributes": [], "relationships": []}


def _streamed(connection: Connection, statement: Select[Any]) -> Iterable[Row[Any]]:
    options = {"stream_results": True, "yield_per": EVENTS_AT_A_TIME}
    return connection.execute(statement, execution_options=options)


def _lifecycle(rules: Rules, tx: Transaction, row: Row[Any]) -> Lifecycle | None:
    """The one the item goes by now; None where it cannot be told, as of a database that was damaged."""
    try:
        return rules.lifecycle(tx, row.lifecycle, row.version)
    except (NotFound, FileFault, IntegrityBroken):
        return None


def _step(row: Row[Any], lifecycle: Lifecycle | None) -> Step:
    told = row._mapping
    move = lifecycle.transitions.get(row.trigger) if lifecycle and row.trigger else None
    activity = move.label[LOCALE] if move else row.trigger or row.kind
    if row.kind == Kind.RECORDED:
        key = json.loads(row.payload)["details"].get("record")
        kind = lifecycle.records.get(key) if lifecycle else None
        activity = kind.label[LOCALE] if kind else str(key)
    return Step(
        id=f"{row.stream}#{row.seq}",
        number=str(number_of(row.stream)),
        activity=activity,
        at=row.at,
        actor=row.actor,
        on_behalf_of=row.on_behalf_of,
        via=row.via,
        source=told["from"],
        target=told["to"],
        transition=row.trigger,
        role=move.roles[0] if move and len(move.roles) == 1 else None,
    )


def _xes_event(xml: XMLGenerator, step: Step) -> None:
    _open(xml, "event", {})
    _string(xml, "concept:name", step.activity)
    _string(xml, "lifecycle:transition", "complete")
    _leaf(xml, "date", {"key": "time:timestamp", "value": step.at})
    _string(xml, "org:resource", step.actor)
    for key, value in (
        ("org:role", step.role),
        ("ideenweg:on_behalf_of", step.on_behalf_of),
        ("ideenweg:transition", step.transition),
        ("ideenweg:from", step.source),
        ("ideenweg:to", step.target),
        ("ideenweg:via", step.via),
    ):
        if value is not None:
            _string(xml, key, value)
    xml.endElement("event")


def _string(xml: XMLGenerator, key: str, value: str) -> None:
    _leaf(xml, "string", {"key": key, "value": value})


def _leaf(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    _open(xml, name, attributes)
    xml.endElement(name)


def _open(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _ocel_event(step: Step, activities: set[str]) -> dict[str, Any]:
    activities.add(step.activity)
    values = (step.via, step.source, step.target, step.transition)
    return {
        "id": step.id,
        "type": step.activity,
        "time": step.at,
        "attributes": [
            {"name": name, "value": value} for name, value in zip(WITH_EVENTS, values, strict=True) if value is not None
        ],
        "relationships": [
            {"objectId": step.number, "qualifier": "item"},
            *({"objectId": person, "qualifier": as_what} for person, as_what in step.persons),
        ],
    }


def _array(target: IO[str], name: str, values: Iterable[dict[str, Any]]) -> None:
    """One more member of the document, a value a line."""
    target.write(f', "{name}": [')
    for place, value in enumerate(values):
        target.write(",\n" if place else "\n")
        json.dump(value, target, ensure_ascii=False)
    target.write("]")
