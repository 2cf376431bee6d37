"""Project sheets between cities: one is written from what everybody may see of an item, one is taken in as an idea."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import Connection

from states.lifecycle import Lifecycle, Per, Text
from states.programme import Programme
from states.snapshot import RecordFact, local_day
from states.transfer import FORMAT, VERSION, Taken, sheet_schema, taken
from workflow.commands import Create
from workflow.errors import BadInput, NotFound
from workflow.queries import public
from workflow.rules import Rules
from workflow.transaction import Transaction

LARGEST = 2_000_000
"""Bytes of a sheet that is read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A partner's sheet as it was read, what of it fits, and the command that takes it in. newer: of a later format."""

    document: Mapping[str, Any]
    taken: Taken
    command: Create
    newer: bool


def sheet_of(connection: Connection, rules: Rules, number: str, base_url: str, licence: str) -> dict[str, Any]:
    """The project sheet of a released item. Raises NotFound for one that there is not, or that is not released."""
    item = public.find(connection, rules, number)
    if item is None:
        raise NotFound("released item", number)
    lifecycle, programme = item.lifecycle, item.programme
    forms = [_form(lifecycle, programme, fact) for fact in item.records]
    own = next((one for one in forms if one["kind"] == lifecycle.sheet), None)
    empty = {"kind": lifecycle.sheet or "sheet", "label": _both(lifecycle.label), "labels": {}, "data": {}}
    return {
        "format": FORMAT,
        "version": VERSION,
        "licence": licence,
        "from": {
            "programme": _both(programme.label),
            "number": number,
            "address": f"{base_url.rstrip('/')}/ideen/{number}",
            "contact": _contacts(programme, item.facets.get("cities", ())),
        },
        "title": item.title,
        "state": {
            "key": item.state,
            "label": _both(lifecycle.states[item.state].label),
            "since": local_day(item.entered_at, programme).isoformat(),
        },
        "sheet": own or empty,
        "records": [one for one in forms if one is not own],
    }


def read_sheet(rules: Rules, connection: Connection, text: str, actor: str, *, lifecycle: str) -> Sheet:
    """A partner's sheet in the JSON `text`, ready to be taken in by `actor` under the newest version of `lifecycle`.

    Raises BadInput where the text is no project sheet, with the path of what is wrong, or the lifecycle takes none in.
    """
    if len(text.encode()) > LARGEST:
        raise BadInput(f"This is larger than {LARGEST // 1_000_000} MB; no project sheet is.", remedy=None)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"This is not JSON: {error}.", remedy="Ask for the file again, as it was written.") from None
    wrong = next(
        iter(sorted(Draft202012Validator(sheet_schema()).iter_errors(document), key=lambda one: one.json_path)), None
    )
    if wrong is not None:
        raise BadInput(
            f"This is no project sheet: {wrong.json_path}: {wrong.message}.",
            remedy="The form is in docs/project-sheet.schema.json; `ideenweg export schema` prints it.",
        )
    into = rules.newest(Transaction(connection), lifecycle)
    kind = into.records[into.sheet or "sheet"]
    if into.transfer is None:
        raise BadInput(f"{into.key} takes in no sheets of others.", remedy="Add `transfer:` to its file.")
    fits = taken(into, rules.programme, kind, document)
    return Sheet(document, fits, Create(actor=actor, lifecycle=into.key, data=fits.data), document["version"] > VERSION)


def taken_at(now: datetime, sheet: Sheet) -> str:
    """The name of the file under which the whole sheet is kept with the item, so that nothing of it is lost."""
    return f"projektblatt-{sheet.document['from']['number']}-{now:%Y%m%d}.txt"


def _form(lifecycle: Lifecycle, programme: Programme, fact: RecordFact) -> dict[str, Any]:
    kind = lifecycle.records[fact.kind]
    return {
        "kind": fact.kind,
        "key": "" if kind.per is Per.PERSON else fact.key,
        "label": _both(kind.label),
        "labels": {key: _both(kind.fields[key].label) for key in fact.data if key in kind.fields},
        "data": dict(fact.data),
        "on": local_day(fact.at, programme).isoformat(),
    }


def _contacts(programme: Programme, cities: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for key in cities or tuple(programme.cities):
        city = programme.cities.get(key)
        office = programme.offices.get(city.office) if city is not None and city.office else None
        if office is not None:
            found.append({"office": _both(office.label), **({"email": office.email} if office.email else {})})
    return found


def _both(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}
