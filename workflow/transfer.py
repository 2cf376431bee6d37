"""Project sheets between cities: one is written from what everybody may see of an item, one is taken in as an idea."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import Connection

from states.lifecycle import Lifecycle, State
from states.programme import Programme
from states.record_kinds import Per
from states.sentences import Sentence, Text
from states.snapshot import RecordFact, local_day
from states.transfer import FORMAT, VERSION, Taken, sheet_schema, taken
from workflow import documents
from workflow.commands import AttachDocument, Create
from workflow.engine import Engine
from workflow.errors import BadInput, NotFound
from workflow.events import moment
from workflow.files import Files
from workflow.queries import public
from workflow.queries.detail import Detail
from workflow.rules import Rules
from workflow.transaction import Transaction

LARGEST = 2_000_000
"""Bytes of a sheet that is read."""

NO_LICENCE = "NOASSERTION"
"""What SPDX calls it that nothing is said about a licence."""


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
    state = item.lifecycle.states[item.state]
    return _sheet(
        item.lifecycle, item.programme, number, item.title, state, item.entered_at, item.facets, item.records,
        base_url, licence,
    )  # fmt: skip


def sheet_within(detail: Detail, base_url: str) -> dict[str, Any]:
    """The sheet of an item as its reader may see it, without the fields that name people. It is for whom it is handed
    to, so nothing is said about a licence."""
    item, lifecycle = detail.item, detail.lifecycle
    return _sheet(
        lifecycle, detail.programme, item.number, item.title, lifecycle.states[item.state], moment(item.entered_at),
        detail.facets, impersonal(detail), base_url, NO_LICENCE,
    )  # fmt: skip


def impersonal(detail: Detail) -> list[RecordFact]:
    """The records that the reader of an item may see, without the fields that name people."""
    found = []
    for fact in detail.records:
        if (kind := detail.lifecycle.records.get(fact.kind)) is not None:
            told = {key: one for key, one in fact.data.items() if key in kind.fields and not kind.fields[key].personal}
            found.append(replace(fact, data=told))
    return [one for one in found if one.data]


def _sheet(
    lifecycle: Lifecycle,
    programme: Programme,
    number: str,
    title: str,
    state: State,
    entered_at: datetime,
    facets: Mapping[str, tuple[str, ...]],
    records: Iterable[RecordFact],
    base_url: str,
    licence: str,
) -> dict[str, Any]:
    forms = [_form(lifecycle, programme, fact) for fact in records]
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
            "contact": _contacts(programme, facets.get("cities", ())),
        },
        "title": title,
        "state": {
            "key": state.key,
            "label": _both(state.label),
            "since": local_day(entered_at, programme).isoformat(),
        },
        "sheet": own or empty,
        "records": [one for one in forms if one is not own],
    }


def read_sheet(rules: Rules, connection: Connection, text: str, actor: str, *, lifecycle: str) -> Sheet:
    """A partner's sheet in the JSON `text`, ready to be taken in by `actor` under the newest version of `lifecycle`.

    Raises BadInput where the text is no project sheet, with the path of what is wrong, or the lifecycle takes none in.
    """
    if len(text.encode()) > LARGEST:
        size = LARGEST // 1_000_000
        raise BadInput(
            Sentence(
                f"Das ist größer als {size} MB; das ist kein Projektsteckbrief.",
                f"This is larger than {size} MB; no project sheet is.",
            )
        )
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            Sentence(f"Das ist kein JSON: {error}.", f"This is not JSON: {error}."),
            remedy=Sentence(
                "Erbitten Sie die Datei noch einmal, so wie sie geschrieben wurde.",
                "Ask for the file again, as it was written.",
            ),
        ) from None
    wrong = next(
        iter(sorted(Draft202012Validator(sheet_schema()).iter_errors(document), key=lambda one: one.json_path)), None
    )
    if wrong is not None:
        raise BadInput(
            Sentence(
                f"Das ist kein Projektsteckbrief: {wrong.json_path}: {wrong.message}.",
                f"This is no project sheet: {wrong.json_path}: {wrong.message}.",
            ),
            remedy=Sentence(
                "Die Form steht in docs/project-sheet.schema.json; `ideenweg export schema` gibt sie aus.",
                "The form is in docs/project-sheet.schema.json; `ideenweg export schema` prints it.",
            ),
        )
    into = rules.newest(Transaction(connection), lifecycle)
    kind = into.records[into.sheet or "sheet"]
    if into.transfer is None:
        raise BadInput(
            Sentence(f"{into.key} nimmt keine Steckbriefe anderer auf.", f"{into.key} takes in no sheets of others."),
            remedy=Sentence("Ergänzen Sie `transfer:` in seiner Datei.", "Add `transfer:` to its file."),
        )
    fits = taken(into, rules.programme, kind, document)
    return Sheet(document, fits, Create(actor=actor, lifecycle=into.key, data=fits.data), document["version"] > VERSION)


def take_in(
    engine: Engine,
    files: Files,
    text: str,
    actor: str,
    now: datetime,
    *,
    lifecycle: str | None = None,
    dry_run: bool = False,
    command_id: str | None = None,
) -> tuple[Sheet, str | None]:
    """Take a partner's sheet in as an idea, and attach the whole of it, so that nothing of it is lost; with its number.

    lifecycle: absent, the one that new items take. A dry run changes nothing, and there is no number. Raises as
    `read_sheet` does, and what `Engine.execute` raises.
    """
    key = lifecycle or engine.default
    if key is None:
        raise BadInput(
            Sentence(
                "Das Programm nennt keinen Lebenszyklus für neue Vorgänge.",
                "The programme names no lifecycle for new items.",
            ),
            remedy=Sentence("Nennen Sie einen: --lifecycle KEY.", "Name one: --lifecycle KEY."),
        )
    with engine.database.reading() as connection:
        sheet = read_sheet(engine.rules, connection, text, actor, lifecycle=key)
    if dry_run:
        return sheet, None
    number = engine.execute(replace(sheet.command, command_id=command_id), now=now).item.number
    name = f"projektblatt-{sheet.document['from']['number']}-{now:%Y%m%d}.txt"
    kept = documents.keep(files, name, text.encode(), engine.rules.programme.documents)
    attach = AttachDocument(
        actor=actor, item=number, name=kept.name, media_type=kept.media_type, size=kept.size, sha256=kept.sha256,
        command_id=command_id and f"{command_id}:sheet",
    )  # fmt: skip
    engine.execute(attach, now=now)
    return sheet, number


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
