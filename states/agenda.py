"""What one form records on every item of a list: the results of a session, on all items of its agenda. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from states.blockers import Blocker, blocker
from states.programme import Body
from states.record_kinds import RecordKind
from states.wording import german_day


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the `agenda:` of a lifecycle file says.

    link: the kind by which items point to this one. record: the kind written on each of them, per body. key: the field
    of this item's sheet that names the body. fill: fields of that record that are filled from this item's sheet.
    votes: its fields that add up to the members present. done: the record kind and date field of this item that say
    when the form was handed in. roles: who hands it in.
    """

    link: str
    record: str
    key: str
    fill: Mapping[str, str] = field(default_factory=dict)
    votes: tuple[str, ...] = ()
    done: tuple[str, str] | None = None
    roles: tuple[str, ...] = ()


def filled(agenda: Agenda, sheet: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data of one entry: what was given, and from the sheet what was left out."""
    shared = {name: sheet[source] for name, source in agenda.fill.items() if source in sheet}
    return {**shared, **given}


def warnings(agenda: Agenda, kind: RecordKind, body: Body, data: Mapping[str, Any], today: date) -> list[Blocker]:
    """What is odd about one entry and is no reason to refuse it: more votes than members, a date that lies ahead."""
    found = []
    cast = sum(data.get(name) or 0 for name in agenda.votes)
    if body.size is not None and cast > body.size:
        found.append(
            blocker(
                "votes_exceed_body",
                "Es sind {cast} Stimmen eingetragen; {body} hat {size} Mitglieder.",
                "There are {cast} votes; {body} has {size} members.",
                cast=cast,
                body=body.label,
                size=body.size,
            )
        )
    for name, declared in kind.fields.items():
        if declared.schema.get("format") in ("date", "partial_date"):
            said = str(data.get(name) or "")
            if said[:10] > today.isoformat()[: len(said[:10])]:
                found.append(
                    blocker(
                        "date_ahead",
                        "„{field}“ liegt in der Zukunft: {date_de}.",
                        "“{field}” lies ahead: {date}.",
                        field=declared.label,
                        date=said,
                        date_de=german_day(said),
                        path=name,
                    )
                )
    return found
