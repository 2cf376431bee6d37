"""What one form records on every item of a list: the results of a session, on all items of its agenda. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the `agenda:` of a lifecycle file says.

    link: the kind by which items point to this one. record: the kind written on each of them, per body. key: the field
    of this item's sheet that names the body. fill: fields of that record that are filled from this item's sheet.
    done: the record kind and date field of this item that say when the form was handed in. roles: who hands it in.
    """

    link: str
    record: str
    key: str
    fill: Mapping[str, str] = field(default_factory=dict)
    done: tuple[str, str] | None = None
    roles: tuple[str, ...] = ()


def filled(agenda: Agenda, sheet: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data of one entry: what was given, and from the sheet what was left out."""
    shared = {name: sheet[source] for name, source in agenda.fill.items() if source in sheet}
    return {**shared, **given}
